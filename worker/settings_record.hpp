// What an account's settings were in the run before, so that a change of a parameter is in the
// audit log whoever made it, and however: each key with from and to, once.
#pragma once

#include "common/base/result.hpp"
#include "worker/account_context.hpp"

namespace bullpen::worker {

// Beside the account's state file; see docs/state-file.md.
inline constexpr std::string_view k_last_settings_file = "settings.last";

// Tells what is not as it was: in the audit log, then in the file. The first run of an account
// tells all that is not a default. An error leaves it to the next start.
Result<void> record_settings(AccountContext& context);

}  // namespace bullpen::worker
