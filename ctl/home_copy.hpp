// `bullpenctl backup` and `restore`: a copy of a home that may be running, from which a home can be
// made again. What is in it: settings, the roster, sealed credentials, every account's state and
// journal and what a program of its own keeps in its directory, the paper exchange's books, fences.
// What is not: the vault's key, locks, sockets, logs, crash bundles, temporary files.
//
// A state file is replaced as a whole and a journal only grows, so an account's copy is consistent
// when its state is copied before its journal; each copy is looked through afterwards, and made
// anew when the journal was cut in between. What of one account cannot be copied is told, and keeps
// nothing of the others back. A backup is a directory with SHA256SUMS in it, as sha256sum writes
// it; it has its name only once it was read back. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "ctl/command.hpp"

namespace bullpen::ctl {

inline constexpr const char* k_sums = "SHA256SUMS";
inline constexpr const char* k_backup_facts = "backup.json";

struct CopiedFile {
    std::string path;  // from the home, and from the backup's `home/`
    std::string sha256;
    std::uint64_t bytes = 0;
};

enum class CopyState : std::uint8_t {
    whole,   // state and journal are Bullpen's, and fit together
    own,     // its program keeps something of its own under those names
    damaged  // copied as it is; it was not whole in the home either
};
std::string_view word(CopyState state);

// What a backup holds of one account.
struct CopiedAccount {
    std::string account;
    std::uint64_t state_sequence = 0;  // the last journal record that its state includes
    std::uint64_t last_sequence = 0;   // the last one of its journal
    CopyState state = CopyState::whole;
};

// Something of the home that belongs into a backup and is not in it, or not whole.
struct Missed {
    std::string path;  // from the home
    std::string why;
};

// One file, its mode and its holes with it, durable. A link is refused. Errc::unavailable,
// Errc::invalid and Errc::too_large, of a file that is longer than `bytes_max`, are of the source;
// a source that is not there keeps its errno.
Result<CopiedFile> copy_file(const std::string& from, const std::string& to,
                             std::uint64_t bytes_max = UINT64_MAX);
// What the copy of a home in `root` has of an account, looked through: its state can be read, and
// the journal has every record from there on. Errc::corrupt names the account.
Result<CopiedAccount> look_through(const std::string& root, const AccountId& account);
// The accounts that have a directory in the home in `root`.
Result<std::vector<AccountId>> accounts_in(const std::string& root);

int back_up(Context& context);
int restore(Context& context);

}  // namespace bullpen::ctl
