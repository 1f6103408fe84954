// Rules: the settings of the VWAP bounce, checked against each other and made ready for use on
// every bar: times of day as minutes, the window as a number.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.hpp"
#include "common/config/settings.hpp"
#include "common/model/instrument.hpp"
#include "worker/indicators/vwap.hpp"

namespace bullpen::strategy {

struct Rules {
    config::StrategySettings settings;
    model::TickSize tick_size;
    double tick = 0;  // in price units
    indicators::VwapWindow window;
    bool needs_more_than_rsi = false;  // to be warm
    // Minutes after the trading day began at 18:00, or k_never.
    int tightened_from = 0;
    int early_loss_from = 0;
    int friday_profit_from = 0;
    static constexpr int k_never = 24 * 60;

    // Errc::invalid, naming the keys that contradict each other.
    static Result<Rules> make(const config::StrategySettings& settings,
                              const model::Instrument& instrument);

    // Of the settings that a saved state depends on: what shapes it, and what it was learned with.
    [[nodiscard]] std::uint64_t word() const;
};

// Where a minute of the wall clock lies in the trading day, which begins at 18:00: so that "from
// 15:00" ends with the day and does not hold in the evening, which belongs to the next one.
constexpr int into_trading_day(int minute_of_day) {
    constexpr int k_day = 24 * 60;
    constexpr int k_opens = 18 * 60;
    return (minute_of_day + k_day - k_opens) % k_day;
}

}  // namespace bullpen::strategy
