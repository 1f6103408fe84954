// Whose files a command of root's leaves behind.
#pragma once

#include "common/base/home.hpp"
#include "common/base/result.hpp"

namespace bullpen::ctl {

// What root writes in a home is to be its owner's: the daemon could not open it otherwise, and a
// link that somebody planted there would lead root anywhere. From here on this process acts as the
// user and the group that the home's directory is of; it may still read what the home's accounts
// keep. Nothing happens to who is not root, and where there is no home yet. Before any thread.
Result<void> become_owner(const Home& home);

}  // namespace bullpen::ctl
