#include "common/launch/confiner.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/service.hpp"
#include "common/launch/bind_address.hpp"
#include "common/launch/cgroup.hpp"
#include "common/launch/unix_user.hpp"
#include "common/users/giving.hpp"
#include "common/users/numbers.hpp"
#include "common/users/ways.hpp"

namespace bullpen::launch {

namespace {

// Long enough for a fleet that starts; a file that is replaced by another is found soon.
constexpr Nanos k_paths_kept = std::chrono::seconds(1);
constexpr mode_t k_directory_mode = 0700;
constexpr mode_t k_shared_mode = 0750;
constexpr const char* k_passwd = "/etc/passwd";

using Ports = std::vector<std::uint16_t>;

Result<sandbox::Walls> walls_of(Plan&& plan, const Home& home,
                                const config::AccountSettings& settings,
                                std::span<const int> readable) {
    auto named = open_named(home, settings, plan.named);
    if (!named.refused.empty())
        return fail(refusal(settings.id, named.refused.front()));
    return sandbox::Walls{std::move(plan.reach),
                          std::move(named.open),
                          {readable.begin(), readable.end()},
                          !plan.calls.signals,
                          plan.calls.network ? std::nullopt : std::optional(Ports())};
}

// Nobody but who can become the account's user can run it until its files are given back.
Result<void> still_own(const std::string& directory, const std::string& lacking) {
    struct stat facts {};
    if (::stat(directory.c_str(), &facts) == 0 && facts.st_uid != ::geteuid())
        return fail(Errc::refused, directory + " belongs to user " + std::to_string(facts.st_uid) +
                                       ", whom this daemon cannot start it as: " + lacking);
    return {};
}

// Of this process, for good.
Result<void> enter(Plan&& plan, const Home& home, const config::AccountSettings& settings,
                   const sandbox::Isolation& level) {
    if (level.landlock == 0 && !level.calls_filtered)
        return {};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno("cannot give up privileges");
    if (level.landlock > 0) {
        sandbox::OpenPaths paths;
        BULLPEN_TRY(const auto walls, walls_of(std::move(plan), home, settings, {}));
        BULLPEN_TRY(const auto ruleset, sandbox::make_ruleset(level.landlock, walls, paths));
        BULLPEN_CHECK(sandbox::enter_ruleset(ruleset));
    }
    return level.calls_filtered ? sandbox::refuse_new_programs() : Result<void>{};
}

}  // namespace

Confiner::Confiner()
    : kernel_version_(sandbox::landlock_version()),
      kernel_filters_(sandbox::seccomp_available() && sandbox::calls_can_be_filtered()),
      standing_(users::standing()) {}

sandbox::Isolation Confiner::level(const config::IsolationSettings& settings) const {
    return {version_in_use(kernel_version_, settings.landlock_max),
            kernel_filters_ && settings.seccomp};
}

sandbox::Isolation Confiner::level(const config::IsolationSettings& settings,
                                   const config::AccountSettings& account) const {
    auto level = this->level(settings);
    level.own_user =
        !account.unix_user.empty() || (!is_service(account.id) && users(settings).value_or(false));
    return level;
}

Result<bool> Confiner::users(const config::IsolationSettings& settings) const {
    if (settings.users == config::WorkerUsers::home)
        return false;
    if (!standing_.range)
        return fail(Errc::refused, standing_.lacking);
    return true;
}

Result<bool> Confiner::prepare_users(const Home& home,
                                     const config::IsolationSettings& settings) const {
    BULLPEN_TRY(const bool wanted, users(settings));
    if (wanted) {
        BULLPEN_CHECK(users::open_ways(home));
        BULLPEN_CHECK(users::begin_numbers(home));
    }
    return wanted;
}

Result<process::LaunchConfinement> Confiner::confine(const Home& home,
                                                     const config::AccountSettings& settings,
                                                     std::string_view program,
                                                     const config::IsolationSettings& wanted,
                                                     std::span<const int> readable, MonoTime now) {
    tick(now);
    const auto level = this->level(wanted);
    process::LaunchConfinement confinement;
    const bool service = is_service(settings.id);
    if (service) {
        for (const auto& directory : service_directories(home, settings.id)) {
            // Accounts may be other users, of this one's group.
            const bool shared = directory.starts_with(home.shared() + "/");
            BULLPEN_CHECK(make_directories(directory, shared ? k_shared_mode : k_directory_mode));
        }
    }
    // Logs, and locks, of accounts that are other users'.
    confinement.reads_all = service && standing_.range && users::has_numbers(home);
    // It reads what all of them write and reaches out; it confines itself (notify/walls.hpp).
    if (settings.id.str() == k_notify_service) {
        confinement.gives_up_privileges = confinement.reads_all;
        return confinement;
    }
    auto plan = service ? plan_for_service(home, settings.id, Phase::launch, {})
                        : plan_for(home, settings, program, Phase::launch);
    if (level.calls_filtered) {
        auto allowed = plan.calls;
        allowed.truncate = level.landlock >= sandbox::k_landlock_truncate;
        allowed.signals = allowed.signals || level.landlock >= sandbox::k_landlock_signals;
        confinement.calls = filter(allowed);
    }
    if (level.landlock > 0) {
        BULLPEN_TRY(const auto walls, walls_of(std::move(plan), home, settings, readable));
        BULLPEN_TRY(confinement.ruleset, sandbox::make_ruleset(level.landlock, walls, paths_));
    }
    confinement.gives_up_privileges = true;
    if (!service)
        BULLPEN_CHECK(add_means(confinement, home, settings, wanted, now));
    return confinement;
}

// What it is given beside walls: its control group, its user, its address.
Result<void> Confiner::add_means(process::LaunchConfinement& confinement, const Home& home,
                                 const config::AccountSettings& settings,
                                 const config::IsolationSettings& wanted, MonoTime now) {
    if (!settings.bind_address.empty()) {
        BULLPEN_CHECK(check_bind_address(settings.bind_address));
        if (::access(bind_library().c_str(), R_OK) != 0)
            return fail_errno("bind_address needs " + bind_library());
    }
    if (const auto used = cgroups(wanted, now); used && *used) {
        BULLPEN_TRY(confinement.cgroup, open_cgroup(wanted.cgroups, settings.id, settings.limits));
        grouped_.insert_or_assign(
            settings.id, Grouped{wanted.cgroups, ended_for_memory(wanted.cgroups, settings.id)});
    } else {
        grouped_.erase(settings.id);
    }
    if (settings.unix_user.empty())
        return add_user(confinement, home, settings, wanted);
    if (::geteuid() != 0)
        return fail(Errc::invalid, "unix_user = \"" + settings.unix_user +
                                       "\" needs a daemon that is run by root; this one is run by "
                                       "user " +
                                       std::to_string(::geteuid()));
    // Otherwise it could make links in a directory of its own, where root opens files.
    if (level(wanted).landlock == 0)
        return fail(Errc::invalid, "unix_user = \"" + settings.unix_user +
                                       "\" needs Landlock, which is not in force");
    BULLPEN_TRY(confinement.user, find_unix_user(settings.unix_user, k_passwd));
    BULLPEN_CHECK(hand_over(home.account(settings.id), *confinement.user));
    if (settings.limits.processes_max > 0)
        confinement.processes = static_cast<std::uint64_t>(settings.limits.processes_max);
    return {};
}

// A user of its own; or, where there were such and are no more, the home's again.
Result<void> Confiner::add_user(process::LaunchConfinement& confinement, const Home& home,
                                const config::AccountSettings& settings,
                                const config::IsolationSettings& wanted) const {
    const auto& range = standing_.range;
    const bool own = wanted.users == config::WorkerUsers::account;
    const auto paths = home.account(settings.id);
    if (!range && users::has_numbers(home))
        return still_own(paths.directory, standing_.lacking);
    if (!range || (!own && !users::has_numbers(home)))
        return {};
    users::Giving giving{::geteuid(), *range};
    if (own) {
        BULLPEN_TRY(giving.to, users::user_of(home, settings.id, *range));
        confinement.user = process::UnixUser{giving.to, ::getegid(), true};
        BULLPEN_CHECK(check_way(paths.directory, *confinement.user));
        if (settings.limits.processes_max > 0)
            confinement.processes = static_cast<std::uint64_t>(settings.limits.processes_max);
    }
    // It looks into its own lock file, which names its launch.
    BULLPEN_CHECK(users::give_file(paths.lock, giving));
    return users::give_all(paths.directory, giving);
}

Result<bool> Confiner::cgroups(const config::IsolationSettings& settings, MonoTime now) {
    if (settings.cgroups.empty())
        return false;
    if (!cgroups_ || cgroups_->root != settings.cgroups || now - cgroups_->since > k_cgroups_kept) {
        const auto ready = prepare_cgroups(settings.cgroups);
        cgroups_ = {settings.cgroups, ready ? Result<bool>(true) : fail(ready.error()), now};
    }
    return cgroups_->use;
}

bool Confiner::ran_out_of_memory(const AccountId& account) const {
    const auto found = grouped_.find(account);
    return found != grouped_.end() &&
           ended_for_memory(found->second.root, account) > found->second.ended_before;
}

void Confiner::tick(MonoTime now) {
    if (now - paths_since_ < k_paths_kept)
        return;
    paths_.close();
    paths_since_ = now;
}

const sandbox::Program& Confiner::filter(const sandbox::CallsAllowed& allowed) {
    auto found = filters_.find(allowed);
    if (found == filters_.end())
        found = filters_.emplace(allowed, sandbox::calls_filter(allowed)).first;
    return found->second;
}

Result<void> confine_this_process(const Home& home, const config::AccountSettings& settings,
                                  const sandbox::Isolation& level) {
    return enter(plan_for(home, settings, {}, Phase::work), home, settings, level);
}

Result<void> confine_this_service(const Home& home, const AccountId& service,
                                  std::span<const std::string> files,
                                  const sandbox::Isolation& level) {
    return enter(plan_for_service(home, service, Phase::work, files), home,
                 config::AccountSettings(service), level);
}

}  // namespace bullpen::launch
