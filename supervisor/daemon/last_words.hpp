// How a worker ended that nobody could wait for: told by the last words in its state file, if this
// very launch wrote them. Reads one file.
#pragma once

#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "supervisor/daemon/accounts.hpp"
#include "supervisor/fleet/exit_status.hpp"

namespace bullpen::daemon {

// Lost when it left no words, or when they are of another launch or account. What it failed of
// becomes the last error of `account`, which may be null.
fleet::ExitStatus unseen_end(const Home& home, const AccountId& id, LaunchNumber launch,
                             Account* account);

}  // namespace bullpen::daemon
