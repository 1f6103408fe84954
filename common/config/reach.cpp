#include "common/config/reach.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "common/config/rules.hpp"

namespace bullpen::config {

namespace {

bool is_below(std::string_view path, std::string_view directory) {
    return path.starts_with(directory) &&
           (path.size() == directory.size() || path[directory.size()] == '/' || directory == "/");
}

// Below the home's root, and the operator's own: Bullpen keeps nothing there.
constexpr std::array<std::string_view, 2> k_operators{"bin", "bots"};
// What may be a link in a home, as to another disk.
constexpr std::array<std::string_view, 12> k_parts{
    "accounts", "accounts.d", "alerts",  "bullpen.toml", "imported", "locks",
    "logs",     "run",        "secrets", "services",     "shared",   "venue"};

}  // namespace

std::string_view place_of(std::string_view read_path) {
    return names_alone(read_path) ? read_path.substr(k_names_alone.size()) : read_path;
}

bool opens_home(const Home& home, const AccountId& account, std::string_view path, bool change) {
    while (path.size() > 1 && path.back() == '/')
        path.remove_suffix(1);
    if (is_below(home.root(), path))
        return true;
    if (!is_below(path, home.root()))
        return false;
    if (is_below(path, home.account(account).directory) || is_below(path, home.shared()))
        return change;
    return std::none_of(k_operators.begin(), k_operators.end(), [&](std::string_view name) {
        return is_below(path, home.root() + "/" + std::string(name));
    });
}

namespace {

// Settings alone are none, as the examples that Bullpen comes with: they keep nothing.
bool is_home(const std::string& directory) {
    const auto has = [&](const char* name) {
        return ::access((directory + name).c_str(), F_OK) == 0;
    };
    return has("/bullpen.toml") && has("/accounts.d") &&
           (has("/accounts") || has("/run") || has("/secrets"));
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

// A real path by the names of the home: once for each part of the home that it is in, or around.
std::vector<std::string> named_in(const Home& home, const std::string& real) {
    std::vector<std::string> names{real};
    const auto add = [&](const std::string& place) {
        std::error_code ignored;
        const auto at = std::filesystem::canonical(place, ignored).string();
        if (at.empty() || at == place)
            return;
        if (is_below(real, at))
            names.push_back(place + real.substr(at.size()));
        else if (is_below(at, real))
            names.push_back(place);
    };
    add(home.root());
    for (const auto part : k_parts) {
        const auto place = home.root() + "/" + std::string(part);
        std::error_code ignored;
        if (std::filesystem::is_symlink(place, ignored))
            add(place);
    }
    return names;
}

}  // namespace

std::optional<RefusedPath> path_into_home(const Home& home, const AccountSettings& settings) {
    for (const auto& path : settings.read_paths) {
        const std::string place(place_of(path));
        if (auto why = why_not(home, settings.id, place, false); !why.empty())
            return RefusedPath{"read_paths", path, std::move(why)};
    }
    for (const auto& path : settings.write_paths) {
        if (auto why = why_not(home, settings.id, path, true); !why.empty())
            return RefusedPath{"write_paths", path, std::move(why)};
    }
    return std::nullopt;
}

std::string why_closed(const Home& home, const AccountId& account, const std::string& real,
                       bool change) {
    for (const auto& name : named_in(home, real)) {
        if (auto why = why_not(home, account, name, change); !why.empty())
            return why;
    }
    return {};
}

}  // namespace bullpen::config
