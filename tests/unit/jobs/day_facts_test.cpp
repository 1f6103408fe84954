// Which day a run is of, and which signal files are of that day.
#include "worker/jobs/day_facts.hpp"

#include <doctest/doctest.h>

#include "worker/jobs/signal_file.hpp"

namespace bullpen::jobs {
namespace {

using std::chrono::hours;

UtcTime utc(const std::string& text) {
    const auto time = parse_utc(text);
    REQUIRE_MESSAGE(time, text);
    return *time;
}

// Diwali of 2024 was a Friday with one hour in the evening, 12:30 to 13:30 UTC; 2024-11-15, a
// Friday, was a holiday.
time::MarketCalendar calendar() {
    auto made = time::MarketCalendar::load(time::Market::nse_cash);
    REQUIRE(made.has_value());
    return std::move(*made);
}

}  // namespace

TEST_CASE("a signal file counts as fresh when it was written after the close of the day before") {
    struct Row {
        const char* what;
        const char* run;
        const char* written;
        bool fresh;
    };
    constexpr Row k_rows[] = {
        {"the evening before", "2026-07-07T04:00:00Z", "2026-07-06T13:00:00Z", true},
        {"the morning before, 24 h ago", "2026-07-07T04:00:00Z", "2026-07-06T04:00:00Z", true},
        {"the night before that", "2026-07-07T04:00:00Z", "2026-07-05T20:00:00Z", false},
        {"Friday evening, on Monday", "2026-07-06T04:00:00Z", "2026-07-03T13:00:00Z", true},
        {"Saturday, on Monday", "2026-07-06T04:00:00Z", "2026-07-04T13:00:00Z", true},
        {"Friday before the close", "2026-07-06T04:00:00Z", "2026-07-03T09:00:00Z", false},
        {"Friday evening, on Tuesday", "2026-07-07T04:00:00Z", "2026-07-03T13:00:00Z", false},
        {"Thursday evening, after a Friday that was a holiday", "2024-11-18T04:00:00Z",
         "2024-11-14T13:00:00Z", true},
        {"Thursday noon, the same", "2024-11-18T04:00:00Z", "2024-11-14T08:00:00Z", false},
        {"after the evening's hour, on Monday", "2024-11-04T04:00:00Z", "2024-11-01T14:00:00Z",
         true},
        {"before the evening's hour, on Monday", "2024-11-04T04:00:00Z", "2024-11-01T11:00:00Z",
         false},
        {"Thursday evening, within the evening's hour", "2024-11-01T12:45:00Z",
         "2024-10-31T13:00:00Z", true},
        {"Wednesday evening, within the evening's hour", "2024-11-01T12:45:00Z",
         "2024-10-30T13:00:00Z", false},
    };
    const auto market = calendar();
    for (const auto& row : k_rows) {
        AccountFacts facts;
        const auto now = utc(row.run);
        set_day(facts, market, now, true);
        CHECK_MESSAGE(
            is_fresh(utc(row.written), now, hours(24), facts.day_before_closed) == row.fresh,
            row.what);
    }
    CHECK(is_fresh(utc("2026-07-06T04:04:00Z"), utc("2026-07-06T04:00:00Z"), hours(24), {}));
    CHECK_FALSE(is_fresh(utc("2026-07-06T04:06:00Z"), utc("2026-07-06T04:00:00Z"), hours(24), {}));
    // By the clock alone, where the day before is not known, or the market is at another time.
    const auto now = utc("2026-07-06T04:00:00Z");
    CHECK_FALSE(is_fresh(utc("2026-07-03T13:00:00Z"), now, hours(24), {}));
    CHECK_FALSE(is_fresh(utc("2026-07-03T13:00:00Z"), now, hours(24), utc("2025-07-03T10:00:00Z")));
    CHECK_FALSE(is_fresh(utc("2026-07-03T13:00:00Z"), now, hours(24), utc("2027-07-03T10:00:00Z")));
}

TEST_CASE("a time after the close is of the day that closed, and knows the day before") {
    const auto market = calendar();
    AccountFacts facts;
    set_day(facts, market, utc("2026-07-06T10:05:00Z"), true);
    CHECK(facts.trading_day == "2026-07-06");
    CHECK(facts.trading_day_before == "2026-07-03");
    CHECK(facts.candles_from == "2026-07-03");
    CHECK(facts.day_opens == utc("2026-07-06T03:45:00Z"));
    CHECK(facts.day_before_closed == utc("2026-07-03T10:00:00Z"));
    set_day(facts, market, utc("2026-07-06T10:05:00Z"), false);
    CHECK(facts.candles_from == "2026-06-29");
}

}  // namespace bullpen::jobs
