#include <doctest/doctest.h>

#include <string>

#include "common/config/roster.hpp"
#include "common/config/venue_settings.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;

TEST_CASE("check lists every error of venue.toml with file, line and key") {
    const test::TemporaryHome home;
    const auto write = [&](std::string_view text) {
        test::write_text(home.path() + "/venue.toml", text);
        return check_home(home.home());
    };
    CHECK(check_home(home.home()).empty());
    CHECK(write("").empty());
    CHECK(write("cash = \"50000\"\n[market.mes]\ninstrument = \"MES\"\n").empty());
    const auto issues = write(
        "fsync = \"sometimes\"\n"
        "nonsense = 1\n"
        "[market.mes]\n"
        "speed = 0\n"
        "[account.anna]\n"
        "markets = [\"nq\"]\n");
    REQUIRE(issues.size() == 4);
    CHECK(has_errors(issues));
    CHECK(text(issues[0]).starts_with("venue.toml:1:1: fsync: must be one of always, interval"));
    CHECK(text(issues[1]) == "venue.toml:2:1: nonsense: there is no such key");
    CHECK(text(issues[2]).starts_with("venue.toml:4:1: market.mes.speed: must be above 0"));
    CHECK(text(issues[3]) ==
          "venue.toml:6:1: account.anna.markets: names a market that is not there: nq");
    const auto torn = write("cash = \n[market.mes]\nspeed = 0\n");
    REQUIRE_FALSE(torn.empty());
    CHECK(text(torn[0]).starts_with("venue.toml:1:"));
}

TEST_CASE("a venue.toml that cannot be read is an error of check, and none of the roster") {
    const test::TemporaryHome home;
    test::write_text(home.path() + "/venue.toml", std::string(k_venue_file_size_max + 1, '#'));
    const auto issues = check_home(home.home());
    REQUIRE(issues.size() == 1);
    CHECK(text(issues[0]).starts_with("venue.toml: cannot be read"));
    CHECK(RosterReader(home.home()).read(SystemClock().utc()).problems.empty());
}
