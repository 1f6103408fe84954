// bullpen-remote: control of a home from other hosts, over TCP with CURVE and a list of keys.
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
#include "common/process/stop_signals.hpp"
#include "common/storage/atomic_file.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/service_lease.hpp"
#include "remote/gateway.hpp"

namespace {

using namespace bullpen;  // NOLINT: the program is the namespace's own

constexpr std::string_view k_usage =
    "bullpen-remote run --listen ENDPOINT [--home DIR]\n"
    "bullpen-remote version\n"
    "\n"
    "Lets bullpenctl --host of other hosts control a home, until SIGTERM or Ctrl-C.\n"
    "  --listen  tcp://ADDRESS:PORT, an address in numbers; port 0: one that is free\n"
    "  --home    default: $BULLPEN_HOME, else /var/lib/bullpen\n";

// Bytes. A client that asks and does not read costs no more, and then this process, not the host.
constexpr rlim_t k_memory_max = rlim_t{2} << 30U;

constexpr ProgramFacts k_program{"bullpen-remote", BULLPEN_VERSION, k_usage};

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
    return AccountId::parse(k_remote_service).value();
}

// Where it listens, for who asks (bullpenctl remote list): the port may be the kernel's choice.
Result<void> tell_endpoint(const Home& home, const ipc::Listening& listening) {
    storage::SystemFileSystem files;
    return storage::replace_file(files, home.account(service()).directory + "/endpoint",
                                 text_of(listening.endpoint) + "\n");
}

int serve(const Home& home, const TcpEndpoint& endpoint, const ipc::KeyPair& keys,
          const Clock& clock, log::Logger& log) {
    auto stop = process::stop_signals();
    if (!stop)
        return complain(ExitCode::software, stop.error().message());
    auto listening = ipc::listen_at(endpoint);
    if (!listening)
        return complain(ExitCode::temporary, listening.error().message());
    const auto where = text_of(listening->endpoint);
    if (auto told = tell_endpoint(home, *listening); !told)
        return complain(ExitCode::temporary, told.error().message());
    // Before any thread, and before anybody is heard.
    if (auto confined = launch::confine_this_service(home, service(), {}, launch::isolation_told());
        !confined)
        return complain(ExitCode::temporary, confined.error().message());
    auto gateway = remote::Gateway::open(home, clock, log, std::move(*listening), keys);
    if (!gateway)
        return complain(ExitCode::temporary, gateway.error().message());
    auto lease = ipc::ServiceLease::join("bullpen-remote", BULLPEN_VERSION, clock);
    if (!lease)
        return complain(ExitCode::temporary, lease.error().message());
    if (*lease != nullptr)
        (*lease)->on_beat([&gateway](ipc::Heartbeat& beat) { (*gateway)->fill(beat); });
    log.info("listening", {{"endpoint", where}, {"public_key", keys.public_key}});
    std::printf("listening at %s\n", where.c_str());
    std::fflush(stdout);
    (*gateway)->run(stop->get(), lease->get());
    log.info("closed");
    if (*lease != nullptr)
        (*lease)->goodbye(value(ExitCode::done), clock.utc());
    return value(ExitCode::done);
}

int run(const Arguments& arguments) {
    ::umask(0077);
    (void)std::signal(SIGPIPE, SIG_IGN);
    // It holds the home's key pair.
    ::prctl(PR_SET_DUMPABLE, 0);
    const rlimit memory{k_memory_max, k_memory_max};
    (void)::setrlimit(RLIMIT_AS, &memory);
    const SystemClock clock;
    storage::SystemFileSystem files;
    const auto home = config::home_of(arguments.home);
    if (!home)
        return complain(ExitCode::usage, home.error().context());
    const auto endpoint = tcp_endpoint_from(arguments.listen);
    if (!endpoint)
        return complain(ExitCode::usage, "--listen takes tcp://ADDRESS:PORT");
    if (::access(home->daemon_settings().c_str(), F_OK) != 0)
        return complain(ExitCode::config, home->root() + " is no home: it has no bullpen.toml");
    for (const auto& directory : {home->account(service()).logs, ipc::remote_directory(*home)}) {
        if (auto made = make_directories(directory, 0700); !made)
            return complain(ExitCode::temporary, made.error().message());
    }
    auto keys = ipc::read_key_pair(ipc::server_key_path(*home));
    if (!keys) {
        const bool none = keys.error().code() == Errc::not_found;
        return complain(ExitCode::config,
                        keys.error().message() +
                            (none ? "; bullpenctl remote keygen makes this home's keys" : ""));
    }
    log::FileSinkSettings sink;
    sink.path = service_log(*home, service());
    const auto log = log::Logger::to_file(files, sink, clock);
    return serve(*home, *endpoint, *keys, clock, *log);
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
