#include "ipc/trading_order.hpp"

#include <doctest/doctest.h>

#include <variant>

namespace bullpen::ipc {
namespace {

Heartbeat beat_of(const char* latched, bool flat) {
    Heartbeat beat;
    beat.latched = latched;
    beat.flat = flat;
    beat.reason = "none";
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

TEST_CASE("every order has a word of its own, and a message that the worker understands") {
    for (const auto order : {TradingOrder::halt, TradingOrder::reduce, TradingOrder::flatten,
                             TradingOrder::resume, TradingOrder::restart_floor})
        CHECK(trading_order_from(code(order)) == order);
    CHECK_FALSE(trading_order_from("stop"));
    CHECK(std::holds_alternative<Halt>(message_of(TradingOrder::halt)));
    CHECK_FALSE(std::get<Reduce>(message_of(TradingOrder::reduce)).flatten);
    CHECK(std::get<Reduce>(message_of(TradingOrder::flatten)).flatten);
    CHECK_FALSE(std::get<Resume>(message_of(TradingOrder::resume)).restart_floor);
    CHECK(std::get<Resume>(message_of(TradingOrder::restart_floor)).restart_floor);
}

}  // namespace bullpen::ipc
