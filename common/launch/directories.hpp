// The directories that an account, or a service, needs before its process is started. Any thread;
// it may wait for the disk.
#pragma once

#include <vector>

#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

namespace bullpen::launch {

// Those of the home, for its daemon; `run`, where sockets are, is closed to other users again.
Result<void> make_home_directories(const Home& home);

// Makes those that are missing, closed to other users. An error names the first that cannot be,
// or that is a link.
Result<void> make_account_directories(const AccountId& account, const AccountPaths& paths);

// Those of every account in accounts.d that had some before; a new account gets its own when its
// settings are known to be good. Returns whose are there now.
std::vector<AccountId> make_known_directories(const Home& home);

}  // namespace bullpen::launch
