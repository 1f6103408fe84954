// AccountContext: everything of one account, handed on by reference. Whatever acts for an account
// or holds its data is made with one, so it cannot be made for nobody or for two; there are no
// globals and no current account. It can only be made with the account's lock in hand, and keeps it
// for as long as it lives.
//
// One context belongs to one thread; contexts of different accounts share nothing and may live in
// different threads.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/config/settings.hpp"
#include "common/log/audit_log.hpp"
#include "common/log/logger.hpp"
#include "common/model/instrument.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/journal.hpp"
#include "common/storage/state_store.hpp"
#include "common/time/holidays.hpp"
#include "common/vault/credentials.hpp"
#include "ipc/account_lock.hpp"

namespace bullpen::worker {

// The schema of the `data` in the state file that this program writes.
inline constexpr std::uint32_t k_state_schema = 1;

// The kernel's locks that make this process the one that acts for the account.
struct AccountLocks {
    ipc::AccountLock account;
    std::optional<ipc::BrokerAccountLock> broker;
};

// What a process is for. To close what is held, or to see to its stop, takes no decision: a table
// of the home that is broken does not keep an account from being made safe.
enum class Purpose : std::uint8_t { trade, recover };

class AccountContext {
  public:
    // Reads the home's table of instruments; Errc::invalid when anything is wrong in it, unless the
    // purpose is to recover: then the built-in one counts, and the log says so. `files` and `clock`
    // outlive it. `launch` is none for a worker started by hand. Makes the account's directories.
    // The error is wrong_account when the lock or the settings are of another one.
    static Result<std::unique_ptr<AccountContext>> open(
        const Home& home, config::AccountSettings settings, AccountLocks locks,
        std::optional<LaunchToken> launch, storage::FileSystem& files, const Clock& clock,
        Purpose purpose = Purpose::trade);
    AccountContext(const AccountContext&) = delete;
    AccountContext& operator=(const AccountContext&) = delete;
    ~AccountContext();

    [[nodiscard]] const AccountId& id() const { return settings_.id; }
    [[nodiscard]] const Home& home() const { return home_; }
    [[nodiscard]] const AccountPaths& paths() const { return paths_; }
    [[nodiscard]] const config::AccountSettings& settings() const { return settings_; }
    // The home's, or the built-in ones; they live as long as the context.
    [[nodiscard]] const model::Instruments& instruments() const { return instruments_; }
    // The home's table of holidays; to recover the built-in one where that is broken, and the log
    // says so.
    [[nodiscard]] Result<time::HolidayTable> holidays();
    [[nodiscard]] const std::optional<LaunchToken>& launch() const { return launch_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }
    [[nodiscard]] storage::FileSystem& files() { return files_; }
    [[nodiscard]] log::Logger& log() { return *log_; }
    // Lines with figures of each run, kept apart from the log that people read.
    [[nodiscard]] log::Logger& performance() { return *performance_; }
    [[nodiscard]] log::AuditLog& audit() { return *audit_; }
    [[nodiscard]] storage::StateStore& state() { return state_; }
    [[nodiscard]] AccountLocks& locks() { return locks_; }
    // What it proves itself with at its broker; without a field when it was handed nothing.
    [[nodiscard]] const vault::Credentials& credentials() const { return credentials_; }
    // Once, before anything needs them: no log of the account will have their values in it.
    // Errc::wrong_account when they are another's.
    Result<void> take_credentials(vault::Credentials credentials);

    // The journal, after open_journal() succeeded.
    Result<void> open_journal(std::uint64_t next_at_least);
    [[nodiscard]] storage::Journal& journal();

  private:
    AccountContext(const Home& home, config::AccountSettings settings,
                   model::Instruments instruments, AccountLocks locks,
                   std::optional<LaunchToken> launch, storage::FileSystem& files,
                   const Clock& clock, Purpose purpose);
    void warn_goes_without(std::string_view what, const Error& error);

    Home home_;
    Purpose purpose_;
    config::AccountSettings settings_;
    model::Instruments instruments_;
    AccountPaths paths_;
    AccountLocks locks_;
    std::optional<LaunchToken> launch_;
    storage::FileSystem& files_;
    const Clock& clock_;
    std::unique_ptr<log::Logger> log_;
    std::unique_ptr<log::Logger> performance_;
    std::unique_ptr<log::AuditLog> audit_;
    storage::StateStore state_;
    vault::Credentials credentials_;
    std::optional<storage::Journal> journal_;
};

}  // namespace bullpen::worker
