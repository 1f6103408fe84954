// bullpen-health: what `bullpenctl health` says, over HTTP, for monitors on this host.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"
#include "common/base/program_words.hpp"
#include "common/base/service.hpp"
#include "common/config/home_setup.hpp"
#include "common/launch/confiner.hpp"
#include "common/launch/environment.hpp"
#include "common/log/logger.hpp"
#include "common/process/process_facts.hpp"
#include "common/process/stop_signals.hpp"
#include "common/storage/atomic_file.hpp"
#include "health/listening.hpp"
#include "health/page.hpp"
#include "health/server.hpp"
#include "ipc/service_lease.hpp"

namespace {

using namespace bullpen;  // NOLINT: the program is the namespace's own

constexpr std::string_view k_usage =
    "bullpen-health run --listen unix|tcp://127.0.0.1:PORT [--home DIR]\n"
    "bullpen-health version\n"
    "\n"
    "Answers GET /health and /health/NAME with what bullpenctl health says, until SIGTERM or\n"
    "Ctrl-C. The status is 200 while all is well or needs a look, 503 when it needs a person.\n"
    "  --listen  unix: DIR/run/health; port 0: one that is free\n"
    "  --home    default: $BULLPEN_HOME, else /var/lib/bullpen\n"
    "\n"
    "  bullpen-health run --home DIR --listen unix\n"
    "  curl --unix-socket DIR/run/health http://localhost/health\n";

constexpr ProgramFacts k_program{"bullpen-health", BULLPEN_VERSION, k_usage};

int complain(ExitCode code, const std::string& sentence) {
    return bullpen::complain(k_program, code, sentence);
}

struct Arguments {
    std::string home;
    std::string listen;
};

Result<Arguments> parse(const std::vector<std::string>& words) {
    Arguments arguments;
    BULLPEN_CHECK(
        take_options_only(words, {{"--home", &arguments.home}, {"--listen", &arguments.listen}}));
    return arguments;
}

AccountId service() {
    return AccountId::parse(k_health_service).value();
}

int serve(const Home& home, const std::string& where, const Clock& clock, log::Logger& log) {
    auto stop = process::stop_signals();
    if (!stop)
        return complain(ExitCode::software, stop.error().message());
    auto listening = health::listen(home, where);
    if (!listening)
        return complain(
            listening.error().code() == Errc::invalid ? ExitCode::usage : ExitCode::temporary,
            listening.error().message());
    const auto endpoint = listening->endpoint;
    storage::SystemFileSystem files;
    // For who asks where: the port may be the kernel's choice.
    if (auto told = storage::replace_file(files, home.account(service()).directory + "/endpoint",
                                          endpoint + "\n");
        !told)
        return complain(ExitCode::temporary, told.error().message());
    // Before anybody is heard.
    if (auto confined = launch::confine_this_service(home, service(), {}, launch::isolation_told());
        !confined)
        return complain(ExitCode::temporary, confined.error().message());
    health::Server server(
        std::move(listening->socket), clock, [&home, &clock](const health::Request& request) {
            const auto now = clock.now();
            return health::answer(request, ctl::FleetView::read(home, now, nullptr), now);
        });
    auto lease = ipc::ServiceLease::join("bullpen-health", BULLPEN_VERSION, clock);
    if (!lease)
        return complain(ExitCode::temporary, lease.error().message());
    if (*lease != nullptr) {
        (*lease)->on_beat([&server, &log](ipc::Heartbeat& beat) {
            beat.rss_bytes = process::resident_bytes(::getpid()).value_or(0);
            beat.log_dropped = log.dropped();
            beat.counters = {{"answered", static_cast<std::int64_t>(server.answered())},
                             {"dropped", static_cast<std::int64_t>(server.dropped())}};
        });
    }
    log.info("listening", {{"endpoint", endpoint}});
    std::printf("listening at %s\n", endpoint.c_str());
    std::fflush(stdout);
    server.run(stop->get(), lease->get());
    log.info("closed");
    if (*lease != nullptr)
        (*lease)->goodbye(value(ExitCode::done), clock.utc());
    return value(ExitCode::done);
}

int run(const Arguments& arguments) {
    ::umask(0077);
    (void)std::signal(SIGPIPE, SIG_IGN);
    const SystemClock clock;
    storage::SystemFileSystem files;
    const auto home = config::home_of(arguments.home);
    if (!home)
        return complain(ExitCode::usage, home.error().context());
    if (::access(home->daemon_settings().c_str(), F_OK) != 0)
        return complain(ExitCode::config, home->root() + " is no home: it has no bullpen.toml");
    for (const auto& directory : {home->account(service()).logs, home->run()}) {
        if (auto made = make_directories(directory, 0700); !made)
            return complain(ExitCode::temporary, made.error().message());
    }
    log::FileSinkSettings sink;
    sink.path = service_log(*home, service());
    const auto log = log::Logger::to_file(files, sink, clock);
    return serve(*home, arguments.listen, clock, *log);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const std::string command = words.empty() ? "" : words.front();
    if (const auto code = answer_plain_words(k_program, command, {"run"}))
        return *code;
    const auto arguments = parse(words);
    if (!arguments)
        return complain(ExitCode::usage, arguments.error().context());
    return run(*arguments);
}
