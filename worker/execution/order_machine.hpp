// OrderMachine: the life of an order as one table. Every pair of status and event is in it: the
// status that follows and what is to be done, or that the pair is a programmer's error. Events of
// the broker come late, twice and in any order, so each of them has an answer in every status;
// only what this side does itself (intend, send, cancel, replace) has statuses it cannot come in.
//
// Two rules hold throughout: what ended stays ended, and *unknown* is left by evidence alone.
// docs/orders.md shows the same table; a test compares them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bullpen::execution {

enum class Status : std::uint8_t {
    created,      // decided, nothing written yet
    denied,       // by us: never recorded, never sent
    intended,     // in the journal; it may have been sent
    sent,         // handed to the port; no answer yet
    unknown,      // nobody knows whether the broker has it: ask, never send again
    not_sent,     // proven that it is not at the broker, and that it will not be
    working,      // at the broker, nothing filled
    part_filled,  // at the broker, a part filled
    cancelling,   // a cancel is out; live until the broker says that it ended
    replacing,    // a change is out; both its old and its new terms are live
    filled,
    cancelled,
    rejected,  // proven: by the broker
    expired,   // ended by the broker for its time, or no longer known to it
    count_
};
inline constexpr std::size_t k_statuses = static_cast<std::size_t>(Status::count_);

enum class OrderEvent : std::uint8_t {
    // What this side does.
    deny,
    intend,
    send,
    cancel,
    replace,
    restarted,  // the process is a new one: whatever was under way may or may not have happened
    // Answers to a submission.
    accepted,
    refused,
    not_sent,
    unknown,
    // Answers to a cancel. A refusal ("not found", "already filled") is a sign of a fill.
    cancel_accepted,
    cancel_refused,
    cancel_not_sent,
    cancel_unknown,
    // Answers to a change.
    replace_accepted,
    replace_refused,
    replace_not_sent,
    replace_unknown,
    // What the broker reports, as an event or in a query's answer.
    seen_live,  // pending or working
    seen_filled,
    seen_cancelled,
    seen_rejected,
    seen_expired,
    // Executions, by the cumulative quantity.
    part_fill,
    last_fill,
    // What a complete answer did not contain.
    missing,   // an order that was live
    absent,    // asked for long enough: an order that was never seen at the broker
    vanished,  // asked for long enough: an order that the broker once had
    count_
};
inline constexpr std::size_t k_order_events = static_cast<std::size_t>(OrderEvent::count_);

// What follows apart from the status.
struct StepActions {
    bool ask = false;    // orders and fills are to be queried: the broker knows more than we do
    bool stray = false;  // it lives although it was counted as not placed: it is cancelled at once
    bool alarm = false;  // the broker contradicts itself or us; an operator is told
    friend bool operator==(const StepActions&, const StepActions&) = default;
};

struct Step {
    Status status{};
    StepActions actions;
    friend bool operator==(const Step&, const Step&) = default;
};

// None for a pair that only a programmer's error makes.
[[nodiscard]] std::optional<Step> order_step(Status status, OrderEvent event);

constexpr bool is_final(Status status) {
    return status == Status::denied || status == Status::not_sent || status >= Status::filled;
}
// Live or perhaps live at the broker.
constexpr bool is_open(Status status) {
    return status != Status::created && !is_final(status);
}
// The broker is known to have it, and no command about it is out.
constexpr bool is_settled(Status status) {
    return status == Status::working || status == Status::part_filled;
}

std::string_view code(Status status);
std::string_view code(OrderEvent event);
std::optional<Status> status_from(std::string_view code);

}  // namespace bullpen::execution
