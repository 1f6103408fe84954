#include "supervisor/process/sweep.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <vector>

#include "common/process/proc_scan.hpp"
#include "common/process/process_facts.hpp"
#include "common/process/reaper.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/identity.hpp"

namespace bullpen::process {
namespace {

// One look at the system for one target.
class Sweep {
  public:
    Sweep(const SweepTarget& target, const std::function<bool(pid_t)>& is_worker,
          std::optional<std::uint64_t> reaped, std::optional<std::uint64_t>& only_workers_at)
        : target_(target),
          is_worker_(is_worker),
          reaped_(reaped),
          only_workers_at_(only_workers_at),
          everywhere_(target.adopted) {}

    Result<SweepStep> run() {
        look_at_group();
        find_orphans();
        BULLPEN_TRY(const ipc::LockProbe lock, ipc::AccountLock::probe(target_.lock_path));
        const bool held = lock == ipc::LockProbe::held;
        if (!held && !group_left_ && orphans_.empty() && !orphan_exits_ && !everywhere_) {
            step_.clear = true;
            return step_;
        }
        // The group first, at one blow: what is dead cannot fork.
        if (group_left_)
            ::kill(-target_.leader, SIGKILL);
        for (const pid_t pid : orphans_)
            kill_member(pid);
        const bool by_descriptor = held && look_at_lock();
        if (by_descriptor || group_left_ || everywhere_)
            scan(by_descriptor);
        step_.clear = !held && step_.killed == 0 && !orphan_exits_;
        return step_;
    }

  private:
    // Whether the leader's number still names its group and session. While one of their members
    // lives the kernel gives the number to no one else; so when another process has it, none does.
    void look_at_group() {
        if (target_.leader <= 0)
            return;
        if (const auto stat = read_stat(target_.leader)) {
            const bool leader = target_.start_time != 0 ? stat->start_time == target_.start_time
                                                        : started_by_launch(target_.leader);
            leader_alive_ = leader && !stat->dead();
            number_reused_ = !leader;
        }
        group_left_ = !number_reused_ && ::kill(-target_.leader, 0) == 0;
        group_left_ = group_left_ || leader_alive_;
    }

    [[nodiscard]] bool in_session(pid_t pid) const {
        return target_.leader > 0 && !number_reused_ &&
               (::getsid(pid) == target_.leader || ::getpgid(pid) == target_.leader);
    }
    [[nodiscard]] bool started_by_launch(pid_t pid) const {
        const auto token = started_with(pid, "BULLPEN_LAUNCH");
        if (!token || started_with(pid, "BULLPEN_ACCOUNT") != target_.account.str())
            return false;
        const auto parsed = LaunchToken::parse(*token);
        return parsed && parsed->number == target_.launch && of_this_home(pid);
    }
    // However the home was spelt when that process was started.
    [[nodiscard]] bool of_this_home(pid_t pid) const {
        const auto home = started_with(pid, "BULLPEN_HOME");
        std::error_code ignored;
        return home &&
               (*home == target_.home || std::filesystem::equivalent(*home, target_.home, ignored));
    }

    void find_orphans() {
        if (reaped_ && only_workers_at_ == reaped_)
            return;
        const auto pids = children();
        if (!pids) {
            everywhere_ = true;
            return;
        }
        only_workers_at_ = reaped_;
        for (const pid_t pid : *pids) {
            if (is_worker_(pid))
                continue;
            only_workers_at_.reset();
            if (in_session(pid) || started_by_launch(pid)) {
                orphans_.push_back(pid);
            } else if (const auto stat = read_stat(pid); stat && stat->exiting() && !stat->dead()) {
                // Killed a step ago, perhaps: nothing says any more whose it was.
                orphan_exits_ = true;
            }
        }
    }

    // Whether the holders of the lock may be killed for holding it.
    bool look_at_lock() {
        const auto facts = ipc::AccountLock::read_facts(target_.lock_path);
        if (!facts)
            return true;
        const auto token = LaunchToken::parse(facts->launch);
        const bool ours = token && token->number == target_.launch;
        step_.foreign = !ours && facts->pid > 0 && facts->pid != target_.leader &&
                        facts->boot_id == ipc::boot_id() && alive(facts->pid, facts->start_time) &&
                        may_hold_lock(facts->pid);
        if (step_.foreign)
            step_.holder = ipc::holder_text(*facts);
        return !step_.foreign;
    }

    // The facts are the holder's own words.
    [[nodiscard]] bool may_hold_lock(pid_t pid) const {
        struct stat lock {};
        return ::stat(target_.lock_path.c_str(), &lock) != 0 ||
               holds_file(pid, lock.st_dev, lock.st_ino) != Holding::no;
    }

    void scan(bool by_descriptor) {
        struct stat lock {};
        if (by_descriptor && ::stat(target_.lock_path.c_str(), &lock) != 0)
            by_descriptor = false;
        for_each_process([&](pid_t pid) {
            const bool other_worker = pid != target_.leader && is_worker_(pid);
            if (other_worker)
                return;
            const bool of_another = is_worker_(::getsid(pid)) && !in_session(pid);
            if (in_session(pid) || (!of_another && everywhere_ && started_by_launch(pid)) ||
                (by_descriptor && holds_file(pid, lock.st_dev, lock.st_ino) == Holding::yes))
                kill_member(pid);
        });
    }

    void kill_member(pid_t pid) {
        if (kill_surely(pid))
            ++step_.killed;
    }

    const SweepTarget& target_;
    const std::function<bool(pid_t)>& is_worker_;
    std::optional<std::uint64_t> reaped_;
    std::optional<std::uint64_t>& only_workers_at_;
    bool everywhere_;  // orphans are looked for among all processes
    SweepStep step_;
    bool leader_alive_ = false;
    bool number_reused_ = false;
    bool group_left_ = false;
    std::vector<pid_t> orphans_;
    bool orphan_exits_ = false;
};

}  // namespace

Sweeper::Sweeper(std::function<bool(pid_t)> is_worker, std::function<std::uint64_t()> reaped)
    : is_worker_(std::move(is_worker)), reaped_(std::move(reaped)) {}

Result<SweepStep> Sweeper::step(const SweepTarget& target) const {
    const auto reaped = reaped_ ? std::optional(reaped_()) : std::nullopt;
    return Sweep(target, is_worker_, reaped, only_workers_at_).run();
}

}  // namespace bullpen::process
