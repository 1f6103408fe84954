#include "common/config/reach.hpp"

namespace bullpen::config {

namespace {

bool is_below(std::string_view path, std::string_view directory) {
    return path.starts_with(directory) &&
           (path.size() == directory.size() || path[directory.size()] == '/' || directory == "/");
}

}  // namespace

bool opens_home(const Home& home, const AccountId& account, std::string_view path, bool change) {
    while (path.size() > 1 && path.back() == '/')
        path.remove_suffix(1);
    if (is_below(home.root(), path))
        return true;
    if (is_below(path, home.account(account).directory))
        return false;
    if (is_below(path, home.shared()))
        return change;
    for (const auto& kept :
         {home.accounts(), home.daemon_settings(), home.locks(), home.logs(), home.roster(),
          home.run(), home.secrets(), home.root() + "/services", home.root() + "/venue"}) {
        if (is_below(path, kept))
            return true;
    }
    return false;
}

std::optional<RefusedPath> path_into_home(const Home& home, const AccountSettings& settings) {
    for (const auto& path : settings.read_paths) {
        if (opens_home(home, settings.id, path, false))
            return RefusedPath{"read_paths", path};
    }
    for (const auto& path : settings.write_paths) {
        if (opens_home(home, settings.id, path, true))
            return RefusedPath{"write_paths", path};
    }
    return std::nullopt;
}

}  // namespace bullpen::config
