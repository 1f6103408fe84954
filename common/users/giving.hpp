// Gives what is in an account's directory to the account's user. Any thread; waits for the disk.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/base/result.hpp"
#include "common/users/number_range.hpp"

namespace bullpen::users {

// Who has it from now on, and whose it may have been: this process's user, or one of the range, who
// had it before.
struct Giving {
    uid_t to = 0;
    NumberRange range;
    friend bool operator==(const Giving&, const Giving&) = default;
};

// The directory and all that is below it, without following a link. What is somebody else's, or has
// another name elsewhere (a hard link), is not touched and is an error, which names it: a worker
// could have given that name to a file of the home. Called when no process of the account lives.
Result<void> give_all(const std::string& directory, const Giving& giving);
// One file, or nothing where there is none.
Result<void> give_file(const std::string& path, const Giving& giving);

}  // namespace bullpen::users
