// CalendarWatch: what one worker knows of the economic calendar. It holds the last snapshot that
// passed its checks and the operator's overrides, follows their files, and keeps a timeline of when
// its account stands aside. Nobody needs to tell it: it looks at the files itself, so it goes on
// without a daemon (docs/decisions/calendar-in-a-worker.md).
//
// Made with the account's context, which outlives it; driven by the worker's loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/events/blackout.hpp"
#include "common/events/market_days.hpp"
#include "worker/account_context.hpp"

namespace bullpen::worker {

class CalendarWatch {
  public:
    // How often the files are looked at: so long a change may take until it counts.
    static constexpr Nanos k_look_interval = Millis(500);

    // Errc::invalid for windows that no file could have; not_found without time zones.
    static Result<CalendarWatch> open(AccountContext& context);

    // Takes up what changed in the files, and works out the timeline around `at`: the account's own
    // time, which is the wall clock's unless its market is simulated. Cheap when nothing changed.
    void look(Instant now, UtcTime at);
    // When look() has something to do at the latest.
    [[nodiscard]] MonoTime next_look() const { return next_look_; }

    [[nodiscard]] events::Answer query(UtcTime at) const { return timeline_.query(at); }
    [[nodiscard]] const events::Timeline& timeline() const { return timeline_; }
    // For people: "Employment Situation, 2026-12-04T08:30 America/New_York".
    [[nodiscard]] static std::string text(const events::Answer& answer);
    // How often a changed file was taken up.
    [[nodiscard]] std::uint64_t taken() const { return taken_; }
    // One more with everything that may change an answer: a file, or an entry that expired.
    [[nodiscard]] std::uint64_t revision() const { return revision_; }
    // Brings the home's table of holidays to what the calendar knows now.
    void complete(time::HolidayTable& table, UtcTime now) const {
        events::complete(table, snapshot_ ? &*snapshot_ : nullptr, overrides_, now);
    }
    [[nodiscard]] std::uint64_t generation() const { return snapshot_ ? snapshot_->generation : 0; }

  private:
    // What of a file says that it is another one than before.
    struct Stamp {
        std::uint64_t inode = 0;
        std::int64_t size = -1;  // -1: not there
        std::int64_t modified = 0;
        std::int64_t changed = 0;
        friend bool operator==(const Stamp&, const Stamp&) = default;
    };
    CalendarWatch(AccountContext& context, events::AccountRules rules, time::Zone new_york);

    static Stamp stamp(const std::string& path);
    void take_snapshot();
    void take_overrides();
    void build(UtcTime now, UtcTime at);

    AccountContext* context_;
    events::AccountRules rules_;
    time::Zone new_york_;
    std::string snapshot_path_;
    std::string overrides_path_;
    Stamp snapshot_stamp_;
    Stamp overrides_stamp_;
    std::optional<events::Snapshot> snapshot_;
    events::Overrides overrides_;
    events::Timeline timeline_;
    std::optional<UtcTime> overrides_change_;  // when an entry expires
    MonoTime next_look_{};
    bool looked_ = false;
    std::uint64_t taken_ = 0;
    std::uint64_t revision_ = 0;
};

}  // namespace bullpen::worker
