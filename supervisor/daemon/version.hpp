// The version of this build, as --version and the board say it.
#pragma once

#include <string_view>

namespace bullpen::daemon {

inline constexpr std::string_view k_version = BULLPEN_VERSION;

}  // namespace bullpen::daemon
