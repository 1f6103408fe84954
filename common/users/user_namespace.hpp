// The user namespace in which a daemon has users to give to its accounts' workers, and no power
// over the rest of the host: its own user and a range of numbers keep their numbers in it, and no
// other user is known there. What rootless containers do, but for the numbers, which are the same
// inside and outside.
//
// The map is written with CAP_SETUID, where the service manager gives it (AmbientCapabilities=),
// and otherwise by newuidmap, which gives a user the range that /etc/subuid has for it. Once
// inside, the process has neither.
//
// Sources: user_namespaces(7), newuidmap(1), subuid(5).
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>

#include "common/base/result.hpp"
#include "common/users/number_range.hpp"

namespace bullpen::users {

// Whose numbers this process can take on.
struct Standing {
    std::optional<NumberRange> range;
    std::string lacking;  // why there is none
};
// Of this process, now: one in a namespace of its own, or one of root, which needs none.
Standing standing();

// Whether a file with this owner may be of the host's root: so it is, as far as can be seen where
// root, as everybody else, has no number.
bool may_be_root(uid_t owner);

// Executes this program again in such a namespace, with `arguments` (null at the end), the same
// process and descriptors, and the capabilities of a daemon. It is the one that a process which
// works in `directory`, or below it, is in already, because nobody has a say over processes of
// another one; and a new one where there is none. Returns only where that fails. For a process with
// one thread.
struct NotEntered {
    std::string why;
    bool spoilt = false;  // this process is of no use any more
};
NotEntered enter_with_users(std::span<char* const> arguments, const std::string& directory);
// Whether it is in one already, or needs none.
bool has_users();

// For bullpenctl: into the namespace of process `pid`, of one that works in or below `directory`,
// or into one of its own, with the capabilities of a reader, which programs that it executes keep.
// Nothing is done where this process is in one, or is root. For a process with one thread.
Result<void> join_users_of(pid_t pid, const std::string& directory);

}  // namespace bullpen::users
