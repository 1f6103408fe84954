#include "supervisor/process/adoption.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <set>

#include "common/process/proc_scan.hpp"
#include "common/process/process_facts.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/identity.hpp"
#include "ipc/lock_files.hpp"

namespace bullpen::process {
namespace {

// What is known of one account, and the search for its worker.
class Search {
  public:
    Search(const Home& home, const AccountId& account, const RecordedLaunch* recorded,
           Adoption& found)
        : home_(home),
          account_(account),
          recorded_(recorded),
          found_(found),
          path_(home.account(account).lock) {}

    void run() {
        const auto probe = ipc::AccountLock::probe(path_);
        if (!probe) {
            found_.foreign.push_back({account_, 0, probe.error().message()});
            return;
        }
        if (*probe == ipc::LockProbe::free)
            look_at_free_lock();
        else
            look_at_held_lock();
    }

  private:
    [[nodiscard]] bool pending() const { return recorded_ != nullptr && !recorded_->ended; }
    [[nodiscard]] bool recorded_runs() const {
        return pending() && recorded_->pid > 0 && recorded_->boot_id == ipc::boot_id() &&
               alive(recorded_->pid, recorded_->start_time);
    }
    void add_lost() {
        if (pending())
            found_.lost.push_back({account_, recorded_->launch});
    }

    // Its file was removed, or the worker let go of it: it runs all the same, and is the only one.
    void look_at_free_lock() {
        if (recorded_runs())
            add_recorded();
        else
            add_lost();
    }
    void add_recorded() {
        found_.live.push_back({account_, recorded_->launch, recorded_->fence, recorded_->nonce,
                               recorded_->pid, recorded_->start_time, recorded_->fingerprint,
                               FoundBy::record});
    }

    void look_at_held_lock() {
        struct stat status {};
        if (::stat(path_.c_str(), &status) != 0) {
            found_.foreign.push_back({account_, 0, "the lock file cannot be looked at"});
            return;
        }
        facts_ = ipc::AccountLock::read_facts(path_).value_or(ipc::LockFacts{});
        const auto holds = [&](pid_t pid) { return holds_file(pid, status.st_dev, status.st_ino); };
        const auto named = facts_.boot_id == ipc::boot_id() && alive(facts_.pid, facts_.start_time)
                               ? holds(facts_.pid)
                               : Holding::no;
        // Where the lock names no other holder it is held for this one: by its tree, or by the
        // daemon.
        if (recorded_runs()) {
            if (facts_.pid == recorded_->pid || named == Holding::no ||
                holds(recorded_->pid) != Holding::no)
                return add_recorded();
            // Another has taken what it let go of: one of the two has to go.
            found_.leftovers.push_back(
                {account_, recorded_->launch, recorded_->pid, recorded_->start_time});
        }
        if (auto token = LaunchToken::parse(facts_.launch))
            token_ = *token;
        if (named == Holding::yes || (named == Holding::unknown && fits_record()))
            return add_named(facts_.pid, FoundBy::lock_facts);
        // A worker can write into its own lock file, and what the file says of another process must
        // not be done to that one. Of a launch that is not over the record is believed.
        if (pending() && !fits_record())
            token_.reset();
        else if (named == Holding::unknown)
            return found_.foreign.push_back({account_, facts_.pid, ipc::holder_text(facts_)});
        look_for_holder(status.st_dev, status.st_ino);
    }

    [[nodiscard]] bool fits_record() const {
        return recorded_ != nullptr && token_ && recorded_->launch == token_->number &&
               recorded_->nonce == token_->nonce;
    }

    // The process that was launched is known and gone: whatever holds its lock was started by it.
    [[nodiscard]] bool leader_died() const {
        const auto gone = [](pid_t pid, std::uint64_t start_time, const std::string& boot) {
            return pid > 0 && (boot != ipc::boot_id() || !alive(pid, start_time));
        };
        return gone(facts_.pid, facts_.start_time, facts_.boot_id) ||
               (fits_record() && gone(recorded_->pid, recorded_->start_time, recorded_->boot_id));
    }

    // A launch of this home says so by its token in the record, or by the home in the facts.
    [[nodiscard]] bool of_this_home() const {
        return token_ && (fits_record() || facts_.home == home_.root());
    }

    void add_named(pid_t pid, FoundBy how) {
        const auto stat = read_stat(pid);
        if (!of_this_home() || !stat) {
            found_.foreign.push_back({account_, pid, ipc::holder_text(facts_)});
            return;
        }
        LiveWorker worker{
            account_, token_->number, Fence{facts_.fence}, token_->nonce, pid, stat->start_time, 0,
            how};
        if (recorded_ != nullptr && recorded_->launch == token_->number)
            worker.fingerprint = recorded_->fingerprint;
        found_.live.push_back(std::move(worker));
    }

    // The lock is held, and not by the process it should be. Either a daemon died between starting
    // a process and learning its pid, or the leader is dead and a descendant keeps the lock.
    void look_for_holder(dev_t device, ino_t inode) {
        if (token_ && !leader_died()) {
            for_each_process([&](pid_t pid) {
                if (leader_ == 0 && ::getsid(pid) == pid &&
                    holds_file(pid, device, inode) == Holding::yes &&
                    started_with(pid, "BULLPEN_LAUNCH") == facts_.launch)
                    leader_ = pid;
            });
        }
        if (leader_ != 0) {
            add_named(leader_, FoundBy::descriptor);
            return;
        }
        Leftover leftover{account_, {}, 0, 0};
        if (pending()) {
            leftover.launch = recorded_->launch;
            leftover.leader = recorded_->pid;
            leftover.start_time = recorded_->start_time;
        } else if (token_) {
            // Not who led it: that is only what its own file says.
            leftover.launch = token_->number;
        }
        found_.leftovers.push_back(std::move(leftover));
        add_lost();
    }

    const Home& home_;
    const AccountId& account_;
    const RecordedLaunch* recorded_;
    Adoption& found_;
    std::string path_;
    ipc::LockFacts facts_;
    std::optional<LaunchToken> token_;
    pid_t leader_ = 0;
};

// A process is one account's: of those that name it, the one that the record does.
void leave_one_of_each(Adoption& found) {
    std::map<pid_t, int> named;
    for (const LiveWorker& worker : found.live)
        ++named[worker.pid];
    std::erase_if(found.live, [&](const LiveWorker& worker) {
        const bool doubtful = named[worker.pid] > 1 && worker.found_by != FoundBy::record;
        if (doubtful)
            found.foreign.push_back({worker.account, worker.pid, "a process of another account"});
        return doubtful;
    });
}

}  // namespace

Adoption find_live_workers(const Home& home, const LaunchRecord& record,
                           const std::vector<AccountId>& accounts) {
    std::set<AccountId> all(accounts.begin(), accounts.end());
    for (const auto& [account, recorded] : record.accounts())
        all.insert(account);
    // A worker is found, too, whose account left the roster.
    all.merge(ipc::locked_accounts(home.locks()));
    Adoption found;
    for (const AccountId& account : all)
        Search(home, account, record.launch_of(account), found).run();
    leave_one_of_each(found);
    return found;
}

}  // namespace bullpen::process
