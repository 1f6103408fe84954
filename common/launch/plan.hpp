// What the process of an account, or a service of the home, may reach. Pure: from its settings and
// the home's paths; what is made of it, by which features of the kernel, is confiner.hpp's.
//
// Sources: docs/security.md; what a program needs of a system to run at all, to find names and to
// check certificates.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/settings.hpp"
#include "common/launch/named_paths.hpp"
#include "common/sandbox/calls.hpp"
#include "common/sandbox/landlock.hpp"

namespace bullpen::launch {

// Whose process, and when.
enum class Phase : std::uint8_t {
    launch,  // the daemon's part, before the program is executed: it has yet to read its settings
    work,    // of the built-in worker and of services, their own, once they have
};

struct Plan {
    std::vector<sandbox::Reach> reach;
    std::vector<NamedPath> named;  // by the account's file; to be judged where they are opened
    sandbox::CallsAllowed calls;
};

// `program` is what is executed, an absolute path.
Plan plan_for(const Home& home, const config::AccountSettings& settings, std::string_view program,
              Phase phase);

// Whether a word of its command names what the home keeps: it is not let reach that, and starts.
bool closed_word(const Home& home, const config::AccountSettings& settings,
                 const std::string& word);

// What a service of the home changes. They are there before it is confined: a rule names a file.
std::vector<std::string> service_directories(const Home& home, const AccountId& service);
// What a service may reach. What it needs to read its own settings say, so that it reads anything
// until it has; it changes no more than it must from the first instruction on. `files` it reads
// when it works.
Plan plan_for_service(const Home& home, const AccountId& service, Phase phase,
                      std::span<const std::string> files);

// The version of Landlock that is used: of the kernel's, at most what is wanted.
int version_in_use(int kernel, int version_max);
// Whether the file lets its process change, or do, more than with its own.
bool is_widened(const config::AccountSettings& settings);

}  // namespace bullpen::launch
