#include "common/config/diff.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;
using namespace std::chrono_literals;

namespace {

AccountSettings account(std::string_view name) {
    AccountSettings settings(test::account_id(name));
    settings.fingerprint = fingerprint(settings);
    return settings;
}

Roster roster(const std::vector<AccountSettings>& accounts) {
    Roster made;
    made.usable = true;
    for (const AccountSettings& settings : accounts)
        made.accounts.emplace(settings.id, settings);
    return made;
}

}  // namespace

TEST_CASE("two equal rosters have no difference") {
    const Roster one = roster({account("alpha"), account("beta")});
    CHECK(diff(one, one).empty());
    CHECK(text(diff(one, one)) == "no difference\n");
}

TEST_CASE("added, removed and changed accounts are told apart, with each key's old and new text") {
    auto changed = account("gamma");
    changed.priority = 10;
    auto restarting = account("delta");
    restarting.feed.seed = 2;
    restarting.environment = {{"A", "2"}, {"C", "3"}};
    auto before = account("delta");
    before.environment = {{"A", "1"}, {"B", "2"}};
    const Roster from = roster({account("beta"), account("gamma"), before});
    const Roster to = roster({account("alpha"), changed, restarting});
    const RosterDiff difference = diff(from, to);
    CHECK(difference.added == std::vector{test::account_id("alpha")});
    CHECK(difference.removed == std::vector{test::account_id("beta")});
    REQUIRE(difference.changed.size() == 2);
    CHECK(difference.changed[0].account.str() == "delta");
    CHECK(difference.changed[0].restart_needed);
    CHECK(difference.changed[0].keys ==
          std::vector<KeyChange>{{"feed.seed", "1", "2", Effect::worker_restart},
                                 {"environment.A", "\"1\"", "\"2\"", Effect::worker_restart},
                                 {"environment.B", "\"2\"", "", Effect::worker_restart},
                                 {"environment.C", "", "\"3\"", Effect::worker_restart}});
    CHECK_FALSE(difference.changed[1].restart_needed);
    CHECK(text(difference) ==
          "+ alpha\n"
          "- beta\n"
          "* delta (restarts)\n"
          "    feed.seed: 1 -> 2\n"
          "    environment.A: \"1\" -> \"2\"\n"
          "    environment.B: \"2\" -> (none)\n"
          "    environment.C: (none) -> \"3\"\n"
          "* gamma\n"
          "    priority: 100 -> 10\n");
}

TEST_CASE("what a restart does not do to a paper market that has begun is said beside the key") {
    const auto trader = [](const char* name, int history, double speed) {
        auto settings = account(name);
        settings.trading = TradingKind::on;
        settings.feed.history = history;
        settings.feed.speed = speed;
        return settings;
    };
    const auto from = roster({trader("alpha", 100, 1), trader("beta", 100, 1)});
    const auto more = diff(from, roster({trader("alpha", 200, 2), trader("beta", 100, 2)}));
    CHECK(text(more) ==
          "* alpha (restarts)\n"
          "    feed.history: 100 -> 200 (a market that has begun goes on where it is: the account "
          "waits until it has had so many bars)\n"
          "    feed.speed: 1.0 -> 2.0\n"
          "* beta (restarts)\n"
          "    feed.speed: 1.0 -> 2.0 (the market goes as fast as alpha says, the first of its "
          "accounts)\n");
    CHECK(json(more).find("\"effect\":\"worker_restart\",\"note\":\"a market") !=
          std::string::npos);
    const auto fewer = diff(from, roster({trader("alpha", 10, 1), trader("beta", 100, 1)}));
    CHECK(fewer.changed.at(0).keys.at(0).note == "a market that has begun goes on where it is");
    // One that observes has a market of its own, which begins anew; so has one of another seed.
    auto alone = account("gamma");
    auto later = alone;
    later.feed.history = 5;
    CHECK(diff(roster({alone}), roster({later})).changed.at(0).keys.at(0).note.empty());
    auto other = trader("alpha", 200, 1);
    other.feed.seed = 7;
    const auto reseeded = diff(from, roster({other, trader("beta", 100, 1)}));
    for (const auto& key : reseeded.changed.at(0).keys)
        CHECK(key.note.empty());
}

