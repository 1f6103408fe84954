#include "supervisor/daemon/trading_order.hpp"

#include <doctest/doctest.h>

namespace bullpen::daemon {
namespace {

using model::WorkerState;

ipc::Heartbeat beat_of(const char* latched, bool flat, const char* reason = "none") {
    ipc::Heartbeat beat;
    beat.latched = latched;
    beat.flat = flat;
    beat.reason = reason;
    beat.position = flat ? "flat" : "long 2 at 5001.25";
    return beat;
}

}  // namespace

TEST_CASE("an order is done when the worker says so, and not when another mode looks like it") {
    struct Row {
        TradingOrder order;
        const char* latched;
        bool flat;
        bool done;
    };
    for (const Row row : {
             Row{TradingOrder::halt, "", true, false},
             Row{TradingOrder::halt, "reducing", true, false},
             Row{TradingOrder::halt, "halted", false, false},
             Row{TradingOrder::halt, "halted", true, true},
             Row{TradingOrder::reduce, "", true, false},
             Row{TradingOrder::reduce, "reducing", false, true},
             Row{TradingOrder::reduce, "halted", false, true},
             Row{TradingOrder::flatten, "", true, false},
             Row{TradingOrder::flatten, "reducing", false, false},
             Row{TradingOrder::flatten, "reducing", true, true},
             Row{TradingOrder::resume, "", false, true},
             Row{TradingOrder::resume, "reducing", true, false},
             Row{TradingOrder::resume, "halted", true, false},
         }) {
        CAPTURE(static_cast<int>(row.order));
        CAPTURE(row.latched);
        CAPTURE(row.flat);
        CHECK(is_done(row.order, beat_of(row.latched, row.flat)) == row.done);
    }
}

TEST_CASE("what hangs or dies is waited for, what has no process is not") {
    for (int i = 0; i < static_cast<int>(model::k_worker_states); ++i) {
        fleet::AccountView view;
        view.state = static_cast<WorkerState>(i);
        const auto outcome = judge(TradingOrder::halt, view, nullptr);
        const bool without = view.state == WorkerState::stopped || view.state == WorkerState::fatal;
        CAPTURE(i);
        CHECK(outcome.has_value() == without);
        if (outcome) {
            CHECK_FALSE(outcome->ok);
            CHECK(outcome->message.find("start it") != std::string::npos);
        }
    }
}

TEST_CASE("a verdict that comes too late says where it stands, and that the order goes on") {
    fleet::AccountView view;
    view.state = WorkerState::running;
    const auto beat = beat_of("halted", false);
    const auto outcome = too_late(TradingOrder::halt, view, &beat);
    CHECK_FALSE(outcome.ok);
    CHECK(outcome.message.find("long 2 at 5001.25") != std::string::npos);
    CHECK(outcome.message.find("goes on") != std::string::npos);
}

}  // namespace bullpen::daemon
