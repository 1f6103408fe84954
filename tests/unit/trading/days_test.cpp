#include <doctest/doctest.h>

#include "tests/unit/trading/market.hpp"

namespace bullpen::trading {

TEST_CASE("the next trading day begins in the evening, after a weekend and a holiday too") {
    test::Market market;
    execution::NoRecorder journal;
    const auto trader = std::move(*Trader::create(market.settings, market.port, journal));
    const auto next = [&](const char* utc) {
        const auto at = parse_utc(utc);
        REQUIRE(at.has_value());
        trader->begin_bar(*at, test::at(*at));
        const auto begins = trader->next_trading_day();
        REQUIRE(begins.has_value());
        return format_utc(*begins);
    };
    // 18:00 in New York, in summer and in winter.
    CHECK(next("2025-04-08T14:00:00Z") == "2025-04-08T22:00:00.000Z");
    CHECK(next("2025-04-08T22:05:00Z") == "2025-04-09T22:00:00.000Z");
    CHECK(next("2025-01-08T15:00:00Z") == "2025-01-08T23:00:00.000Z");
    CHECK(next("2025-04-11T14:00:00Z") == "2025-04-13T22:00:00.000Z");
    // Good Friday: what follows the Thursday is the Sunday's evening.
    CHECK(next("2025-04-17T14:00:00Z") == "2025-04-20T22:00:00.000Z");
    CHECK_FALSE(trader->opened());
}

}  // namespace bullpen::trading
