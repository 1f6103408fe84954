// Starter: turns a decision to launch into a process: the account's directories, its locks, its
// environment, the record of the launch. The decision is the fleet's; nothing is retried here.
// Used from the daemon's loop.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/config/settings.hpp"
#include "common/launch/confiner.hpp"
#include "common/process/launcher.hpp"
#include "common/vault/hand_over.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/status_board.hpp"
#include "supervisor/daemon/accounts.hpp"
#include "supervisor/fleet/fleet.hpp"
#include "supervisor/process/launch_record.hpp"

namespace bullpen::daemon {

// Files of older output kept beside stdio.log.
inline constexpr int k_older_stdio_logs = 1;
// Times its limit: what a worker has written beyond that, between two looks, is thrown away.
inline constexpr std::uint64_t k_stdio_lag = 8;

// As the status board says it.
inline ipc::MeansUse use_of(const Result<bool>& wanted) {
    return !wanted   ? ipc::MeansUse::unusable
           : *wanted ? ipc::MeansUse::in_force
                     : ipc::MeansUse::not_wanted;
}

struct StartOrder {
    LaunchNumber number;
    Fence fence;
    Nonce nonce;
    fleet::RecoveryPolicy recovery = fleet::RecoveryPolicy::none;
};

struct Started {
    pid_t pid = 0;
    std::uint64_t start_time = 0;
};

struct NotStarted {
    fleet::LaunchFailure failure = fleet::LaunchFailure::transient;
    std::string detail;
};

class Starter {
  public:
    Starter(const Home& home, const Clock& clock, process::Launcher launcher,
            process::LaunchRecord& record, std::string worker_program);

    // The account's locks are this process's only until the new one runs; afterwards they live and
    // die with it.
    std::variant<Started, NotStarted> start(const config::AccountSettings& settings,
                                            const config::DaemonSettings& daemon,
                                            const StartOrder& order, const vault::HandOver& handed);
    // Takes those of a running account's locks that nobody holds, for as long as the launch lasts
    // and this process; false when all are held. Errc::locked when somebody else was quicker.
    Result<bool> lock_again(const config::AccountSettings& settings,
                            const config::DaemonSettings& daemon, Launch& launch) const;
    // What the accounts that are started with these settings are kept in.
    [[nodiscard]] sandbox::Isolation isolation(const config::DaemonSettings& daemon) const {
        return confiner_.level(daemon.isolation);
    }

    // Whether these settings give each account a user of its own, and an error when they cannot.
    [[nodiscard]] Result<bool> users(const config::DaemonSettings& daemon) const {
        return confiner_.users(daemon.isolation);
    }
    // The same, once the home is ready for them.
    [[nodiscard]] Result<bool> prepare_users(const config::DaemonSettings& daemon) const {
        return confiner_.prepare_users(home_, daemon.isolation);
    }

    // What becomes of the control groups that these settings name.
    Result<bool> cgroups(const config::DaemonSettings& daemon) {
        return confiner_.cgroups(daemon.isolation, clock_.mono());
    }

    // Whether the kernel ended something of the account's last launch because its control group had
    // no more memory.
    [[nodiscard]] bool ran_out_of_memory(const AccountId& account) const {
        return confiner_.ran_out_of_memory(account);
    }

    void tick(MonoTime now) { confiner_.tick(now); }
    void set_worker_program(std::string path) { worker_program_ = std::move(path); }
    // Makes the account's directories ahead of its first start, which has no time for a slow disk;
    // what cannot be made is tried again, and told, at the start.
    void prepare(const AccountId& account) {
        static_cast<void>(prepare(account, home_.account(account)));
    }
    // These have been made already.
    void prepared(const std::vector<AccountId>& accounts) {
        prepared_.insert(accounts.begin(), accounts.end());
    }
    // The directories of an account may have gone: look again at its next start.
    void forget(const AccountId& account) { prepared_.erase(account); }

  private:
    Result<void> prepare(const AccountId& account, const AccountPaths& paths);
    [[nodiscard]] ipc::LockFacts lock_facts(const config::AccountSettings& settings,
                                            const StartOrder& order,
                                            const sandbox::Isolation& isolation) const;
    [[nodiscard]] process::LaunchSpec spec(const config::AccountSettings& settings,
                                           const AccountPaths& paths, const StartOrder& order,
                                           const sandbox::Isolation& isolation,
                                           const vault::HandOver& handed) const;

    const Home& home_;
    const Clock& clock_;
    process::Launcher launcher_;
    launch::Confiner confiner_;
    process::LaunchRecord& record_;
    std::string worker_program_;
    std::set<AccountId> prepared_;
};

}  // namespace bullpen::daemon
