#include "notify/walls.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <array>

#include "common/base/service.hpp"
#include "common/sandbox/calls.hpp"
#include "common/sandbox/landlock.hpp"
#include "notify/service.hpp"

namespace bullpen::notify {

namespace {

// Names, certificates, time zones, what resolving a name loads, and which processes live.
constexpr std::array k_readable = {"/usr",
                                   "/lib",
                                   "/lib64",
                                   "/etc/ssl",
                                   "/etc/hosts",
                                   "/etc/host.conf",
                                   "/etc/gai.conf",
                                   "/etc/services",
                                   "/etc/nsswitch.conf",
                                   "/etc/resolv.conf",
                                   "/etc/protocols",
                                   "/etc/pki",
                                   "/etc/ld.so.cache",
                                   "/dev/urandom",
                                   "/dev/null",
                                   "/run/systemd/resolve",
                                   "/etc/localtime",
                                   "/proc"};

}  // namespace

std::string confine(const Home& home, const std::string& ca_file) {
    using sandbox::Access;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return "the kernel does not let a process give up its privileges";
    const Places places(home);
    sandbox::Walls walls;
    walls.reach = {{places.directory, Access::change},
                   {home.logs(), Access::read},
                   {home.run(), Access::read},
                   {home.accounts(), Access::read},
                   {home.daemon_settings(), Access::read},
                   {home.roster(), Access::read},
                   {places.secrets, Access::read},
                   {places.lock, Access::change}};
    // By which the daemon that launched it knows that it lives.
    if (const auto id = AccountId::parse(k_notify_service)) {
        const auto paths = home.account(*id);
        walls.reach.push_back({paths.lock, Access::change});
        walls.reach.push_back({paths.logs, Access::change});
    }
    for (const char* const path : k_readable)
        walls.reach.push_back({path, Access::read});
    if (!ca_file.empty())
        walls.reach.push_back({ca_file, Access::read});
    std::string missing;
    const int version = std::min(sandbox::landlock_version(), sandbox::k_landlock_newest);
    if (version == 0) {
        missing = "the kernel has no Landlock";
    } else {
        sandbox::OpenPaths paths;
        const auto ruleset = sandbox::make_ruleset(version, walls, paths);
        const auto entered = ruleset ? sandbox::enter_ruleset(*ruleset) : fail(ruleset.error());
        if (!entered)
            missing = entered.error().message();
    }
    if (!sandbox::calls_can_be_filtered())
        return missing;
    if (const auto refused = sandbox::refuse_new_programs(); !refused)
        missing += (missing.empty() ? "" : "; ") + refused.error().message();
    return missing;
}

}  // namespace bullpen::notify
