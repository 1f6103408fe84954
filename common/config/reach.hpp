// Which paths an account may not be let reach, whatever its file says: what is another account's,
// or a home's own. Paths are compared as they are written; why_closed is asked of what was really
// opened. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/settings.hpp"

namespace bullpen::config {

// Whether reaching the path, and all below it, reaches what the home keeps of others or for itself:
// everything below its root but the account's own directory and shared/, and those two where they
// are to be changed, for the daemon reads and writes in an account's directory, so that links in it
// are not the account's to make. What an operator keeps in bin/ or bots/ is not Bullpen's. Pure.
bool opens_home(const Home& home, const AccountId& account, std::string_view path, bool change);

// What an entry of `read_paths` is about, whether it says "names:" or not.
std::string_view place_of(std::string_view read_path);

struct RefusedPath {
    std::string_view key;  // "read_paths"
    std::string path;
    std::string why;  // and what to do: "is the account's own directory, ..."
};
// The first of them that opens the home, or another home that there is on this host; none: they
// are fine. Looks at the disk for other homes.
std::optional<RefusedPath> path_into_home(const Home& home, const AccountSettings& settings);

// The first of them that reaches what no account may have, wherever the home is: the vault's key
// file, or, to be changed, the system's own files, Bullpen's programs, or all that a user has;
// none: they are fine. Looks at the disk for where links lead.
std::optional<RefusedPath> path_too_far(const AccountSettings& settings,
                                        const std::string& vault_key_file);
// Those that reach further than most programs need: nothing is refused for them.
std::vector<RefusedPath> paths_far(const AccountSettings& settings);
// What it means that another account reaches that path, too, of an account's `write_paths`; empty:
// it does not. Pure.
std::string why_shared(const std::string& write_path, const AccountSettings& other);

// The same question of one path without links, the home's own being followed: why the account may
// not be let reach what is there, and what to do. Empty: it may.
std::string why_closed(const Home& home, const AccountId& account, const std::string& real,
                       bool change);

}  // namespace bullpen::config
