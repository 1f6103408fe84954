#include "common/feed/tick_bars.hpp"

#include <algorithm>

#include "common/base/assert.hpp"

namespace bullpen::feed {

namespace {

UtcTime minute_of(UtcTime time) {
    return std::chrono::floor<std::chrono::minutes>(time);
}

}  // namespace

TickBars::TickBars(const TickBarsOptions& options) : options_(options) {
    BULLPEN_ASSERT(options.grace >= Nanos(0) && options.grace <= TickBarsOptions::k_grace_max,
                   "a minute waits at most another minute");
    BULLPEN_ASSERT(options.ahead_max >= Nanos(0), "a tick may be ahead, not behind");
}

void TickBars::advance(UtcTime now, std::vector<model::Bar>* finished) {
    const UtcTime until = minute_of(now - options_.grace);
    final_until_ = std::max(final_until_, until);
    std::size_t over = 0;
    while (over < open_.size() && open_[over].bar.end() <= final_until_)
        finished->push_back(open_[over++].bar);
    open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(over));
}

void TickBars::add(const model::Tick& tick, UtcTime now, std::vector<model::Bar>* finished) {
    if (tick.kind != model::TickKind::trade) {
        ++counters_.quotes;
        return;
    }
    if (tick.size <= 0 || tick.size > model::k_volume_max) {
        ++counters_.without_size;
        return;
    }
    if (tick.time > now + options_.ahead_max) {
        ++counters_.ahead;
        return;
    }
    // A tick of a later minute ends the ones before it even if no timer came; the exchange's time
    // may be ahead of ours.
    advance(std::max(now, tick.time), finished);
    if (tick.time < final_until_) {
        ++counters_.late;
        return;
    }
    const Stamp stamp{tick.time, tick.sequence};
    if (stamp < newest_)
        ++counters_.out_of_order;
    newest_ = std::max(newest_, stamp);
    ++counters_.trades;

    const UtcTime minute = minute_of(tick.time);
    const auto place =
        std::lower_bound(open_.begin(), open_.end(), minute,
                         [](const Open& open, UtcTime start) { return open.bar.start < start; });
    if (place == open_.end() || place->bar.start != minute) {
        model::Bar bar;
        bar.start = minute;
        bar.open = bar.high = bar.low = bar.close = tick.price;
        bar.volume = tick.size;
        open_.insert(place, {bar, stamp, stamp});
        return;
    }
    model::Bar& bar = place->bar;
    bar.high = std::max(bar.high, tick.price);
    bar.low = std::min(bar.low, tick.price);
    bar.volume += tick.size;
    if (stamp < place->first) {
        place->first = stamp;
        bar.open = tick.price;
    }
    // Of ticks that nothing orders, the one that came last closes.
    if (!(stamp < place->last)) {
        place->last = stamp;
        bar.close = tick.price;
    }
}

std::optional<UtcTime> TickBars::next_deadline() const {
    if (open_.empty())
        return std::nullopt;
    return open_.front().bar.end() + options_.grace;
}

std::optional<model::Bar> TickBars::forming() const {
    if (open_.empty())
        return std::nullopt;
    return open_.back().bar;
}

}  // namespace bullpen::feed
