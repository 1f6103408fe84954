// Gates: every condition that an entry must pass, in the order in which they are asked. The first
// that says no is counted, so that "why is it not trading?" has an answer in numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/model/order.hpp"
#include "worker/strategy/saving.hpp"

namespace bullpen::strategy {

// Codes are stable: they are in the journal and in saved counters. A new one goes to the end of its
// group only together with a new k_saved_version of whatever stores them.
enum class Gate : std::uint8_t {
    // Whether an entry may be looked for at all.
    entries_not_allowed,
    session_closed,
    blackout,
    flatten_time,
    friday_cutoff,
    position_open,
    entry_working,
    first_bar,
    not_warm,
    bands_not_ready,
    market_stressed,
    spread_abnormal,
    // The pattern. Without one there is nothing to refuse.
    no_touch,
    no_bounce,
    // What a pattern must pass to be a signal.
    side_off,
    wrong_side_of_vwap,
    rsi,
    trend,
    volume,
    macd,
    both_sides,
    stop_side,
    target_side,
};
inline constexpr std::size_t k_gates = 23;

// The stable word of a gate: "not_warm".
std::string_view code(Gate gate);
std::optional<Gate> gate_from(std::string_view code);
// What it says no to, as a sentence.
std::string_view sentence(Gate gate);
// Both, and when it may change: "session_closed: the market is shut; it may change when ...".
std::string text_of(Gate gate);
// No signal was there to refuse: the usual state of a market, and no reason to be told.
constexpr bool is_no_pattern(Gate gate) {
    return gate == Gate::no_touch || gate == Gate::no_bounce;
}

struct Refusal {
    Gate gate{};
    std::optional<model::Side> side;  // of the signal, where there was one
    UtcTime at{};
    UtcTime may_change{};  // the epoch when it cannot be told as a time
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Refusals by gate since the account first could have entered, and the last one: the bars of its
// warm-up, on which nothing was to be traded, are no part of why it does not trade.
class GateCounters {
  public:
    // An entry is allowed: refusals count from now on.
    void begin() { begun_ = true; }
    // Another market begins, with a warm-up of its own.
    void begin_anew() { begun_ = false; }
    [[nodiscard]] bool begun() const { return begun_; }
    void count(const Refusal& refusal) {
        counts_[static_cast<std::size_t>(refusal.gate)] += begun_ ? 1 : 0;
        if (!current_ || current_->gate != refusal.gate)
            since_ = refusal.at;
        put(refusal, &current_);
        if (!is_no_pattern(refusal.gate))
            put(refusal, &last_);
    }
    [[nodiscard]] std::uint64_t count(Gate gate) const {
        return counts_[static_cast<std::size_t>(gate)];
    }
    // The last one that was more than the lack of a pattern.
    [[nodiscard]] const std::optional<Refusal>& last() const { return last_; }
    // The last one of all, and since when it has been that gate without a break.
    [[nodiscard]] const std::optional<Refusal>& current() const { return current_; }
    [[nodiscard]] UtcTime since() const { return since_; }
    // Leaves out what had been counted by then.
    void subtract(const GateCounters& before) {
        for (std::size_t i = 0; i < counts_.size(); ++i)
            counts_[i] -= before.counts_[i];
    }
    // Nothing stands in the way at the moment.
    void passed() { current_.reset(); }

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        for (auto& count : self.counts_)
            visitor(count);
        visit_refusal(self.last_, visitor);
        visit_refusal(self.current_, visitor);
        visit_word(self.since_, visitor);
    }
    // Whether what was restored can be.
    [[nodiscard]] bool valid() const;
    friend bool operator==(const GateCounters&, const GateCounters&) = default;

  private:
    // Part by part: what was just put together part by part can be copied whole only after a wait,
    // and this is done with every bar.
    static void put(const Refusal& refusal, std::optional<Refusal>* to) {
        if (!*to)
            to->emplace();
        (*to)->gate = refusal.gate;
        (*to)->side = refusal.side;
        (*to)->at = refusal.at;
        (*to)->may_change = refusal.may_change;
    }
    template <class Optional, class Visitor>
    static void visit_refusal(Optional& refusal, Visitor& visitor) {
        visit_optional(refusal, visitor, [&visitor](auto& value) {
            visit_word(value.gate, visitor);
            visit_optional(value.side, visitor, [&visitor](auto& s) { visit_word(s, visitor); });
            visit_word(value.at, visitor);
            visit_word(value.may_change, visitor);
        });
    }

    std::array<std::uint64_t, k_gates> counts_{};
    bool begun_ = false;
    std::optional<Refusal> last_;
    std::optional<Refusal> current_;
    UtcTime since_{};
};

}  // namespace bullpen::strategy
