// A file of HOME/shared that an operator may have put there: anything but a regular file, a pipe
// say, would hold up who reads it. Any thread.
#pragma once

#include <string>

#include "common/storage/file_system.hpp"

namespace bullpen::events {

// Errc::invalid for what is no regular file; otherwise as FileSystem::read.
Result<std::string> read_shared(storage::FileSystem& files, const std::string& path,
                                std::size_t size_max);

}  // namespace bullpen::events
