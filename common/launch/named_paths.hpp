// What an account's file names for it to reach, opened and judged by where it really is: a program
// that may make links could otherwise lead its next launch into a home. What is judged is what is
// used: the descriptors come with the judgement.
//
// One thread.
#pragma once

#include <string_view>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/reach.hpp"
#include "common/config/settings.hpp"
#include "common/sandbox/landlock.hpp"

namespace bullpen::launch {

struct NamedPath {
    std::string_view key;  // "read_paths"
    sandbox::Reach reach;
    // The operator may name a file of the home itself: what a market is replayed from.
    bool may_name_home = false;
    friend bool operator==(const NamedPath&, const NamedPath&) = default;
};

struct NamedPaths {
    std::vector<sandbox::OpenReach> open;
    std::vector<config::RefusedPath> refused;
};
// One that is not there is among those that are open, with its error.
NamedPaths open_named(const Home& home, const config::AccountSettings& settings,
                      const std::vector<NamedPath>& named);

// As a launch is refused for it: "account anna: read_paths '/w/venv' leads to ...".
Error refusal(const AccountId& account, const config::RefusedPath& refused);

}  // namespace bullpen::launch
