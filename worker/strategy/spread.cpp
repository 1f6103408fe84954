#include "worker/strategy/spread.hpp"

#include <algorithm>

namespace bullpen::strategy {

namespace {

constexpr std::array<std::string_view, 6> k_codes = {"unknown",  "normal",   "wide",
                                                     "unsteady", "illiquid", "stressed"};
constexpr std::int64_t k_widening_min = 3;
constexpr std::int64_t k_imbalance = 3;

}  // namespace

std::string_view code(MarketClass market) {
    return k_codes.at(static_cast<std::size_t>(market));
}

bool is_valid(const Quote& quote, bool admits_negative) {
    if (quote.bid > quote.ask)
        return false;
    if (!admits_negative && (quote.bid.ticks <= 0 || quote.ask.ticks <= 0))
        return false;
    return quote.bid_size.value_or(1) > 0 && quote.ask_size.value_or(1) > 0;
}

Imbalance imbalance(const Quote& quote) {
    if (!quote.bid_size || !quote.ask_size)
        return Imbalance::none;
    if (*quote.bid_size > k_imbalance * *quote.ask_size)
        return Imbalance::bid_heavy;
    return *quote.ask_size > k_imbalance * *quote.bid_size ? Imbalance::ask_heavy : Imbalance::none;
}

void SpreadSeries::add(std::int64_t spread) {
    const std::int64_t counted = std::min(spread, k_spread_max);
    auto& slot = ring_[static_cast<std::size_t>(next_)];
    sum_ += counted - slot;
    slot = static_cast<std::uint16_t>(counted);
    if (++next_ == k_length)
        next_ = 0;
    ++seen_;
}

double SpreadSeries::mean() const {
    const std::int64_t count = std::min(seen_, k_length);
    return count == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count);
}

std::int64_t SpreadSeries::at(std::int64_t back) const {
    const std::int64_t at = next_ - 1 - back;
    return ring_[static_cast<std::size_t>(at < 0 ? at + k_length : at)];
}

SpreadAnalyser::SpreadAnalyser(double abnormal, bool by_hour, bool admits_negative)
    : abnormal_(abnormal), admits_negative_(admits_negative), hours_(by_hour ? 24 : 0) {}

void SpreadAnalyser::add(const Quote& quote, int hour) {
    if (!is_valid(quote, admits_negative_))
        return;
    const std::int64_t spread = (quote.ask - quote.bid).value;
    quote_ = quote;
    hour_ = hour;
    all_.add(spread);
    if (!hours_.empty())
        hours_[static_cast<std::size_t>(hour)].add(spread);
}

std::optional<double> SpreadAnalyser::ratio() const {
    const SpreadSeries* series = &all_;
    if (!hours_.empty() && hours_[static_cast<std::size_t>(hour_)].ready())
        series = &hours_[static_cast<std::size_t>(hour_)];
    if (!series->ready())
        return std::nullopt;
    const double mean = series->mean();
    if (mean <= 0)
        return std::nullopt;
    return static_cast<double>(series->at(0)) / mean;
}

bool SpreadAnalyser::widening() const {
    if (all_.seen() < k_widening_min)
        return false;
    for (std::int64_t back = 0; back + 1 < k_widening_min; ++back) {
        if (all_.at(back) <= all_.at(back + 1))
            return false;
    }
    return true;
}

MarketClass SpreadAnalyser::market() const {
    const std::optional<double> now = ratio();
    if (!now)
        return MarketClass::unknown;
    if (*now >= k_stressed_from)
        return MarketClass::stressed;
    if (*now >= k_unsteady_from) {
        const bool thin = quote_->bid_size.value_or(k_thin_below) < k_thin_below ||
                          quote_->ask_size.value_or(k_thin_below) < k_thin_below;
        return thin ? MarketClass::illiquid : MarketClass::unsteady;
    }
    return *now <= k_normal_up_to ? MarketClass::normal : MarketClass::wide;
}

bool SpreadAnalyser::valid() const {
    return all_.valid() && hour_ >= 0 && hour_ < 24 && (quote_ || all_.seen() == 0) &&
           std::all_of(hours_.begin(), hours_.end(),
                       [](const SpreadSeries& series) { return series.valid(); });
}

}  // namespace bullpen::strategy
