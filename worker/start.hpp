// How a worker comes to its account: which settings hold for it, and whose locks it goes by.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "common/base/clock.hpp"
#include "common/base/exit_code.hpp"
#include "common/base/result.hpp"
#include "worker/account_context.hpp"
#include "worker/environment.hpp"

namespace bullpen::worker {

// Where the daemon leaves the locks that a worker inherits.
inline constexpr int k_account_lock_fd = 3;
inline constexpr int k_broker_lock_fd = 4;

struct Started {
    std::unique_ptr<AccountContext> context;
    // Why the settings in force are not those of the account's file; empty when they are.
    std::string settings_trouble;
};
// Why a worker does not start, and the exit code that tells its starter what to do.
struct NotStarted {
    ExitCode code = ExitCode::software;
    Error error;
};
using Start = std::variant<Started, NotStarted>;

// Launched by the daemon: the locks are inherited, the settings those that the daemon applied.
// `files` and `clock` outlive the context.
Start start_launched(const LaunchEnvironment& environment, storage::FileSystem& files,
                     const Clock& clock, Purpose purpose = Purpose::trade);
// By hand: takes the locks itself, held_elsewhere when another process has one; goes by the
// account's file, or, when that is broken, by what was applied last.
Start start_by_hand(const std::string& home, const std::string& account, storage::FileSystem& files,
                    const Clock& clock);

}  // namespace bullpen::worker
