// The rosters that were in force, in HOME/run/applied; inside this library only. Each is one text
// file with all its settings files in it, `roster.<number>`; the greatest number is the newest. A
// file is written beside its place, synced and renamed, and ends with a checksum, so that after any
// crash there is the old one or the new one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/config/roster.hpp"

namespace bullpen::config {

struct AppliedRoster {
    std::uint64_t number = 0;  // 0 = none
    UtcTime since{};
    std::string path;
    std::string daemon_text;                    // bullpen.toml
    std::map<AccountId, std::string> accounts;  // accounts.d/<account>.toml
};

struct AppliedSearch {
    AppliedRoster newest;              // number 0 when there is no good one
    std::vector<std::string> damaged;  // paths of newer ones that cannot be used
};
// With `only`, no other account's text is kept: a worker has no use for 500 of them.
AppliedSearch newest_applied(const Home& home, const AccountId* only = nullptr);

// Writes `roster` as the newest and removes all but `keep` older ones; fills in number and path.
Result<void> store_applied(const Home& home, AppliedRoster& roster, int keep);

// Whether an account without a file may leave at once: it is not in that roster, or bullpenctl took
// it out after that was applied. `rename` leaves no directory behind, `remove` puts the file aside.
// What is said of one that is not flat, and whose file is gone otherwise, ends with k_gone.
inline constexpr const char* k_gone =
    ": nobody looks after it once it is removed, so it goes on with its last good settings; put "
    "its file back, or flatten first (a program of its own: stop it when it is flat), then remove "
    "it by an update";
bool may_leave(const Home& home, const AccountId& account, const AppliedRoster& applied);

// The text of one account's file, to be put beside the account's other files.
struct SettingsCopy {
    AccountId account;
    std::string text;
    UtcTime since{};  // when it came into force
};
// The copies of what differs from `old`.
std::vector<SettingsCopy> copies_due(const AppliedRoster& old, const AppliedRoster& next);
// What cannot be written is left out: nothing depends on it.
void place_copies(const Home& home, const std::vector<SettingsCopy>& copies);

// The file's text for a roster, and back; Errc::corrupt when it is damaged or of a newer form.
std::string to_text(const AppliedRoster& roster);
Result<AppliedRoster> parse_applied(std::string_view text, const AccountId* only = nullptr);

}  // namespace bullpen::config
