#include "worker/settings_record.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "common/storage/atomic_file.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/support/worker_home.hpp"

namespace bullpen::worker {

namespace {

using Line = std::tuple<std::string, std::string, std::string, std::string>;

struct Fixture {
    test::TemporaryHome home;
    storage::SystemFileSystem files;
    FakeClock clock;
    std::size_t seen = 0;  // lines of the audit log

    AccountPaths paths() const { return home.home().account(test::account_id("alpha")); }
    std::string last() const { return paths().directory + "/" + std::string(k_last_settings_file); }
    // A start with these settings; what it told, as (event, key, from, to).
    std::vector<Line> start(const config::AccountSettings& settings) {
        const auto account = test::open_context(home.home(), settings, files, clock);
        REQUIRE(record_settings(*account));
        return told();
    }
    std::vector<Line> told() {
        std::vector<Line> lines;
        std::istringstream text(test::read_text(paths().audit_log));
        std::string line;
        for (std::size_t i = 0; std::getline(text, line); ++i) {
            if (i < seen)
                continue;
            ++seen;
            const auto entry = nlohmann::json::parse(line);
            lines.emplace_back(entry["event"], entry["key"], entry["from"], entry["to"]);
        }
        return lines;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a changed parameter is in the audit log once, with from and to") {
    auto settings = test::synthetic_account("alpha", 7);
    CHECK(start(settings) == std::vector<Line>{{"setting_given", "feed.seed", "1", "7"}});
    CHECK(start(settings).empty());
    settings.feed.seed = 9;
    settings.risk.edit().daily_loss_max += 500;
    const auto changed = start(settings);
    REQUIRE(changed.size() == 2);
    CHECK(changed[0] == Line{"setting_changed", "feed.seed", "7", "9"});
    CHECK(std::get<1>(changed[1]) == "risk.daily_loss_max");
    CHECK(std::get<2>(changed[1]) != std::get<3>(changed[1]));
    CHECK(start(settings).empty());
    // Back again is another change.
    settings.feed.seed = 7;
    CHECK(start(settings) == std::vector<Line>{{"setting_changed", "feed.seed", "9", "7"}});
}

TEST_CASE_FIXTURE(Fixture, "what a program is given and who logs in is told without its value") {
    auto settings = test::synthetic_account("alpha");
    settings.login = "somebody";
    settings.environment = {{"REGION", "north"}};
    CHECK(start(settings) ==
          std::vector<Line>{{"setting_given", "login", "(not shown)", "(not shown)"},
                            {"setting_given", "environment.REGION", "", "(not shown)"}});
    settings.environment = {{"REGION", "south"}};
    CHECK(start(settings) == std::vector<Line>{{"setting_changed", "environment.REGION",
                                                "(not shown)", "(not shown)"}});
    CHECK(test::read_text(paths().audit_log).find("south") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a file that cannot be read tells all anew, and is replaced") {
    const auto settings = test::synthetic_account("alpha", 7);
    (void)start(settings);
    for (const auto* content : {"", "no json", "[1]", "{\"feed.seed\":7}"}) {
        REQUIRE(storage::replace_file(files, last(), content));
        CHECK(start(settings) == std::vector<Line>{{"setting_given", "feed.seed", "1", "7"}});
        CHECK(start(settings).empty());
    }
}

TEST_CASE_FIXTURE(Fixture, "a key that another release knew is named as gone") {
    const auto settings = test::synthetic_account("alpha");
    (void)start(settings);
    auto saved = nlohmann::json::parse(test::read_text(last()));
    saved["risk.of_old"] = "3";
    saved.erase("feed.seed");
    REQUIRE(storage::replace_file(files, last(), saved.dump()));
    CHECK(start(settings) == std::vector<Line>{{"setting_changed", "risk.of_old", "3", ""},
                                               {"setting_changed", "feed.seed", "", "1"}});
}

TEST_CASE_FIXTURE(Fixture, "what could not be written down is told at the next start") {
    auto settings = test::synthetic_account("alpha", 7);
    (void)start(settings);
    settings.feed.seed = 8;
    {
        const auto account = test::open_context(home.home(), settings, files, clock);
        // The place of the new file is taken by a directory.
        REQUIRE(make_directories(storage::temporary_of(last()), 0700));
        CHECK_FALSE(record_settings(*account));
    }
    CHECK(told().size() == 1);
    REQUIRE(::rmdir(storage::temporary_of(last()).c_str()) == 0);
    CHECK(start(settings) == std::vector<Line>{{"setting_changed", "feed.seed", "7", "8"}});
    CHECK(start(settings).empty());
}

}  // namespace bullpen::worker
