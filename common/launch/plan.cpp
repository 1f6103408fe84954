#include "common/launch/plan.hpp"

#include <algorithm>
#include <utility>

#include "common/base/home_file.hpp"
#include "common/base/service.hpp"
#include "common/config/reach.hpp"
#include "common/config/rules.hpp"
#include "common/launch/bind_address.hpp"
#include "common/sandbox/system_files.hpp"

namespace bullpen::launch {

namespace {

using sandbox::Access;

void add_each(Plan& plan, std::span<const char* const> paths, Access access, bool everyones) {
    for (const char* const path : paths)
        plan.reach.push_back({path, access, everyones});
}

void add_system(Plan& plan) {
    add_each(plan, sandbox::system_programs(), Access::run, true);
}

void add_libraries(Plan& plan) {
    add_each(plan, sandbox::late_libraries(), Access::read, false);
}

void add_facts(Plan& plan) {
    add_each(plan, sandbox::name_files(), Access::read, true);
    add_each(plan, sandbox::machine_files(), Access::read, true);
}

void add_devices(Plan& plan) {
    add_each(plan, sandbox::devices(), Access::use, true);
}

void add_built_in(Plan& plan, const Home& home, const config::AccountSettings& settings,
                  std::string_view program, Phase phase) {
    const auto paths = home.account(settings.id);
    // What it speaks with are the daemon, the exchange and shared signals.
    plan.calls.network = false;
    plan.reach.push_back({paths.directory, Access::change});
    plan.reach.push_back({paths.lock, Access::read});
    if (!settings.feed.file.empty())
        plan.named.push_back(
            {"feed.file", {home_file(home, settings.feed.file), Access::read}, true});
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
    // Nothing of it is known to keep them.
    plan.calls.locks = false;
    plan.reach.push_back({home.account(settings.id).directory, Access::own});
    add_system(plan);
    plan.named.push_back({"command", {std::string(program), Access::file}, true});
    for (std::size_t i = 1; i < settings.command.size(); ++i) {
        const auto& word = settings.command[i];
        if (word.starts_with('/') && !closed_word(home, settings, word))
            plan.named.push_back({"command", {word, Access::file}});
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
    if (!settings.bind_address.empty())
        plan.reach.push_back({bind_library(), Access::file});
    for (const auto& path : settings.read_paths)
        plan.named.push_back(
            {"read_paths",
             {std::string(config::place_of(path)), config::names_alone(path) ? Access::names
                                                   : phase == Phase::work    ? Access::read
                                                                             : Access::run}});
    for (const auto& path : settings.write_paths)
        plan.named.push_back({"write_paths", {path, Access::all}});
    plan.calls.chmod = permits(settings, config::k_permit_chmod);
    plan.calls.signals = permits(settings, config::k_permit_kill);
    plan.calls.sessions = permits(settings, config::k_permit_setsid);
    plan.calls.watches = permits(settings, config::k_permit_inotify);
    return plan;
}

bool closed_word(const Home& home, const config::AccountSettings& settings,
                 const std::string& word) {
    return word.starts_with('/') && config::opens_home(home, settings.id, word, false);
}

std::vector<std::string> service_directories(const Home& home, const AccountId& service) {
    auto own = home.account(service).directory;
    if (service.str() == k_remote_service || service.str() == k_health_service)
        return {std::move(own)};
    const bool venue = service.str() == k_venue_service;
    return {std::move(own), venue ? home.root() + "/venue" : home.shared() + "/signals"};
}

Plan plan_for_service(const Home& home, const AccountId& service, Phase phase,
                      std::span<const std::string> files) {
    const bool remote = service.str() == k_remote_service;
    const bool health = service.str() == k_health_service;
    Plan plan;
    // Of the system calls these keep those of a network; to connect to one, or to listen anew, is
    // then Landlock's to refuse.
    plan.calls.network = (remote || health) && phase == Phase::launch;
    for (auto& directory : service_directories(home, service))
        plan.reach.push_back({std::move(directory), Access::change});
    add_devices(plan);
    if (phase == Phase::launch) {
        // It makes its socket there.
        plan.reach.push_back({home.run(), remote ? Access::read : Access::change});
        plan.reach.push_back({"/", Access::run});
        return plan;
    }
    if (health) {
        // The board, whose daemon lives, which process speaks for each account, and the names of
        // accounts that no board tells; not the cookie, which an operator shows.
        for (const auto& path : {home.shown(), home.daemon_lock(), home.locks()})
            plan.reach.push_back({path, Access::read});
        plan.reach.push_back({home.roster(), Access::names});
    }
    if (service.str() == k_venue_service) {
        // Who its accounts are, which process speaks for each, and what an operator shows.
        for (const auto& path : {home.run(), home.locks()})
            plan.reach.push_back({path, Access::read});
    }
    if (remote) {
        // Orders go to the daemon with the home's cookie, and the board is shown to who may look.
        for (const auto& path : {home.run(), home.root() + "/remote"})
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
