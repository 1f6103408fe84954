#include "common/feed/tick_bars.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

namespace bullpen::feed {
namespace {

using std::chrono::milliseconds;

const UtcTime k_start = UtcTime(std::chrono::sys_days(std::chrono::year(2025) / 1 / 9));

// A tick and when it arrives.
struct Arrival {
    model::Tick tick;
    UtcTime at;
};

// Trades and quotes over ten minutes that arrive up to `delay_max` late, in the order of arrival.
std::vector<Arrival> any_arrivals(int delay_max_ms) {
    const auto raw = *rc::gen::container<std::vector<std::tuple<int, int, int, int, int>>>(
        rc::gen::tuple(rc::gen::inRange(0, 600'000), rc::gen::inRange(0, delay_max_ms + 1),
                       rc::gen::inRange(-50, 50), rc::gen::inRange(1, 20), rc::gen::inRange(0, 4)));
    std::vector<Arrival> arrivals;
    std::uint64_t sequence = 0;
    for (const auto& [at, delay, price, size, kind] : raw) {
        model::Tick tick;
        tick.time = k_start + milliseconds(at);
        tick.sequence = ++sequence;
        tick.price = {24'000 + price};
        tick.size = size;
        tick.kind = kind == 0 ? model::TickKind::bid : model::TickKind::trade;
        arrivals.push_back({tick, tick.time + milliseconds(delay)});
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
    return arrivals;
}

// The bars by looking at all trades at once.
std::vector<model::Bar> brute_force(std::vector<Arrival> arrivals) {
    std::sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) {
        return std::tie(a.tick.time, a.tick.sequence) < std::tie(b.tick.time, b.tick.sequence);
    });
    std::map<UtcTime, model::Bar> bars;
    for (const Arrival& arrival : arrivals) {
        const model::Tick& tick = arrival.tick;
        if (tick.kind != model::TickKind::trade)
            continue;
        const UtcTime minute = std::chrono::floor<std::chrono::minutes>(tick.time);
        auto [place, fresh] = bars.try_emplace(minute);
        model::Bar& bar = place->second;
        if (fresh) {
            bar.start = minute;
            bar.open = bar.high = bar.low = tick.price;
        }
        bar.high = std::max(bar.high, tick.price);
        bar.low = std::min(bar.low, tick.price);
        bar.close = tick.price;
        bar.volume += tick.size;
    }
    std::vector<model::Bar> out;
    for (const auto& [minute, bar] : bars)
        out.push_back(bar);
    return out;
}

std::vector<model::Bar> run(const std::vector<Arrival>& arrivals, int timer_every, TickBars* bars) {
    std::vector<model::Bar> finished;
    int count = 0;
    for (const Arrival& arrival : arrivals) {
        if (timer_every > 0 && ++count % timer_every == 0)
            bars->advance(arrival.at, &finished);
        bars->add(arrival.tick, arrival.at, &finished);
    }
    bars->advance(k_start + std::chrono::hours(1), &finished);
    return finished;
}

TEST_CASE("bars from ticks that arrive within the grace equal those put together by brute force") {
    CHECK(rc::check("event and timer path = brute force", [] {
        const auto arrivals = any_arrivals(499);
        TickBars bars;
        RC_ASSERT(run(arrivals, *rc::gen::inRange(0, 5), &bars) == brute_force(arrivals));
        RC_ASSERT(bars.counters().late == 0U);
        RC_ASSERT_FALSE(bars.next_deadline().has_value());
    }));
}

TEST_CASE("however late ticks come, bars are in order, final, and account for every trade") {
    CHECK(rc::check("used + late = trades; a replay gives the same", [] {
        const auto arrivals = any_arrivals(*rc::gen::element(499, 5'000, 200'000));
        const int timer_every = *rc::gen::inRange(0, 5);
        TickBars bars;
        const auto finished = run(arrivals, timer_every, &bars);
        std::int64_t volume = 0;
        for (std::size_t i = 0; i < finished.size(); ++i) {
            RC_ASSERT(model::well_formed(finished[i]));
            RC_ASSERT((i == 0 || finished[i - 1].start < finished[i].start));
            volume += finished[i].volume;
        }
        const TickCounters& counters = bars.counters();
        RC_ASSERT(counters.trades + counters.late + counters.quotes == arrivals.size());
        std::int64_t traded = 0;
        for (const Arrival& arrival : arrivals)
            traded += arrival.tick.kind == model::TickKind::trade ? arrival.tick.size : 0;
        RC_ASSERT(volume <= traded);
        RC_ASSERT((counters.late > 0 || volume == traded));
        TickBars again;
        RC_ASSERT(run(arrivals, timer_every, &again) == finished);
        RC_ASSERT(again.counters() == counters);
    }));
}

}  // namespace
}  // namespace bullpen::feed
