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

Unexpected contradiction(std::string_view greater, std::string_view smaller) {
    return fail(Errc::invalid, std::string(greater) + " must be more than " + std::string(smaller));
}

Result<void> check(const config::StrategySettings& s) {
    if (!(s.band_exit > s.band_entry))
        return contradiction("strategy.band_exit", "strategy.band_entry");
    if (!(s.rsi_high > s.rsi_low))
        return contradiction("strategy.rsi_high", "strategy.rsi_low");
    if (s.break_even_ticks <= s.break_even_offset)
        return contradiction("strategy.break_even_ticks", "strategy.break_even_offset");
    if (!(s.partial_2_r > s.partial_1_r))
        return contradiction("strategy.partial_2_r", "strategy.partial_1_r");
    if (!(s.partial_3_r > s.partial_2_r))
        return contradiction("strategy.partial_3_r", "strategy.partial_2_r");
    if (s.partial_1_percent + s.partial_2_percent > 100)
        return fail(Errc::invalid,
                    "strategy.partial_1 and strategy.partial_2 are more than the position");
    if (s.decay_2_after_percent <= s.decay_1_after_percent)
        return contradiction("strategy.decay_2_after", "strategy.decay_1_after");
    if (s.decay_3_after_percent <= s.decay_2_after_percent)
        return contradiction("strategy.decay_3_after", "strategy.decay_2_after");
    if (s.volatility_baseline <= s.volatility_length)
        return contradiction("strategy.volatility_baseline", "strategy.volatility_length");
    if (s.surge_samples > s.volume_length)
        return fail(Errc::invalid, "strategy.surge_samples must be at most strategy.volume_length");
    return {};
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
    BULLPEN_CHECK(check(settings));
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
