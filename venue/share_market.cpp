#include "venue/share_market.hpp"

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "common/events/market_days.hpp"
#include "common/storage/file_system.hpp"
#include "common/tables/holiday_file.hpp"
#include "ipc/share_message.hpp"

namespace bullpen::venue {

namespace {

constexpr std::int64_t k_whole = 10'000;  // hundredths of a percent
constexpr auto k_minute = std::chrono::minutes(1);
// A market that has not traded for so long has no day before.
constexpr int k_days_back_max = 60;

std::uint64_t mixed(std::uint64_t seed, std::string_view symbol, std::int64_t first,
                    std::int64_t second) {
    std::uint64_t value = seed;
    const auto mix = [&value](std::uint64_t word) {
        value = (value ^ word) * 0x9e3779b97f4a7c15U;
        value ^= value >> 29U;
    };
    for (const char c : symbol)
        mix(static_cast<unsigned char>(c));
    mix(static_cast<std::uint64_t>(first));
    mix(static_cast<std::uint64_t>(second));
    return value;
}

// A number of -size to size.
std::int64_t within(std::uint64_t chance, std::int64_t size) {
    return static_cast<std::int64_t>(chance % static_cast<std::uint64_t>(2 * size + 1)) - size;
}

// Up and down again in `period`, from -size to size.
std::int64_t wave(std::int64_t at, std::int64_t period, std::int64_t size) {
    const auto place = (at % period + period) % period;
    const auto half = period / 2;
    const auto rise = place < half ? place : period - place;
    return rise * 2 * size / half - size;
}

// How far a share is from its base, in hundredths of a percent.
std::int64_t distance(std::uint64_t seed, const std::string& symbol, std::int64_t day,
                      std::int64_t minute) {
    constexpr std::int64_t k_phases = 1'000'000;
    const auto phase = [&](std::int64_t which) {
        return static_cast<std::int64_t>(mixed(seed, symbol, -1, which) % k_phases);
    };
    return wave(day + phase(1), 96, 1500) + wave(day + phase(2), 22, 500) +
           within(mixed(seed, symbol, day, -2), 150) + wave(minute + phase(3), 120, 80) +
           within(mixed(seed, symbol, day, minute), 15);
}

}  // namespace

Result<ShareMarket> ShareMarket::open(const Home& home, const ShareMarketSettings& settings,
                                      UtcTime now) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(auto holidays, tables::load_holidays(home));
    events::complete(holidays, files, home.shared(), now);
    BULLPEN_TRY(auto calendar, time::MarketCalendar::load(time::Market::nse_cash, holidays));
    auto begins = now;
    if (settings.first_day) {
        // Midnight of that day in India; the night before it is over already.
        begins = UtcTime(*settings.first_day) - std::chrono::hours(5) - std::chrono::minutes(30);
    } else if (calendar.open(now)) {
        begins = calendar.hours(calendar.trading_day(now)).opens() - k_minute;
    }
    return ShareMarket(settings, std::move(calendar), begins);
}

ShareMarket::ShareMarket(const ShareMarketSettings& settings, time::MarketCalendar calendar,
                         UtcTime begins)
    : settings_(settings), calendar_(std::move(calendar)), at_(begins) {}

ShareStep ShareMarket::next() const {
    if (!open_)
        return {SharePhase::opens, calendar_.next_open(at_)};
    const auto minute = at_ + k_minute;
    if (minute >= closes_)
        return {SharePhase::closes, closes_};
    // Within the day a market may pause.
    return {SharePhase::minute, std::min(calendar_.next_open(minute), closes_)};
}

ShareStep ShareMarket::step() {
    const auto step = next();
    at_ = step.at;
    if (step.phase == SharePhase::closes) {
        open_ = false;
        return step;
    }
    if (step.phase == SharePhase::opens) {
        open_ = true;
        closes_ = calendar_.hours(day()).closes();
        for (auto& [symbol, facts] : shares_)
            begin_day(facts);
    }
    for (auto& [symbol, facts] : shares_)
        price(symbol, facts, at_);
    return step;
}

// Once for each day: a venue that died in the middle of this does it again.
void ShareMarket::begin_day(ShareFacts& facts) const {
    if (facts.day == day())
        return;
    facts.day = day();
    facts.close_before = facts.last;
    facts.low_before = facts.low;
    facts.low = {};
}

