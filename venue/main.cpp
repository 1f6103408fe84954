// bullpen-venue: the paper exchange of one home, a process of its own as a broker would be.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

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
#include "common/process/process_facts.hpp"
#include "common/process/stop_signals.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/service_lease.hpp"
#include "venue/server.hpp"

namespace {

using namespace bullpen;  // NOLINT: the program is the namespace's own

constexpr std::string_view k_usage =
    "bullpen-venue run [--home DIR] [--settings FILE] [--personality FILE]\n"
    "bullpen-venue version\n"
    "\n"
    "The paper exchange of a home: it listens at HOME/run/venue until SIGTERM or Ctrl-C.\n"
    "  --home         default: $BULLPEN_HOME, else /var/lib/bullpen\n"
    "  --settings     default: HOME/venue.toml, which need not exist\n"
    "  --personality  faults to play; default: none\n";

constexpr std::size_t k_personality_size_max = 64 * 1024;

constexpr ProgramFacts k_program{"bullpen-venue", BULLPEN_VERSION, k_usage};

int complain(ExitCode code, const std::string& sentence) {
    return bullpen::complain(k_program, code, sentence);
}

struct Arguments {
    std::string home;
    std::string settings;
    std::string personality;
};

Result<Arguments> parse(const std::vector<std::string>& words) {
    Arguments arguments;
    BULLPEN_CHECK(take_options_only(words, {{"--home", &arguments.home},
                                            {"--settings", &arguments.settings},
                                            {"--personality", &arguments.personality}}));
    return arguments;
}

// A full disk or a lock is for later, a wrong file is not.
ExitCode code_of(const Error& error) {
    const auto& code = error.code();
    const bool wrong = code == Errc::invalid || code == Errc::too_large ||
                       code == Errc::newer_version || code == Errc::corrupt;
    return wrong ? ExitCode::config : ExitCode::temporary;
}

AccountId service() {
    return AccountId::parse(k_venue_service).value();
}

// Nobody is heard before.
Result<void> confine(const Home& home, const venue::VenueSettings& settings) {
    std::vector<std::string> files;
    for (const auto& market : settings.markets) {
        if (auto file = venue::source_file(home, market); !file.empty())
            files.push_back(std::move(file));
    }
    return launch::confine_this_service(home, service(), files, launch::isolation_told());
}

Result<void> close_book(venue::Venue& venue, const Clock& clock, log::Logger& log) {
    if (auto closed = venue.close(clock.now()); !closed) {
        log.error("venue_not_closed", {{"error", closed.error().message()}});
        return closed;
    }
    if (venue.is_outgrown())
        log.warn("venue_outgrown");
    log.info("venue_stopped");
    return {};
}

int serve(const Home& home, const venue::VenueSettings& settings, venue::Venue& venue,
          const Clock& clock, log::Logger& log) {
    auto stop = process::stop_signals();
    if (!stop)
        return complain(ExitCode::software, stop.error().message());
    auto server = venue::Server::open(ipc::venue_socket(home), venue, clock);
    if (!server)
        return complain(code_of(server.error()), server.error().message());
    if (auto confined = confine(home, settings); !confined)
        return complain(ExitCode::temporary, confined.error().message());
    // It listens: that is being ready, and is told with the first word.
    auto lease = ipc::ServiceLease::join("bullpen-venue", BULLPEN_VERSION, clock);
    if (!lease)
        return complain(code_of(lease.error()), lease.error().message());
    if (*lease != nullptr) {
        (*lease)->on_beat([&log](ipc::Heartbeat& beat) {
            beat.rss_bytes = process::resident_bytes(::getpid()).value_or(0);
            beat.log_dropped = log.dropped();
        });
    }
    log.info("listening", {{"socket", ipc::venue_socket(home)}});
    std::printf("listening at %s\n", ipc::venue_socket(home).c_str());
    std::fflush(stdout);
    if (auto ran = (*server)->run(stop->get(), lease->get()); !ran) {
        log.error("venue_failed", {{"error", ran.error().message()}});
        return complain(ExitCode::temporary, ran.error().message());
    }
    if (auto closed = close_book(venue, clock, log); !closed)
        return complain(ExitCode::temporary, closed.error().message());
    const int code = value(venue.is_outgrown() ? ExitCode::temporary : ExitCode::done);
    if (*lease != nullptr)
        (*lease)->goodbye(code, clock.utc());
    return code;
}

int run(const Arguments& arguments) {
    ::umask(0077);
    (void)::signal(SIGPIPE, SIG_IGN);
    const SystemClock clock;
    storage::SystemFileSystem files;
    const auto home = config::home_of(arguments.home);
    if (!home)
        return complain(ExitCode::usage, home.error().context());
    if (::access(home->daemon_settings().c_str(), F_OK) != 0)
        return complain(ExitCode::config, home->root() + " is no home: it has no bullpen.toml");
    for (const auto& directory : {home->run(), home->account(service()).logs}) {
        if (auto made = make_directories(directory, 0700); !made)
            return complain(ExitCode::temporary, made.error().message());
    }
    auto facts = ipc::facts_of_this_process(clock);
    facts.home = home->root();
    facts.program = "bullpen-venue";
    facts.version = BULLPEN_VERSION;
    auto lock = ipc::AccountLock::acquire(home->run() + "/venue.lock", facts, ipc::k_name_wait);
    if (!lock) {
        const bool held = lock.error().code() == Errc::locked;
        return complain(
            held ? ExitCode::held_elsewhere : ExitCode::temporary,
            (held ? "another venue runs on " + home->root() + ": " : "") + lock.error().context());
    }
    const auto path =
        arguments.settings.empty() ? home->root() + "/venue.toml" : arguments.settings;
    const auto settings = venue::read_settings(*home, path, clock.utc());
    if (!settings)
        return complain(ExitCode::config, settings.error().message());
    log::FileSinkSettings sink;
    sink.path = service_log(*home, service());
    const auto log = log::Logger::to_file(files, sink, clock);
    auto venue = venue::Venue::open(*home, *settings, files, *log, clock.now());
    if (!venue)
        return complain(code_of(venue.error()), venue.error().message());
    if (!arguments.personality.empty()) {
        const auto toml = read_file(arguments.personality, k_personality_size_max);
        if (!toml)
            return complain(ExitCode::config, toml.error().message());
        if (auto changed = (*venue)->personality().change(*toml); !changed) {
            return complain(ExitCode::config,
                            arguments.personality + ": " + changed.error().context());
        }
    }
    const int code = serve(*home, *settings, **venue, clock, *log);
    if (code == value(ExitCode::done))
        (void)lock->mark_ended(clock.utc());
    return code;
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
