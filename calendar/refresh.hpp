// Refresh: one whole run: ask the sources, read and judge what they gave, merge it with what was
// known, write the snapshot, and say what is different. One thread runs it; only fetching uses
// others. The caller holds the home's calendar lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/changes.hpp"
#include "calendar/fetcher.hpp"
#include "calendar/merge.hpp"
#include "common/base/home.hpp"
#include "common/config/event_settings.hpp"
#include "common/events/snapshot.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::calendar {

struct RefreshOptions {
    bool dry_run = false;           // the snapshot stays as it is
    std::vector<std::string> only;  // of the settings' sources; empty: all of them
    std::string version;            // of the program
    // Each source is asked so much later at most, always the same for one home and source.
    std::chrono::seconds spread{0};
};

struct SourceReport {
    enum class Outcome : std::uint8_t {
        accepted,   // a new body, believed
        unchanged,  // the body that is there is the newest
        refused,    // a body that is not believed; the last good one stays
        failed,     // no body; the last good one stays
        not_asked,  // too soon after the last time, or no contact is set
    };
    std::string source;
    Outcome outcome{};
    std::string sentence;
    std::vector<std::string> notes;
};
std::string_view code(SourceReport::Outcome outcome);

struct RefreshReport {
    bool dry_run = false;
    std::uint64_t generation = 0;  // of the snapshot that counts now
    std::vector<SourceReport> sources;
    std::vector<Change> changes;
    std::vector<MergeAlarm> alarms;
    std::vector<std::string> warnings;  // of the program itself
    // Whether every source that was asked gave a body that is believed.
    [[nodiscard]] bool good() const;
};

// What a run stands on.
struct RefreshEnvironment {
    const Home& home;
    const config::CalendarSettings& settings;
    storage::FileSystem& files;
    const Clock& clock;
    const Zones& zones;
    const Fetcher& fetcher;
    // Called when the network is not needed any more, before the first byte of a body is read.
    std::function<void()> before_parsing;
    // Comes back after the time; called by the thread of a source. Unused without a spread.
    std::function<void(Nanos)> wait;
};

// Errors are those of the disk, and a snapshot that cannot be written.
Result<RefreshReport> refresh(const RefreshEnvironment& environment, const RefreshOptions& options);

// How much later than others this source is asked by this home, with such a spread.
Nanos delay_of(const Home& home, const Source& source, std::chrono::seconds spread);

std::string json_report(const RefreshReport& report);
std::string text_report(const RefreshReport& report);

inline constexpr std::string_view k_attempts_file = "calendar.attempts";
inline constexpr std::string_view k_bodies_folder = "bodies";

}  // namespace bullpen::calendar
