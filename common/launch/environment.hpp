// What a worker's process is started with: its program and its environment. Pure but for the search
// of a program. Any thread.
#pragma once

#include <string>
#include <vector>

#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/config/settings.hpp"
#include "common/sandbox/isolation.hpp"

namespace bullpen::launch {

// The variables that tell the built-in worker how it is confined: a version of Landlock, 0 for
// none, and whether calls are filtered, 0 or 1.
inline constexpr const char* k_landlock_variable = "BULLPEN_LANDLOCK";
inline constexpr const char* k_seccomp_variable = "BULLPEN_SECCOMP";

// All of a worker's environment, sorted: what every worker gets, and what its file lists.
std::vector<std::string> worker_environment(const Home& home,
                                            const config::AccountSettings& settings,
                                            const AccountPaths& paths, const LaunchToken& launch,
                                            const std::string& endpoint,
                                            const sandbox::Isolation& isolation);
// What the values of these variables say, null for one that is not there: then nothing is in force.
sandbox::Isolation isolation_of(const char* landlock, const char* seccomp);
// What the environment of this process says. Before any thread.
sandbox::Isolation isolation_told();
// The path that a command's first word names: with a slash as it is, relative to the home; without
// one, found in the workers' PATH. As given when there is none.
std::string resolve_program(const Home& home, const std::string& word);

}  // namespace bullpen::launch
