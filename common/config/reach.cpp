#include "common/config/reach.hpp"

#include <unistd.h>

#include <algorithm>

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
    if (is_below(path, home.account(account).directory) || is_below(path, home.shared()))
        return change;
    for (const auto& kept :
         {home.accounts(), home.daemon_settings(), home.locks(), home.logs(), home.roster(),
          home.run(), home.secrets(), home.root() + "/services", home.root() + "/venue"}) {
        if (is_below(path, kept))
            return true;
    }
    return false;
}

namespace {

bool is_home(const std::string& directory) {
    return ::access((directory + "/bullpen.toml").c_str(), F_OK) == 0 &&
           ::access((directory + "/accounts.d").c_str(), F_OK) == 0;
}

// The home that the path is, or is in.
std::optional<Home> home_around(std::string path) {
    while (path.size() > 1) {
        if (is_home(path)) {
            if (auto home = Home::at(path))
                return std::move(*home);
        }
        path.resize(std::max<std::size_t>(path.rfind('/'), 1));
    }
    return std::nullopt;
}

// Empty: it may be reached.
std::string why_not(const Home& home, const AccountId& account, const std::string& path,
                    bool change) {
    if (change && is_below(path, home.account(account).directory))
        return "is the account's own directory, which it may change without that, only not make "
               "links in it; take the entry away, and have links made beside the home";
    if (opens_home(home, account, path, change))
        return "would open this home's own files to the account; name a directory that is not "
               "Bullpen's, as one beside the home";
    // Nothing there is this account's own.
    const auto other = home_around(path);
    if (other && other->root() != home.root() &&
        opens_home(*other, account, path, change || is_below(path, other->accounts())))
        return "is in another home, " + other->root() +
               ", whose own files it would open to the account; name a directory that is not "
               "Bullpen's";
    return {};
}

}  // namespace

std::optional<RefusedPath> path_into_home(const Home& home, const AccountSettings& settings) {
    for (const auto& path : settings.read_paths) {
        if (auto why = why_not(home, settings.id, path, false); !why.empty())
            return RefusedPath{"read_paths", path, std::move(why)};
    }
    for (const auto& path : settings.write_paths) {
        if (auto why = why_not(home, settings.id, path, true); !why.empty())
            return RefusedPath{"write_paths", path, std::move(why)};
    }
    return std::nullopt;
}

}  // namespace bullpen::config
