// The address that an account's connections come from. A small library that is loaded into its
// program binds every TCP connection to it before it is made (bind_library.c); it finds the address
// in a variable, as does a program that connects in its own way.
#pragma once

#include <string>

#include "common/base/result.hpp"

namespace bullpen::launch {

// The variable that names the address; absent for an account that has none.
inline constexpr const char* k_bind_variable = "BULLPEN_BIND_ADDRESS";

// Whether this host has the address: a socket that is bound to it, and closed. Any thread.
Result<void> check_bind_address(const std::string& address);
// The library, below the directory that this program is in the bin/ of.
std::string bind_library();

}  // namespace bullpen::launch
