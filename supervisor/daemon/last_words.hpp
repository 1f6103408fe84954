// The last words of a worker that nobody could wait for: what its state file says of its end, if
// this very launch wrote it. Reads one file.
#pragma once

#include <optional>

#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/storage/state_store.hpp"

namespace bullpen::daemon {

// None when it left none, or when they are of another launch, or of another account.
std::optional<storage::LastWords> last_words(const Home& home, const AccountId& account,
                                             LaunchNumber launch);

}  // namespace bullpen::daemon
