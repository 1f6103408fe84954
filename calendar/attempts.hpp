// When each source was last asked, and what it gave: HOME/shared/calendar.attempts. Written before
// a request is made, so that no crash and no dry run lets a source be asked more often than it
// should be; and what a dry run fetched serves the run after it. One writer.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::calendar {

// A source is asked once in this time; the press releases have a limit of their own.
inline constexpr std::chrono::minutes k_ask_every{10};
inline constexpr std::chrono::seconds k_watch_every{50};

struct AttemptRecord {
    UtcTime at{};
    std::string sha256;  // of the body that it gave; empty: none
    std::string etag;
    std::string last_modified;
    friend bool operator==(const AttemptRecord&, const AttemptRecord&) = default;
};
using Attempts = std::map<std::string, AttemptRecord, std::less<>>;

// A file that cannot be read has no attempts: asking once too often is better than never again.
Attempts load_attempts(storage::FileSystem& files, const std::string& path);
Result<void> save_attempts(storage::FileSystem& files, const std::string& path,
                           const Attempts& attempts);

// Until when the source must not be asked again; none when it may be. A clock that was set back
// does not lock a source out.
std::optional<UtcTime> wait_until(const Attempts& attempts, std::string_view source, UtcTime now);

}  // namespace bullpen::calendar
