#include "worker/equity/trailing_stop.hpp"

#include "worker/indicators/moving.hpp"

namespace bullpen::equity {

namespace {

constexpr int k_ranges = 20;
constexpr std::chrono::days k_looked_back{45};
constexpr double k_low_below = 2;
constexpr double k_medium_to = 4;
constexpr double k_hundred = 100;
// Of the rest's stop: how far it is below the highest price, of the first one's distance.
constexpr double k_rest_times = 1.5;

constexpr std::array<Tranches, 3> k_tranches = {{
    {1.0, {50, 30, 20}, {2, 3}},
    {1.5, {40, 30, 30}, {2.5, 4}},
    {2.0, {30, 30, 40}, {3, 5}},
}};

// A price in paise, on the day's grid of ticks.
std::optional<model::Price> on_tick(double paise, model::Ticks tick, model::Rounding rounding) {
    const auto steps = model::price_from_double(paise / static_cast<double>(tick.value),
                                                {model::k_billion}, rounding);
    if (!steps || steps->ticks <= 0)
        return std::nullopt;
    return model::Price{steps->ticks * tick.value};
}

bool rise(std::optional<model::Price>& stop, const std::optional<model::Price>& to) {
    if (!to || (stop && *to <= *stop))
        return false;
    stop = to;
    return true;
}

}  // namespace

std::string_view code(Volatility volatility) {
    constexpr std::array<std::string_view, 3> k_codes = {"low", "medium", "high"};
    return k_codes.at(static_cast<std::size_t>(volatility));
}

Volatility volatility_of(double percent) {
    if (percent < k_low_below)
        return Volatility::low;
    return percent <= k_medium_to ? Volatility::medium : Volatility::high;
}

std::optional<DailyRange> daily_range(std::span<const model::Bar> candles,
                                      std::chrono::sys_days day) {
    indicators::AverageTrueRange ranges(k_ranges);
    double close = 0;
    for (const auto& candle : candles) {
        if (candle.start < UtcTime(day - k_looked_back) || candle.start >= UtcTime(day))
            continue;
        ranges.add(candle);
        close = static_cast<double>(candle.close.ticks);
    }
    const auto atr = ranges.plain();
    if (!atr || !(*atr > 0))
        return std::nullopt;
    const auto percent = *atr / close * k_hundred;
    return DailyRange{*atr, percent, volatility_of(percent)};
}

const Tranches& tranches_of(Volatility volatility) {
    return k_tranches.at(static_cast<std::size_t>(volatility));
}

bool TrailingStop::raise(model::Price last, const std::optional<DailyRange>& range,
                         model::Ticks tick) {
    bool rose = last > high;
    if (rose)
        high = last;
    if (!range)
        return rose;
    const auto distance = range->atr * tranches_of(range->volatility).multiplier;
    const auto top = static_cast<double>(high.ticks);
    rose = rise(stop, on_tick(top - distance, tick, model::Rounding::down)) || rose;
    rose = rise(rest, on_tick(top - distance * k_rest_times, tick, model::Rounding::down)) || rose;
    return rose;
}

std::optional<model::Price> target_of(model::Price entry, const DailyRange& range, double times,
                                      model::Ticks tick) {
    return on_tick(static_cast<double>(entry.ticks) + range.atr * times, tick, model::Rounding::up);
}

}  // namespace bullpen::equity
