// Approver: the way from the order manager through the risk gate. The worker's implementation adds
// what the gate wants to know besides (cash, mode, session) and asks RiskGate, which alone can make
// an Approved order.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "common/base/clock.hpp"
#include "common/model/order.hpp"
#include "worker/execution/record.hpp"
#include "worker/risk/approved.hpp"

namespace bullpen::execution {

// What the account's orders of one instrument may still become; contracts.
struct Exposure {
    std::int64_t held = 0;          // by executions told or reported; above zero long
    bool position_unknown = false;  // the broker may hold something else
    // What entries may still add: live, on their way, or of unknown outcome.
    std::int64_t entries_buy = 0;
    std::int64_t entries_sell = 0;
    // What may still be closed, or may have been, besides by the order asked for: exits on their
    // way, and closing orders of unknown outcome. Not stops that stand.
    std::int64_t exits = 0;
    friend bool operator==(const Exposure&, const Exposure&) = default;
};

// What an entry is planned with.
struct Plan {
    model::Price signal;  // the price that the decision was taken at
    std::optional<model::Price> stop;
};

struct GateDenial {
    std::uint16_t code = 0;  // the risk gate's
    Label text;
};

using Verdict = std::variant<risk::Approved<model::OrderTerms>, GateDenial>;

class Approver {
  public:
    Approver() = default;
    Approver(const Approver&) = delete;
    Approver& operator=(const Approver&) = delete;
    virtual ~Approver() = default;

    // An order that makes a position smaller is one too, and must not be kept from doing so by a
    // limit on entries.
    // `plan` comes with entries alone.
    virtual Verdict approve(const model::OrderTerms& terms, const Exposure& exposure,
                            const std::optional<Plan>& plan, Instant now) = 0;
    // Each record once, just before the book changes by it; in recovery too. Whether the journal
    // took it does not matter: it has happened.
    virtual void learn(const Record& /*record*/) {}
    // The time that the market has come to, as far as its bars and fills tell; the epoch before the
    // first of them.
    [[nodiscard]] virtual UtcTime market_time() const { return {}; }
};

}  // namespace bullpen::execution
