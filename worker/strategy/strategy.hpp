// Strategy: bars, prices and facts in, decisions out. Pure: it reads no clock, opens nothing, and
// the same calls give the same decisions, live, on paper and in a backtest. Everything it remembers
// is in save(). Made once for an account and an instrument; one thread.
//
// A new strategy is one file with a class derived from this and one line in registry.cpp; see
// docs/strategy.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "worker/indicators/market_indicators.hpp"
#include "worker/indicators/saved.hpp"
#include "worker/strategy/decisions.hpp"
#include "worker/strategy/facts.hpp"

namespace bullpen::strategy {

// A fact about a strategy's state, for status and explanations: "regime", "normal_trending".
struct Detail {
    std::string_view name;
    std::string text;
};

class Strategy {
  public:
    Strategy() = default;
    Strategy(const Strategy&) = delete;
    Strategy& operator=(const Strategy&) = delete;
    virtual ~Strategy() = default;

    // What its indicators must be made with.
    [[nodiscard]] virtual indicators::IndicatorSettings indicator_settings() const = 0;

    // Takes the next bar, each once and in order. Allocates nothing. `decisions` has begun anew.
    virtual void on_bar(const BarView& view, const Facts& facts, Decisions& decisions) = 0;
    // A trade while a position is open, for exits that need not wait for the bar to close.
    virtual void on_price(const PriceView& view, const Facts& facts, Decisions& decisions) {
        (void)view;
        (void)facts;
        (void)decisions;
    }
    // A new best bid and ask, when the feed has them.
    virtual void on_quote(const Quote& quote, const Facts& facts) {
        (void)quote;
        (void)facts;
    }

    // All of its state in one string.
    [[nodiscard]] virtual std::string save() const = 0;
    // Errc::corrupt when it is not what save() writes, Errc::invalid when it was saved with other
    // settings. On an error nothing is changed.
    virtual Result<void> restore(std::string_view saved) = 0;
    // Adds every word of the state to the hash.
    virtual void add_to(indicators::RunHash* hash) const = 0;

    [[nodiscard]] virtual std::vector<Detail> describe() const = 0;
};

}  // namespace bullpen::strategy
