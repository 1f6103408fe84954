#include "venue/personality.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::venue;

TEST_CASE("nothing is wrong unless it is asked for") {
    Personality personality;
    for (std::size_t i = 0; i < k_faults; ++i)
        CHECK(!personality.strikes(static_cast<Fault>(i)));
    CHECK(personality.next_latency() == Nanos{0});
}

TEST_CASE("a fault strikes as often as it may") {
    Personality personality;
    REQUIRE(personality.change("reject = 1.0\nreject_times = 2\n"));
    CHECK(personality.strikes(Fault::reject));
    CHECK(personality.strikes(Fault::reject));
    CHECK(!personality.strikes(Fault::reject));
    CHECK(personality.struck(Fault::reject) == 2);
    // A count that is set begins anew.
    REQUIRE(personality.change("reject_times = 1\n"));
    CHECK(personality.strikes(Fault::reject));
    CHECK(!personality.strikes(Fault::reject));
}

TEST_CASE("the same seed strikes at the same places, whatever else is on") {
    const auto strikes = [](std::string_view toml) {
        Personality personality;
        REQUIRE(personality.change(toml));
        std::string found;
        for (int i = 0; i < 200; ++i) {
            found += personality.strikes(Fault::drop_after) ? 'x' : '.';
            (void)personality.strikes(Fault::duplicate);
        }
        return found;
    };
    const auto one = strikes("seed = 5\ndrop_after = 0.3\n");
    CHECK(one == strikes("seed = 5\ndrop_after = 0.3\nduplicate = 0.5\n"));
    CHECK(one != strikes("seed = 6\ndrop_after = 0.3\n"));
    CHECK(one.find('x') != std::string::npos);
    CHECK(one.find('.') != std::string::npos);
}

TEST_CASE("faults of commands look at the command and at the purpose") {
    Personality personality;
    REQUIRE(personality.change(
        "reject = 1\nonly_command = \"submit\"\nonly_purpose = \"protective_stop\"\n"));
    CHECK(!personality.strikes(Fault::reject, "submit", "entry"));
    CHECK(!personality.strikes(Fault::reject, "cancel", "protective_stop"));
    CHECK(personality.strikes(Fault::reject, "submit", "protective_stop"));
}

TEST_CASE("latency stays between its bounds") {
    Personality personality;
    REQUIRE(personality.change("latency_ms = 10\nlatency_jitter_ms = 5\n"));
    std::set<std::int64_t> seen;
    for (int i = 0; i < 100; ++i) {
        const auto latency = personality.next_latency();
        CHECK(latency >= Millis(10));
        CHECK(latency <= Millis(15));
        seen.insert(latency.count());
    }
    CHECK(seen.size() > 10);
}

TEST_CASE("a personality with an error changes nothing and names the line") {
    Personality personality;
    for (const auto& [toml, line] : std::initializer_list<std::pair<const char*, const char*>>{
             {"reject = 1\nrejekt = 1\n", "line 2"},
             {"reject = 1.5\n", "line 1"},
             {"reject = \"yes\"\n", "line 1"},
             {"reject_times = -2\n", "line 1"},
             {"latency_ms = -1\n", "line 1"},
             {"may_trade = 1\n", "line 1"},
             {"second_session = \"maybe\"\n", "line 1"},
             {"only_command = \"hello\"\n", "line 1"},
             {"only_purpose = \"profit\"\n", "line 1"},
             {"[a]\nreject = 1\n", "line 2"},
             {"reject = \n", "line 1"}}) {
        CAPTURE(toml);
        const auto changed = personality.change(toml);
        REQUIRE(!changed);
        CHECK(changed.error().context().starts_with(line));
        CHECK(personality.rules() == PersonalityRules{});
    }
}

TEST_CASE("the manual names every key of a personality") {
    const auto page = test::read_text(test::source_directory() + "/docs/venue.md");
    for (const auto& key : personality_keys()) {
        CAPTURE(key.name);
        CHECK(page.find("| `" + std::string(key.name) + "`") != std::string::npos);
        CHECK(!key.what.empty());
    }
    CHECK(code(Fault::lose_query) == "lose_query");
}
