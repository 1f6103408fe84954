// The operator's own entries: HOME/shared/calendar.override.json. They lie over what the sources
// say, each until it expires; the snapshot knows nothing of them, and whoever reads the calendar
// applies them. `bullpenctl calendar add|move|cancel|ack` writes the file, an editor may, too.
//
// Plain values; applying is pure. Instants are in the file beside the wall clock, so that a reader
// needs no time zones; one that has them goes by the wall clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/events/event.hpp"
#include "common/storage/file_system.hpp"
#include "common/time/holidays.hpp"

namespace bullpen::events {

enum class OverrideKind : std::uint8_t {
    add,              // an event that no source has
    move,             // to another time
    cancel,           // it does not take place
    set_importance,   // 1 to 3
    market_closed,    // a market is closed on a day
    early_close,      // it closes early
    special_session,  // it has just these sessions
    acknowledge,      // an operator looked the days up: accounts trade on without the calendar
};
std::string_view code(OverrideKind kind);
std::optional<OverrideKind> override_kind_from(std::string_view code);

struct Override {
    OverrideKind kind{};
    std::string by;
    std::string reason;
    UtcTime at{};
    UtcTime expires{};
    bool force = false;  // it may take a near event of high importance away

    std::string id;  // of the event; all but for markets and acknowledge
    // add; of a move only the time
    std::string title;
    std::string country;
    std::string currency;
    int importance = 3;  // set_importance, too
    LocalMinute local{};
    std::string zone;
    UtcTime utc{};
    // What the file has for `utc` where this host's time zones make it another: they changed since
    // it was written, and the wall clock counts. Not written.
    std::optional<UtcTime> stated;

    std::optional<time::Market> market;  // market_closed, early_close, special_session
    Day day{};
    std::int32_t closes = 0;  // early_close: minutes from midnight
    std::vector<time::Block> blocks;

    friend bool operator==(const Override&, const Override&) = default;
};

struct Overrides {
    std::vector<Override> entries;  // in the order in which they were made

    [[nodiscard]] bool empty() const { return entries.empty(); }
    // Until when an operator vouches for the calendar; none when nobody does now.
    [[nodiscard]] std::optional<UtcTime> acknowledged(UtcTime now) const;
    friend bool operator==(const Overrides&, const Overrides&) = default;
};

inline constexpr std::string_view k_overrides_name = "calendar.override.json";
inline constexpr std::size_t k_overrides_max = std::size_t{256} << 10;  // bytes
inline constexpr std::size_t k_override_entries_max = 500;
// Taking away an event of high importance that is nearer than this, before or behind, needs
// `force`: a window may be open for so long.
inline constexpr Nanos k_force_within = std::chrono::hours(24);

// Lays what has not expired by `now` over the events, in order; the events stay sorted. What names
// an event that is not there changes nothing, nor does what would have needed `force` when it was
// made.
void apply(const Overrides& overrides, UtcTime now, std::vector<Event>& events);
// The events of the entries that are not applied because they lack `force`.
std::vector<std::string> not_applied(const Overrides& overrides, UtcTime now,
                                     std::vector<Event> events);
// A sentence for each entry yet to come whose instant the host's time zones changed.
std::vector<std::string> reckoned_anew(const Overrides& overrides, UtcTime now);
// Lays the market's days over the table.
void apply(const Overrides& overrides, UtcTime now, time::HolidayTable& table);
// When the next entry expires; none when none does.
std::optional<UtcTime> next_expiry(const Overrides& overrides, UtcTime now);

// Whether the entry may be made: complete, in bounds, not expired, naming an event that is there,
// and, without `force`, taking no near event of high importance away. `events` are those that count
// now.
Result<void> check_new(const Override& entry, const std::vector<Event>& events, UtcTime now);

// ---- the file

std::string encode(const Overrides& overrides);
// Errc::invalid names entry and field; newer_version; too_large.
Result<Overrides> decode_overrides(std::string_view text);
// A file that is not there has no entries. Errc::refused when others than its owner may write it.
Result<Overrides> load_overrides(storage::FileSystem& files, const std::string& path);
// Mode 0640. What expired more than k_keep_expired ago is left out.
Result<void> write_overrides(storage::FileSystem& files, const std::string& path,
                             const Overrides& overrides, UtcTime now);
inline constexpr Nanos k_keep_expired = std::chrono::hours(24 * 90);

}  // namespace bullpen::events
