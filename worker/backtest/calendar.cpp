#include "worker/backtest/calendar.hpp"

#include <chrono>

namespace bullpen::backtest {

namespace {

// A timeline speaks about so much time at once, and is made anew when less than the margin is left:
// an event that is near must be within it.
constexpr Nanos k_span = std::chrono::hours(24 * 200);
constexpr Nanos k_margin = std::chrono::hours(24 * 2);

}  // namespace

Result<StandingAside> StandingAside::create(const KnownCalendar& known,
                                            const config::EventSettings& settings) {
    BULLPEN_TRY(auto rules, events::AccountRules::from(settings));
    BULLPEN_TRY(auto new_york, time::Zone::load("America/New_York"));
    return StandingAside(known, std::move(rules), std::move(new_york));
}

void StandingAside::look(UtcTime at) {
    if (at < timeline_.begins() + k_margin || at + k_margin > timeline_.ends()) {
        events::Timeline::Input input;
        input.snapshot = known_->snapshot ? &*known_->snapshot : nullptr;
        input.overrides = &known_->overrides;
        input.rules = &rules_;
        input.new_york = &new_york_;
        input.now = known_->now;
        input.from = at - 2 * k_margin;
        input.to = at + k_span;
        timeline_ = events::Timeline::build(input);
    }
    answer_ = timeline_.query(at);
    // A stretch that the timeline cuts off goes on in the next one.
    answer_.to = std::min(answer_.to, timeline_.ends() - k_margin);
    answer_.from = std::max(answer_.from, timeline_.begins() + k_margin);
}

}  // namespace bullpen::backtest
