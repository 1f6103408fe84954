#include "common/time/zone.hpp"

#include <date/tz.h>
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "common/time/futures_session.hpp"
#include "common/time/market_calendar.hpp"

namespace bullpen::time {
namespace {

constexpr std::array k_zones{"America/New_York",  "America/Chicago",   "Asia/Kolkata",
                             "Europe/London",     "Europe/Dublin",     "Australia/Lord_Howe",
                             "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Apia",
                             "Asia/Tehran",       "Antarctica/Troll",  "America/St_Johns"};

// 1970 to 2200; beyond 2037 the zones' closing rules decide.
rc::Gen<UtcTime> any_instant() {
    return rc::gen::map(rc::gen::inRange<std::int64_t>(0, 7'258'118'400),
                        [](std::int64_t s) { return UtcTime(std::chrono::seconds(s)); });
}

const Zone& zone(const std::string& name) {
    static std::map<std::string, Zone> loaded;
    const auto found = loaded.find(name);
    if (found != loaded.end())
        return found->second;
    return loaded.emplace(name, Zone::load(name).value()).first->second;
}

TEST_CASE("offsets are those of another library that reads the same zones") {
    CHECK(rc::check("our offset is date's offset", [] {
        const std::string name = *rc::gen::elementOf(k_zones);
        // That library does not read closing rules, so up to the last listed change only.
        const auto seconds = *rc::gen::inRange<std::int64_t>(0, 2'114'380'800);
        const auto other =
            date::locate_zone(name)->get_info(date::sys_seconds(std::chrono::seconds(seconds)));
        const OffsetSpan ours = zone(name).span(UtcTime(std::chrono::seconds(seconds)));
        RC_ASSERT(ours.offset == other.offset);
        RC_ASSERT(ours.daylight == (other.save.count() != 0));
    }));
}

TEST_CASE("the wall clock of an instant can be read back as that instant") {
    CHECK(rc::check("read(local(t)) contains t", [] {
        const std::string name = *rc::gen::elementOf(k_zones);
        const UtcTime at = *any_instant();
        const LocalReading reading = zone(name).read(zone(name).local(at));
        RC_ASSERT(reading.kind != LocalReading::Kind::nonexistent);
        RC_ASSERT((reading.earliest == at || reading.latest == at));
        RC_ASSERT(reading.earliest <= reading.latest);
    }));
}

TEST_CASE("a span holds its instant, and the offset changes at its ends") {
    CHECK(rc::check("spans tile time", [] {
        const std::string name = *rc::gen::elementOf(k_zones);
        const UtcTime at = *any_instant();
        const OffsetSpan span = zone(name).span(at);
        RC_ASSERT(span.holds(at));
        if (span.end != UtcTime::max()) {
            RC_ASSERT(zone(name).span(span.end).begin == span.end);
            RC_ASSERT(zone(name).span(span.end - Nanos(1)).offset == span.offset);
        }
    }));
}

TEST_CASE("every trading day has 1380 minutes, also when the clocks change that week") {
    const FuturesSession session(zone("America/New_York"));
    std::int64_t days = 0;
    for (TradingDay day = std::chrono::year(2007) / 1 / 1; day < std::chrono::year(2060) / 1 / 1;
         day += std::chrono::days(1)) {
        if (!is_trading_day(day))
            continue;
        ++days;
        const UtcTime opens = session.opens(day);
        const UtcTime closes = session.closes(day);
        REQUIRE(closes - opens == std::chrono::minutes(FuturesSession::k_minutes_a_day));
        REQUIRE(session.trading_day(opens) == day);
        REQUIRE(session.trading_day(opens - Nanos(1)) != day);
        REQUIRE(session.trading_day(closes) == day);
        REQUIRE(session.open(opens));
        REQUIRE_FALSE(session.open(closes));
    }
    CHECK(days > 13'000);
}

TEST_CASE("open minutes add up wherever an interval is cut") {
    const auto market = std::move(*MarketCalendar::load(Market::cme_equity_index));
    CHECK(rc::check("minutes(a, c) = minutes(a, b) + minutes(b, c)", [&] {
        const auto begin = *rc::gen::inRange<std::int64_t>(28'000'000, 32'000'000);
        const auto first = *rc::gen::inRange<std::int64_t>(0, 30'000);
        const auto second = *rc::gen::inRange<std::int64_t>(0, 30'000);
        const UtcTime a{std::chrono::minutes(begin)};
        const UtcTime b = a + std::chrono::minutes(first);
        const UtcTime c = b + std::chrono::minutes(second);
        RC_ASSERT(market.open_minutes(a, c) ==
                  market.open_minutes(a, b) + market.open_minutes(b, c));
        std::int64_t counted = 0;
        const UtcTime until = std::min(c, a + std::chrono::hours(30));
        for (UtcTime minute = a; minute < until; minute += std::chrono::minutes(1))
            counted += market.open(minute) ? 1 : 0;
        RC_ASSERT(market.open_minutes(a, until) == counted);
    }));
}

}  // namespace
}  // namespace bullpen::time
