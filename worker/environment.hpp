// What the daemon tells a worker through its environment. The one place that reads it.
#pragma once

#include <optional>
#include <string>

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/sandbox/isolation.hpp"

namespace bullpen::worker {

struct LaunchEnvironment {
    AccountId account;
    std::string home;
    LaunchToken launch;
    std::string endpoint;  // of the lease; empty: none
    // The descriptor that its credentials are to be read from; none: it has none.
    std::optional<int> credentials_fd = {};
    // What its daemon confines its workers with; nothing of an older daemon.
    sandbox::Isolation isolation = {};
};

// None when this process was not launched by a daemon (BULLPEN_LAUNCH is not set); an error when
// what it says cannot be.
Result<std::optional<LaunchEnvironment>> launch_environment();
// $BULLPEN_HOME, else the default.
std::string home_from_environment();

}  // namespace bullpen::worker
