// Which accounts have a lock file, whoever made it, and whether some came or went. Any thread;
// blocking for a directory's listing.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"

namespace bullpen::ipc {

// By the files in Home::locks(), whose names are those of AccountPaths::lock. Empty where there is
// no such directory.
std::set<AccountId> locked_accounts(const std::string& directory);

// When a file last came there or went; none without such a directory.
std::optional<UtcTime> lock_files_changed(const std::string& directory);

}  // namespace bullpen::ipc
