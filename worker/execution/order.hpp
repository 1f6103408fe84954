// Order: what this side knows of one order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "common/model/order.hpp"
#include "worker/execution/order_machine.hpp"
#include "worker/execution/record.hpp"

namespace bullpen::execution {

struct Order {
    model::OrderTerms terms;  // as last confirmed
    Status status{};
    model::BrokerOrderId broker_order;
    std::int64_t filled = 0;        // contracts, by executions told
    std::int64_t reported = 0;      // contracts, the most that the broker reported
    std::int64_t new_quantity = 0;  // of a change that is out; 0 is none
    model::Price new_price;
    std::optional<model::Price> expected;  // what slippage is measured from
    bool protect = false;                  // an entry that is to be protected at `stop`
    model::Price stop;
    Label why;
    UtcTime decided{};
    UtcTime commanded{};  // the newest submission, cancel or change
    UtcTime updated{};    // the newest report, by the broker
    std::uint16_t replaces = 0;
    bool seen = false;        // the broker acknowledged it
    bool unwanted = false;    // is to be cancelled
    bool replaceable = true;  // no change of it was refused

    [[nodiscard]] std::int64_t executed() const { return std::max(filled, reported); }
    // What may still be filled; while a change is out, by the greater of its quantities.
    [[nodiscard]] std::int64_t remaining() const {
        if (!is_open(status))
            return 0;
        return std::max<std::int64_t>(0, std::max(terms.quantity, new_quantity) - executed());
    }
    // Reported as filled by executions that were not told yet.
    [[nodiscard]] std::int64_t untold() const {
        return std::max<std::int64_t>(0, reported - filled);
    }
    [[nodiscard]] bool is_stop() const { return terms.purpose == model::Purpose::protective_stop; }
    [[nodiscard]] bool is_entry() const { return terms.purpose == model::Purpose::entry; }
    // One that closes at once: an exit of any kind but the protective stop.
    [[nodiscard]] bool is_exit() const { return !is_stop() && !is_entry(); }
    // The price that a change of it changes.
    [[nodiscard]] model::Price price() const {
        return terms.type == model::OrderType::stop ? terms.stop : terms.limit;
    }
    friend bool operator==(const Order&, const Order&) = default;
};

}  // namespace bullpen::execution
