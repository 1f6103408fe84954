// What the paper exchange speaks of: orders, executions, and the events that tell of them. An event
// carries what is true after it as absolute values, so that a book is the sum of its events:
// applying one twice changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/bar.hpp"
#include "common/model/instrument.hpp"
#include "common/model/money.hpp"
#include "common/model/order.hpp"
#include "common/model/position.hpp"
#include "common/model/tick.hpp"

namespace bullpen::matching {

// Names of an account and of a market within one exchange, counted from 0.
struct AccountRef {
    std::uint32_t index = 0;
    friend auto operator<=>(const AccountRef&, const AccountRef&) = default;
};
struct MarketRef {
    std::uint32_t index = 0;
    friend auto operator<=>(const MarketRef&, const MarketRef&) = default;
};

// What trading in a market costs, and how easily a limit is filled.
struct Costs {
    model::Ticks slippage;       // a market order and a stop fill so much worse
    model::Money commission;     // of one contract, each way
    model::Ticks limit_through;  // a resting limit fills when the market went so far beyond it;
                                 // 0: when it is touched
    // A stop that the market has passed already is refused; otherwise it is executed at once.
    bool refuse_passed_stops = false;
    friend bool operator==(const Costs&, const Costs&) = default;
};

// What the instrument's data expect a fill to cost, slippage in whole ticks, rounded up.
Costs expected_costs(const model::Instrument& instrument);

struct OrderRequest {
    model::ClientOrderId client;  // empty: not placed by a program of ours
    model::Side side{};
    model::OrderType type{};
    model::TimeInForce time_in_force = model::TimeInForce::gtc;
    std::int64_t quantity = 0;
    model::Price limit;
    model::Price stop;
    // Never fills beyond what is held on the other side; cancelled when there is nothing.
    bool reduce_only = false;
    // Accepted and kept from the market until release(): pending.
    bool held = false;
    // So many contracts fill at first and the rest at the next step; 0: all at once.
    std::int64_t first_part = 0;
};

enum class Status : std::uint8_t { pending, working, filled, cancelled, rejected, expired };
constexpr bool is_final(Status status) {
    return status >= Status::filled;
}
std::string_view code(Status status);
std::optional<Status> status_from(std::string_view code);

// Why the exchange said no, or took an order away.
enum class Refusal : std::uint8_t {
    none,
    duplicate_id,       // a client order id is used once, rejected orders included
    bad_quantity,       // not 1 to k_quantity_max, or not more than is filled
    bad_price,          // the type needs a price that is missing, or has one it does not use
    stop_passed,        // Costs::refuse_passed_stops
    trading_forbidden,  // the account may not trade
    too_many_orders,    // k_resting_max
    unknown_order,      // there is no such order of this account
    too_late,           // the order has come to its end already
    nothing_held,       // reduce_only without a position
    by_rule,            // whoever runs the exchange wanted it so; the text says why
};
std::string_view code(Refusal refusal);
// A sentence for people.
std::string_view sentence(Refusal refusal);

inline constexpr std::int64_t k_quantity_max = 1'000'000;
// Working orders of one account in one market.
inline constexpr std::size_t k_resting_max = 1000;

struct Order {
    std::uint64_t number = 0;  // counted up over the exchange from 1
    AccountRef account;
    MarketRef market;
    OrderRequest request;
    std::int64_t filled = 0;
    Status status = Status::working;
    Refusal refusal = Refusal::none;
    bool triggered = false;  // a stop that was reached, or an order of which a part was filled
    UtcTime accepted{};      // both by the market's time
    UtcTime updated{};

    [[nodiscard]] std::int64_t left() const { return request.quantity - filled; }
};

struct Execution {
    std::uint64_t number = 0;  // counted up over the exchange from 1; 0: none
    std::uint64_t order = 0;
    AccountRef account;
    MarketRef market;
    model::ClientOrderId client;
    model::Side side{};
    std::int64_t quantity = 0;
    model::Price price;
    UtcTime time{};
    model::Money fee;
    std::int64_t realised_ticks = 0;  // won by what it closed, before fees
    model::Position position_after;
    model::Money cash_after;
};

enum class EventKind : std::uint8_t {
    accepted,
    rejected,
    released,  // was pending
    filled,    // in part or whole, see the order
    cancelled,
    replaced,
    expired,
};
std::string_view code(EventKind kind);

struct Event {
    EventKind kind{};
    Order order;          // as it is after the event
    Execution execution;  // of EventKind::filled
};

}  // namespace bullpen::matching
