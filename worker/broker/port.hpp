// The broker as the order manager sees it: commands go out, events come back, nothing waits. The
// same port stands before the paper exchange, a live broker, the exchange inside a backtest and the
// shadow mode that sends nothing.
//
// What the port guarantees, and the conformance suite checks of every adapter:
//   - submit(), cancel() and replace() never block. `not_sent` is said only when it is proven that
//     no byte left; whatever else goes wrong, the answer is `unknown`.
//   - An unknown answer is never retried by an adapter, nor is anything else that changes orders.
//   - Events may come twice, late, and in any order; the order manager sorts them out.
//   - A query answers with everything or with `unknown`; a part is never passed off as the whole.
//   - Nothing of another account is ever told.
//
// An adapter belongs to one account and one thread, which calls poll() whenever fd() is readable or
// the time that poll() returned has come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/model/instrument.hpp"
#include "common/model/money.hpp"
#include "common/model/order.hpp"
#include "worker/risk/approved.hpp"

namespace bullpen::broker {

// What became of a submission, a cancel or a change.
enum class Outcome : std::uint8_t {
    accepted,
    rejected,  // proven: the broker said no, and will not act on it later
    not_sent,  // proven: nobody there looked at it; the only outcome that may be tried again
    unknown,   // ask, never send again
};

enum class OrderCommand : std::uint8_t { submit, cancel, replace };

// The answer to one command.
struct Answer {
    OrderCommand command{};
    Outcome outcome{};
    model::ClientOrderId order;
    model::BrokerOrderId broker_order;  // when accepted
    std::string text;                   // the broker's words
    // Of a change: what was asked for, so that an answer that comes twice is not taken for the one
    // to the next change.
    std::int64_t quantity = 0;
    model::Price price{};
};

// Where an order stands at the broker.
enum class BrokerStatus : std::uint8_t { pending, working, filled, cancelled, rejected, expired };
constexpr bool is_final(BrokerStatus status) {
    return status >= BrokerStatus::filled;
}

// An order as the broker has it: told as an event, or as one of the answers to a query.
struct OrderReport {
    model::ClientOrderId order;  // empty when it was not placed by a program of ours
    model::BrokerOrderId broker_order;
    model::Symbol symbol;
    model::Side side{};
    model::OrderType type{};
    std::int64_t quantity = 0;
    std::int64_t filled = 0;  // cumulative
    model::Price limit;
    model::Price stop;
    BrokerStatus status{};
    UtcTime updated{};  // by the broker; greater is newer
    std::string text;
};

struct PositionReport {
    model::Symbol symbol;
    std::int64_t quantity = 0;  // above zero long
    std::optional<model::Price> average;
};

// The link to the broker is up: session, account and subscriptions are as before.
struct Connected {
    std::string account;  // who the session is for, as the broker writes it
};
struct Disconnected {
    std::string text;
    bool final = false;  // a new connection will not help: refused, or another session took over
};

// An execution that the broker took back is told as another one, which undoes it: the other side,
// the same price, the fee given back, no order, and this id. It counts as every execution does.
inline constexpr std::string_view k_void = "VOID ";
inline model::ExecutionId void_of(const model::ExecutionId& execution) {
    return model::ExecutionId::cut(std::string(k_void) + execution.str());
}
inline bool is_void(const model::ExecutionId& execution) {
    return execution.view().starts_with(k_void);
}

// Answers to queries. Without a value: unknown.
struct OrdersAnswer {
    std::uint64_t query = 0;
    std::optional<std::vector<OrderReport>> orders;
    std::string text;
};
struct FillsAnswer {
    std::uint64_t query = 0;
    std::optional<std::vector<model::Fill>> fills;
    std::string text;
};
struct PositionsAnswer {
    std::uint64_t query = 0;
    std::optional<std::vector<PositionReport>> positions;  // an instrument not named is flat
    std::string text;
};
struct BalanceAnswer {
    std::uint64_t query = 0;
    std::optional<model::Money> balance;  // cash, without what open positions won
    bool may_trade = true;
    std::string text;
};
// What the broker says of an instrument, to be compared with ours before the first order.
struct InstrumentAnswer {
    std::uint64_t query = 0;
    model::Symbol symbol;  // that was asked for
    model::SaidOfInstrument said;
    std::string text;
};

using Event = std::variant<Connected, Disconnected, Answer, OrderReport, model::Fill, OrdersAnswer,
                           FillsAnswer, PositionsAnswer, BalanceAnswer, InstrumentAnswer>;

class Port {
  public:
    Port() = default;
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    virtual ~Port() = default;

    // The descriptor that is readable when there is something to poll; -1 when poll() must be asked
    // at the time it returned.
    [[nodiscard]] virtual int fd() const = 0;
    // Appends what happened, oldest first, and says when to call again without the descriptor.
    virtual std::optional<MonoTime> poll(Instant now, std::vector<Event>& events) = 0;

    // Starts, or starts anew, to connect; Connected or Disconnected follows.
    virtual void connect(Instant now) = 0;
    [[nodiscard]] virtual bool connected() const = 0;
    // Who the session is for, as Connected said it; empty without one.
    [[nodiscard]] virtual std::string_view session_account() const = 0;
    // While it is set something may be held that has no stop behind it: the next attempt to connect
    // is put off no longer than the broker's rules demand, and a connection that seems to stand is
    // given up sooner when nothing comes over it.
    virtual void hurry(bool hurries, Instant now) {
        (void)hurries;
        (void)now;
    }

    // Each is followed by one Answer at the latest after the adapter's own deadline. The caller has
    // the terms in its journal already.
    virtual void submit(const risk::Approved<model::OrderTerms>& terms, Instant now) = 0;
    virtual void cancel(const model::ClientOrderId& order, Instant now) = 0;
    // New price or quantity of a working order, in place. Only when can_replace().
    virtual void replace(const model::ClientOrderId& order, std::int64_t quantity,
                         model::Price price, Instant now) = 0;
    [[nodiscard]] virtual bool can_replace() const = 0;
    // Whether the broker takes what is said to it in the order in which it was said, so that an
    // order that is missing from the answer to a later question was never placed and never will be.
    [[nodiscard]] virtual bool in_order() const { return false; }

    // Queries return the number that the answer will carry. Only orders and fills of this account
    // since `since`, in every status.
    virtual std::uint64_t query_orders(UtcTime since, Instant now) = 0;
    virtual std::uint64_t query_fills(UtcTime since, Instant now) = 0;
    virtual std::uint64_t query_positions(Instant now) = 0;
    virtual std::uint64_t query_balance(Instant now) = 0;
    virtual std::uint64_t query_instrument(const model::Symbol& symbol, Instant now) = 0;
};

}  // namespace bullpen::broker
