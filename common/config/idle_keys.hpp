// Which keys say nothing to an account of a kind: whoever sets one believes that it holds. Pure.
#pragma once

#include <string_view>

#include "common/config/settings.hpp"

namespace bullpen::config {

// Why a key does nothing for an account; empty: it does something.
std::string_view why_idle(const AccountSettings& settings, std::string_view key);

}  // namespace bullpen::config
