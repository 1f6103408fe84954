// The Unix user that an account's process runs as, where its file names one and the daemon is run
// by root. The user's own are the account's directory and what is below it; the way there has to be
// open to it.
//
// Names are looked up in /etc/passwd alone: a directory service could keep the daemon waiting. The
// daemon's loop.
#pragma once

#include <string>

#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/process/launcher.hpp"

namespace bullpen::launch {

// "bot7", "2007" (its group is the one of /etc/passwd, or of the same number), "2007:2000".
Result<process::UnixUser> find_unix_user(const std::string& text, const std::string& passwd);

// Whether every directory above this one lets the user pass; the error says which does not.
Result<void> check_way(const std::string& directory, const process::UnixUser& user);

// Gives the account's directory, and those in it that the daemon makes, to the user, as long as
// they are this process's own: what already belongs to somebody else is an error. Then looks
// whether the user gets there.
Result<void> hand_over(const AccountPaths& paths, const process::UnixUser& user);

}  // namespace bullpen::launch
