// Ledger: what the account holds, what it won and what that cost, from executions alone. Each
// execution counts once however often it is told, and sums do not depend on the order in which
// executions are told.
//
// Memory is bounded: the last k_executions_kept execution ids are remembered, and an execution
// older than the oldest forgotten one is refused as too old, since nobody could say whether it had
// counted. Queries need not reach back further than horizon().
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/model/instrument.hpp"
#include "common/model/position.hpp"
#include "worker/execution/record.hpp"

namespace bullpen::execution {

inline constexpr std::size_t k_executions_kept = 1024;

// A round trip that has not ended: what went in and what came out, by the side of each execution,
// so that an exit that is told before its entry changes nothing.
struct OpenTrade {
    bool open = false;
    model::Side side{};  // of the entry
    model::IntentKey entry;
    UtcTime opened{};  // of the first execution, by the broker
    UtcTime latest{};
    std::int64_t in_quantity = 0;
    std::int64_t in_ticks = 0;
    std::int64_t out_quantity = 0;
    std::int64_t out_ticks = 0;
    std::int64_t slippage_ticks = 0;
    model::Money fees;
    model::Price initial_stop;
    bool protected_ = false;
    bool adopted = false;
    model::Purpose closed_by{};
    Label why;
    [[nodiscard]] bool unpriced() const { return open && adopted && in_ticks == 0; }
    [[nodiscard]] bool undated() const { return open && opened == UtcTime{}; }
    friend bool operator==(const OpenTrade&, const OpenTrade&) = default;
};

// One instrument in the ledger.
struct Line {
    model::Symbol symbol;
    const model::Instrument* instrument = nullptr;  // none for one that is not configured
    model::Position position;
    OpenTrade trade;
    // Taken over at no price, since nobody knew one: neither what it won nor where its stop belongs
    // can be told yet.
    [[nodiscard]] bool unpriced() const { return trade.unpriced(); }
    // Taken over before the market had said what time it has: nobody can tell how long it is held.
    [[nodiscard]] bool undated() const { return trade.undated(); }
    friend bool operator==(const Line&, const Line&) = default;
};

// What an execution was for, as far as its order tells.
struct FillContext {
    bool known = false;  // the order is one of ours
    model::Purpose purpose{};
    model::IntentKey key;
    std::optional<model::Price> expected;
    bool protect = false;
    model::Price stop;
    Label why;
};

enum class Taking : std::uint8_t {
    applied,
    duplicate,  // counted before
    too_old,    // older than what is remembered: nobody can say
};

struct Posting {
    Taking taking = Taking::applied;
    model::Position before;
    model::Position after;
    std::int64_t realised_ticks = 0;
    std::int64_t slippage_ticks = 0;  // lost, against the price expected
    std::optional<Trade> closed;
};

struct LedgerTotals {
    model::Money gross;  // realised, before fees
    model::Money fees;
    std::int64_t slippage_ticks = 0;
    std::uint64_t executions = 0;
    std::uint64_t trades = 0;
    [[nodiscard]] model::Money net() const { return gross - fees; }
    friend bool operator==(const LedgerTotals&, const LedgerTotals&) = default;
};

// How many of the remembered ids have a hash that ends alike: what nobody has is surely new, and
// that is most of what is told. Goes with the ids, and is no state of its own.
class HashCounts {
  public:
    void add(std::uint64_t hash) { ++counts_[place(hash)]; }
    void remove(std::uint64_t hash) { --counts_[place(hash)]; }
    [[nodiscard]] bool has(std::uint64_t hash) const { return counts_[place(hash)] != 0; }
    friend bool operator==(const HashCounts&, const HashCounts&) { return true; }

  private:
    static constexpr std::size_t k_places = 8 * k_executions_kept;
    static std::size_t place(std::uint64_t hash) { return hash % k_places; }
    std::array<std::uint16_t, k_places> counts_{};
};

class Ledger {
  public:
    explicit Ledger(std::span<const model::Instrument* const> instruments);

    // Whether apply() would count it.
    [[nodiscard]] Taking taking(const model::Fill& fill) const;
    Posting apply(const model::Fill& fill, const FillContext& context);
    // Sets the position to the broker's number as if `price` had been traded, without an execution.
    // Of what was taken over at no price, or at no time, the same number with one gives it that.
    Posting adopt(const Adopted& adopted);

    [[nodiscard]] const Line* find(const model::Symbol& symbol) const;
    [[nodiscard]] std::span<const Line> lines() const { return lines_; }
    [[nodiscard]] const LedgerTotals& totals() const { return totals_; }
    // Executions at or before this time may be forgotten; none is yet when it is the epoch.
    [[nodiscard]] UtcTime horizon() const { return horizon_; }
    // The line of a symbol, made when it is new.
    Line& line(const model::Symbol& symbol);
    // Of a ledger that was read: the instruments of `configured`, which has nothing else yet.
    void take_instruments(const Ledger& configured);
    // Of a ledger that was read: within its bounds.
    [[nodiscard]] bool sound() const;
    // Of a ledger that was read.
    void count_hashes();

    template <class A>
    friend void fields(A& archive, Ledger& ledger);
    friend bool operator==(const Ledger&, const Ledger&) = default;

  private:
    struct Execution {
        model::ExecutionId id;
        UtcTime time{};
        friend bool operator==(const Execution&, const Execution&) = default;
    };
    struct Movement;

    [[nodiscard]] bool remembers(const model::ExecutionId& id) const;
    void remember(const model::ExecutionId& id, UtcTime time);
    static void post_to_trade(Line& line, const Movement& movement);
    std::optional<Trade> close(Line& line);

    std::vector<Line> lines_;
    LedgerTotals totals_;
    std::vector<Execution> executions_;  // a ring once it is full
    std::vector<std::uint64_t> hashes_;  // of their ids, beside them: an id is looked for by these
    HashCounts hash_counts_;
    std::size_t oldest_ = 0;
    UtcTime horizon_{};
};

}  // namespace bullpen::execution
