// The adaptive layer: by how much the regime, the hour and the outcomes of earlier exits move the
// distances of break-even and trailing. Pure tables and counters.
#pragma once

#include <array>
#include <cstdint>

#include "common/base/clock.hpp"
#include "worker/strategy/recent_market.hpp"
#include "worker/strategy/rules.hpp"
#include "worker/strategy/saving.hpp"

namespace bullpen::strategy {

// Factors of one situation.
struct Factors {
    double break_even = 1;   // of the profit that break-even needs
    double trail = 1;        // of the distance behind the best price
    double trail_start = 1;  // of the profit that trailing needs
    friend bool operator==(const Factors&, const Factors&) = default;
};

// Of the regime alone.
Factors regime_factors(Regime regime);

// What exits taught, by regime: factors for break-even and trailing, multiplied on top of the
// regime's. They begin as they are known to be usable, and only break-even's are moved.
class ExitLearning {
  public:
    static constexpr int k_every = 3;             // exits between two looks
    static constexpr int k_exits_min = 10;        // in all
    static constexpr int k_regime_exits_min = 5;  // in the regime
    static constexpr double k_tighter = 0.95;
    static constexpr double k_wider = 1.05;
    static constexpr double k_factor_min = 0.6;
    static constexpr double k_factor_max = 1.3;
    // Break-even at up to 6 ticks, up to 8, beyond.
    static constexpr std::array<std::int64_t, 2> k_groups_up_to = {6, 8};

    ExitLearning();

    // One position: the regime it was opened in, the profit its break-even needed, and what it won
    // in ticks times contracts.
    void add(Regime regime, std::int64_t break_even_ticks, std::int64_t won);

    [[nodiscard]] double break_even(Regime regime) const {
        return break_even_[static_cast<std::size_t>(regime)];
    }
    [[nodiscard]] double trail(Regime regime) const;
    [[nodiscard]] std::int64_t exits() const { return exits_; }

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        visitor(self.exits_);
        for (auto& regime : self.outcomes_) {
            for (auto& group : regime) {
                visitor(group.exits);
                visitor(group.won);
            }
        }
        for (auto& factor : self.break_even_)
            visitor(factor);
    }
    [[nodiscard]] bool valid() const;

  private:
    struct Outcome {
        std::int64_t exits = 0;
        std::int64_t won = 0;  // ticks times contracts
    };
    void look();

    std::int64_t exits_ = 0;
    std::array<std::array<Outcome, 3>, k_regimes> outcomes_{};  // by group of break-even
    std::array<double, k_regimes> break_even_{};
};

struct Distances {
    std::int64_t break_even = 0;   // ticks of profit
    std::int64_t trail = 0;        // ticks behind the best price
    std::int64_t trail_start = 0;  // ticks of profit
    friend bool operator==(const Distances&, const Distances&) = default;
};

// What holds for an open position. `late` is from 15:00 to the end of the trading day. Rounded to
// the nearest tick and never below 4, 4 and 6; without the adaptive layer the settings as they are.
Distances distances(const Rules& rules, const ExitLearning& learning, Regime regime, bool late,
                    Nanos held);

}  // namespace bullpen::strategy
