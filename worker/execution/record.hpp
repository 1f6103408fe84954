// Records: everything that changes what the order manager knows, as plain values. The manager's
// lasting state is a function of its records: it is changed by applying one, after it was handed to
// the recorder, and replaying a journal applies the same ones again.
//
// Bodies are packed integers and short texts with a version in front; docs/orders.md lists them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/model/order.hpp"
#include "worker/broker/port.hpp"

namespace bullpen::execution {

// A few words for people: why an order was made, what a broker said.
using Label = model::ShortText<31>;

// Kinds of journal records, from 16 up; lower ones are the engine's.
enum class RecordKind : std::uint16_t {
    started = 16,
    intended = 17,
    denied = 18,
    sent = 19,
    commanded = 20,
    answered = 21,
    reported = 22,
    filled = 23,
    concluded = 24,
    unwanted = 25,
    planned = 26,
    exit_begun = 27,
    exit_ended = 28,
    adopted = 29,
    blocked = 30,
    reconciled = 31,
    traded = 32,
    balance = 33,
};
inline constexpr std::uint16_t k_record_kind_first = 16;
inline constexpr std::uint16_t k_record_kind_last = 33;

// A process began to answer for the account.
struct Started {
    Fence fence;
    UtcTime at{};
    friend bool operator==(const Started&, const Started&) = default;
};

// An order was decided on and passed the risk gate. On the disk before the order is sent.
struct Intended {
    model::OrderTerms terms;
    std::optional<model::Price> expected;  // what slippage is measured from; an entry has one
    bool protect = false;                  // an entry that is to be protected at `stop`
    model::Price stop;
    Label why;
    UtcTime at{};
    friend bool operator==(const Intended&, const Intended&) = default;
};

// An order was decided on and refused by this side.
struct Denied {
    model::IntentKey key;
    model::Side side{};
    std::int64_t quantity = 0;
    std::uint16_t refusal = 0;  // Refusal
    std::uint16_t denial = 0;   // the risk gate's code, when it was the gate
    UtcTime at{};
    friend bool operator==(const Denied&, const Denied&) = default;
};

struct Sent {
    model::ClientOrderId order;
    UtcTime at{};
    friend bool operator==(const Sent&, const Sent&) = default;
};

// A cancel or a change is about to be sent.
struct Commanded {
    model::ClientOrderId order;
    broker::OrderCommand command{};
    std::int64_t quantity = 0;  // of a change
    model::Price price;         // of a change
    UtcTime at{};
    friend bool operator==(const Commanded&, const Commanded&) = default;
};

struct Answered {
    model::ClientOrderId order;
    broker::OrderCommand command{};
    broker::Outcome outcome{};
    model::BrokerOrderId broker_order;
    Label text;
    UtcTime at{};
    friend bool operator==(const Answered&, const Answered&) = default;
};

struct Reported {
    model::ClientOrderId order;
    model::BrokerOrderId broker_order;
    broker::BrokerStatus status{};
    std::int64_t quantity = 0;
    std::int64_t filled = 0;
    model::Price limit;
    model::Price stop;
    UtcTime updated{};
    UtcTime at{};
    friend bool operator==(const Reported&, const Reported&) = default;
};

struct Filled {
    model::Fill fill;
    UtcTime at{};
    friend bool operator==(const Filled&, const Filled&) = default;
};

enum class Conclusion : std::uint8_t {
    missing,
    absent,
    vanished,
    unchanged,  // listed as before a change whose fate is unknown
    count_
};
// What was learnt of an order from complete answers that did not contain it.
struct Concluded {
    model::ClientOrderId order;
    Conclusion conclusion{};
    UtcTime at{};
    friend bool operator==(const Concluded&, const Concluded&) = default;
};

// The order is to be cancelled as soon as it can be.
struct Unwanted {
    model::ClientOrderId order;
    UtcTime at{};
    friend bool operator==(const Unwanted&, const Unwanted&) = default;
};

// Where the position is to be protected from now on.
struct Planned {
    model::Symbol symbol;
    model::Price stop;
    UtcTime at{};
    Label why{};  // of a strategy's move; empty: it is the position's first, or somebody else's
    friend bool operator==(const Planned&, const Planned&) = default;
};

// A position, or a part of it, is to be closed.
struct ExitBegun {
    model::IntentKey key;       // its leg is exit, partial_exit or flatten
    std::int64_t quantity = 0;  // 0: all that is held, however much that becomes
    bool limited = false;       // at `limit` or better and at once, else not at all
    model::Price limit;
    std::optional<model::Price> expected;  // none: nobody knew a price
    Label why;
    UtcTime at{};
    friend bool operator==(const ExitBegun&, const ExitBegun&) = default;
};

enum class ExitEnd : std::uint8_t { done, verified, failed, count_ };
struct ExitEnded {
    model::Symbol symbol;
    ExitEnd how{};
    UtcTime at{};
    friend bool operator==(const ExitEnded&, const ExitEnded&) = default;
};

// The broker's number was taken over without executions that explain it. Its price is zero while
// nobody knows one, and its time the epoch while nobody knows the market's; another such record
// says it later.
struct Adopted {
    model::Symbol symbol;
    std::int64_t quantity = 0;
    model::Price price;  // of what came or went
    UtcTime at{};        // of the market
    friend bool operator==(const Adopted&, const Adopted&) = default;
};

enum class Block : std::uint8_t {
    stop_refused,  // a protective stop could not be placed
    mismatch,      // the broker's position is not ours, and the policy is to touch nothing
    count_
};
// No entries in the instrument from now on, or again.
struct Blocked {
    model::Symbol symbol;
    Block block{};
    bool on = false;
    UtcTime at{};
    friend bool operator==(const Blocked&, const Blocked&) = default;
};

// Both sides agree; fills before `fills_since` need not be asked for again.
struct Reconciled {
    UtcTime fills_since{};
    UtcTime at{};
    friend bool operator==(const Reconciled&, const Reconciled&) = default;
};

// A round trip, from flat to flat. It follows from the fills and is recorded for those who read
// journals; replaying it changes nothing.
struct Trade {
    std::uint64_t number = 0;  // counted from 1
    model::Symbol symbol;
    model::Side side{};      // of the entry
    model::IntentKey entry;  // of the first order that went in; empty when there is none
    UtcTime opened{};
    UtcTime closed{};
    std::int64_t quantity = 0;        // contracts that went in, and out
    std::int64_t entry_ticks = 0;     // sum over the contracts of their prices
    std::int64_t exit_ticks = 0;      // likewise
    std::int64_t slippage_ticks = 0;  // ticks times contracts lost against the prices expected
    model::Money gross;               // before fees; slippage is in it, for it is in the prices
    model::Money fees;
    model::Price initial_stop;  // when `protected_`
    bool protected_ = false;
    bool adopted = false;        // a part of it is no execution that the broker told
    model::Purpose closed_by{};  // of the fill that closed it
    Label why;  // of the order that closed it; of a stop that was moved, why it was
    [[nodiscard]] model::Money net() const { return gross - fees; }
    friend bool operator==(const Trade&, const Trade&) = default;
};
struct Traded {
    Trade trade;
    friend bool operator==(const Traded&, const Traded&) = default;
};

// What the broker said of the account, for the limits; the book does not change by it.
struct Balance {
    model::Money cash;
    bool may_trade = true;
    UtcTime at{};
    friend bool operator==(const Balance&, const Balance&) = default;
};

using Record = std::variant<Started, Intended, Denied, Sent, Commanded, Answered, Reported, Filled,
                            Concluded, Unwanted, Planned, ExitBegun, ExitEnded, Adopted, Blocked,
                            Reconciled, Traded, Balance>;

RecordKind kind(const Record& record);
constexpr bool is_record_kind(std::uint16_t kind) {
    return kind >= k_record_kind_first && kind <= k_record_kind_last;
}
std::string_view code(RecordKind kind);

std::string encode(const Record& record);
// Errc::corrupt for a body that is not one, Errc::newer_version for a version or kind that this
// program does not know.
Result<Record> decode(std::uint16_t kind, std::string_view body);

}  // namespace bullpen::execution
