// The roster: which accounts this home runs, and how. RosterReader reads bullpen.toml and
// accounts.d/*.toml, keeps what it has read, and puts the last good version in the place of a file
// that is broken. The daemon reads, shows the difference, applies it to its fleet, and then records
// the versions in force with apply(); bullpenctl only reads.
//
// One thread. Reads files and nothing else, but for apply(). A file that is being written is read
// again at the next read().
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/config/issue.hpp"
#include "common/config/settings.hpp"

namespace bullpen::config {

struct Roster {
    // False when bullpen.toml is broken and no good version of it is known: nothing may be run.
    bool usable = false;
    DaemonSettings daemon;
    std::map<AccountId, AccountSettings> accounts;

    // Accounts in `accounts` whose file is broken, or gone under an open position: their last good
    // version is in force.
    std::set<AccountId> kept;
    // Of those, the ones whose file is gone while they hold something: what that means, for people.
    std::map<AccountId, std::string> gone;
    // Accounts that have a file, but neither it nor a last good version can be used; they are not
    // in `accounts`, and wait with Reason::settings_invalid.
    std::set<AccountId> invalid;
    bool daemon_kept = false;  // bullpen.toml is broken, its last good version is in force

    std::vector<Issue> problems;  // errors and notes of all files, in the order of files and lines

    // The accounts in the order in which they start: by priority, then by name.
    [[nodiscard]] std::vector<AccountId> start_order() const;
};

// Where one value came from, for `config show --origin`.
struct Origin {
    std::string key;
    std::string value;  // as TOML writes it
    // "accounts.d/alpha.toml:5", "bullpen.toml:31", "default"; of a version that is kept:
    // "accounts.d/alpha.toml:5 as applied in run/applied/roster.00000012".
    std::string source;
    friend bool operator==(const Origin&, const Origin&) = default;
};
std::string json(const std::vector<Origin>& origins);

class RosterReader {
  public:
    explicit RosterReader(Home home);
    ~RosterReader();
    RosterReader(RosterReader&&) noexcept;
    RosterReader& operator=(RosterReader&&) noexcept;

    // Reads what changed since the last call (by inode, size, mtime and ctime) and puts the roster
    // together. Never fails as a whole: what is wrong is in `problems`. `now` is only used to see
    // that a file changed too recently for its times to tell. `held` are the accounts that are not
    // flat, with what they hold: such a one does not leave with its file, but for one that
    // `bullpenctl remove` or `rename` took out, which have asked whether it is flat.
    Roster read(UtcTime now, const std::map<AccountId, std::string>& held = {});

    // Records the roster in force in HOME/run/applied, atomically and durably, and drops versions
    // beyond previous_versions_keep. Does nothing when nothing changed. `roster` must be what the
    // last read() returned.
    Result<void> apply(const Roster& roster, UtcTime now);

    // Puts the text of each account's file that apply() found changed beside the account's other
    // files, so that whoever looks at its directory sees what it runs with. Apart from apply(),
    // because no start should wait for hundreds of files that nothing reads.
    void place_copies();

    // Every key of the account, or of the daemon, as the last read() saw it.
    [[nodiscard]] Result<std::vector<Origin>> origin(const AccountId& account) const;
    [[nodiscard]] std::vector<Origin> daemon_origin() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// All that is wrong in a home's settings, for `bullpend --check` and `bullpenctl check`; the last
// good versions do not hide anything here.
std::vector<Issue> check_home(const Home& home);

// What would be wrong with these accounts, given by the texts of their files, if the home had them
// too: by the rules that the daemon takes them up by. Nothing is written.
std::vector<Issue> check_added(const Home& home, const std::map<AccountId, std::string>& added);

// The settings that the daemon applied last for this account: what a worker it launched goes by.
// Errc::not_found when none were.
Result<AccountSettings> applied_account(const Home& home, const AccountId& account);
// The same of all accounts; one whose settings this release cannot take is left out. Empty when no
// roster was applied.
std::map<AccountId, AccountSettings> applied_accounts(const Home& home);
// The daemon's own, likewise. Errc::not_found when none were applied.
Result<DaemonSettings> applied_daemon(const Home& home);
// The account's settings as its file says now, for a worker started by hand without a daemon. The
// error names the first problem.
Result<AccountSettings> read_account(const Home& home, const AccountId& account);
// The settings that the text of an account's file gives without any [defaults], for programs that
// run a strategy without a home. The error names the first problem, and `source` for the file that
// there is not.
Result<AccountSettings> settings_from_text(const AccountId& account, std::string_view text,
                                           std::string_view source);
// bullpen.toml as it says now, likewise.
Result<DaemonSettings> read_daemon(const Home& home);

// An older state of the roster that was in force.
struct AppliedVersion {
    std::uint64_t number = 0;
    UtcTime since{};
    std::string path;  // a text file with every settings file of that roster in it
};
// Newest first.
std::vector<AppliedVersion> applied_versions(const Home& home);

}  // namespace bullpen::config
