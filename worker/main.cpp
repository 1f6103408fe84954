// bullpen-worker: one account in a process of its own.
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <span>
#include <vector>

#include "common/base/thread_times.hpp"
#include "common/storage/timed_files.hpp"
#include "worker/arguments.hpp"
#include "worker/environment.hpp"
#include "worker/loop.hpp"
#include "worker/start.hpp"
#include "worker/tools/tool.hpp"
#include "worker/version.hpp"
#include "worker/worker.hpp"

namespace {

using namespace bullpen;          // NOLINT: the program is the namespace's own
using namespace bullpen::worker;  // NOLINT

int complain(ExitCode code, const std::string& sentence) {
    std::fprintf(stderr, "bullpen-worker: %s\n", sentence.c_str());
    return value(code);
}

// What a worker holds in memory must not reach a disk through a core file, unless its account's
// settings ask for one.
void limit_core_files(std::uint64_t size_max) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur <= size_max)
        return;
    limit.rlim_cur = size_max;
    (void)::setrlimit(RLIMIT_CORE, &limit);
}

// Hundreds of these run at once: one arena, and freed pages go back.
void keep_memory_small() {
    constexpr int k_trim_bytes = 64 * 1024;
    ::mallopt(M_ARENA_MAX, 1);
    ::mallopt(M_TRIM_THRESHOLD, k_trim_bytes);
}

int run_to_end(Worker& worker, SignalQueue& signals, const Clock& clock, bool print) {
    while (!worker.closed()) {
        while (const auto signal = signals.take()) {
            if (*signal != SIGHUP) {
                worker.on_signal(*signal == SIGTERM ? "SIGTERM" : "SIGINT");
            }
        }
        const auto until = worker.turn();
        if (!worker.closed())
            wait(worker.fds(), signals, until, clock);
    }
    const auto& ending = worker.ending();
    if (ending.code != ExitCode::done)
        return complain(ending.code, ending.sentence);
    if (print && worker.engine() != nullptr) {
        const auto& observer = worker.engine()->observer();
        std::printf("{\"bars\":%llu,\"hash\":\"%s\"}\n",
                    static_cast<unsigned long long>(observer.position()),
                    observer.hash_text().c_str());
    }
    return value(ending.code);
}

// Nor may another process of the same user look into it, or a core file be made of it, while it
// holds credentials.
void close_memory() {
    ::prctl(PR_SET_DUMPABLE, 0);
}

int run(const Arguments& arguments) {
    ::umask(0077);
    keep_memory_small();
    auto signals = SignalQueue::open();
    if (!signals)
        return complain(ExitCode::software, signals.error().message());
    const SystemClock clock;
    storage::SystemFileSystem system_files;
    storage::TimedFiles files(system_files, clock);
    const ThreadTimes thread_times;
    const bool by_hand = !arguments.account.empty();
    std::string endpoint;
    Start start =
        NotStarted{ExitCode::usage, Error(std::make_error_code(std::errc::invalid_argument),
                                          "not launched by bullpend: --account is needed")};
    if (by_hand) {
        const auto home = arguments.home.empty() ? home_from_environment() : arguments.home;
        start = start_by_hand(home, arguments.account, files, clock);
    } else {
        const auto environment = launch_environment();
        if (!environment)
            return complain(ExitCode::usage, environment.error().message());
        if (*environment) {
            if ((*environment)->credentials_fd)
                close_memory();
            endpoint = (*environment)->endpoint;
            const bool recovers = arguments.recover != config::RecoveryPolicy::none;
            start = start_launched(**environment, files, clock,
                                   recovers ? Purpose::recover : Purpose::trade);
        }
    }
    if (const auto* refused = std::get_if<NotStarted>(&start))
        return complain(refused->code, refused->error.message());
    auto& started = std::get<Started>(start);
    auto& context = *started.context;
    limit_core_files(context.settings().limits.core_max);
    context.log().info("started", {{"version", k_version}, {"by_hand", by_hand}});
    if (!started.settings_trouble.empty())
        context.log().error("settings_not_used", {{"trouble", started.settings_trouble}});

    std::optional<ipc::Context> messaging;
    std::unique_ptr<LeaseLink> link;
    if (!endpoint.empty()) {
        messaging.emplace();
        auto connected = LeaseLink::connect(context, *messaging, endpoint);
        if (!connected)
            return complain(ExitCode::temporary, connected.error().message());
        link = std::move(*connected);
    }
    WorkerOptions options;
    options.until_end = arguments.until_end;
    options.unpaced = arguments.unpaced;
    options.recover = arguments.recover;
    options.probe = [&] {
        const auto thread = thread_times.spent();
        return TimeSpent{thread.ran,       thread.waited, thread_times.counts_waiting(),
                         machine_asleep(), files.total(), files.take_slowest()};
    };
    Worker worker(context, std::move(link), options);
    return run_to_end(worker, *signals, clock, arguments.until_end);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    if (const auto* tool = words.empty() ? nullptr : tools::find_tool(words.front())) {
        const SystemClock clock;
        return value(tools::run_tool(*tool, std::span(words).subspan(1), clock));
    }
    const auto arguments = parse_arguments(words);
    if (!arguments) {
        (void)complain(ExitCode::usage, arguments.error().message());
        std::fputs(usage().data(), stderr);
        return value(ExitCode::usage);
    }
    switch (arguments->command) {
        case Command::run: return run(*arguments);
        case Command::help: std::fputs(usage().data(), stdout); break;
        case Command::version:
            std::printf("bullpen-worker %s\n", std::string(k_version).c_str());
            break;
    }
    return value(ExitCode::done);
}
