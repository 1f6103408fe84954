// bullpen-calendar: fetches, reads, judges and merges the sources of the economic calendar, once,
// and ends. The daemon starts it; an operator may. docs/calendar.md.
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/parse_report.hpp"
#include "calendar/source.hpp"
#include "calendar/text.hpp"
#include "common/base/clock.hpp"
#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"
#include "common/storage/file_system.hpp"

namespace {

using namespace bullpen;  // NOLINT: the program is the namespace's own

constexpr std::string_view k_usage =
    "bullpen-calendar parse SOURCE FILE [--year-now YEAR] [--json]\n"
    "bullpen-calendar sources\n"
    "bullpen-calendar version\n"
    "\n"
    "parse reads one stored body, without a network, and says what is in it and whether it would\n"
    "be accepted.\n"
    "  --year-now  the year in which the body was fetched; default: this year\n"
    "  --json      one JSON object instead of a table\n";

int complain(ExitCode code, const std::string& sentence) {
    std::fprintf(stderr, "bullpen-calendar: %s\n", sentence.c_str());
    return value(code);
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
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "--json") {
            arguments.json = true;
        } else if (words[i] == "--year-now" && i + 1 < words.size()) {
            arguments.year_now = calendar::number(words[++i], 4);
            if (!arguments.year_now)
                return fail(Errc::invalid, "'" + words[i] + "' is no year");
        } else if (!words[i].starts_with("--")) {
            arguments.names.push_back(words[i]);
        } else {
            return fail(Errc::invalid, "not understood: " + words[i]);
        }
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

int list_sources() {
    for (const calendar::Source& source : calendar::all_sources())
        print(std::string(source.name) + "\n");
    return value(ExitCode::done);
}

}  // namespace

int main(int argc, char** argv) {
    ::umask(0077);
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.empty() || words[0] == "help" || words[0] == "--help") {
        print(k_usage);
        return value(words.empty() ? ExitCode::usage : ExitCode::done);
    }
    if (words[0] == "version" || words[0] == "--version") {
        std::printf("bullpen-calendar %s\n", BULLPEN_VERSION);
        return value(ExitCode::done);
    }
    if (words[0] == "parse")
        return parse_file(words);
    if (words[0] == "sources")
        return list_sources();
    return complain(ExitCode::usage, "not understood: " + words[0]);
}
