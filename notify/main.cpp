// bullpen-notify: tells people what happens in a home: by mail, to a webhook, by a program.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"
#include "common/base/program_words.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/roster.hpp"
#include "common/launch/environment.hpp"
#include "common/process/process_facts.hpp"
#include "common/process/stop_signals.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/service_lease.hpp"
#include "notify/service.hpp"
#include "notify/test_send.hpp"
#include "notify/walls.hpp"

namespace {

using namespace bullpen;  // NOLINT: the program is the namespace's own

constexpr std::string_view k_usage =
    "bullpen-notify run [--with-command] [--home DIR]\n"
    "bullpen-notify test [--account ACCOUNT] [--to ADDRESS] [--json] [--home DIR] [TARGET...]\n"
    "bullpen-notify version\n"
    "\n"
    "run sends the alerts of a home until SIGTERM or Ctrl-C, by [alerts] in its bullpen.toml.\n"
    "test sends one alert through each target, or those that are named, and says what came back.\n"
    "  --with-command  a program is among the targets: this process is not confined\n"
    "  --account       as an alert of this account: to its recipients, too\n"
    "  --to            by mail to this address instead\n"
    "  --home          default: $BULLPEN_HOME, else /var/lib/bullpen\n";

constexpr std::uint64_t k_history_size = 16ULL << 20;  // bytes of one file
constexpr std::uint32_t k_history_files = 10;

constexpr ProgramFacts k_program{"bullpen-notify", BULLPEN_VERSION, k_usage};

int complain(ExitCode code, const std::string& sentence) {
    return bullpen::complain(k_program, code, sentence);
}

struct Arguments {
    std::string home;
    bool with_command = false;
    notify::TestWish test;
};

Result<Arguments> parse(const std::vector<std::string>& words) {
    Arguments arguments;
    auto& test = arguments.test;
    BULLPEN_TRY(const auto targets,
                take_options(words, {{"--home", &arguments.home},
                                     {"--account", &test.account},
                                     {"--to", &test.to},
                                     {"--with-command", nullptr, &arguments.with_command},
                                     {"--json", nullptr, &test.json}}));
    for (const auto& word : targets) {
        const auto target = notify::target_from(word);
        if (!target)
            return fail(Errc::invalid, "not understood: " + word);
        test.targets.push_back(*target);
    }
    return arguments;
}

int serve(const Home& home, const Clock& clock, log::Logger& log, log::Logger& history,
          storage::FileSystem& files) {
    auto stop = process::stop_signals();
    if (!stop)
        return complain(ExitCode::software, stop.error().message());
    notify::Service service(home, clock, files, log, history);
    // It follows the logs: that is being ready, and is told with the first word.
    auto lease = ipc::ServiceLease::join("bullpen-notify", BULLPEN_VERSION, clock);
    if (!lease)
        return complain(ExitCode::temporary, lease.error().message());
    if (*lease != nullptr) {
        (*lease)->on_beat([&](ipc::Heartbeat& beat) {
            beat.rss_bytes = process::resident_bytes(::getpid()).value_or(0);
            beat.log_dropped = log.dropped() + history.dropped();
            beat.last_error = service.trouble();
        });
    }
    log.info("following", {{"home", home.root()}});
    std::printf("following %s\n", home.root().c_str());
    std::fflush(stdout);
    service.run(stop->get(), lease->get());
    log.info("closed");
    if (*lease != nullptr)
        (*lease)->goodbye(value(ExitCode::done), clock.utc());
    return value(ExitCode::done);
}

// As the daemon that launched it says; by hand, all that the kernel has.
sandbox::Isolation isolation_wanted() {
    return std::getenv(launch::k_landlock_variable) == nullptr ? notify::most()
                                                               : launch::isolation_told();
}

int run(const Home& home, const Arguments& arguments) {
    const SystemClock clock;
    storage::SystemFileSystem files;
    const notify::Places places(home);
    if (::access(home.daemon_settings().c_str(), F_OK) != 0)
        return complain(ExitCode::config, home.root() + " is no home: it has no bullpen.toml");
    for (const auto& directory :
         {home.run(), home.shown(), home.applied(), storage::directory_of(places.log),
          places.directory, places.secrets}) {
        if (auto made = make_directories(directory, 0700); !made)
            return complain(ExitCode::temporary, made.error().message());
    }
    auto facts = ipc::facts_of_this_process(clock);
    facts.home = home.root();
    facts.program = "bullpen-notify";
    facts.version = BULLPEN_VERSION;
    auto lock = ipc::AccountLock::acquire(places.lock, facts, ipc::k_name_wait);
    if (!lock) {
        const bool held = lock.error().code() == Errc::locked;
        return complain(
            held ? ExitCode::held_elsewhere : ExitCode::temporary,
            (held ? "another one runs on " + home.root() + ": " : "") + lock.error().context());
    }
    const auto settings = notify::settings_in_force(home);
    if (!settings)
        return complain(ExitCode::config, settings.error().message());
    // One that was never started has none yet, and a wall has no door to what comes later.
    for (const auto& [account, its] : settings->accounts)
        static_cast<void>(make_directories(home.account(account).logs, 0700));
    log::FileSinkSettings sink;
    sink.path = places.log;
    const auto log = log::Logger::to_file(files, sink, clock);
    const auto history =
        log::Logger::to_file(files,
                             {places.history, k_history_size, log::RotationPeriod::month,
                              k_history_files, std::chrono::days(0)},
                             clock);
    if (arguments.with_command)
        log->info("not_confined", {{"why", "alerts.command names a program"}});
    else if (const auto missing = notify::confine(home, *settings, isolation_wanted());
             !missing.empty())
        log->warn("not_confined", {{"why", missing}});
    const int code = serve(home, clock, *log, *history, files);
    if (code == value(ExitCode::done))
        (void)lock->mark_ended(clock.utc());
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const std::string command = words.empty() ? "" : words.front();
    if (const auto code = answer_plain_words(k_program, command, {"run", "test"}))
        return *code;
    const auto arguments = parse(words);
    if (!arguments)
        return complain(ExitCode::usage, arguments.error().context());
    const auto home = config::home_of(arguments->home);
    if (!home)
        return complain(ExitCode::usage, home.error().context());
    ::umask(0077);
    (void)std::signal(SIGPIPE, SIG_IGN);
    return command == "run" ? run(*home, *arguments)
                            : notify::send_test(*home, arguments->test, SystemClock());
}
