// StrategyRunner: what an engine needs around a strategy: the bar before, the decisions, the gate
// counters, and all of it in one saved string. Owned by the engine, driven by its thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/config/settings.hpp"
#include "common/model/bar.hpp"
#include "common/model/instrument.hpp"
#include "worker/strategy/strategy.hpp"

namespace bullpen::strategy {

// The bar of the call before.
struct BarBefore {
    model::Bar bar;
    std::chrono::sys_days trading_day{};
};

class StrategyRunner {
  public:
    // Errors as of make_strategy(). `instrument` outlives it.
    static Result<StrategyRunner> create(const config::StrategySettings& settings,
                                         const model::Instrument& instrument);
    // Around an AbsentStrategy.
    static StrategyRunner absent();
    explicit StrategyRunner(std::unique_ptr<Strategy> strategy);

    [[nodiscard]] indicators::IndicatorSettings indicator_settings() const {
        return strategy_->indicator_settings();
    }
    // One call for each bar, after the indicators took it. Valid until the next call.
    const Decisions& on_bar(const model::Bar& bar, const indicators::IndicatorValues& values,
                            std::span<const model::Bar> closed_quarters, const Facts& facts);
    const Decisions& on_price(model::Price price, const Facts& facts);
    // Another market follows; its first bars are a warm-up again.
    void begin_market();
    void on_quote(const Quote& quote, const Facts& facts) { strategy_->on_quote(quote, facts); }

    // Of the last call.
    [[nodiscard]] const Decisions& last() const { return decisions_; }
    [[nodiscard]] const GateCounters& gates() const { return decisions_.gates(); }
    [[nodiscard]] const Strategy& strategy() const { return *strategy_; }

    [[nodiscard]] std::string save() const;
    // As Strategy::restore(). What was saved with other settings leaves the runner as it was made.
    Result<void> restore(std::string_view saved);
    void add_to(indicators::RunHash* hash) const;

  private:
    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor);

    std::unique_ptr<Strategy> strategy_;
    std::optional<BarBefore> before_;
    Decisions decisions_;
};

}  // namespace bullpen::strategy
