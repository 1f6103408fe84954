// What a daemon does first: it takes on the users of its accounts, where the home's settings ask
// for one each.
#pragma once

#include <span>

#include "common/base/home.hpp"
#include "common/users/user_namespace.hpp"

namespace bullpen::launch {

// Before any thread is started. Where users are wanted and can be had this executes the program
// again, with `arguments` (null at the end), and does not return. A home whose accounts have users
// that they are to have no more gets them too, to give the files back. The answer says why users
// that are wanted cannot be had. Otherwise the process, where it is not root's, gives up the
// right to change users.
users::NotEntered take_users(const Home& home, std::span<char* const> arguments);

}  // namespace bullpen::launch
