// Confiner: makes of what an account may reach and take what the kernel is given at its launch. One
// in the daemon, used from its loop: nothing but a few system calls a launch, and no waiting.
//
// A feature that the kernel has and that refuses is an error, never a launch without it; one that
// the kernel does not have is left out, and level() says so. Control groups that are wanted and
// cannot be used are left out, too, and cgroups() says so; a user or an address that an account
// asks for and cannot have keeps it from being launched.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "common/base/clock.hpp"
#include "common/launch/plan.hpp"
#include "common/process/launcher.hpp"
#include "common/sandbox/isolation.hpp"
#include "common/users/user_namespace.hpp"

namespace bullpen::launch {

class Confiner {
  public:
    Confiner();

    // What is in force for the accounts that are launched with these settings.
    [[nodiscard]] sandbox::Isolation level(const config::IsolationSettings& settings) const;
    // The same of one account, or service, that is launched with them.
    [[nodiscard]] sandbox::Isolation level(const config::IsolationSettings& settings,
                                           const config::AccountSettings& account) const;
    // Whether each account is launched as a user of its own; an error says why it cannot be.
    [[nodiscard]] Result<bool> users(const config::IsolationSettings& settings) const;
    // The same, once the home is opened to such users.
    [[nodiscard]] Result<bool> prepare_users(const Home& home,
                                             const config::IsolationSettings& settings) const;
    // What becomes of the control groups of these settings; an error says why they cannot be used.
    // Looked at anew after k_cgroups_kept.
    Result<bool> cgroups(const config::IsolationSettings& settings, MonoTime now);
    // For one launch of `program`, which may open the files of `readable` again. Points into this
    // object.
    Result<process::LaunchConfinement> confine(const Home& home,
                                               const config::AccountSettings& settings,
                                               std::string_view program,
                                               const config::IsolationSettings& wanted,
                                               std::span<const int> readable, MonoTime now);
    // Whether the kernel ended something of the account's last launch by this object because its
    // control group had no more memory.
    [[nodiscard]] bool ran_out_of_memory(const AccountId& account) const;
    // Now and then: what launches in a row share is not kept for longer than a moment.
    void tick(MonoTime now);

    static constexpr Nanos k_cgroups_kept = std::chrono::seconds(10);

  private:
    Result<void> add_means(process::LaunchConfinement& confinement, const Home& home,
                           const config::AccountSettings& settings,
                           const config::IsolationSettings& wanted, MonoTime now);
    Result<void> add_user(process::LaunchConfinement& confinement, const Home& home,
                          const config::AccountSettings& settings,
                          const config::IsolationSettings& wanted) const;
    const sandbox::Program& filter(const sandbox::CallsAllowed& allowed);

    int kernel_version_;
    bool kernel_filters_;
    users::Standing standing_;
    std::map<sandbox::CallsAllowed, sandbox::Program> filters_;
    sandbox::OpenPaths paths_;
    MonoTime paths_since_{};
    struct Cgroups {
        std::string root;
        Result<bool> use;
        MonoTime since{};
    };
    std::optional<Cgroups> cgroups_;
    struct Grouped {
        std::string root;
        std::uint64_t ended_before = 0;  // for want of memory, when it was launched
    };
    std::map<AccountId, Grouped> grouped_;  // that were launched in a group
};

// The built-in worker's own part, once it has read its settings: what it was launched with, less
// what only its start needed, and no other program from here on. Before any thread is started.
Result<void> confine_this_process(const Home& home, const config::AccountSettings& settings,
                                  const sandbox::Isolation& level);

// A service's own part, likewise, once its socket is there and before anybody is heard: from then
// on it reads `files` and what it needs of the home.
Result<void> confine_this_service(const Home& home, const AccountId& service,
                                  std::span<const std::string> files,
                                  const sandbox::Isolation& level);

}  // namespace bullpen::launch
