// The calendar's snapshot: what bullpen-calendar found out, in one file that every worker reads.
//
// HOME/shared/calendar.snapshot is a header line with version, generation and checksum, and a JSON
// line for each event, coverage, source and alarm (docs/calendar.md). One writer replaces it
// atomically and keeps the one before it; whoever reads gets a whole one or an error. The functions
// on texts are pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/events/alarm.hpp"
#include "common/events/coverage.hpp"
#include "common/events/event.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::events {

inline constexpr std::size_t k_snapshot_max = std::size_t{8} << 20;  // bytes
inline constexpr std::size_t k_events_max = 20'000;
inline constexpr std::size_t k_coverage_rows_max = 1'000;
inline constexpr std::size_t k_sources_max = 64;
inline constexpr std::size_t k_alarms_max = 256;
inline constexpr std::string_view k_snapshot_name = "calendar.snapshot";

struct Snapshot {
    static constexpr int k_version = 1;

    std::uint64_t generation = 0;  // one more with every snapshot that is written
    UtcTime written{};
    std::string program;        // that wrote it: "bullpen-calendar 0.5.0"
    std::string tzdata;         // the time-zone data that the instants are reckoned with
    std::vector<Event> events;  // by time, each id once
    std::vector<SeriesCoverage> coverage;
    std::vector<SourceStatus> sources;
    std::vector<RaisedAlarm> alarms;  // of the last refreshes
    friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

std::string encode(const Snapshot& snapshot);
// Errc::corrupt for anything that encode() does not write, newer_version, too_large.
Result<Snapshot> decode_snapshot(std::string_view text);

struct LoadedSnapshot {
    enum class From : std::uint8_t { nothing, current, previous };
    From from = From::nothing;
    std::optional<Snapshot> snapshot;
    std::string trouble;  // of the current file; empty when it is good, or there never was one
};
// The current snapshot or, where that is no good, the one before it.
LoadedSnapshot load_snapshot(storage::FileSystem& files, const std::string& path);

// Sorts the events, gives the snapshot the generation after the one that is there, and replaces it.
// A current file that cannot be read never takes the place of the good one before it. Errc::invalid
// for two events with one id. One writer at a time: the caller holds the lock that makes it so.
Result<void> write_snapshot(storage::FileSystem& files, const std::string& path,
                            Snapshot& snapshot);

}  // namespace bullpen::events
