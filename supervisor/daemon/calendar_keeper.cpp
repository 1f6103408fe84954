#include "supervisor/daemon/calendar_keeper.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "common/events/home_calendar.hpp"
#include "common/process/launcher.hpp"
#include "common/process/stdio_log.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/time/session_clock.hpp"

namespace bullpen::daemon {

namespace {

using schedule::CalendarMemory;
using schedule::Every;
using schedule::Run;

constexpr std::size_t k_instant = 24;            // characters of an instant
constexpr std::uint64_t k_log_max = 1ULL << 20;  // bytes of calendar.log

constexpr std::array k_read{events::k_snapshot_name, events::k_overrides_name};
constexpr std::array k_given{events::k_operator_files[0].name, events::k_operator_files[1].name};

// Two instants on one line, each of the same length.
std::string memory_text(const CalendarMemory& memory) {
    const auto text = [](const auto& at) {
        return at ? format_utc(*at) : std::string(k_instant, '-');
    };
    return text(memory.served) + " " + text(memory.success) + "\n";
}

CalendarMemory read_memory(const std::string& path) {
    std::string text = storage::SystemFileSystem().read(path, 2 * k_instant + 2).value_or("");
    text.resize(2 * k_instant + 1);
    const auto at = [&](std::size_t from) {
        const auto time = parse_utc(text.substr(from, k_instant));
        return time ? std::optional(*time) : std::nullopt;
    };
    return {at(0), at(k_instant + 1)};
}

Every every_of(config::CalendarRefresh refresh) {
    switch (refresh) {
        case config::CalendarRefresh::off: return Every::never;
        case config::CalendarRefresh::monthly: return Every::month;
        case config::CalendarRefresh::daily: return Every::day;
    }
    return Every::never;
}

}  // namespace

CalendarKeeper::CalendarKeeper(Parts parts)
    : parts_(std::move(parts)),
      schedule_({Every::never, Nanos{}, time::Zone::utc()}, Nanos{}, read_memory(memory_path())) {}

CalendarKeeper::~CalendarKeeper() {
    if (pid_ != 0)
        ::kill(pid_, SIGKILL);
}

CalendarKeeper::Stamp CalendarKeeper::stamp(const std::array<std::string_view, 2>& names) const {
    Stamp stamp{};
    std::size_t at = 0;
    for (const auto name : names) {
        struct stat facts {};
        if (::stat((parts_.home.shared() + "/" + std::string(name)).c_str(), &facts) == 0) {
            stamp.at(at) = static_cast<std::int64_t>(facts.st_ino);
            stamp.at(at + 1) =
                Nanos(std::chrono::seconds(facts.st_ctim.tv_sec)).count() + facts.st_ctim.tv_nsec;
        }
        at += 2;
    }
    return stamp;
}

void CalendarKeeper::take(const config::Roster& roster) {
    const auto& settings = settings_ = roster.daemon.calendar;
    schedule_.set_times(
        {settings.contact.empty() ? Every::never : every_of(settings.refresh),
         time::jittered(time::parse_time_of_day(settings.at).value_or(Nanos{}), parts_.home.root()),
         time::Zone::load(settings.zone).value_or(time::Zone::utc())},
        settings.watch_every);
    follow();
}

void CalendarKeeper::look() {
    const auto now = parts_.clock.now();
    // A child's pid is its own until it is reaped, which only this thread does.
    if (pid_ != 0 && now.mono > deadline_)
        ::kill(pid_, SIGKILL);
    if (const auto run = pid_ == 0 ? schedule_.due(now) : std::nullopt)
        begin(*run);
    else if (pid_ == 0 && asks_nobody_ && std::exchange(tried_, given_) != given_)
        launch(Run::refresh);
    else if (pid_ == 0 && (stamp(k_read) != followed_ || stamp(k_given) != given_))
        follow();
}

// That a time is served is on disk before it is: a daemon after this one must not serve it again.
void CalendarKeeper::begin(Run run) {
    schedule_.begun(run, parts_.clock.now());
    parts_.loop.offload(
        [path = memory_path(), text = memory_text(schedule_.memory())] {
            storage::SystemFileSystem files;
            // A disk that takes nothing keeps no calendar from being fetched.
            static_cast<void>(storage::replace_file(files, path, text));
        },
        [this, run] { launch(run); });
}

void CalendarKeeper::launch(Run run) {
    process::LaunchSpec spec;
    spec.program = parts_.program;
    spec.arguments = {"bullpen-calendar", "refresh", "--home", parts_.home.root()};
    spec.arguments.insert(spec.arguments.end(), {"--parent", std::to_string(::getpid())});
    if (run == Run::watch)
        spec.arguments.insert(spec.arguments.end(), {"--only", "fed-rss"});
    // The regular run is the one that many homes make. A home's first one has nothing to wait for.
    const auto spread = std::chrono::floor<std::chrono::seconds>(settings_.deadline / 4);
    if (run == Run::refresh && has_calendar_)
        spec.arguments.insert(spec.arguments.end(), {"--spread", std::to_string(spread.count())});
    spec.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
    spec.working_directory = parts_.home.shared();
    spec.stdio_log = run == Run::watch ? "/dev/null" : parts_.home.logs() + "/calendar.log";
    auto launcher = process::Launcher::make();
    const auto launched =
        launcher ? launcher->launch(spec) : Result<process::Launched>(fail(launcher.error()));
    if (!launched)
        return ended(run, launched.error().message(), false);
    pid_ = launched->pid;
    deadline_ = parts_.clock.mono() + settings_.deadline;
    parts_.undertaker.expect(pid_, [this, run](const process::Exited& exited) {
        pid_ = 0;
        const bool well = !exited.signaled && exited.code == 0;
        const bool told = well || run == Run::watch;
        ended(run, exited.text() + (told ? "" : "; logs/calendar.log has its own words"), well);
    });
}

void CalendarKeeper::ended(Run run, const std::string& how, bool well) {
    schedule_.ended(well, parts_.clock.now());
    parts_.log.log(well ? log::Level::info : log::Level::warn, "calendar_run",
                   {{"run", schedule::code(run)}, {"how", how}});
    follow();
}

// When the next important events are, and how old everything is.
void CalendarKeeper::follow() {
    auto seen = std::make_shared<events::HomeCalendar>();
    followed_ = stamp(k_read);
    given_ = stamp(k_given);
    parts_.loop.offload(
        [seen, asks = !settings_.contact.empty(), now = parts_.clock.utc(),
         shared = parts_.home.shared(), run = memory_path(),
         log = parts_.home.logs() + "/calendar.log", memory = memory_text(schedule_.memory())] {
            storage::SystemFileSystem files;
            static_cast<void>(storage::replace_file(files, run, memory));
            if (process::StdioKeeper keeper(log, k_log_max, 1); keeper.due())
                static_cast<void>(keeper.trim());
            *seen = events::look_at_home(files, shared, asks, now, time::tzdata_version());
        },
        [this, seen] {
            has_calendar_ = seen->there;
            schedule_.set_events(std::move(seen->important));
            for (const auto& alarm : events::added(told_, seen->alarms))
                parts_.alarm("calendar: " + events::told(alarm), events::advice(alarm.kind));
            told_ = std::move(seen->alarms);
            // What is known without asking anybody (published dates, rules, the operator's files)
            // is known from the first start on, also where nothing may be fetched.
            asks_nobody_ = seen->behind && settings_.contact.empty();
        });
}

}  // namespace bullpen::daemon
