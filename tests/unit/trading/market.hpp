// The usual synthetic market on an exchange in this process, and the settings of an account there.
#pragma once

#include <vector>

#include "common/feed/feed.hpp"
#include "worker/broker/exchange_port.hpp"
#include "worker/trading/trader.hpp"

namespace bullpen::test {

inline Instant at(UtcTime utc) {
    return {utc, MonoTime(utc.time_since_epoch())};
}

struct Market {
    static constexpr std::size_t k_bars = 9000;

    static constexpr std::chrono::year_month_day k_first{
        std::chrono::year(2025), std::chrono::month(1), std::chrono::day(6)};

    // `told`: how the exchange describes the instrument.
    explicit Market(const model::Instrument& told = **model::find_instrument("MES"),
                    const matching::Costs& costs = {},
                    std::chrono::year_month_day first = k_first) {
        feed::SyntheticOptions options;
        options.seed = 11;
        options.first_day = first;
        auto feed = std::move(*feed::open_synthetic(options));
        for (std::size_t i = 0; i < k_bars; ++i)
            bars.push_back(std::get<model::Bar>(feed->next({})));
        settings.instrument = *model::find_instrument("MES");
        settings.risk.daily_loss_max = 100'000;
        settings.risk.approach = config::ApproachMode::off;
        settings.orders.tag = "TEST";
        settings.orders.account = execution::BrokerAccount::cut("ACC1");
        market = port.add_market(told, costs);
    }

    std::vector<model::Bar> bars;
    trading::TraderSettings settings;
    broker::ExchangePort port{{.account = "ACC1", .cash = {50'000'000'000}, .text = {}}};
    matching::MarketRef market;
};

}  // namespace bullpen::test
