// bullpen-signals: observes one market for many accounts: bars and indicators, published read-only.
#include <malloc.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"
#include "common/base/home_file.hpp"
#include "common/base/program_words.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/roster.hpp"
#include "common/config/shared_names.hpp"
#include "common/launch/confiner.hpp"
#include "common/launch/environment.hpp"
#include "common/log/logger.hpp"
#include "common/tables/instrument_file.hpp"
#include "ipc/service_lease.hpp"
#include "worker/feed_source.hpp"
#include "worker/loop.hpp"
#include "worker/own_memory.hpp"
#include "worker/signals/bell.hpp"
#include "worker/signals/market_link.hpp"
#include "worker/signals/names.hpp"
#include "worker/signals/publisher.hpp"
#include "worker/version.hpp"

namespace {

using namespace bullpen;  // NOLINT: the program is the namespace's own

constexpr std::string_view k_usage =
    "bullpen-signals run --like ACCOUNT [--home DIR]\n"
    "bullpen-signals version\n"
    "\n"
    "Observes the market of ACCOUNT's settings for every account that has the same, until SIGTERM\n"
    "or Ctrl-C: HOME/shared/signals/ holds what it publishes.\n"
    "  --home  default: $BULLPEN_HOME, else /var/lib/bullpen\n";

// It says that it lives so often.
constexpr Nanos k_say_interval = std::chrono::seconds(1);
constexpr std::uint64_t k_bars_a_turn = 512;

constexpr ProgramFacts k_program{"bullpen-signals", worker::k_version, k_usage};

int complain(ExitCode code, const std::string& sentence) {
    return bullpen::complain(k_program, code, sentence);
}

struct Arguments {
    std::string home;
    std::string like;
};

Result<Arguments> parse(const std::vector<std::string>& words) {
    Arguments arguments;
    BULLPEN_CHECK(
        take_options_only(words, {{"--home", &arguments.home}, {"--like", &arguments.like}}));
    if (arguments.like.empty())
        return fail(Errc::invalid, "--like names the account whose market is observed");
    return arguments;
}

// What only a person can put right is not tried again.
ExitCode code_of(const Error& error) {
    for (const auto wrong :
         {Errc::invalid, Errc::not_found, Errc::newer_version, Errc::corrupt, Errc::too_large}) {
        if (error.code() == make_error_code(wrong))
            return ExitCode::config;
    }
    return error.code() == Errc::locked ? ExitCode::held_elsewhere : ExitCode::temporary;
}

// Everything that the loop turns.
struct Parts {
    signals::Publisher& publisher;
    signals::Bell& bell;
    signals::MarketLink* market;  // none: the market goes by its own clock
    ipc::ServiceLease* lease;     // none: by hand
    log::Logger& log;
};

// One turn; when the next one is due.
MonoTime turn(const Parts& parts, Instant now, MonoTime* said) {
    parts.bell.accept_all();
    if (parts.market != nullptr)
        parts.market->turn(parts.publisher.feed(), now);
    const auto taken = parts.publisher.turn(now, k_bars_a_turn);
    if (taken.bars > 0)
        parts.bell.ring();
    if (taken.fault)
        parts.log.error("source_failed", {{"trouble", taken.fault->message()}});
    if (now.mono - *said >= k_say_interval) {
        *said = now.mono;
        parts.publisher.say(now.mono);
    }
    auto next = *said + k_say_interval;
    const auto consider = [&](std::optional<MonoTime> when) {
        if (when)
            next = std::min(next, *when);
    };
    consider(taken.until);
    if (parts.market != nullptr)
        consider(parts.market->next_due());
    if (parts.lease != nullptr) {
        parts.lease->turn(now);
        consider(parts.lease->next_due());
    }
    return taken.more ? now.mono : next;
}

void serve(const Parts& parts, worker::SignalQueue& stop, const Clock& clock) {
    MonoTime said{};
    while (!stop.take()) {
        const auto until = turn(parts, clock.now(), &said);
        const auto left = std::max(until - clock.mono(), Nanos{0});
        timespec timeout{};
        timeout.tv_sec = std::chrono::floor<std::chrono::seconds>(left).count();
        timeout.tv_nsec = (left % std::chrono::seconds(1)).count();
        std::array<pollfd, 4> watched = {
            {{stop.fd(), POLLIN, 0},
             {parts.bell.fd(), POLLIN, 0},
             {parts.market != nullptr ? parts.market->fd() : -1, POLLIN, 0},
             {parts.lease != nullptr ? parts.lease->fd() : -1, POLLIN, 0}}};
        // An interrupted wait is a short wait: everything is looked at anyway.
        (void)::ppoll(watched.data(), watched.size(), &timeout, nullptr);
    }
}

Result<config::AccountSettings> settings_of(const Home& home, const AccountId& account) {
    auto applied = config::applied_account(home, account);
    return applied ? std::move(applied) : config::read_account(home, account);
}

// Nobody is heard before.
Result<void> confine(const Home& home, const config::AccountSettings& like) {
    BULLPEN_TRY(const auto service, AccountId::parse(config::signals_service(like)));
    std::vector<std::string> files;
    if (const auto& file = like.feed.file; !file.empty())
        files.push_back(home_file(home, file));
    return launch::confine_this_service(home, service, files, launch::isolation_told());
}

Result<void> run_to_end(const Home& home, const config::AccountSettings& like,
                        worker::SignalQueue& stop, const Clock& clock, log::Logger& log) {
    BULLPEN_TRY(const auto instruments, tables::load_instruments(home));
    BULLPEN_TRY(const auto* instrument, instruments.find(like.feed.instrument));
    const auto settings = signals::indicator_settings(like, *instrument);
    BULLPEN_TRY(auto observer, worker::Observer::create(*instrument, settings));
    const auto paths = signals::paths_of(home, like);
    BULLPEN_CHECK(make_directories(paths.directory, 0700));
    auto facts = ipc::facts_of_this_process(clock);
    facts.home = home.root();
    facts.program = "bullpen-signals";
    facts.version = std::string(worker::k_version);
    BULLPEN_TRY(auto lock, ipc::AccountLock::acquire(paths.lock, facts, ipc::k_name_wait));
    const auto open = [&](bool paced) {
        return worker::open_source(home, like.feed, instruments,
                                   feed::Pace{paced ? like.feed.speed : 0.0,
                                              static_cast<std::uint64_t>(like.feed.history)},
                                   clock.utc());
    };
    BULLPEN_TRY(auto publisher, signals::Publisher::open(open, std::move(observer), settings,
                                                         paths.ring, clock.now()));
    if (publisher.made_anew())
        log.warn("ring_made_anew", {{"ring", paths.ring}});
    std::unique_ptr<signals::MarketLink> market;
    if (config::trades_on_paper(like)) {
        BULLPEN_TRY(market, signals::MarketLink::make(home, like.feed, *instrument));
        publisher.feed().follow(0, clock.now());
    }
    BULLPEN_TRY(auto bell, signals::Bell::open(paths.bell));
    BULLPEN_CHECK(confine(home, like));
    // It publishes: that is being ready, and is told with the first word.
    BULLPEN_TRY(auto lease,
                ipc::ServiceLease::join("bullpen-signals", std::string(worker::k_version), clock));
    if (lease) {
        lease->on_beat([&](ipc::Heartbeat& beat) {
            beat.rss_bytes = worker::resident_bytes();
            beat.log_dropped = log.dropped();
            beat.bars = publisher.published();
            beat.state_hash = publisher.observer().hash_text();
            if (const auto& last = publisher.observer().last_bar())
                beat.last_bar = last->start;
        });
    }
    log.info("publishing", {{"source", publisher.feed().identity()},
                            {"bars", publisher.published()},
                            {"ring", paths.ring}});
    std::printf("publishing %s\n", paths.ring.c_str());
    std::fflush(stdout);
    serve({publisher, bell, market.get(), lease.get(), log}, stop, clock);
    log.info("closed",
             {{"bars", publisher.published()}, {"hash", publisher.observer().hash_text()}});
    // Confined it may not: then whoever comes next takes its place.
    (void)::unlink(paths.bell.c_str());
    (void)lock.mark_ended(clock.utc());
    if (lease)
        lease->goodbye(value(ExitCode::done), clock.utc());
    return {};
}

int run(const Arguments& arguments) {
    ::umask(0027);
    auto stop = worker::SignalQueue::open();
    if (!stop)
        return complain(ExitCode::software, stop.error().message());
    const SystemClock clock;
    storage::SystemFileSystem files;
    const auto home = config::home_of(arguments.home);
    if (!home)
        return complain(ExitCode::usage, home.error().context());
    const auto like = AccountId::parse(arguments.like);
    if (!like)
        return complain(ExitCode::usage, like.error().context());
    const auto settings = settings_of(*home, *like);
    if (!settings)
        return complain(ExitCode::config, settings.error().message());
    log::FileSinkSettings sink;
    sink.path = signals::paths_of(*home, *settings).log;
    for (const auto& directory : {home->run(), sink.path.substr(0, sink.path.rfind('/'))}) {
        if (auto made = make_directories(directory, 0700); !made)
            return complain(ExitCode::temporary, made.error().message());
    }
    const auto log = log::Logger::to_file(files, sink, clock);
    auto ended = run_to_end(*home, *settings, *stop, clock, *log);
    if (ended)
        return value(ExitCode::done);
    log->error("signals_failed", {{"trouble", ended.error().message()}});
    return complain(code_of(ended.error()), ended.error().message());
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
