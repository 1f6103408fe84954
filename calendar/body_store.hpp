// BodyStore: the bodies of sources as they came, named by their SHA-256, so that whatever the
// calendar says can be traced to the bytes it is from. HOME/shared/bodies; the newest 60 stay, and
// those that the calendar stands on. One writer.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::calendar {

inline constexpr std::size_t k_bodies_kept = 60;

// 64 lower-case hex digits.
std::string sha256(std::string_view body);

class BodyStore {
  public:
    BodyStore(storage::FileSystem& files, std::string directory)
        : files_(files), directory_(std::move(directory)) {}

    // Durable when it returns; returns the name. A body that is there already is new again.
    Result<std::string> put(std::string_view body);
    // Errc::corrupt when its bytes are not those that the name says.
    Result<std::string> get(const std::string& name);
    // When it was put; none when it is not there.
    std::optional<UtcTime> put_at(const std::string& name);
    // Removes the oldest beyond k_bodies_kept, but none of `pinned`.
    Result<void> prune(const std::set<std::string>& pinned);

  private:
    storage::FileSystem& files_;
    std::string directory_;
};

}  // namespace bullpen::calendar
