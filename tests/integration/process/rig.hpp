// A home, a launcher and accounts whose workers are puppets: what the tests of real processes
// share.
#pragma once

#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/base/home.hpp"
#include "common/process/launcher.hpp"
#include "common/process/reaper.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/identity.hpp"
#include "supervisor/process/launch_record.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::test {

using Lines = std::multimap<std::string, std::string>;

// One launch of a puppet, from lock to process, as the daemon does it.
struct Worker {
    AccountId account;
    LaunchNumber launch;
    pid_t pid = 0;
    std::uint64_t start_time = 0;
};

class Rig {
  public:
    Rig();
    // Kills and reaps every process of this rig.
    ~Rig();
    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;

    [[nodiscard]] const Home& home() const { return home_.home(); }
    [[nodiscard]] AccountPaths paths(const AccountId& account) const;
    process::Launcher& launcher() { return launcher_; }

    // A spec for the puppet with these arguments; makes the account's directories.
    process::LaunchSpec spec(const AccountId& account, std::vector<std::string> arguments,
                             LaunchNumber number = {1}) const;
    [[nodiscard]] ipc::LockFacts facts(const AccountId& account, LaunchNumber number) const;
    [[nodiscard]] LaunchToken token(LaunchNumber number) const { return {number, nonce_}; }
    [[nodiscard]] process::RecordedLaunch recorded(LaunchNumber number) const;

    // Takes the lock, launches with it, closes the daemon's copy.
    Worker start(const AccountId& account, std::vector<std::string> arguments,
                 LaunchNumber number = {1});
    // The pids a puppet printed as "child PID", once there are `count`.
    std::vector<pid_t> printed_children(const AccountId& account, std::size_t count) const;
    // What `puppet env FILE` wrote: the first word of each line to the rest of it.
    static Lines described(const std::string& path);

    void track(pid_t pid) { pids_.insert(pid); }

  private:
    TemporaryHome home_;
    process::Launcher launcher_;
    Nonce nonce_;
    std::set<pid_t> pids_;
};

// The value behind a Result that the test needs to go on.
template <class T>
T value(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message().c_str());
        std::abort();
    }
    return std::move(*result);
}
inline void done(const Result<void>& result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message().c_str());
        std::abort();
    }
}

}  // namespace bullpen::test
