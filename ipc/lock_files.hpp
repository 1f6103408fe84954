// Which accounts have a lock file, whoever made it. Any thread; blocking for a directory's listing.
#pragma once

#include <set>
#include <string>

#include "common/base/ids.hpp"

namespace bullpen::ipc {

// By the files in Home::locks(), whose names are those of AccountPaths::lock. Empty where there is
// no such directory.
std::set<AccountId> locked_accounts(const std::string& directory);

}  // namespace bullpen::ipc
