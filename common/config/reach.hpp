// Which paths an account may not be let reach, whatever its file says: what is another account's,
// or the home's own. Pure: paths are compared as they are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/home.hpp"
#include "common/config/settings.hpp"

namespace bullpen::config {

// Whether reaching the path, and all below it, reaches what the home keeps of others or for itself.
// The account's own directory is not that; shared/ is, where it is to be changed; what an operator
// put beside these, as the scripts of a bot, is not.
bool opens_home(const Home& home, const AccountId& account, std::string_view path, bool change);

struct RefusedPath {
    std::string_view key;  // "read_paths"
    std::string path;
};
// The first of them that opens the home; none: they are fine.
std::optional<RefusedPath> path_into_home(const Home& home, const AccountSettings& settings);

}  // namespace bullpen::config
