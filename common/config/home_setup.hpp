// Finding, making and editing a home, for the command-line tools.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/home.hpp"
#include "common/base/result.hpp"

namespace bullpen::config {

// The home a program works on: `flag` (what --home said) when there is one, else $BULLPEN_HOME,
// else /var/lib/bullpen. The only environment variable that settings are ever taken from.
Result<Home> find_home(const std::optional<std::string>& flag);
// The same where an option that was not given is empty.
Result<Home> home_of(const std::string& option);

// Why it is no home that this user may run a daemon on; empty when it is one.
std::string unfit_to_run(const Home& home);

// Makes the directories of a home with their modes and, where they are missing, an annotated
// bullpen.toml and accounts.d/example.toml.off. What exists stays as it is. Returns the paths made.
Result<std::vector<std::string>> make_home(const Home& home);

// The text of bullpen.toml with every key, its default and its meaning as comments.
std::string annotated_daemon_settings();
// The same for one account's file.
std::string annotated_account_settings();

// A file for a new account with these keys set, each value as on a command line ("priority", "10";
// "label", "Joan's MES"). Every key is validated.
Result<std::string> new_account_text(const AccountId& account,
                                     const std::vector<std::pair<std::string, std::string>>& keys);
// Writes accounts.d/<account>.toml; fails with EEXIST when there is one.
Result<void> create_account_file(const Home& home, const AccountId& account, std::string_view text);
// Replaces accounts.d/<account>.toml atomically, keeping its mode.
Result<void> replace_account_file(const Home& home, const AccountId& account,
                                  std::string_view text);
// The file's text, with the care that the roster takes.
Result<std::string> read_account_text(const Home& home, const AccountId& account);

// Sets `enabled` in an account file's text and leaves every other character as it was.
Result<std::string> set_enabled(std::string_view text, bool enabled);
// Fits the text to another account's file: an `account = "..."` line, if there is one, names it.
Result<std::string> set_account(std::string_view text, const AccountId& account);

}  // namespace bullpen::config
