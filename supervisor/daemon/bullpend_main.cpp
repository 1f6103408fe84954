// bullpend: see daemon.hpp.
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "common/base/errc.hpp"
#include "common/config/home_setup.hpp"
#include "common/launch/obstacles.hpp"
#include "common/launch/users.hpp"
#include "common/process/limits.hpp"
#include "common/process/process_facts.hpp"
#include "supervisor/daemon/arguments.hpp"
#include "supervisor/daemon/daemon.hpp"
#include "supervisor/daemon/version.hpp"

namespace {

using namespace bullpen;

int complain(ExitCode code, const std::string& sentence) {
    std::fprintf(stderr, "bullpend: %s\n", sentence.c_str());
    return value(code);
}

int check(const Home& home, bool json) {
    const auto issues = launch::check_home(home);
    if (json) {
        std::printf("{\"ok\":%s,\"problems\":%s}\n", has_errors(issues) ? "false" : "true",
                    config::json(issues).c_str());
    } else {
        for (const auto& issue : issues)
            std::printf("%s\n", text(issue).c_str());
        if (!has_errors(issues))
            std::printf("%s: no errors\n", home.root().c_str());
    }
    return value(has_errors(issues) ? ExitCode::config : ExitCode::done);
}

Result<ipc::AccountLock> take_lock(const Home& home, const Clock& clock, int inherited) {
    if (inherited >= 0)
        return ipc::AccountLock::adopt_inherited(inherited, home.daemon_lock());
    return ipc::AccountLock::acquire(home.daemon_lock(), daemon::daemon_facts(home, clock),
                                     ipc::k_name_wait);
}

int run(const Home& home, int inherited_lock, std::span<char* const> arguments) {
    const SystemClock clock;
    if (const auto why = config::unfit_to_run(home); !why.empty())
        return complain(ExitCode::config, why);
    // Until the loop listens to it, a request to reread is moot: everything is about to be read.
    ::signal(SIGHUP, SIG_IGN);
    const auto users = launch::take_users(home, arguments);
    if (!users.why.empty())
        complain(ExitCode::temporary, "isolation.users = \"account\": " + users.why);
    if (users.spoilt)
        return value(ExitCode::temporary);
    ::umask(0027);
    process::forbid_core_files();
    if (auto made = make_directories(home.run(), 0700); !made) {
        return complain(ExitCode::temporary, made.error().message());
    }
    auto lock = take_lock(home, clock, inherited_lock);
    if (!lock) {
        const bool held = lock.error().code() == Errc::locked;
        return complain(
            held ? ExitCode::held_elsewhere : ExitCode::temporary,
            held ? "another daemon runs on " + home.root() + ": " + lock.error().context()
                 : lock.error().message());
    }
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    auto daemon = daemon::Daemon::start(home, clock, std::move(*lock), process::own_program(),
                                        credentials != nullptr ? credentials : "");
    if (!daemon) {
        const bool settings = daemon.error().code() == Errc::invalid;
        return complain(settings ? ExitCode::config : ExitCode::temporary,
                        settings ? daemon.error().context() : daemon.error().message());
    }
    return value((*daemon)->run());
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = daemon::parse_arguments({argv, argv + argc});
    if (!arguments)
        return complain(ExitCode::usage, arguments.error().context());
    using Action = daemon::Arguments::Action;
    if (arguments->action == Action::help) {
        std::printf("%s", daemon::help_text().c_str());
        return 0;
    }
    if (arguments->action == Action::version) {
        std::printf("bullpend %s (protocol %d)\n", std::string(daemon::k_version).c_str(),
                    ipc::k_protocol);
        return 0;
    }
    const auto home = config::find_home(arguments->home);
    if (!home)
        return complain(ExitCode::usage, home.error().context());
    if (arguments->action == Action::check)
        return check(*home, arguments->json);
    return run(*home, arguments->inherited_lock, {argv, argv + argc + 1});
}
