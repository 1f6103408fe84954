// What a backtest knows of the economic calendar, and when its account stands aside by it: as a
// worker would on those bars, with the calendar as it is known now.
#pragma once

#include <optional>

#include "common/config/event_settings.hpp"
#include "common/events/blackout.hpp"
#include "common/time/zone.hpp"

namespace bullpen::backtest {

// Shared by the runs of a sweep, which only read it.
struct KnownCalendar {
    std::optional<events::Snapshot> snapshot;  // none: nothing is known
    events::Overrides overrides;
    UtcTime now{};  // overrides that expired by now do not count
};

// Of one run, asked with times that go on.
class StandingAside {
  public:
    // `known` outlives it. Errc::invalid for windows that no file could have.
    static Result<StandingAside> create(const KnownCalendar& known,
                                        const config::EventSettings& settings);

    // What holds for a decision at `at`; good until the next call.
    [[nodiscard]] const events::Answer& at(UtcTime at) {
        if (at < answer_.from || at >= answer_.to) [[unlikely]]
            look(at);
        return answer_;
    }

  private:
    StandingAside(const KnownCalendar& known, events::AccountRules rules, time::Zone new_york)
        : known_(&known), rules_(std::move(rules)), new_york_(std::move(new_york)) {}
    void look(UtcTime at);

    const KnownCalendar* known_;
    events::AccountRules rules_;
    time::Zone new_york_;
    events::Timeline timeline_;
    events::Answer answer_;  // its pointers are into the timeline
};

}  // namespace bullpen::backtest
