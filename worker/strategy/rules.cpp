#include "worker/strategy/rules.hpp"

#include <array>
#include <charconv>
#include <string>

#include "common/base/errc.hpp"
#include "worker/indicators/saved.hpp"

namespace bullpen::strategy {

namespace {

// "15:00"; settings are validated when they are read, so anything else is no time at all.
int minutes_from(std::string_view time_of_day) {
    if (time_of_day.size() != 5)
        return Rules::k_never;
    const auto digit = [&](std::size_t i) { return time_of_day[i] - '0'; };
    return into_trading_day((digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4));
}

Result<indicators::VwapWindow> window_from(std::string_view text) {
    indicators::VwapWindow window;
    if (text == "session")
        return window;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), window.bars);
    if (code != std::errc() || std::string_view(end, text.data() + text.size()) != " bars" ||
        window.bars < 1 || window.bars > indicators::VwapWindow::k_bars_max)
        return fail(Errc::invalid,
                    "strategy.vwap_window must be \"session\" or \"N bars\", not \"" +
                        std::string(text) + "\"");
    return window;
}

}  // namespace

Result<Rules> Rules::make(const config::StrategySettings& settings,
                          const model::Instrument& instrument) {
    Rules rules;
    rules.settings = settings;
    rules.tick_size = instrument.tick;
    rules.tick = static_cast<double>(instrument.tick.billionths) / 1e9;
    BULLPEN_TRY(rules.window, window_from(settings.vwap_window));
    rules.needs_more_than_rsi = settings.trend_filter || settings.volume_filter ||
                                settings.macd_filter || settings.stop_kind == config::StopKind::atr;
    rules.tightened_from = minutes_from(settings.tightened_from);
    rules.early_loss_from = minutes_from(settings.early_loss_from);
    rules.friday_profit_from = minutes_from(settings.friday_profit_from);
    return rules;
}

std::uint64_t Rules::word() const {
    indicators::RunHash hash;
    for (const int length :
         {settings.volume_length, settings.volatility_length, settings.volatility_baseline,
          settings.regime_length, settings.momentum_closes, settings.spread_by_hour ? 1 : 0})
        hash.add(std::int64_t{length});
    hash.add(tick_size.billionths);
    return hash.value();
}

}  // namespace bullpen::strategy
