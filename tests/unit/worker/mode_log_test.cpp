#include "worker/mode_log.hpp"

#include <doctest/doctest.h>

#include <string>
#include <tuple>
#include <vector>

namespace bullpen::worker {

namespace {

using namespace std::chrono_literals;
using model::Reason;
using model::TradingMode;

Mode active() {
    return {};
}
Mode idle(Reason reason, std::string text = {}) {
    return {TradingMode::idle, reason, UtcTime{}, std::nullopt, std::move(text)};
}
Mode in(TradingMode mode, Reason reason) {
    return {mode, reason, UtcTime{}, std::nullopt, {}};
}

struct Fixture {
    ModeLog log;
    MonoTime now{1h};

    // Whether it is told, after `later`.
    bool told(const Mode& mode, Nanos later = 0s) {
        now += later;
        const auto line = log.look(mode, now);
        if (line)
            CHECK(line->mode == mode);
        return line.has_value();
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an account that is active from the start has nothing to say") {
    CHECK_FALSE(told(active()));
    CHECK_FALSE(told(active(), 24h));
}

TEST_CASE_FIXTURE(Fixture, "a reason is told with its since and until when it comes") {
    auto mode = idle(Reason::session_closed);
    mode.since = UtcTime(5h);
    mode.until = UtcTime(6h);
    const auto line = log.look(mode, now);
    REQUIRE(line);
    CHECK(line->mode == mode);
    CHECK_FALSE(line->lasts);
    CHECK(line->untold == 0);
    CHECK(told(active(), 1h));
}

TEST_CASE_FIXTURE(Fixture, "what lasts is told again every five minutes, and no sooner") {
    CHECK(told(idle(Reason::session_closed)));
    std::vector<int> seconds;
    for (int second = 1; second <= 1000; ++second) {
        now += 1s;
        if (const auto line = log.look(idle(Reason::session_closed), now)) {
            CHECK(line->lasts);
            seconds.push_back(second);
        }
    }
    CHECK(seconds == std::vector<int>{300, 600, 900});
}

TEST_CASE_FIXTURE(Fixture, "what an account is set to is told once") {
    CHECK(told(idle(Reason::observing)));
    CHECK_FALSE(told(idle(Reason::observing), 24h));
}

TEST_CASE_FIXTURE(Fixture,
                  "a market that opens and closes all the time is told twice in five minutes") {
    std::vector<std::tuple<int, Reason, std::uint64_t>> lines;
    for (int i = 0; i < 60'060; ++i) {
        const auto mode = i % 2 == 0 ? idle(Reason::session_closed) : active();
        if (const auto line = log.look(mode, now))
            lines.emplace_back(i, line->mode.reason, line->untold);
        now += 10ms;
    }
    using Lines = std::vector<std::tuple<int, Reason, std::uint64_t>>;
    CHECK(lines == Lines{{0, Reason::session_closed, 0},
                         {1, Reason::none, 0},
                         // Five minutes after the same was told; between the two, each change is
                         // counted once.
                         {30'000, Reason::session_closed, 29'998},
                         {30'001, Reason::none, 0},
                         {60'000, Reason::session_closed, 29'998},
                         {60'001, Reason::none, 0}});
}

TEST_CASE_FIXTURE(Fixture,
                  "a change that was not told is told when the time is over and it counts") {
    CHECK(told(idle(Reason::event_blackout)));
    CHECK(told(active(), 1s));
    CHECK_FALSE(told(idle(Reason::event_blackout), 1s));
    CHECK_FALSE(told(idle(Reason::event_blackout), 297s));
    CHECK(told(idle(Reason::event_blackout), 1s));
    // One that was over by then is not.
    CHECK_FALSE(told(active(), 500ms));
    CHECK(told(active(), 500ms));
    CHECK_FALSE(told(idle(Reason::event_blackout), 1s));
    CHECK_FALSE(told(active(), 1s));
    CHECK_FALSE(told(active(), 24h));
}

TEST_CASE_FIXTURE(Fixture, "another reason is told at once, however short ago the first was") {
    for (const auto reason :
         {Reason::session_closed, Reason::maintenance_break, Reason::warm_up,
          Reason::event_blackout, Reason::calendar_unknown, Reason::feed_stale, Reason::feed_ended,
          Reason::reconciling, Reason::broker_unreachable, Reason::disk_full}) {
        CHECK(told(idle(reason), 1ms));
    }
}

TEST_CASE_FIXTURE(Fixture, "what an operator must not miss is told whenever it comes and goes") {
    const std::vector<Mode> all{
        in(TradingMode::halted, Reason::operator_halt),
        in(TradingMode::halted, Reason::order_trouble),
        in(TradingMode::fenced, Reason::lease_expired),
        in(TradingMode::reducing, Reason::operator_reduce),
        in(TradingMode::reducing, Reason::daemon_absent),
        in(TradingMode::reducing, Reason::clock_skew),
        in(TradingMode::reducing, Reason::draining),
        in(TradingMode::reducing, Reason::recovery_launch),
        idle(Reason::limit_reached, "daily_loss"),
        idle(Reason::instrument_mismatch),
        idle(Reason::position_unexpected),
    };
    for (const auto& mode : all) {
        for (int i = 0; i < 5; ++i) {
            CHECK(told(mode, 1ms));
            CHECK_FALSE(told(mode, 1ms));
            CHECK(told(active(), 1ms));
        }
        // Not even a matter of course hides that it is over.
        CHECK(told(mode, 1ms));
        CHECK(told(idle(Reason::session_closed), 1ms));
    }
    CHECK(told(all.front(), 1ms));
    CHECK(told(all.front(), 5min));
}

TEST_CASE_FIXTURE(Fixture, "another limit that is reached is told at once") {
    CHECK(told(idle(Reason::limit_reached, "daily_loss")));
    CHECK_FALSE(told(idle(Reason::limit_reached, "daily_loss"), 1s));
    CHECK(told(idle(Reason::limit_reached, "loss_floor"), 1s));
    // Particulars that change with every bar are not.
    CHECK(told(idle(Reason::event_blackout, "five bars left")));
    CHECK_FALSE(told(idle(Reason::event_blackout, "four bars left"), 1s));
}

TEST_CASE_FIXTURE(Fixture,
                  "windows that reduce come and go as sessions do, and are told as they are") {
    CHECK(told(in(TradingMode::reducing, Reason::event_blackout)));
    CHECK(told(active(), 1s));
    CHECK_FALSE(told(in(TradingMode::reducing, Reason::event_blackout), 1s));
    // The same reason in another mode is something else.
    CHECK(told(idle(Reason::event_blackout), 1s));
}

}  // namespace bullpen::worker
