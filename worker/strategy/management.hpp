// Management: everything that is remembered of a planned or open position, so that a restart
// forgets nothing: whether break-even was applied, where the stop belongs, which parts are closed.
// A plain struct of a strategy's state.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/clock.hpp"
#include "common/model/order.hpp"
#include "common/model/price.hpp"
#include "worker/strategy/decisions.hpp"
#include "worker/strategy/recent_market.hpp"
#include "worker/strategy/saving.hpp"

namespace bullpen::strategy {

enum class Stage : std::uint8_t {
    none,
    planned,  // an entry was decided; no position was seen yet
    open,
};

struct Management {
    Stage stage = Stage::none;
    model::Side side{};
    Regime regime{};  // when the entry was decided
    UtcTime decided{};

    // Of the position as it was first seen, or last grew.
    std::int64_t quantity = 0;  // contracts of the entry, above zero
    model::Price entry;
    UtcTime entered{};
    model::Price initial_stop;
    std::int64_t initial_risk = 0;  // ticks, above zero; R

    std::optional<model::Price> target;  // none for a position that was not planned here
    model::Price stop;                   // where it belongs; only ever moves towards the market
    MoveReason stop_reason{};
    model::Price best;                  // the best price seen since the entry
    std::int64_t break_even_ticks = 0;  // the profit that break-even needed, or needs
    bool break_even_done = false;
    bool trailing = false;
    int partial_stage = 0;            // partial exits decided, 0 to 2
    std::int64_t partial_minute = 0;  // the minute of the last one, since 1970
    int decay_stage = 0;              // 0 to 3
    bool held_alerted = false;

    // Ticks of profit at a price.
    [[nodiscard]] std::int64_t profit(model::Price at) const {
        return model::sign(side) * (at - entry).value;
    }
    // Whether a stop at `a` is nearer to the market than one at `b`.
    [[nodiscard]] bool nearer(model::Price a, model::Price b) const {
        return model::sign(side) * (a - b).value > 0;
    }
    // The price so many ticks of profit away from the entry.
    [[nodiscard]] model::Price at_profit(std::int64_t ticks) const {
        return entry + model::Ticks{model::sign(side) * ticks};
    }
    friend bool operator==(const Management&, const Management&) = default;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        visit_word(self.stage, visitor);
        visit_word(self.side, visitor);
        visit_word(self.regime, visitor);
        visit_word(self.decided, visitor);
        visit_word(self.quantity, visitor);
        visit_word(self.entry, visitor);
        visit_word(self.entered, visitor);
        visit_word(self.initial_stop, visitor);
        visit_word(self.initial_risk, visitor);
        visit_optional(self.target, visitor);
        visit_word(self.stop, visitor);
        visit_word(self.stop_reason, visitor);
        visit_word(self.best, visitor);
        visit_word(self.break_even_ticks, visitor);
        visit_word(self.break_even_done, visitor);
        visit_word(self.trailing, visitor);
        visit_word(self.partial_stage, visitor);
        visit_word(self.partial_minute, visitor);
        visit_word(self.decay_stage, visitor);
        visit_word(self.held_alerted, visitor);
    }
    // Whether what was restored can be.
    [[nodiscard]] bool valid() const {
        return stage <= Stage::open && side <= model::Side::sell &&
               static_cast<std::size_t>(regime) < k_regimes && quantity >= 0 &&
               (stage != Stage::open || (quantity > 0 && initial_risk > 0)) &&
               static_cast<std::size_t>(stop_reason) < k_move_reasons && partial_stage >= 0 &&
               partial_stage <= 2 && decay_stage >= 0 && decay_stage <= 3;
    }
};

// How many contracts the first `stage` partial exits leave of `quantity`: at least one contract is
// closed by each as long as one is left over for the last.
std::int64_t left_after(int stage, std::int64_t quantity, int percent_1, int percent_2);

}  // namespace bullpen::strategy
