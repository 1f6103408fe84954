#include "notify/walls.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "common/base/service.hpp"
#include "common/sandbox/calls.hpp"
#include "common/sandbox/landlock.hpp"
#include "common/sandbox/system_files.hpp"

namespace bullpen::notify {

namespace {

using sandbox::Access;

// Of `run` only what is shown to all and the settings in force: the cookie beside them would make
// an operator of whoever takes this process over.
std::vector<sandbox::Reach> reach_of(const Home& home, const InForce& in_force) {
    const Places places(home);
    std::vector<sandbox::Reach> reach = {{places.directory, Access::change},
                                         {home.logs(), Access::read},
                                         {home.shown(), Access::read},
                                         {home.applied(), Access::read},
                                         {home.daemon_settings(), Access::read},
                                         {places.secrets, Access::read},
                                         {places.lock, Access::change},
                                         // Which processes live, and how large this one is.
                                         {"/proc", Access::read}};
    // By which the daemon that launched it knows that it lives.
    if (const auto id = AccountId::parse(k_notify_service)) {
        const auto paths = home.account(*id);
        reach.push_back({paths.lock, Access::change});
        reach.push_back({paths.logs, Access::change});
    }
    for (const auto& [account, settings] : in_force.accounts)
        reach.push_back({home.account(account).logs, Access::read});
    sandbox::add_names(reach);
    if (!in_force.alerts.ca_file.empty())
        reach.push_back({in_force.alerts.ca_file, Access::read});
    return reach;
}

Result<void> filter(int landlock) {
    sandbox::CallsAllowed allowed;
    allowed.truncate = landlock >= sandbox::k_landlock_truncate;
    allowed.signals = landlock >= sandbox::k_landlock_signals;
    BULLPEN_CHECK(sandbox::filter_own_calls(allowed));
    return sandbox::refuse_new_programs();
}

}  // namespace

sandbox::Isolation most() {
    return {std::min(sandbox::landlock_version(), sandbox::k_landlock_newest),
            sandbox::calls_can_be_filtered()};
}

std::string confine(const Home& home, const InForce& in_force, const sandbox::Isolation& level) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return "the kernel does not let a process give up its privileges";
    // Logs of accounts with users of their own.
    const bool of_many = ::access(home.numbers().c_str(), F_OK) == 0;
    // By hand root may look after a home that is not its own, and needs what it has for that.
    struct stat facts {};
    if (::stat(home.root().c_str(), &facts) == 0 && facts.st_uid == ::geteuid()) {
        if (const auto given = sandbox::give_up_capabilities(of_many); !given)
            return given.error().message();
    }
    std::string missing;
    const int version = level.landlock;
    if (version == 0) {
        missing = "there is no Landlock";
    } else {
        sandbox::OpenPaths paths;
        const auto ruleset = sandbox::make_ruleset(
            version, {reach_of(home, in_force), {}, {}, true, std::nullopt}, paths);
        const auto entered = ruleset ? sandbox::enter_ruleset(*ruleset) : fail(ruleset.error());
        if (!entered)
            missing = entered.error().message();
    }
    if (!level.calls_filtered)
        return missing;
    if (const auto filtered = filter(missing.empty() ? version : 0); !filtered)
        missing += (missing.empty() ? "" : "; ") + filtered.error().message();
    return missing;
}

}  // namespace bullpen::notify
