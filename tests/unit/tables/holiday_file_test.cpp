#include "common/tables/holiday_file.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/time/market_calendar.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::tables {
namespace {

std::string table(const std::string& days, const std::string& to = "2026-12-31") {
    return "schema = 1\nrevision = \"x\"\n[nse_cash]\ncovered_from = \"2026-01-01\"\ncovered_to = "
           "\"" +
           to + "\"\n[nse_cash.days]\n" + days;
}

std::string error_of(const std::string& text) {
    const auto parsed = parse_holidays("holidays.toml", text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code() == Errc::invalid);
    return parsed.error().context();
}

TEST_CASE("the example file says what the built-in table says, day by day") {
    const auto parsed = parse_holidays(
        "etc/holidays.toml", test::read_text(test::source_directory() + "/etc/holidays.toml"));
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message());
    const auto& built_in = time::HolidayTable::built_in();
    CHECK(parsed->revision == built_in.revision);
    for (std::size_t i = 0; i < time::k_markets; ++i) {
        CAPTURE(code(static_cast<time::Market>(i)));
        const auto& ours = built_in.markets[i];
        const auto& theirs = parsed->markets[i];
        CHECK(theirs.coverage == ours.coverage);
        REQUIRE(theirs.days.size() == ours.days.size());
        for (std::size_t day = 0; day < ours.days.size(); ++day) {
            CAPTURE(ours.days[day].name);
            CHECK(theirs.days[day] == ours.days[day]);
        }
    }
}

TEST_CASE("the built-in table is in order, within its coverage, and has no day twice") {
    for (const auto& market : time::HolidayTable::built_in().markets) {
        for (std::size_t i = 0; i < market.days.size(); ++i) {
            CAPTURE(market.days[i].name);
            CHECK(market.coverage.holds(market.days[i].day));
            CHECK((i == 0 || market.days[i - 1].day < market.days[i].day));
        }
    }
}

TEST_CASE("a home's own file is used, and a market that it leaves out is covered by nothing") {
    const test::TemporaryHome temporary;
    const Home& home = temporary.home();
    CHECK(load_holidays(home).value() == time::HolidayTable::built_in());
    REQUIRE(make_directories(home.shared(), 0700).has_value());
    test::write_text(holidays_path(home),
                     table("2026-01-26 = { closed = true, name = \"Republic Day\" }\n"));
    const auto own = load_holidays(home);
    REQUIRE(own.has_value());
    CHECK(own->of(time::Market::nse_cash).days.size() == 1);
    const auto es = time::MarketCalendar::load(time::Market::cme_equity_index, *own);
    CHECK_FALSE(es->span(parse_utc("2026-03-10T15:00:00Z").value()).covered);
}

TEST_CASE("closed days, early closes and special hours are read as they are written") {
    const auto parsed = parse_holidays(
        "h", table("2026-11-08 = { hours = [\"18:00-19:00\"], name = \"Muhurat\", assumed = true "
                   "}\n2026-03-03 = { closes = \"12:00\", name = \"Half\" }\n"));
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message());
    const auto& days = parsed->of(time::Market::nse_cash).days;
    REQUIRE(days.size() == 2);
    CHECK(days[0].kind == time::HolidayKind::early_close);
    CHECK(days[0].closes == 720);
    CHECK(days[1].kind == time::HolidayKind::special);
    CHECK(days[1].assumed);
    CHECK(days[1].blocks[0] == time::Block{1080, 1140});
}

TEST_CASE("what is wrong is told with line and key, and nothing of the file is taken") {
    CHECK(error_of(table("2026-13-01 = { closed = true, name = \"x\" }\n"))
              .find("holidays.toml:7: nse_cash.days.2026-13-01.name: '2026-13-01' is not a date") !=
          std::string::npos);
    CHECK(error_of(table("2026-01-26 = { name = \"x\" }\n")).find("must say one of") !=
          std::string::npos);
    CHECK(error_of(table("2026-01-26 = { closed = true, closes = \"12:00\", name = \"x\" }\n"))
              .find("must say one of") != std::string::npos);
    CHECK(error_of(table("2026-01-26 = { closed = true }\n")).find("name: is missing") !=
          std::string::npos);
    CHECK(error_of(table("2026-01-26 = { closes = \"25:00\", name = \"x\" }\n"))
              .find("is beyond 23:59") != std::string::npos);
    CHECK(error_of(table("2026-01-25 = { closes = \"12:00\", name = \"x\" }\n"))
              .find("is a weekend") != std::string::npos);
    CHECK(error_of(table("2026-01-26 = { closes = \"16:00\", name = \"x\" }\n"))
              .find("is not within the regular hours") != std::string::npos);
    CHECK(error_of(table("2026-01-26 = { hours = [\"10:00-09:00\"], name = \"x\" }\n"))
              .find("closes before it opens") != std::string::npos);
    CHECK(error_of(table("2026-01-26 = { hours = [\"10:00-11:00\", \"10:30-12:00\"], name = \"x\" "
                         "}\n"))
              .find("in order and apart") != std::string::npos);
    CHECK(error_of(table("2026-01-26 = { shut = true, closed = true, name = \"x\" }\n"))
              .find("is not a key") != std::string::npos);
    CHECK(error_of(table("", "2025-01-01")).find("is before covered_from") != std::string::npos);
    CHECK(error_of("schema = 1\nrevision = \"x\"\n[nsecash]\ncovered_from = \"2026-01-01\"\n"
                   "covered_to = \"2026-12-31\"\n") ==
          "holidays.toml:4: nsecash: 'nsecash' is no market that Bullpen knows; did you mean "
          "nse_cash?");
}

}  // namespace
}  // namespace bullpen::tables
