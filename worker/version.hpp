// The version of this build, as `bullpen-worker version`, hello and the state file say it.
#pragma once

#include <string_view>

namespace bullpen::worker {

inline constexpr std::string_view k_version = BULLPEN_VERSION;

}  // namespace bullpen::worker
