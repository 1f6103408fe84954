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

namespace {

// What is the system's: whoever changes it runs as others.
constexpr std::array<std::string_view, 30> k_system{
    "/bin",           "/boot",           "/etc",           "/lib",          "/lib32",
    "/lib64",         "/libx32",         "/proc",          "/sbin",         "/sys",
    "/usr/bin",       "/usr/games",      "/usr/include",   "/usr/lib",      "/usr/lib32",
    "/usr/lib64",     "/usr/libx32",     "/usr/libexec",   "/usr/sbin",     "/usr/share",
    "/usr/src",       "/run/systemd",    "/run/dbus",      "/run/udev",     "/usr/local/bin",
    "/usr/local/lib", "/usr/local/sbin", "/usr/local/etc", "/var/lib/dpkg", "/var/spool/cron"};
// In these much is not the system's, but they are as a whole.
constexpr std::array<std::string_view, 2> k_whole_is_the_systems{"/dev", "/run"};

std::string_view without_slash(std::string_view path) {
    while (path.size() > 1 && path.back() == '/')
        path.remove_suffix(1);
    return path;
}

// Whether one is the other, or is in it.
bool paths_meet(std::string_view one, std::string_view other) {
    one = without_slash(one);
    other = without_slash(other);
    return is_below(one, other) || is_below(other, one);
}

// Where it leads, as far as it is there.
std::string led_to(const std::string& path) {
    std::error_code code;
    auto real = std::filesystem::weakly_canonical(path, code).string();
    return code || real.empty() ? path : real;
}

// "/home", "/root", "/home/joan": all that users have, or one of them.
bool is_whole_home(std::string_view path) {
    constexpr std::string_view k_homes = "/home/";
    return path == "/home" || path == "/root" ||
           (path.starts_with(k_homes) && path.substr(k_homes.size()).find('/') == path.npos);
}

bool is_for_all(std::string_view path) {
    return path == "/tmp" || path == "/var/tmp" || path == "/dev/shm";
}

const std::string& programs() {
    static const std::string directory = [] {
        std::error_code code;
        return std::filesystem::read_symlink("/proc/self/exe", code).parent_path().string();
    }();
    return directory;
}

std::string why_not_changed(std::string_view path) {
    const auto why = [&](std::string_view place) {
        return (is_below(path, place) ? "is the system's"
                                      : "holds " + std::string(place) + ", which is the system's") +
               ", and who changes that runs as others; name a directory of its own";
    };
    for (const auto place : k_system) {
        if (paths_meet(path, place))
            return why(place);
    }
    for (const auto place : k_whole_is_the_systems) {
        if (is_below(place, path))
            return why(place);
    }
    if (is_whole_home(path))
        return "is all that a user has, and who changes that runs as them; name a directory in it";
    if (!programs().empty() && paths_meet(path, programs()))
        return "holds the programs of Bullpen, or is in their directory; name a directory of its "
               "own";
    return {};
}

}  // namespace

std::optional<RefusedPath> path_too_far(const AccountSettings& settings,
                                        const std::string& vault_key_file) {
    // Most accounts name none, and the disk is not asked for each of five hundred.
    if (settings.read_paths.empty() && settings.write_paths.empty())
        return std::nullopt;
    const auto key = vault_key_file.empty() ? std::string() : led_to(vault_key_file);
    const auto opens_key = [&](const std::string& path) {
        return !key.empty() && (is_below(vault_key_file, without_slash(path)) ||
                                is_below(key, without_slash(led_to(path))));
    };
    const std::string why_key =
        "holds the key of the vault (vault.key_file), which opens every account's credentials; "
        "name another directory, or keep the key elsewhere";
    for (const auto& path : settings.read_paths) {
        if (!names_alone(path) && opens_key(path))
            return RefusedPath{"read_paths", path, why_key};
    }
    for (const auto& path : settings.write_paths) {
        if (opens_key(path))
            return RefusedPath{"write_paths", path, why_key};
        for (const auto& place : {std::string(without_slash(path)), led_to(path)}) {
            if (auto why = why_not_changed(place); !why.empty())
                return RefusedPath{"write_paths", path, std::move(why)};
        }
    }
    return std::nullopt;
}

std::vector<RefusedPath> paths_far(const AccountSettings& settings) {
    std::vector<RefusedPath> far;
    for (const auto& path : settings.read_paths) {
        const auto place = without_slash(path);
        if (names_alone(path))
            continue;
        if (is_whole_home(place))
            far.push_back({"read_paths", path,
                           "lets the account read all that a user has, keys and settings of other "
                           "programs too; name what its program needs of it"});
        else if (place == "/etc" || is_for_all(place))
            far.push_back({"read_paths", path,
                           "lets the account read what all programs of this host keep there; name "
                           "what its program needs of it"});
    }
    for (const auto& path : settings.write_paths) {
        if (is_for_all(without_slash(path)))
            far.push_back({"write_paths", path,
                           "lets the account change what all programs of this host keep there; "
                           "each account has a tmp/ of its own"});
    }
    return far;
}

std::string why_shared(const std::string& write_path, const AccountSettings& other) {
    const auto meets = [&](const std::string& path) { return paths_meet(write_path, path); };
    const auto among = [&](const std::vector<std::string>& paths) {
        return std::any_of(paths.begin(), paths.end(), meets);
    };
    if (among(other.write_paths))
        return "is also " + other.id.str() +
               "'s to change: what one of the two writes there, the other can read and change; "
               "give each a directory of its own";
    if (among(other.read_paths) || among(other.command))
        return "is also " + other.id.str() +
               "'s to read and run: what is changed there may be its program; give each a "
               "directory of its own";
    return {};
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