TEST_CASE("a change of the daemon's settings says what it needs") {
    Roster from = roster({});
    Roster to = from;
    to.daemon.storm_deaths_max = 5;
    CHECK_FALSE(diff(from, to).daemon_restart_needed);
    CHECK(text(diff(from, to)) == "* bullpen.toml\n    storm_deaths_max: 60 -> 5\n");
    to.daemon.adoption_wait = 1s;
    CHECK(diff(from, to).daemon_restart_needed);
    CHECK(diff(from, to).daemon.size() == 2);
}

TEST_CASE("an account that becomes invalid is neither removed nor added") {
    Roster from = roster({account("alpha")});
    Roster to = roster({});
    to.invalid.insert(test::account_id("alpha"));
    to.invalid.insert(test::account_id("beta"));
    const RosterDiff difference = diff(from, to);
    CHECK(difference.removed.empty());
    CHECK(difference.invalid == std::vector{test::account_id("alpha"), test::account_id("beta")});
    // Mended again, and gone.
    CHECK(diff(to, from).added == std::vector{test::account_id("alpha")});
    CHECK(diff(to, from).removed == std::vector{test::account_id("beta")});
    CHECK(diff(to, to).empty());
}

TEST_CASE("a difference is an object for programs") {
    auto changed = account("gamma");
    changed.label = "\xe2\x82\xac";
    Roster from = roster({account("gamma"), account("beta")});
    Roster to = roster({changed, account("alpha")});
    to.daemon.log.keep = 3;
    CHECK(json(diff(from, to)) ==
          "{\"added\":[\"alpha\"],\"removed\":[\"beta\"],\"invalid\":[],\"changed\":[{\"account\":"
          "\"gamma\",\"restart_needed\":false,\"keys\":[{\"key\":\"label\",\"old\":\"\\\"\\\"\","
          "\"new\":\"\\\"\xe2\x82\xac\\\"\",\"effect\":\"at_once\"}]}],\"daemon\":[{\"key\":"
          "\"log.keep\",\"old\":\"10\",\"new\":\"3\",\"effect\":\"daemon_restart\"}],"
          "\"daemon_restart_needed\":true}");
}

TEST_CASE("the texts of two settings differ where a roster's difference says so") {
    auto before = account("delta");
    before.environment = {{"A", "1"}, {"B", "2"}};
    auto after = account("delta");
    after.feed.seed = 2;
    after.login = "jo";
    after.environment = {{"A", "2"}, {"C", "3"}};
    const auto changed = changes(setting_texts(before), setting_texts(after));
    std::map<std::string, std::pair<std::string, std::string>> found;
    for (const auto& change : changed)
        found[change.key] = {change.old_text, change.new_text};
    CHECK(found == std::map<std::string, std::pair<std::string, std::string>>{
                       {"environment.A", {"\"1\"", "\"2\""}},
                       {"environment.B", {"\"2\"", ""}},
                       {"environment.C", {"", "\"3\""}},
                       {"feed.seed", {"1", "2"}},
                       {"login", {"\"\"", "\"jo\""}}});
    CHECK(changes(setting_texts(after), setting_texts(after)).empty());
}

TEST_CASE("what is kept for long does not show logins and what programs are given") {
    auto before = account("delta");
    before.environment = {{"A", "1"}};
    auto after = account("delta");
    after.feed.seed = 2;
    after.login = "jo";
    const auto shown = without_private(diff(roster({before}), roster({after})));
    REQUIRE(shown.changed.size() == 1);
    std::map<std::string, std::pair<std::string, std::string>> found;
    for (const auto& change : shown.changed.front().keys)
        found[change.key] = {change.old_text, change.new_text};
    CHECK(found == std::map<std::string, std::pair<std::string, std::string>>{
                       {"environment.A", {"(not shown)", ""}},
                       {"feed.seed", {"1", "2"}},
                       {"login", {"(not shown)", "(not shown)"}}});
}
