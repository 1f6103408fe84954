// The entry rules of the VWAP bounce as tables of candles; see candles.hpp for how to read them.
#include <doctest/doctest.h>

#include "tests/unit/strategy/candles.hpp"

namespace bullpen::strategy {
namespace {

using test::plain;
using test::run;

TEST_CASE("a touch of the entry band and a close back inside is an entry") {
    run("bounce", plain(), R"(
        @ rsi 30
        # time   open    high    low     close
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4992.75 4991.75 4992.00   buy 4992.00 stop 4989.25 target 5014.75
        # Nothing came of it; the next touch is the next chance.
        10:02  4992.00 4992.25 4991.75 4992.00   no no_touch
        10:03  4992.00 4992.25 4991.25 4991.50   no no_touch
        10:04  4991.50 4992.50 4991.50 4992.25   buy 4992.25 stop 4989.50 target 5014.75
    )");
}

TEST_CASE("a touch without a close back inside is none") {
    run("no bounce", plain(), R"(
        @ rsi 30
        10:00  4992.50 4993.00 4990.00 4990.50   no first_bar
        10:01  4990.50 4991.50 4990.00 4991.50   no no_bounce
        # The bar before counts, however it closed.
        10:02  4991.50 4992.00 4991.50 4991.75   buy 4991.75 stop 4989.00 target 5014.75
    )");
}

TEST_CASE("the touch must be of the bar before, and of the same trading day") {
    run("bar before", plain(), R"(
        @ rsi 30
        # Touch and bounce in one bar are not enough.
        10:00  4992.50 4993.00 4992.00 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.00 4992.50   no no_touch
        16:58  4992.50 4993.00 4991.75 4992.50   buy 4992.50 stop 4989.75 target 5014.75
        16:59  4992.50 4993.00 4990.00 4992.50   no no_touch
        18:00  4992.50 4993.00 4991.75 4992.50   no first_bar
    )");
}

TEST_CASE("it buys only below the VWAP and sells only above it, unless told otherwise") {
    constexpr auto k_far_bounce = R"(
        @ rsi 30
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 5000.25 4992.50 5000.00   )";
    run("direction", plain(), std::string(k_far_bounce) + "no wrong_side_of_vwap");
    config::StrategySettings off = plain();
    off.direction_filter = false;
    run("direction off", off,
        std::string(k_far_bounce) + "buy 5000.00 stop 4997.25 target 5014.75");
}

TEST_CASE("the RSI must be beyond its bound, not at it, and must be warm") {
    run("rsi", plain(), R"(
        @ rsi none
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.50 4992.50   no not_warm
        @ rsi 35
        10:02  4992.50 4993.00 4991.50 4992.50   no rsi
        @ rsi 34.5
        10:03  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
    )");
    config::StrategySettings off = plain();
    off.rsi_filter = false;
    run("rsi off", off, R"(
        @ rsi none
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
    )");
}

TEST_CASE("the trend filter refuses only what is against the trend, half a tick aside") {
    config::StrategySettings settings = plain();
    settings.trend_filter = true;
    run("trend", settings, R"(
        @ rsi 30
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.50 4992.50   no not_warm
        # The quarter closed below its EMA: a down-trend.
        @ quarter 4990.00 4995.00 1500
        10:02  4992.50 4993.00 4991.50 4992.50   no trend
        # Half a tick is 0.125.
        @ quarter 4990.00 4990.125 1500
        10:03  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
        @ quarter 4990.00 4990.25 1500
        10:04  4992.50 4993.00 4991.50 4992.50   no trend
        @ quarter 4996.00 4995.00 1500
        10:05  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
    )");
}

TEST_CASE("the volume filter compares a minute with the mean minute of the last quarters") {
    config::StrategySettings settings = plain();
    settings.volume_filter = true;
    settings.volume_length = 2;
    settings.surge_samples = 2;
    run("volume", settings, R"(
        @ rsi 30
        @ quarter 4995.00 4995.00 1000
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.50 4992.50   no not_warm
        # 3,000 contracts in 30 minutes: 100 a minute; one and a half times that is needed.
        @ quarter 4995.00 4995.00 2000
        @ volume 149
        10:02  4992.50 4993.00 4991.50 4992.50   no volume
        @ volume 150
        10:03  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
        # The first quarter leaves: 5,000 in 30 minutes.
        @ quarter 4995.00 4995.00 3000
        10:04  4992.50 4993.00 4991.50 4992.50   no volume
    )");
}

TEST_CASE("the MACD filter wants the MACD beyond its signal") {
    config::StrategySettings settings = plain();
    settings.macd_filter = true;
    run("macd", settings, R"(
        @ rsi 30
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.50 4992.50   no not_warm
        @ macd 0
        10:02  4992.50 4993.00 4991.50 4992.50   no macd
        @ macd -0.5
        10:03  4992.50 4993.00 4991.50 4992.50   no macd
        @ macd 0.5
        10:04  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
    )");
}

TEST_CASE("a side that is off is refused") {
    config::StrategySettings settings = plain();
    settings.long_entries = false;
    run("side off", settings, R"(
        @ rsi 30
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.50 4992.50   no side_off
        # The other side is not.
        @ rsi 70
        10:02  5007.00 5008.50 5006.00 5007.00   no side_off
        10:03  5007.00 5008.00 5006.00 5007.00   sell 5007.00 stop 5009.75 target 4985.25
    )");
}

TEST_CASE("a signal on both sides is none") {
    config::StrategySettings settings = plain();
    settings.direction_filter = false;
    settings.rsi_filter = false;
    run("both sides", settings, R"(
        10:00  5000.00 5008.50 4991.50 5000.00   no first_bar
        10:01  5000.00 5000.25 4999.75 5000.00   no both_sides
    )");
}

TEST_CASE("the stop is beyond the exit band where that is nearer, rounded towards the price") {
    run("band stop", plain(), R"(
        @ rsi 30
        # Entry band 4997.90, exit bands 4996.30 and 5003.70.
        @ vwap 5000 1
        10:00  4998.00 4998.25 4997.75 4998.00   no first_bar
        10:01  4998.00 4998.25 4997.75 4998.00   buy 4998.00 stop 4996.00 target 5003.50
        # Nearer still: 4999.58 and 4999.26 and 5000.74.
        @ vwap 5000 0.2
        10:02  4999.75 4999.75 4999.25 4999.75   buy 4999.75 stop 4999.00 target 5000.50
    )");
}

TEST_CASE("stop and target by the average true range") {
    config::StrategySettings settings = plain();
    settings.stop_kind = config::StopKind::atr;
    run("atr", settings, R"(
        @ rsi 30
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.50 4992.00   no not_warm
        # 3.6 and 4.75 points; off the grid it is rounded towards the price.
        @ atr 1
        10:02  4992.50 4993.00 4991.50 4992.00   buy 4992.00 stop 4988.50 target 4996.75
    )");
}

TEST_CASE("a stop or target on the wrong side of the price is refused") {
    config::StrategySettings settings = plain();
    settings.direction_filter = false;
    run("target side", settings, R"(
        @ rsi 30
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 5015.00 4992.50 5014.75   no target_side
    )");
    settings.stop_band_ticks = 0;
    run("stop side", settings, R"(
        @ rsi 30
        @ vwap 5000 0.05
        10:00  5000.00 5000.00 4999.75 5000.00   no first_bar
        10:01  5000.00 5000.00 5000.00 5000.00   no stop_side
    )");
}

TEST_CASE("no bands, no entry") {
    run("bands", plain(), R"(
        @ rsi 30
        @ vwap none
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.50 4992.50   no bands_not_ready
        # All volume at one price.
        @ vwap 5000 0
        10:02  4992.50 4993.00 4991.50 4992.50   no bands_not_ready
        @ vwap 5000 4
        10:03  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
    )");
}

TEST_CASE("what the session or the account does not allow is not entered") {
    run("session", plain(), R"(
        @ rsi 30
        @ state closed
        10:00  4992.50 4993.00 4991.50 4992.50   no session_closed
        @ state blackout
        10:01  4992.50 4993.00 4991.50 4992.50   no blackout
        @ state flatten
        10:02  4992.50 4993.00 4991.50 4992.50   no flatten_time
        @ state entry
        @ allowed off
        10:03  4992.50 4993.00 4991.50 4992.50   no entries_not_allowed
        @ allowed on
        @ entries off
        10:04  4992.50 4993.00 4991.50 4992.50   no entries_not_allowed
        @ entries on
        @ working entry
        10:05  4992.50 4993.00 4991.50 4992.50   no entry_working
        @ working none
        10:06  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
    )");
}

TEST_CASE("after Friday's last entry there is none until the next week") {
    run("friday", plain(), R"(
        @ rsi 30
        @ day friday
        16:28  4992.50 4993.00 4991.50 4992.50   no first_bar
        @ entries off
        16:29  4992.50 4993.00 4991.50 4992.50   no friday_cutoff
    )");
}

TEST_CASE("one position at a time") {
    run("one position", plain(), R"(
        @ rsi 30
        10:00  4992.50 4993.00 4991.50 4992.50   no first_bar
        10:01  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
        @ position 1 at 4992.50 10:02
        10:02  4992.50 4993.00 4991.50 4992.50   no position_open
        @ flat
        10:03  4992.50 4993.00 4991.50 4992.50   buy 4992.50 stop 4989.75 target 5014.75
    )");
}

}  // namespace
}  // namespace bullpen::strategy
