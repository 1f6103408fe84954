// Undertaker: sees workers die, and clears away what they leave. It tells the fleet how each ended,
// sweeps a dead worker's tree until its lock is proven free, and keeps crash bundles. Used from the
// daemon's loop; the writing of bundles happens on the loop's helper thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/log/logger.hpp"
#include "common/loop/loop.hpp"
#include "common/process/crash_bundle.hpp"
#include "supervisor/daemon/accounts.hpp"
#include "supervisor/daemon/lease_desk.hpp"
#include "supervisor/fleet/fleet.hpp"
#include "supervisor/process/launch_record.hpp"
#include "supervisor/process/sweep.hpp"

namespace bullpen::daemon {

class Undertaker {
  public:
    // How often a tree that does not go is tried; afterwards the fleet asks again by itself.
    static constexpr int k_sweeps_max = 500;

    Undertaker(const Home& home, const Clock& clock, loop::Loop& loop, Accounts& accounts,
               fleet::Fleet& fleet, LeaseDesk& leases, process::LaunchRecord& record,
               log::Logger& log);

    // SIGCHLD, and whenever else it suits.
    void reap();
    // Watches a worker that is not our child.
    Result<void> watch(Account& account);
    // Children that are no workers: `ended` is called with how they ended.
    void expect(pid_t pid, std::function<void(const process::Exited&)> ended);

    // Actions of the fleet.
    void sweep(const AccountId& account, LaunchNumber launch);
    void bundle(const AccountId& account, LaunchNumber launch, model::Reason reason,
                const std::string& why);
    // Writes what was to be written after this step; a daemon that ends has no later one.
    void write_bundles();
    // Called when something changed that the fleet should be asked about.
    void on_change(std::function<void()> told) { told_ = std::move(told); }

    // What takes the values of an account's credentials out of a text that is kept.
    using Scrub = process::CrashBundle::Scrub;
    void scrub_with(std::function<Scrub(const AccountId&)> scrub) { scrub_ = std::move(scrub); }

    // Says of an account that a signal ended whether the kernel did it for want of memory.
    void ask_memory(std::function<bool(const AccountId&)> ran_out) {
        ran_out_ = std::move(ran_out);
    }

    // Before the fleet begins: what is left of a tree nobody watches.
    void adopt_leftover(process::SweepTarget target);

  private:
    struct Sweep {
        process::SweepTarget target;
        int steps = 0;
    };
    void ended(Account& account, fleet::ExitStatus status, const std::string& how);
    void adopted_ended(const AccountId& id, LaunchNumber launch);
    bool step(Sweep& sweep);
    void step_all();
    [[nodiscard]] std::string facts(const Account& account, model::Reason reason,
                                    const std::string& why) const;

    const Home& home_;
    const Clock& clock_;
    loop::Loop& loop_;
    Accounts& accounts_;
    fleet::Fleet& fleet_;
    LeaseDesk& leases_;
    process::LaunchRecord& record_;
    log::Logger& log_;
    process::Sweeper sweeper_;
    std::map<AccountId, Sweep> sweeps_;
    std::map<pid_t, std::function<void(const process::Exited&)>> expected_;
    std::vector<process::Exited> exited_;
    std::uint64_t reaped_ = 0;
    struct Bundle {
        AccountId account;
        process::CrashBundle taken;
        model::Reason reason;
        std::string facts;
        std::size_t keep = 0;
        Scrub scrub;
    };
    std::vector<Bundle> bundles_;  // to be written when the successors are on their way
    std::function<void()> told_;
    std::function<Scrub(const AccountId&)> scrub_;
    std::function<bool(const AccountId&)> ran_out_;
};

}  // namespace bullpen::daemon