void ShareMarket::price(const std::string& symbol, ShareFacts& facts, UtcTime at) const {
    if (settings_.pace != SharePace::manual) {
        const auto bounds = day_of(facts);
        facts.last = std::clamp(synthetic(symbol, at), bounds.lower, bounds.upper);
    }
    facts.low = facts.low.ticks == 0 ? facts.last : std::min(facts.low, facts.last);
}

model::Price ShareMarket::synthetic(const std::string& symbol, UtcTime at) const {
    constexpr std::int64_t k_base_min = 5'000;
    constexpr std::int64_t k_base_range = 300'000;
    const auto day = calendar_.trading_day(at);
    const auto opens = calendar_.hours(day).opens();
    const auto minute = std::chrono::floor<std::chrono::minutes>(at - opens).count();
    const auto base =
        k_base_min + static_cast<std::int64_t>(mixed(settings_.seed, symbol, 0, 0) % k_base_range);
    const auto paise =
        base *
        (k_whole + distance(settings_.seed, symbol, day.time_since_epoch().count(), minute)) /
        k_whole;
    return {std::max(paise / k_tick.value * k_tick.value, k_tick.value)};
}

matching::ShareDay ShareMarket::day_of(const ShareFacts& facts) const {
    return matching::share_day(facts.close_before, settings_.circuit_percent, k_tick);
}

time::DayHours ShareMarket::traded_before(time::TradingDay day) const {
    time::DayHours hours;
    for (int back = 0; back < k_days_back_max && hours.count == 0; ++back) {
        day -= std::chrono::days(1);
        hours = calendar_.hours(day);
    }
    return hours;
}

// As a share stands when `day` is over, and `before` was the trading day before it.
ShareFacts ShareMarket::facts_before(const std::string& symbol, const time::DayHours& day,
                                     time::TradingDay before) const {
    ShareFacts facts;
    const auto earlier = calendar_.hours(before);
    if (earlier.count > 0) {
        facts.close_before = synthetic(symbol, earlier.closes() - k_minute);
        facts.low_before = facts.close_before;
    }
    facts.last = facts.close_before;
    if (day.count == 0)
        return facts;
    for (auto at = day.opens(); at < day.closes(); at += k_minute) {
        facts.last = synthetic(symbol, at);
        facts.low = facts.low.ticks == 0 ? facts.last : std::min(facts.low, facts.last);
    }
    return facts;
}

const ShareFacts* ShareMarket::find(const std::string& symbol) {
    if (const auto found = shares_.find(symbol); found != shares_.end())
        return &found->second;
    const auto& listed = settings_.symbols;
    if (!ipc::is_share_symbol(symbol) || shares_.size() >= k_shares_max ||
        (!listed.empty() && std::find(listed.begin(), listed.end(), symbol) == listed.end()))
        return nullptr;
    const auto current = open_ ? traded_before(day()) : calendar_.hours(day());
    const auto known = current.count > 0 ? current : traded_before(day());
    auto facts = facts_before(symbol, known, traded_before(known.day).day);
    facts.day = known.day;
    if (open_)
        begin_day(facts);
    const auto found = shares_.emplace(symbol, facts).first;
    if (open_ && settings_.pace != SharePace::manual) {
        for (auto at = calendar_.hours(day()).opens(); at <= at_; at += k_minute)
            price(symbol, found->second, at);
    } else if (open_) {
        price(symbol, found->second, at_);
    }
    return &found->second;
}

void ShareMarket::set_price(const std::string& symbol, model::Price price) {
    auto& facts =
        shares_.try_emplace(symbol, ShareFacts{day(), price, {}, price, price}).first->second;
    facts.last = price;
    if (open_)
        facts.low = facts.low.ticks == 0 ? price : std::min(facts.low, price);
}

void ShareMarket::resume(UtcTime at, bool open) {
    at_ = at;
    open_ = open;
    if (open)
        closes_ = calendar_.hours(day()).closes();
}

void ShareMarket::resume(const std::string& symbol, const ShareFacts& facts) {
    shares_[symbol] = facts;
}

void ShareMarket::catch_up() {
    if (!open_ || settings_.pace == SharePace::manual)
        return;
    for (auto& [symbol, facts] : shares_) {
        facts.low = {};
        for (auto at = calendar_.hours(day()).opens(); at <= at_; at += k_minute)
            price(symbol, facts, at);
    }
}

}  // namespace bullpen::venue
