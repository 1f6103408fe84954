#include "worker/mode_gate.hpp"

#include <doctest/doctest.h>

namespace bullpen::worker {

namespace {

using model::Reason;
using model::TradingMode;

UtcTime at(int seconds) {
    return UtcTime(std::chrono::seconds(1'790'000'000 + seconds));
}

}  // namespace

TEST_CASE("without a hold an account is active") {
    ModeGate gate(at(0));
    CHECK(gate.current().mode == TradingMode::active);
    CHECK(gate.current().since == at(0));
    gate.hold(Reason::warm_up, TradingMode::idle, at(1));
    gate.lift(Reason::warm_up, at(5));
    CHECK(gate.current().mode == TradingMode::active);
    CHECK(gate.current().since == at(5));
    // Lifting what does not hold changes nothing.
    gate.lift(Reason::warm_up, at(9));
    CHECK(gate.current().since == at(5));
}

TEST_CASE("the strictest mode counts, and the others come back when it is lifted") {
    ModeGate gate(at(0));
    gate.hold(Reason::observing, TradingMode::idle, at(1));
    gate.hold(Reason::lease_expired, TradingMode::fenced, at(2));
    gate.hold(Reason::operator_halt, TradingMode::halted, at(3));
    gate.hold(Reason::daemon_absent, TradingMode::reducing, at(4));
    const std::vector<std::pair<Reason, TradingMode>> order = {
        {Reason::lease_expired, TradingMode::fenced},
        {Reason::operator_halt, TradingMode::halted},
        {Reason::daemon_absent, TradingMode::reducing},
        {Reason::observing, TradingMode::idle}};
    for (const auto& [reason, mode] : order) {
        CHECK(gate.current().reason == reason);
        CHECK(gate.current().mode == mode);
        gate.lift(reason, at(9));
    }
    CHECK(gate.current().mode == TradingMode::active);
}

TEST_CASE("within one mode the most telling reason is shown") {
    ModeGate gate(at(0));
    for (const auto reason : {Reason::clock_skew, Reason::observing, Reason::warm_up})
        gate.hold(reason, TradingMode::idle, at(1));
    CHECK(gate.current().reason == Reason::clock_skew);
    gate.lift(Reason::clock_skew, at(2));
    CHECK(gate.current().reason == Reason::warm_up);
    gate.lift(Reason::warm_up, at(2));
    CHECK(gate.current().reason == Reason::observing);
}

TEST_CASE(
    "another cause of the same kind has a since of its own, and hides none that is stricter") {
    ModeGate gate(at(0));
    gate.hold_each(Reason::limit_reached, TradingMode::idle, at(1), std::nullopt, "daily_loss");
    gate.hold_each(Reason::limit_reached, TradingMode::idle, at(7), at(20), "daily_loss");
    CHECK(gate.current().since == at(1));
    CHECK(gate.current().until == at(20));
    gate.hold_each(Reason::limit_reached, TradingMode::idle, at(9), std::nullopt, "loss_floor");
    CHECK(gate.current().since == at(9));
    CHECK(gate.current().text == "loss_floor");
    CHECK_FALSE(gate.current().until);
    gate.lift(Reason::limit_reached, at(12));
    CHECK(gate.current().mode == TradingMode::active);
}

TEST_CASE("a reason that goes on holding keeps its since") {
    ModeGate gate(at(0));
    gate.hold(Reason::clock_skew, TradingMode::idle, at(1), std::nullopt, "3000 ms");
    gate.hold(Reason::clock_skew, TradingMode::idle, at(7), at(20), "4000 ms");
    CHECK(gate.current().since == at(1));
    CHECK(gate.current().text == "4000 ms");
    CHECK(gate.current().until == at(20));
    CHECK(gate.next_end() == at(20));
}

TEST_CASE("a hold with an end is lifted by time") {
    ModeGate gate(at(0));
    gate.hold(Reason::operator_reduce, TradingMode::reducing, at(1), at(10));
    gate.hold(Reason::session_closed, TradingMode::idle, at(1), at(5));
    CHECK(gate.next_end() == at(5));
    gate.advance(at(9));
    CHECK(gate.holds(Reason::operator_reduce));
    CHECK(!gate.holds(Reason::session_closed));
    gate.advance(at(10));
    CHECK(gate.current().mode == TradingMode::active);
    CHECK(!gate.next_end());
}

}  // namespace bullpen::worker
