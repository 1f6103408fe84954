// bullpen-calendar: fetches, reads, judges and merges the sources of the economic calendar, once,
// and ends. The daemon starts it; an operator may. docs/calendar.md.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "calendar/escapes.hpp"
#include "calendar/fetcher.hpp"
#include "calendar/parse_report.hpp"
#include "calendar/refresh.hpp"
#include "calendar/sandbox.hpp"
#include "calendar/source.hpp"
#include "calendar/text.hpp"
#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"
#include "common/base/home.hpp"
#include "common/base/program_words.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/roster.hpp"
#include "common/storage/file_system.hpp"

namespace {

using namespace bullpen;  // NOLINT: the program is the namespace's own

constexpr std::string_view k_usage =
    "bullpen-calendar refresh [--home DIR] [--only SOURCE,...] [--fetch-time SECONDS]\n"
    "                         [--spread SECONDS] [--parent PID] [--dry-run] [--json]\n"
    "bullpen-calendar parse SOURCE FILE [--year-now YEAR] [--json]\n"
    "bullpen-calendar sandbox [--home DIR]\n"
    "bullpen-calendar sources\n"
    "bullpen-calendar version\n"
    "\n"
    "refresh asks the sources that HOME/bullpen.toml names, writes HOME/shared/calendar.snapshot, "
    "and\n"
    "prints what is different.\n"
    "  --home      default: $BULLPEN_HOME, else /var/lib/bullpen\n"
    "  --only      ask just these; the others count as they were\n"
    "  --fetch-time  for all requests together; default: 90\n"
    "  --spread    ask each source up to so many seconds later, each by another time; default: 0\n"
    "  --parent    end when this process, which started it, ends\n"
    "  --dry-run   leave the snapshot as it is\n"
    "sandbox confines itself as refresh does, tries what must not be possible, and says what was.\n"
    "parse reads one stored body, without a network, and says what is in it and whether it would\n"
    "be accepted.\n"
    "  --year-now  the year in which the body was fetched; default: this year\n"
    "  --json      one JSON object instead of a table\n"
    "\n"
    "Exit codes of refresh: 0 all that was asked is believed, 75 something is not, and the last "
    "good\n"
    "counts; 77 another refresh of this home runs; 78 the settings are wrong.\n";

constexpr ProgramFacts k_program{"bullpen-calendar", BULLPEN_VERSION, k_usage};

int complain(ExitCode code, const std::string& sentence) {
    return bullpen::complain(k_program, code, sentence);
}

void print(std::string_view text) {
    (void)std::fwrite(text.data(), 1, text.size(), stdout);
}

struct ParseArguments {
    std::vector<std::string> names;  // source and file
    std::optional<int> year_now;
    bool json = false;
};

Result<ParseArguments> read_arguments(const std::vector<std::string>& words) {
    ParseArguments arguments;
    std::string year;
    BULLPEN_TRY(arguments.names,
                take_options(words, {{"--year-now", &year}, {"--json", nullptr, &arguments.json}}));
    if (!year.empty()) {
        arguments.year_now = calendar::number(year, 4);
        if (!arguments.year_now)
            return fail(Errc::invalid, "'" + year + "' is no year");
    }
    if (arguments.names.size() != 2)
        return fail(Errc::invalid, "parse wants a source and a file");
    return arguments;
}

int parse_file(const std::vector<std::string>& words) {
    const auto arguments = read_arguments(words);
    if (!arguments)
        return complain(ExitCode::usage, arguments.error().context());
    const calendar::Source* const source = calendar::find_source(arguments->names[0]);
    if (source == nullptr)
        return complain(ExitCode::usage, "there is no source '" + arguments->names[0] +
                                             "'; bullpen-calendar sources lists them");
    storage::SystemFileSystem files;
    const auto body = files.read(arguments->names[1], calendar::k_body_size_max + 1);
    if (!body && body.error().code() != Errc::too_large)
        return complain(ExitCode::failed, body.error().message());
    const auto zones = calendar::Zones::load();
    if (!zones)
        return complain(ExitCode::temporary, zones.error().message());
    const SystemClock clock;
    calendar::Context context;
    context.zones = &*zones;
    context.fetched = clock.utc();
    const auto today = std::chrono::floor<std::chrono::days>(clock.utc());
    context.year_now = arguments->year_now.value_or(calendar::year_of(today));
    // What is too large to be read is too large to be accepted, and is said in the same form.
    const std::string oversized =
        body ? std::string() : std::string(calendar::k_body_size_max, ' ');
    const calendar::Parsed parsed = calendar::parse(*source, body ? *body : oversized, context);
    print(arguments->json ? calendar::json_report(parsed) : calendar::text_report(parsed));
    return value(ExitCode::done);
}

// ---- refresh

// All attempts together, unless the caller says otherwise; the daemon ends the program some time
// after.
constexpr std::chrono::seconds k_fetch_time{90};
constexpr int k_fetch_time_max = 600;  // seconds

struct RefreshArguments {
    std::string home;
    calendar::RefreshOptions options;
    bool json = false;
    std::chrono::seconds fetch_time = k_fetch_time;
    pid_t parent = 0;  // with which this program ends; 0: none
};

// 0 to 600; `text` as it was given, or empty.
Result<std::chrono::seconds> seconds_of(const std::string& text, std::chrono::seconds unsaid) {
    if (text.empty())
        return unsaid;
    const auto seconds = calendar::number(text, 3);
    if (!seconds || *seconds > k_fetch_time_max)
        return fail(Errc::invalid, "'" + text + "' is no number of seconds up to 600");
    return std::chrono::seconds(*seconds);
}

Result<RefreshArguments> read_refresh(const std::vector<std::string>& words) {
    RefreshArguments arguments;
    arguments.options.version = BULLPEN_VERSION;
    std::string fetch_time;
    std::string spread;
    std::string parent;
    std::string only;
    BULLPEN_CHECK(take_options_only(words, {{"--home", &arguments.home},
                                            {"--fetch-time", &fetch_time},
                                            {"--spread", &spread},
                                            {"--parent", &parent},
                                            {"--only", &only},
                                            {"--dry-run", nullptr, &arguments.options.dry_run},
                                            {"--json", nullptr, &arguments.json}}));
    BULLPEN_TRY(arguments.fetch_time, seconds_of(fetch_time, k_fetch_time));
    if (arguments.fetch_time < std::chrono::seconds(1))
        return fail(Errc::invalid, "--fetch-time is a second at least");
    BULLPEN_TRY(arguments.options.spread, seconds_of(spread, std::chrono::seconds(0)));
    if (!parent.empty())
        arguments.parent = calendar::number(parent).value_or(-1);
    if (only.empty())
        return arguments;
    for (const std::string_view name : calendar::split(only, ',')) {
        const calendar::Source* const source = calendar::find_source(name);
        if (source == nullptr || !source->fetched)
            return fail(Errc::invalid, "'" + std::string(name) + "' is no fetched source");
        arguments.options.only.emplace_back(name);
    }
    return arguments;
}

// What is open of a home, whose settings were read.
struct Opened {
    Home home;
    config::CalendarSettings settings;
    calendar::Zones zones;
};

Result<Opened> open_home(const std::string& path) {
    BULLPEN_TRY(auto home, config::home_of(path));
    BULLPEN_TRY(auto settings, config::read_daemon(home));
    BULLPEN_TRY(auto zones, calendar::Zones::load());
    for (const auto& directory : {home.shared(), home.locks()})
        BULLPEN_CHECK(make_directories(directory, 0700));
    return Opened{std::move(home), std::move(settings.calendar), std::move(zones)};
}

// Held until the program ends. Whoever may read a file can lock it, so it is not in shared/, where
// workers read.
Result<Descriptor> lock(const Home& home) {
    const std::string path = home.locks() + "/calendar.lock";
    // Of earlier releases.
    (void)::unlink((home.shared() + "/calendar.lock").c_str());
    BULLPEN_TRY(auto file, open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return fail(Errc::locked, "another refresh of this home runs");
        return fail_errno("cannot lock " + path);
    }
    return file;
}

calendar::SandboxPlan plan_of(const Opened& opened) {
    constexpr std::uint16_t k_https = 443;
    calendar::SandboxPlan plan{opened.home.shared(), {k_https}};
    const config::CalendarSettings& set = opened.settings;
    for (const std::string* const url :
         {&set.fomc_html_url, &set.fed_json_url, &set.fed_rss_url, &set.bls_ics_url,
          &set.bea_json_url, &set.bea_html_url, &set.forexfactory_json_url}) {
        if (const auto port = calendar::port_of(*url); port != 0)
            plan.ports.push_back(port);
    }
    return plan;
}

// Nobody would end this program at its deadline, or hear how it ended, after who started it is
// gone.
bool ends_with(pid_t parent) {
    return parent == 0 || (::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent);
}

int refresh(const std::vector<std::string>& words) {
    const auto arguments = read_refresh(words);
    if (!arguments)
        return complain(ExitCode::usage, arguments.error().context());
    if (!ends_with(arguments->parent))
        return complain(ExitCode::temporary, "who started it is not there any more");
    const auto opened = open_home(arguments->home);
    if (!opened)
        return complain(ExitCode::config, opened.error().message());
    const auto held = lock(opened->home);
    if (!held)
        return complain(
            held.error().code() == Errc::locked ? ExitCode::held_elsewhere : ExitCode::temporary,
            held.error().message());
    const SystemClock clock;
    storage::SystemFileSystem files;
    const calendar::Fetcher fetcher(clock,
                                    calendar::user_agent(BULLPEN_VERSION, opened->settings.contact),
                                    clock.mono() + arguments->fetch_time);
    calendar::SandboxState sandbox = calendar::enter_sandbox(plan_of(*opened));
    const calendar::RefreshEnvironment environment{
        opened->home,
        opened->settings,
        files,
        clock,
        opened->zones,
        fetcher,
        [&sandbox] { calendar::close_network(sandbox); },
        [](Nanos time) { std::this_thread::sleep_for(time); }};
    auto report = calendar::refresh(environment, arguments->options);
    if (!report)
        return complain(ExitCode::temporary, report.error().message());
    for (const std::string& missing : sandbox.missing)
        report->warnings.push_back("sandbox: " + missing);
    print(arguments->json ? calendar::json_report(*report) : calendar::text_report(*report));
    return value(report->good() ? ExitCode::done : ExitCode::temporary);
}

// Tries, confined, what must not be possible, and says what was: for tests and for operators.
int try_sandbox(const std::vector<std::string>& words) {
    const auto arguments = read_refresh(words);
    if (!arguments)
        return complain(ExitCode::usage, arguments.error().context());
    const auto opened = open_home(arguments->home);
    if (!opened)
        return complain(ExitCode::config, opened.error().message());
    calendar::SandboxState state = calendar::enter_sandbox(plan_of(*opened));
    const auto escapes = calendar::attempt_escapes(opened->home, state);
    const auto word = [](bool yes) { return yes ? "yes" : "no"; };
    std::printf(
        "landlock version: %d\nfiles confined: %s\nports confined: %s\n"
        "calls filtered: %s\nlimits: %s\nnetwork closed before parsing: %s\n",
        state.landlock_abi, word(state.files_confined), word(state.ports_confined),
        word(state.calls_filtered), word(state.limited), word(state.network_closed));
    for (const std::string& missing : state.missing)
        std::printf("warning: %s\n", missing.c_str());
    for (const std::string& escape : escapes)
        std::printf("possible: %s\n", escape.c_str());
    return value(state.whole() && escapes.empty() ? ExitCode::done : ExitCode::failed);
}

int list_sources() {
    for (const calendar::Source& source : calendar::all_sources())
        print(std::string(source.name) + "\n");
    return value(ExitCode::done);
}

}  // namespace

int main(int argc, char** argv) {
    ::umask(0027);
    (void)::signal(SIGPIPE, SIG_IGN);
    const std::vector<std::string> words(argv + 1, argv + argc);
    const std::string command = words.empty() ? "" : words.front();
    if (const auto code =
            answer_plain_words(k_program, command, {"parse", "refresh", "sandbox", "sources"}))
        return *code;
    if (command == "parse")
        return parse_file(words);
    if (command == "refresh")
        return refresh(words);
    return command == "sandbox" ? try_sandbox(words) : list_sources();
}
