// The settings files of a home as they are on disk, read again only where they changed; inside this
// library only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/config/applied.hpp"
#include "common/config/careful_file.hpp"
#include "common/config/layer.hpp"
#include "common/config/variables.hpp"

namespace bullpen::config {

inline constexpr std::string_view k_daemon_file = "bullpen.toml";
inline constexpr std::size_t k_daemon_file_size_max = 256ULL << 10;  // bytes
inline constexpr std::size_t k_account_file_size_max = 64ULL << 10;  // bytes

// "accounts.d/alpha.toml"
std::string account_file(const AccountId& account);

struct SettingsFile {
    FileStamp stamp;
    // Whether the stamp will tell of every later change: a file that was changed again within the
    // grain of the disk's times would look the same.
    bool settled = false;
    // Nothing but blanks and comments, so that nobody can tell whether it was meant or cut.
    bool says_nothing = false;
    bool emptiness_judged = false;    // by refuse_emptied()
    std::optional<std::string> text;  // an account's only until it was recorded as applied
    Layer own;                        // bullpen.toml: the daemon's keys
    Layer defaults;                   // bullpen.toml only
    std::vector<Issue> issues;
    [[nodiscard]] bool good() const { return !has_errors(issues); }
};

SettingsFile parse_daemon_file(std::string_view text, bool ignore_unknown = false);
SettingsFile parse_account_file(const AccountId& account, std::string_view text,
                                bool ignore_unknown = false);

// What is wrong with an account's file that says nothing while the one that was applied last did.
std::optional<Issue> emptied(const AccountId& account, std::string_view text,
                             const AppliedRoster& applied);

class RosterFiles {
  public:
    explicit RosterFiles(Home home);

    void refresh(UtcTime now);
    // Refuses what says nothing any more: a full disk or an editor cuts a file to nothing, and a
    // file without a key would put the defaults in the place of every limit. `find_applied` is only
    // called when there is such a file that was not looked at yet.
    void refuse_emptied(const std::function<AppliedSearch()>& find_applied);

    [[nodiscard]] const Home& home() const { return home_; }
    [[nodiscard]] const SettingsFile& daemon() const { return daemon_; }
    // Of this process's environment, as it was started.
    [[nodiscard]] const Variables& variables() const { return variables_; }
    [[nodiscard]] const std::map<AccountId, SettingsFile>& accounts() const { return accounts_; }
    // Of accounts.d itself, and of files in it that are no account's.
    [[nodiscard]] const std::vector<Issue>& listing_issues() const { return listing_issues_; }
    // False when accounts.d could not be read, so that nothing can be told from its absence there.
    [[nodiscard]] bool listed() const { return listed_; }
    // Puts an account's text in as if its file had it.
    void put(const AccountId& account, std::string_view text);
    // Gives back the memory of an account's text.
    void forget_text(const AccountId& account);

  private:
    void refresh_daemon(UtcTime now);
    void refresh_accounts(UtcTime now);
    void list(const Descriptor& directory, std::vector<AccountId>& found);
    void look_at_name(const std::string& name, std::vector<AccountId>& found);
    void complain(std::string file, std::string message, Severity severity = Severity::error,
                  std::string nearest = {});

    Home home_;
    uid_t home_owner_;
    Variables variables_ = take_variables(own_environment());
    SettingsFile daemon_;
    std::map<AccountId, SettingsFile> accounts_;
    std::vector<Issue> listing_issues_;
    bool listed_ = false;
};

}  // namespace bullpen::config
