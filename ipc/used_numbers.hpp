// Which launch numbers and fences were used in a home, as far as its files tell: for a daemon whose
// launch record or reservation of fences is lost. Called at the start, before any launch.
#pragma once

#include "common/base/home.hpp"
#include "common/base/ids.hpp"

namespace bullpen::ipc {

struct UsedNumbers {
    LaunchNumber launch;
    Fence fence;
};

// The greatest that the facts in the lock files and the accounts' state files speak of. At least 1
// each when an account was ever launched, though nobody wrote down with which.
UsedNumbers find_used_numbers(const Home& home);

}  // namespace bullpen::ipc
