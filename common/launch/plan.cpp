#include "common/launch/plan.hpp"

#include <algorithm>
#include <array>

#include "common/base/service.hpp"
#include "common/config/reach.hpp"

namespace bullpen::launch {

namespace {

using sandbox::Access;

// Programs, libraries, certificates and time zones.
constexpr std::array k_system_programs{"/usr", "/bin", "/sbin", "/lib", "/lib64"};
// Names of hosts and users, and what programs ask of the machine. The directories in /run are where
// /etc/resolv.conf leads on systems that rewrite it. What /proc shows of another process's memory,
// environment and descriptors Landlock keeps by itself.
constexpr std::array k_system_files{"/etc/ssl",
                                    "/etc/pki",
                                    "/etc/ca-certificates",
                                    "/etc/hosts",
                                    "/etc/host.conf",
                                    "/etc/gai.conf",
                                    "/etc/resolv.conf",
                                    "/etc/nsswitch.conf",
                                    "/etc/services",
                                    "/etc/protocols",
                                    "/etc/passwd",
                                    "/etc/group",
                                    "/etc/localtime",
                                    "/etc/timezone",
                                    "/etc/mime.types",
                                    "/etc/os-release",
                                    "/etc/debian_version",
                                    "/etc/ld.so.cache",
                                    "/etc/ld.so.preload",
                                    "/run/systemd/resolve",
                                    "/run/resolvconf",
                                    "/run/NetworkManager/resolv.conf",
                                    "/dev/urandom",
                                    "/dev/random",
                                    "/proc",
                                    "/sys/devices/system/cpu"};
constexpr std::array k_devices{"/dev/null", "/dev/zero", "/dev/full"};
// What resolving a name and checking a certificate loads.
constexpr std::array k_late_libraries{"/usr/lib", "/lib", "/usr/share", "/usr/local/share"};

void add_system(Plan& plan) {
    for (const char* const path : k_system_programs)
        plan.reach.push_back({path, Access::run, true});
}

void add_libraries(Plan& plan) {
    for (const char* const path : k_late_libraries)
        plan.reach.push_back({path, Access::read});
}

void add_facts(Plan& plan) {
    for (const char* const path : k_system_files)
        plan.reach.push_back({path, Access::read, true});
}

void add_devices(Plan& plan) {
    for (const char* const path : k_devices)
        plan.reach.push_back({path, Access::use, true});
}

void add_built_in(Plan& plan, const Home& home, const config::AccountSettings& settings,
                  std::string_view program, Phase phase) {
    const auto paths = home.account(settings.id);
    plan.reach.push_back({paths.directory, Access::change});
    plan.reach.push_back({paths.lock, Access::read});
    if (!settings.feed.file.empty()) {
        const bool whole = settings.feed.file.starts_with('/');
        plan.reach.push_back(
            {whole ? settings.feed.file : home.root() + "/" + settings.feed.file, Access::read});
    }
    // Where it looks, before it ends, whether it is to trade another market from now on.
    plan.reach.push_back({home.applied(), Access::read});
    if (phase == Phase::work)
        return add_libraries(plan);
    // `worker_program` may be a script. What was executed takes the right to execute away later.
    add_system(plan);
    plan.reach.push_back({std::string(program), Access::file});
    for (const auto& path : {home.daemon_settings(), paths.roster_file})
        plan.reach.push_back({path, Access::read});
}

// Arguments that name files are the command's own: the script of an interpreter.
void add_command(Plan& plan, const Home& home, const config::AccountSettings& settings,
                 std::string_view program) {
    plan.reach.push_back({home.account(settings.id).directory, Access::own});
    add_system(plan);
    plan.reach.push_back({std::string(program), Access::file});
    for (std::size_t i = 1; i < settings.command.size(); ++i) {
        const auto& word = settings.command[i];
        if (word.starts_with('/') && !config::opens_home(home, settings.id, word, false))
            plan.reach.push_back({word, Access::file});
    }
}

bool permits(const config::AccountSettings& settings, std::string_view word) {
    return std::find(settings.permit.begin(), settings.permit.end(), word) != settings.permit.end();
}

}  // namespace

Plan plan_for(const Home& home, const config::AccountSettings& settings, std::string_view program,
              Phase phase) {
    Plan plan;
    if (settings.command.empty())
        add_built_in(plan, home, settings, program, phase);
    else
        add_command(plan, home, settings, program);
    plan.reach.push_back({home.shared(), Access::read});
    add_facts(plan);
    add_devices(plan);
    for (const auto& path : settings.read_paths)
        plan.reach.push_back({path, phase == Phase::work ? Access::read : Access::run});
    for (const auto& path : settings.write_paths)
        plan.reach.push_back({path, Access::all});
    plan.calls.chmod = permits(settings, config::k_permit_chmod);
    plan.calls.signals = permits(settings, config::k_permit_kill);
    return plan;
}

std::vector<std::string> service_directories(const Home& home, const AccountId& service) {
    const bool venue = service.str() == k_venue_service;
    return {home.account(service).directory,
            venue ? home.root() + "/venue" : home.shared() + "/signals"};
}

Plan plan_for_service(const Home& home, const AccountId& service, Phase phase,
                      std::span<const std::string> files) {
    Plan plan;
    for (auto& directory : service_directories(home, service))
        plan.reach.push_back({std::move(directory), Access::change});
    add_devices(plan);
    if (phase == Phase::launch) {
        // It makes its socket there.
        plan.reach.push_back({home.run(), Access::change});
        plan.reach.push_back({"/", Access::run});
        return plan;
    }
    if (service.str() == k_venue_service) {
        // Who its accounts are, which process speaks for each, and what an operator shows.
        for (const auto& path : {home.run(), home.locks()})
            plan.reach.push_back({path, Access::read});
    }
    // By it a service proves to be the one that was launched.
    plan.reach.push_back({home.account(service).lock, Access::read});
    plan.reach.push_back({home.shared(), Access::read});
    add_facts(plan);
    add_libraries(plan);
    for (const auto& path : files)
        plan.reach.push_back({path, Access::read});
    return plan;
}

int version_in_use(int kernel, int version_max) {
    return std::min({kernel, version_max, sandbox::k_landlock_newest});
}

bool is_widened(const config::AccountSettings& settings) {
    return !settings.write_paths.empty() || !settings.permit.empty();
}

}  // namespace bullpen::launch
