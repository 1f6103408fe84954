// What a dead worker left behind of how it ended and why. Each reads one file.
#pragma once

#include <string>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "supervisor/daemon/accounts.hpp"
#include "supervisor/fleet/exit_status.hpp"
#include "supervisor/fleet/view.hpp"

namespace bullpen::daemon {

// How one ended that nobody could wait for, by the last words in its state file, if this very
// launch wrote them. Lost when it left no words, or when they are of another launch or account.
// What it failed of becomes the last error of `account`, which may be null.
fleet::ExitStatus unseen_end(const Home& home, const AccountId& id, LaunchNumber launch,
                             Account* account);

// "it printed last: ..." of a worker that ended badly and told nobody why: a program of somebody
// else's, or one that failed before it could speak. `how` it ended where this launch printed
// nothing; that is not said where nobody knows how. Empty where it told, and where it was killed.
std::string printed_last(const Home& home, const Account& account, fleet::ExitStatus status,
                         const std::string& how);

// What the death of its launch was for, where neither the worker nor what it printed says so: it
// was killed, or ended because it hung. `before` is the account's view when it ended, `after` when
// the fleet had judged it. Empty where it was no death, or where the daemon told more of it.
std::string died_of(const Account& account, const fleet::AccountView& before,
                    const fleet::AccountView& after);

}  // namespace bullpen::daemon
