// Replacing a file so that at every instant, also after a power cut, its name shows the whole old
// content or the whole new one: temporary file in the same directory, write, fsync, rename, fsync
// of the directory. One writer per path; the caller holds the lock that makes it so.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::storage {

struct ReplaceOptions {
    mode_t mode = 0600;
    // The old content stays readable as previous_of(path).
    bool keep_previous = false;
};

// Durable when it returns. When it fails, `path` shows the old content, or the new content that is
// not yet known to be durable; never anything else.
Result<void> replace_file(FileSystem& files, const std::string& path, std::string_view content,
                          const ReplaceOptions& options = {});

// "state.json" -> "state.json.previous"
std::string previous_of(const std::string& path);
// "state.json" -> "state.json.tmp"; left behind by a crash, overwritten by the next replacement.
std::string temporary_of(const std::string& path);

}  // namespace bullpen::storage
