// The exit rules of the VWAP bounce as tables of candles; see candles.hpp for how to read them.
// Every table begins with a position bought at 4992.00 at 10:02, its stop 11 ticks below at 4989.25
// (so that R is 11 ticks, 2.75) and its target at 5014.75.
#include <doctest/doctest.h>

#include "tests/unit/strategy/candles.hpp"

namespace bullpen::strategy {
namespace {

using test::plain;
using test::run;

// Only the rule that a table is about.
config::StrategySettings bare() {
    config::StrategySettings settings = plain();
    settings.partials = false;
    settings.break_even = false;
    settings.trailing = false;
    settings.holding_max = Nanos{0};
    settings.holding_alert = Nanos{0};
    settings.reversal = false;
    return settings;
}

void manage(std::string_view name, const config::StrategySettings& settings, int contracts,
            std::string_view table) {
    run(name, settings,
        "@ rsi 30\n"
        "10:00  4992.50 4993.00 4991.50 4992.50   no first_bar\n"
        "10:01  4992.50 4993.00 4991.50 4992.00   buy 4992.00 stop 4989.25 target 5014.75\n"
        "@ position " +
            std::to_string(contracts) + " at 4992.00 10:02\n" + std::string(table));
}

TEST_CASE("the target is reached when the minute traded there, wherever it closed") {
    manage("target", bare(), 1, R"(
        10:02  4992.00 5014.50 4992.00 5014.50   -
        10:03  5014.50 5014.75 5010.00 5010.00   exit target patient
    )");
}

TEST_CASE("the extremes of the minute that the entry fell into prove nothing") {
    manage("entry minute", bare(), 1, R"(
        @ position 1 at 4992.00 10:02:30
        10:02  4992.00 5015.00 4992.00 4993.00   -
        10:03  4993.00 5015.00 4993.00 4993.00   exit target patient
    )");
}

TEST_CASE("a price beyond the stop closes what the stop at the broker did not") {
    manage("stop", bare(), 1, R"(
        # Only traded there: the stop at the broker is what acts on that.
        10:02  4992.00 4992.00 4989.25 4989.50   -
        10:03  4989.50 4989.50 4989.00 4989.25   exit stop
    )");
}

TEST_CASE("break-even: nine ticks of profit move the stop to the entry and a tick") {
    config::StrategySettings settings = bare();
    settings.break_even = true;
    manage("break-even", settings, 1, R"(
        10:02  4992.00 4994.25 4992.00 4994.00   -
        10:03  4994.00 4994.25 4993.00 4994.25   stop 4992.25 break_even
        10:04  4994.25 4996.00 4993.00 4996.00   -
        10:05  4996.00 4996.00 4992.25 4992.25   exit stop
    )");
}

TEST_CASE("trailing: after break-even and from twelve ticks on, eight behind the best price") {
    config::StrategySettings settings = bare();
    settings.break_even = true;
    settings.trailing = true;
    manage("trailing", settings, 1, R"(
        10:02  4992.00 4994.75 4992.00 4994.75   stop 4992.25 break_even
        10:03  4994.75 4995.00 4994.00 4995.00   stop 4993.00 trailing
        # Never back.
        10:04  4995.00 4995.00 4993.50 4993.75   -
        10:05  4993.75 4996.00 4993.75 4996.00   stop 4994.00 trailing
        10:06  4996.00 4996.00 4994.00 4994.25   -
        10:07  4994.25 4994.25 4993.75 4994.00   exit stop
    )");
    manage("both at once", settings, 1, R"(
        10:02  4992.00 4998.00 4992.00 4998.00   stop 4996.00 trailing
    )");
}

TEST_CASE("a stop that did not come about is asked for again, and nothing while an exit works") {
    config::StrategySettings settings = bare();
    settings.break_even = true;
    manage("again", settings, 1, R"(
        @ orders stay
        10:02  4992.00 4994.25 4992.00 4994.25   stop 4992.25 break_even
        10:03  4994.25 4994.25 4993.00 4993.00   stop 4992.25 break_even
        @ working exit
        10:04  4993.00 4993.00 4989.00 4989.00   -
        @ working none
        10:05  4989.00 4989.00 4989.00 4989.00   exit stop
    )");
}

TEST_CASE("a stop that somebody moved nearer is kept") {
    config::StrategySettings settings = bare();
    settings.break_even = true;
    manage("by hand", settings, 1, R"(
        @ stop 4993.00
        10:02  4992.00 4994.25 4992.00 4994.25   -
        10:03  4994.25 4994.25 4993.00 4993.00   exit stop
    )");
}

TEST_CASE("parts: half at 2 R, three tenths at 3 R, the rest at 5 R, one a minute") {
    config::StrategySettings settings = bare();
    settings.partials = true;
    manage("parts of ten", settings, 10, R"(
        10:02  4992.00 4997.50 4992.00 4997.25   -
        10:03  4997.25 4997.50 4997.00 4997.50   part 5 stage 1
        10:04  4997.50 5000.00 4997.00 5000.00   -
        10:05  5000.00 5000.25 4999.00 5000.25   part 3 stage 2
        10:06  5000.25 5005.75 5000.00 5005.50   -
        10:07  5005.50 5005.75 5005.00 5005.75   exit final_partial patient
    )");
    manage("all at once", settings, 10, R"(
        10:02  4992.00 5006.00 4992.00 5006.00   part 5 stage 1
        10:03  5006.00 5006.00 5006.00 5006.00   part 3 stage 2
        10:04  5006.00 5006.00 5006.00 5006.00   exit final_partial patient
    )");
    manage("parts of three", settings, 3, R"(
        10:02  4992.00 4997.50 4992.00 4997.50   part 1 stage 1
        10:03  4997.50 5000.25 4997.50 5000.25   part 1 stage 2
        10:04  5000.25 5005.75 5000.00 5005.75   exit final_partial patient
    )");
    // The last contract waits for 5 R.
    manage("parts of two", settings, 2, R"(
        10:02  4992.00 4997.50 4992.00 4997.50   part 1 stage 1
        10:03  4997.50 5000.25 4997.50 5000.25   -
        10:04  5000.25 5005.75 5000.00 5005.75   exit final_partial patient
    )");
    manage("one is not divided", settings, 1, R"(
        10:02  4992.00 4997.50 4992.00 4997.50   -
        10:03  4997.50 5006.00 4997.50 5006.00   -
    )");
}

TEST_CASE("a part that did not come about is asked for again") {
    config::StrategySettings settings = bare();
    settings.partials = true;
    manage("part again", settings, 10, R"(
        @ orders stay
        10:02  4992.00 4997.50 4992.00 4997.50   part 5 stage 1
        @ working exit
        10:03  4997.50 4997.50 4993.00 4993.00   -
        # Two of the five were filled.
        @ position 8 at 4992.00 10:02
        @ working none
        10:04  4993.00 4993.00 4993.00 4993.00   part 3 stage 1
    )");
}

TEST_CASE("time decay: the stop comes nearer by tenths of R, only in profit; then time is up") {
    config::StrategySettings settings = bare();
    settings.holding_max = std::chrono::minutes(60);
    manage("decay", settings, 1, R"(
        10:30  4992.00 4992.50 4992.00 4992.25   -
        # Half of the hour: nine tenths of eleven ticks, rounded down to 9.
        10:31  4992.25 4992.50 4992.00 4992.25   stop 4989.75 time_decay
        10:32  4992.25 4992.50 4992.00 4992.25   -
        # Three quarters: 8 ticks. Not at a loss, but as soon as there is a profit.
        10:46  4992.25 4992.50 4991.00 4991.75   -
        10:50  4991.75 4992.50 4991.75 4992.25   stop 4990.00 time_decay
        # Nine tenths: 7 ticks.
        10:55  4992.25 4992.50 4991.75 4992.25   stop 4990.25 time_decay
        11:00  4992.25 4992.50 4991.75 4992.25   -
        11:01  4992.25 4992.50 4991.75 4992.25   exit holding_time
    )");
}

TEST_CASE("a position held very long is told of once") {
    config::StrategySettings settings = bare();
    settings.holding_alert = std::chrono::minutes(120);
    manage("held long", settings, 1, R"(
        12:00  4992.00 4992.50 4992.00 4992.25   -
        12:01  4992.00 4992.50 4992.00 4992.25   notice held_long
        12:02  4992.00 4992.50 4992.00 4992.25   -
    )");
}

TEST_CASE("closes against the position tighten the stop when that is on") {
    config::StrategySettings settings = bare();
    settings.momentum = true;
    manage("momentum", settings, 1, R"(
        # 4992.50, 4992.00, then two more: three closes in a row were worse than the one before.
        10:02  4992.00 4992.00 4991.75 4991.75   -
        10:03  4991.75 4991.75 4991.50 4991.50   -
        # The fourth: 8 ticks to the stop become 5.
        10:04  4991.50 4991.50 4991.25 4991.25   stop 4990.00 momentum
        10:05  4991.25 4991.50 4991.25 4991.50   -
    )");
    manage("momentum off", bare(), 1, R"(
        10:02  4992.00 4992.00 4991.75 4991.75   -
        10:03  4991.75 4991.75 4991.50 4991.50   -
        10:04  4991.50 4991.50 4991.25 4991.25   -
    )");
}

TEST_CASE("reversal: in its trend and beyond the entry band of the other side, both ways alike") {
    config::StrategySettings settings = bare();
    settings.reversal = true;
    manage("reversal", settings, 1, R"(
        10:02  4992.00 5009.00 4992.00 5008.50   -
        # In an up-trend.
        @ quarter 5000.00 4995.00 1500
        10:03  5008.50 5008.50 5008.00 5008.25   -
        10:04  5008.25 5008.50 5008.00 5008.50   exit reversal
    )");
    manage("against the trend", settings, 1, R"(
        @ quarter 4990.00 4995.00 1500
        10:02  4992.00 5009.00 4992.00 5008.50   -
    )");
}

TEST_CASE("from 15:00 the target is one R away, until the trading day ends") {
    manage("tightened", bare(), 1, R"(
        14:58  4992.00 4994.75 4992.00 4992.00   -
        14:59  4992.00 4994.50 4992.00 4992.00   -
        15:00  4992.00 4994.75 4992.00 4992.00   exit tightened_target patient
    )");
    manage("in the evening", bare(), 1, R"(
        18:05  4992.00 4994.75 4992.00 4992.00   -
    )");
    config::StrategySettings far = bare();
    far.tightened_r = 50;
    manage("never further than the target", far, 1, R"(
        15:05  4992.00 5014.75 4992.00 4992.00   exit target patient
    )");
}

TEST_CASE("from 15:30 a loss that is still small is cut, until the trading day ends") {
    manage("early loss", bare(), 1, R"(
        15:28  4992.00 4992.00 4990.00 4990.00   -
        # Three quarters of R are 8.25 ticks.
        15:29  4990.00 4990.00 4989.75 4989.75   -
        15:30  4989.75 4992.00 4989.75 4992.00   -
        15:31  4989.75 4992.00 4989.75 4990.00   exit early_loss
    )");
    manage("in the evening", bare(), 1, R"(
        19:00  4992.00 4992.00 4990.00 4990.00   -
    )");
}

TEST_CASE("shortly before flatten time profits are taken, then small losses") {
    manage("profit before flatten", bare(), 1, R"(
        @ flatten in 6
        11:00  4992.00 4992.25 4992.00 4992.25   -
        @ flatten in 5
        11:01  4992.00 4992.25 4992.00 4992.00   -
        11:02  4992.00 4992.25 4992.00 4992.25   exit profit_before_flatten patient
    )");
    manage("loss before flatten", bare(), 1, R"(
        @ flatten in 4
        11:00  4992.00 4992.00 4990.75 4990.75   -
        # Half of R are 5.5 ticks.
        @ flatten in 3
        11:01  4992.00 4992.00 4990.50 4990.50   -
        11:02  4990.75 4990.75 4990.75 4990.75   exit loss_before_flatten
    )");
}

TEST_CASE("in flatten time more than a tick of profit is taken, and half a loss is enough") {
    manage("flatten profit", bare(), 1, R"(
        @ state flatten
        @ flatten in 0
        11:00  4992.00 4992.25 4992.00 4992.25   -
        11:01  4992.00 4992.50 4992.00 4992.50   exit flatten_profit
    )");
    manage("flatten midpoint", bare(), 1, R"(
        @ state flatten
        @ flatten in 0
        11:00  4992.00 4992.00 4990.75 4990.75   -
        11:01  4990.75 4990.75 4990.50 4990.50   exit flatten_midpoint
    )");
    manage("proactive stop", bare(), 1, R"(
        @ stop 4991.25
        11:00  4992.00 4992.00 4991.75 4991.75   -
        @ state flatten
        @ flatten in 0
        11:01  4992.00 4992.00 4992.00 4992.00   -
        11:02  4992.00 4992.00 4991.75 4991.75   exit proactive_stop
    )");
}

TEST_CASE("what must not be held is closed whatever it costs") {
    manage("last minutes", bare(), 1, R"(
        @ state flatten forced
        11:00  4992.00 4992.00 4992.00 4992.00   exit last_minutes
    )");
    manage("closed", bare(), 1, R"(
        @ state closed forced
        11:00  4992.00 4992.00 4992.00 4992.00   exit market_closed
    )");
    manage("held over a break", bare(), 1, R"(
        @ state closed
        11:00  4992.00 4992.00 4992.00 4992.00   -
    )");
    manage("event", bare(), 1, R"(
        @ state blackout
        11:00  4992.00 4992.00 4992.00 4992.00   -
        @ state blackout exit
        11:01  4992.00 4992.00 4992.00 4992.00   exit event
    )");
}

TEST_CASE("on a Friday from 14:00 any profit is taken") {
    config::StrategySettings settings = bare();
    run("friday", settings, R"(
        @ day friday
        @ position 1 at 4992.00 10:02
        @ stop 4989.25
        13:58  4992.00 4992.25 4992.00 4992.25   -
        13:59  4992.25 4992.25 4992.00 4992.00   -
        14:00  4992.00 4992.25 4992.00 4992.25   exit friday_profit patient
    )");
    // The evening before belongs to the Friday, and is not its afternoon.
    run("thursday evening", settings, R"(
        @ day thursday
        @ position 1 at 4992.00 18:02
        @ stop 4989.25
        20:00  4992.00 4992.25 4992.00 4992.25   -
    )");
}

TEST_CASE("in a surge of volume an exit does not wait for a better price") {
    config::StrategySettings settings = bare();
    settings.surge_samples = 1;
    manage("surge", settings, 1, R"(
        # 100 a minute.
        @ quarter 4995.00 4995.00 1500
        @ volume 250
        10:02  4992.00 5014.75 4992.00 5010.00   exit target
    )");
    manage("no surge", settings, 1, R"(
        @ quarter 4995.00 4995.00 1500
        @ volume 249
        10:02  4992.00 5014.75 4992.00 5010.00   exit target patient
    )");
}

TEST_CASE("a position that nobody planned is managed from its stop, without a target") {
    config::StrategySettings settings = bare();
    settings.break_even = true;
    settings.partials = true;
    run("adopted", settings, R"(
        @ position 2 at 4992.00 10:00
        @ stop 4990.00
        # R is 8 ticks.
        10:00  4992.00 5030.00 4992.00 4995.75   stop 4992.25 break_even
        10:01  4995.75 5030.00 4995.75 4996.00   part 1 stage 1
    )");
}

TEST_CASE("an entry that fills bit by bit is measured from its average") {
    config::StrategySettings settings = bare();
    settings.break_even = true;
    manage("fills", settings, 1, R"(
        10:02  4992.00 4994.00 4992.00 4994.00   -
        @ position 3 at 4993.00 10:02
        # 9 ticks from 4993.00.
        10:03  4994.00 4995.00 4994.00 4995.00   -
        10:04  4995.00 4995.25 4995.00 4995.25   stop 4993.25 break_even
    )");
}

TEST_CASE("the order of checks: the first that applies decides") {
    manage("closed before target", bare(), 1, R"(
        @ state closed forced
        11:00  4992.00 5015.00 4992.00 5015.00   exit market_closed
    )");
    manage("flatten profit before target", bare(), 1, R"(
        @ state flatten
        @ flatten in 0
        11:00  4992.00 5015.00 4992.00 5015.00   exit flatten_profit
    )");
    config::StrategySettings all = plain();
    manage("a part before a stop is moved", all, 10, R"(
        10:02  4992.00 4997.50 4992.00 4997.50   part 5 stage 1
        10:03  4997.50 4997.50 4997.50 4997.50   stop 4995.50 trailing
    )");
    manage("holding time before a stop is moved", all, 1, R"(
        11:01  4992.00 4997.50 4992.00 4997.50   exit holding_time
    )");
}

}  // namespace
}  // namespace bullpen::strategy
