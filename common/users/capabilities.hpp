// The capabilities of this thread, which it has of its user namespace: of the host's own, where it
// is in no other. capabilities(7).
#pragma once

#include <cstdint>

#include "common/base/result.hpp"

namespace bullpen::users {

// One bit each, by the kernel's numbers; those past 31 are nobody's here.
using Capabilities = std::uint32_t;

// What a daemon needs to have workers of other users than its own: to become them, to give them
// their files, to look after files and processes of theirs.
Capabilities of_daemon();
// What bullpenctl needs to read and write accounts' files as if they were its user's.
Capabilities of_reader();
Capabilities to_change_users();

// Those in effect now. None when the kernel does not say.
Capabilities held();
// Keeps `wanted` of what it holds, and gives up the rest for good. Programs that it executes have
// none of them.
Result<void> keep_only(Capabilities wanted);
// Has those of `wanted` in effect that it may, for root that works as another user.
Result<void> take_up(Capabilities wanted);
// A program that it executes from here on has all that it holds, where `on`; none, where not.
Result<void> keep_over_exec(bool on);

}  // namespace bullpen::users
