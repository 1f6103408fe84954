// What the fleet keeps of an account from one daemon to the next, as one line of text for the
// launch record.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "supervisor/fleet/view.hpp"

namespace bullpen::daemon {

std::string to_text(const fleet::SavedAccount& saved);
// Unknown fields are ignored and missing ones keep their defaults, so that a newer or older daemon
// reads it too.
Result<fleet::SavedAccount> saved_account_from(std::string_view text);

}  // namespace bullpen::daemon
