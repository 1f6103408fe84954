// What enable and disable share.
#pragma once

#include "ctl/command.hpp"

namespace bullpen::ctl {

// Sets `enabled` in the files of the named accounts and applies it.
int set_enabled(Context& context, bool enabled);

}  // namespace bullpen::ctl
