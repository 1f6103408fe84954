// A broker of shares as the jobs of an account see it, in parts: one reads, one opens, one
// protects. A job is given the parts that its role has, and has no way from one to another.
//
// Nothing waits. What is asked has a ticket, under which the answer lies until it is taken; while
// there is none it is under way. An answer is three-valued: `accepted` with what was asked for,
// `rejected`, or not known (`unknown`, and `not_sent` where it is proven that nothing left). A list
// is whole or it is not known; an empty one is an answer.
//
// One account, one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "ipc/share_message.hpp"
#include "worker/broker/port.hpp"

namespace bullpen::broker {

using Ticket = std::uint64_t;

struct ShareAnswer {
    Outcome outcome = Outcome::unknown;
    // When accepted or rejected: of all pages, or, with prices alone, of one of them; then `more`
    // says that the rest follows.
    ipc::ShareReply reply;
    std::string text;  // why it is not accepted
};

// The broker has an order of this id already: the answer to the one before was lost.
inline bool is_duplicate(const ShareAnswer& answer) {
    return answer.outcome == Outcome::rejected &&
           answer.text == code(matching::ShareRefusal::duplicate_id);
}

class ShareReader {
  public:
    ShareReader() = default;
    ShareReader(const ShareReader&) = delete;
    ShareReader& operator=(const ShareReader&) = delete;
    virtual ~ShareReader() = default;

    [[nodiscard]] virtual bool connected() const = 0;
    virtual Ticket ask_account(Instant now) = 0;
    virtual Ticket ask_orders(Instant now) = 0;
    virtual Ticket ask_triggers(Instant now) = 0;
    // At most ipc::k_share_symbols_max.
    virtual Ticket ask_quotes(std::vector<std::string> symbols, Instant now) = 0;
    // The answer, once; none while it is under way. After one with `more` the next is taken with
    // the same ticket.
    virtual std::optional<ShareAnswer> take(Ticket ticket) = 0;
};

struct ShareOrderTerms {
    model::ClientOrderId client;
    std::string symbol;
    std::int64_t quantity = 0;
    model::Price limit;  // none (0): at the market, protected
    int protection_percent = 0;
};

// Opens for delivery, and gives up what has not filled.
class ShareBuyer {
  public:
    ShareBuyer() = default;
    ShareBuyer(const ShareBuyer&) = delete;
    ShareBuyer& operator=(const ShareBuyer&) = delete;
    virtual ~ShareBuyer() = default;

    virtual Ticket buy(const ShareOrderTerms& terms, Instant now) = 0;
    virtual Ticket cancel(std::uint64_t order, Instant now) = 0;
};

// Places and takes stops, and closes; it cannot open.
class ShareProtector {
  public:
    ShareProtector() = default;
    ShareProtector(const ShareProtector&) = delete;
    ShareProtector& operator=(const ShareProtector&) = delete;
    virtual ~ShareProtector() = default;

    // `last_price`: of the share, as the broker is told it; it tells it again with the trigger.
    virtual Ticket place_stop(const std::string& symbol, const matching::TriggerLeg& leg,
                              model::Price last_price, Instant now) = 0;
    virtual Ticket delete_stop(std::uint64_t trigger, Instant now) = 0;
    // Gives up a sale that does not fill, so that the shares can be sold lower.
    virtual Ticket cancel(std::uint64_t order, Instant now) = 0;
    // What does not fill at once is cancelled.
    virtual Ticket close(const ShareOrderTerms& terms, Instant now) = 0;
};

}  // namespace bullpen::broker
