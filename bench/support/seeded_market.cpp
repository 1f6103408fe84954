#include "bench/support/seeded_market.hpp"

#include <variant>

#include "bench/support/command_line.hpp"
#include "common/feed/feed.hpp"

namespace bullpen::bench {

std::vector<model::Bar> seeded_market(std::size_t count) {
    feed::SyntheticOptions options;
    options.seed = 1;
    auto feed = feed::open_synthetic(options);
    require(feed.has_value(), "there is a market");
    (*feed)->start({});
    std::vector<model::Bar> bars;
    bars.reserve(count);
    while (bars.size() < count)
        bars.push_back(std::get<model::Bar>((*feed)->next({})));
    return bars;
}

backtest::BacktestSettings seeded_settings() {
    backtest::BacktestSettings made;
    const auto instrument = model::find_instrument("MES");
    require(instrument.has_value(), "the instrument is known");
    made.instrument = *instrument;
    made.pack = *model::RulePacks::built_in().find("plain").value();
    made.risk.daily_loss_max = 0;
    made.risk.daily_loss_percent = 0;
    made.costs = backtest::default_costs(*made.instrument);
    made.cash = {1'000'000'000'000, model::k_usd};
    return made;
}

}  // namespace bullpen::bench
