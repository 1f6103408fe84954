// Opening what lies in a directory that somebody else may change: a link in the place of the file,
// or of the directory that it is in, is refused and never followed. The directories above that are
// the caller's own, and may be links.
//
// Any thread.
#pragma once

#include <string>

#include "common/base/descriptor.hpp"

namespace bullpen {

// Errc::refused where there is a link.
Result<void> check_no_link(const std::string& path);
// A directory for *at calls; Errc::refused where there is a link.
Result<Descriptor> open_own_directory(const std::string& path);
// open(2) of a file in such a directory, with O_CLOEXEC and O_NOFOLLOW added.
Result<Descriptor> open_own_file(const std::string& path, int flags, mode_t mode = 0);

// open(2) of a name in a directory, close-on-exec. Waits for nobody: neither for the other end of a
// pipe nor for a process that has a lease on the file, which is an error (EWOULDBLOCK) that says
// so. `path` is what the error calls it.
Result<Descriptor> open_file_at(int directory, const std::string& name, int flags, mode_t mode,
                                const std::string& path);

// What is after the last slash of a path, and what is before it; "." where there is none.
std::string name_in(const std::string& path);
std::string directory_in(const std::string& path);

}  // namespace bullpen
