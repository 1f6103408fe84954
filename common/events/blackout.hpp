// Timeline: when one account stands aside, and why, worked out in advance from the calendar, the
// operator's overrides and the account's windows, so that asking costs a search in a short list and
// no memory. Building is pure; a built one is immutable and may be asked by any thread.
//
// Windows are half-open and merged. Where the calendar cannot say whether there is an event, the
// answer is `unknown`, whether the account stands aside then or not: see OnUnknown in the settings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/event_settings.hpp"
#include "common/events/coverage.hpp"
#include "common/events/event.hpp"
#include "common/events/overrides.hpp"
#include "common/events/snapshot.hpp"
#include "common/time/zone.hpp"

namespace bullpen::events {

enum class Standing : std::uint8_t {
    clear,    // the calendar says that no event is near
    blocked,  // one is
    unknown,  // it cannot say
};
std::string_view code(Standing standing);

// The windows of one account, read once.
struct AccountRules {
    bool enabled = true;
    std::vector<config::EventWindow> windows;
    std::vector<std::string> currencies;
    config::OnUnknown on_unknown = config::OnUnknown::slots;

    // Errc::invalid for windows that a file could not have.
    static Result<AccountRules> from(const config::EventSettings& settings);
    // The most particular window for the event: of its series, its class, its importance. nullptr
    // when the account does not mind it.
    [[nodiscard]] const config::EventWindow* window(const Event& event) const;
};

// The series that such an account needs a statement of: those of high importance, those that a
// window names by itself and some source can state, and the week of each other currency.
std::vector<std::string> minded_series(const AccountRules& rules);

// What holds in [from, to).
struct Answer {
    Standing standing = Standing::unknown;
    bool entries = false;          // new entries may be made
    config::EventActions actions;  // of the windows that are open
    UtcTime from{};                // of the whole stretch in which the account stands as it does
    UtcTime to{};
    const Event* event = nullptr;  // blocked: the most important, then the first; of the timeline
    std::string_view why;          // unknown: what the calendar lacks; a word of the timeline
};

class Timeline {
  public:
    // What it is made of. Nothing of it is needed afterwards.
    struct Input {
        const Snapshot* snapshot = nullptr;  // none: there is no calendar
        const Overrides* overrides = nullptr;
        const AccountRules* rules = nullptr;
        const time::Zone* new_york = nullptr;
        UtcTime now{};  // overrides that expired by now do not count
        // Which time it speaks about; asked about any other, it says unknown.
        UtcTime from{};
        UtcTime to{};
    };
    static constexpr Nanos k_span_max = std::chrono::hours(24 * 400);

    // Of no time at all: everything is unknown, and no entries are made.
    Timeline() = default;
    // Spans over k_span_max are cut.
    static Timeline build(const Input& input);

    // Under 200 ns; no allocation. The answer's pointers live as long as the timeline.
    [[nodiscard]] Answer query(UtcTime at) const;
    // The first window that opens after `at`, if one does within the timeline.
    [[nodiscard]] std::optional<Answer> next_block(UtcTime at) const;

    // The events that count, with the operator's overrides, by time.
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }
    [[nodiscard]] UtcTime begins() const { return from_; }
    [[nodiscard]] UtcTime ends() const { return to_; }
    [[nodiscard]] std::size_t segments() const { return segments_.size(); }

  private:
    struct Segment {
        UtcTime stretch_from;  // of the neighbours that stand alike
        UtcTime stretch_to;
        Standing standing;
        bool entries;
        config::EventActions actions;
        std::int32_t event;  // index, or -1
        std::uint8_t why;
    };
    class Builder;

    [[nodiscard]] Answer answer(const Segment& segment) const;
    // Of the segment behind the one that holds `at`.
    [[nodiscard]] std::size_t after(UtcTime at) const;

    std::vector<Event> events_;
    std::vector<UtcTime> starts_;  // of the segments; apart from them, it is what is searched
    std::vector<Segment> segments_;
    UtcTime from_{};
    UtcTime to_{};
};

}  // namespace bullpen::events
