// What a strategy answers: at most one action a call, and the refusals it counted. A strategy never
// says how many contracts an entry has: that is the risk part's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "common/model/order.hpp"
#include "common/model/price.hpp"
#include "worker/strategy/gates.hpp"

namespace bullpen::strategy {

enum class ExitReason : std::uint8_t {
    market_closed,     // a position in a shut market, or past the time to be flat by
    event,             // an event's blackout, when the account wants to be flat in one
    last_minutes,      // nothing may be held in a moment
    friday_profit,     // any profit on a Friday afternoon
    flatten_profit,    // flatten time, and a profit
    flatten_midpoint,  // flatten time, and half the way to the stop is gone
    profit_before_flatten,
    loss_before_flatten,
    early_loss,
    target,
    tightened_target,
    stop,            // the price stands beyond the stop, and the position is still there
    proactive_stop,  // flatten time, and the stop is near
    final_partial,   // what the partial exits left
    stop_passed,     // a stop that is to be moved would stand beyond the price
    holding_time,
    reversal,
};
inline constexpr std::size_t k_exit_reasons = 17;

enum class MoveReason : std::uint8_t { break_even, trailing, momentum, time_decay };
inline constexpr std::size_t k_move_reasons = 4;

// Things to be told that change nothing.
enum class Notice : std::uint8_t {
    held_long,  // a position has been held beyond strategy.holding_alert
};

std::string_view code(ExitReason reason);
std::string_view code(MoveReason reason);
std::string_view code(Notice notice);
// A sentence for people.
std::string_view sentence(ExitReason reason);
std::string_view sentence(MoveReason reason);
std::optional<MoveReason> move_reason_from(std::string_view code);

// Opens a position. The stop goes to the broker at the fill.
struct Enter {
    model::Side side{};
    model::Price signal;  // the price the signal was seen at
    model::Price stop;
    model::Price target;
    friend bool operator==(const Enter&, const Enter&) = default;
};
// Closes all of it.
struct Exit {
    ExitReason reason{};
    bool urgent = true;  // not a matter of a better price
    friend bool operator==(const Exit&, const Exit&) = default;
};
// Closes a part, at the market; fewer contracts than are held.
struct Partial {
    std::int64_t quantity = 0;
    int stage = 0;  // 1 is the first
    bool urgent = false;
    friend bool operator==(const Partial&, const Partial&) = default;
};
// The protective stop belongs at this price, which is never further from the market than the last
// one asked for. Said again with each call until the position's facts show it there.
struct MoveStop {
    model::Price price;
    MoveReason reason{};
    friend bool operator==(const MoveStop&, const MoveStop&) = default;
};

using Action = std::variant<std::monostate, Enter, Exit, Partial, MoveStop>;

// Made once and reused for every call.
class Decisions {
  public:
    // Forgets action and notice of the call before; the counters stay.
    void begin() {
        if (!none())
            action_ = std::monostate();
        notice_.reset();
        refused_ = false;
    }
    // A second action in one call is a programmer's error.
    void act(const Action& action);
    void notify(Notice notice) { notice_ = notice; }
    void refuse(const Refusal& refusal) {
        refused_ = true;
        gates_.count(refusal);
    }

    [[nodiscard]] const Action& action() const { return action_; }
    template <class T>
    [[nodiscard]] const T* get() const {
        return std::get_if<T>(&action_);
    }
    [[nodiscard]] bool none() const { return std::holds_alternative<std::monostate>(action_); }
    [[nodiscard]] const std::optional<Notice>& notice() const { return notice_; }
    // Of this call.
    [[nodiscard]] std::optional<Refusal> refusal() const {
        return refused_ ? gates_.current() : std::nullopt;
    }
    [[nodiscard]] const GateCounters& gates() const { return gates_; }
    [[nodiscard]] GateCounters& gates() { return gates_; }

  private:
    Action action_;
    std::optional<Notice> notice_;
    bool refused_ = false;  // then it is the counters' current one
    GateCounters gates_;
};

}  // namespace bullpen::strategy
