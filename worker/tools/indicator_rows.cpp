#include "worker/tools/indicator_rows.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace bullpen::tools {

namespace {

constexpr int k_digits = 10;
// Whose factor stands in each pair of columns, upper before lower.
constexpr std::array k_bands = {1.0, 2.0, 3.0, 2.1, 2.5, 3.7};

std::string_view ended(std::string& row) {
    row.back() = '\n';
    return row;
}

}  // namespace

void IndicatorRows::add(std::string_view text) {
    row_ += text;
    row_ += ',';
}

void IndicatorRows::add(model::Price price) {
    add(model::text(price, instrument_->tick));
}

void IndicatorRows::add(std::int64_t number) {
    std::array<char, 24> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    add(std::string_view(text.data(), end));
}

void IndicatorRows::add(std::optional<double> number) {
    std::array<char, 400> text;  // the greatest double has 309 digits
    if (!number)
        return add(std::string_view());
    const auto end = std::to_chars(text.data(), text.data() + text.size(), *number,
                                   std::chars_format::fixed, k_digits)
                         .ptr;
    add(std::string_view(text.data(), end));
}

void IndicatorRows::add_time(UtcTime time) {
    constexpr std::size_t k_seconds = 19;
    row_.append(format_utc(time), 0, k_seconds);
    row_ += "Z,";
}

void IndicatorRows::add_date(time::TradingDay day) {
    row_.append(format_utc(UtcTime(day)), 0, 10);
    row_ += ',';
}

void IndicatorRows::begin(const model::Bar& bar) {
    row_.clear();
    add(unix_nanos(bar.start) / 1'000'000'000);
    add_time(bar.start);
}

void IndicatorRows::add_values(const indicators::IndicatorValues& values) {
    add(values.rsi_1m);
    add(values.atr_1m);
    add(values.rsi_15m);
    add(values.atr_15m);
    add(values.atr_sma_15m);
    add(values.ema_slow_15m);
    add(values.ema_fast_15m);
}

std::string_view IndicatorRows::minute(const model::Bar& bar, std::string_view contract,
                                       const indicators::IndicatorValues& values) {
    if (!offset_.holds(bar.start))
        offset_ = session_->zone().span(bar.start);
    const auto wall = offset_.local(bar.start);
    begin(bar);
    // The wall clock as if it were UTC: "2024-11-03 18:00:00", then its distance from UTC.
    std::string local = format_utc(UtcTime(wall.time_since_epoch()));
    local[10] = ' ';
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset_.offset).count();
    const auto distance = minutes < 0 ? -minutes : minutes;
    std::array<char, 16> zone;
    std::snprintf(zone.data(), zone.size(), "%c%02d%02d", minutes < 0 ? '-' : '+',
                  static_cast<int>(distance / 60), static_cast<int>(distance % 60));
    add(local.substr(0, 19) + zone.data());
    add_date(session_->trading_day(bar.start));
    add(contract);
    for (const auto price : {bar.open, bar.high, bar.low, bar.close})
        add(price);
    add(bar.volume);
    const auto& vwap = values.vwap;
    if (vwap)
        add(vwap->volume);
    else
        add(std::string_view());
    add(vwap ? std::optional(vwap->vwap) : std::nullopt);
    add(vwap ? std::optional(vwap->deviation) : std::nullopt);
    for (const double factor : k_bands) {
        add(vwap ? std::optional(vwap->band(factor)) : std::nullopt);
        add(vwap ? std::optional(vwap->band(-factor)) : std::nullopt);
    }
    add_values(values);
    return ended(row_);
}

std::string_view IndicatorRows::quarter(const model::Bar& quarter) {
    const auto in_price = [&](std::optional<double> ticks) {
        if (ticks)
            *ticks *= static_cast<double>(instrument_->tick.billionths) / 1e9;
        return ticks;
    };
    rsi_.add(quarter.close);
    range_.add(quarter);
    slow_.add(static_cast<double>(quarter.close.ticks));
    fast_.add(static_cast<double>(quarter.close.ticks));
    begin(quarter);
    add_date(session_->trading_day(quarter.start));
    for (const auto price : {quarter.open, quarter.high, quarter.low, quarter.close})
        add(price);
    add(quarter.volume);
    add(static_cast<std::int64_t>(quarter.minutes));
    add(rsi_.value());
    add(in_price(range_.wilder()));
    add(in_price(range_.plain()));
    add(in_price(slow_.value()));
    add(in_price(fast_.value()));
    return ended(row_);
}

std::optional<std::string> IndicatorRows::day(const model::Bar& bar, std::string_view contract,
                                              const indicators::IndicatorValues& values) {
    const auto day = session_->trading_day(bar.start);
    std::optional<std::string> finished;
    if (!day_ || day_->day != day) {
        finished = last_day();
        day_.emplace(Day{});
        day_->day = day;
        day_->first = bar.start;
    }
    ++day_->bars;
    day_->last = bar;
    day_->contract = contract;
    day_->values = values;
    return finished;
}

std::optional<std::string> IndicatorRows::last_day() {
    if (!day_)
        return std::nullopt;
    const auto& values = day_->values;
    row_.clear();
    add_date(day_->day);
    add(static_cast<std::int64_t>(day_->bars));
    add_time(day_->first);
    add_time(day_->last.start);
    add(day_->contract);
    add(values.vwap ? values.vwap->volume : 0);
    add(values.vwap ? std::optional(values.vwap->vwap) : std::nullopt);
    add(values.vwap ? std::optional(values.vwap->deviation) : std::nullopt);
    add(day_->last.close);
    add_values(values);
    add(static_cast<std::int64_t>(values.bars_15m));
    day_.reset();
    return std::string(ended(row_));
}

}  // namespace bullpen::tools
