#include "supervisor/daemon/arguments.hpp"

#include <charconv>

#include "common/base/errc.hpp"

namespace bullpen::daemon {

namespace {

Result<int> descriptor_number(const std::string& text) {
    int number = -1;
    const auto* end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data(), end, number);
    if (code != std::errc() || stop != end || number < 3) {
        return fail(Errc::invalid, "--inherited-lock takes a descriptor number");
    }
    return number;
}

}  // namespace

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        const auto value = [&]() -> Result<std::string> {
            if (i + 1 >= words.size())
                return fail(Errc::invalid, word + " needs a value");
            return words[++i];
        };
        if (word == "--home") {
            BULLPEN_TRY(arguments.home, value());
        } else if (word.starts_with("--home=")) {
            arguments.home = word.substr(7);
        } else if (word == "--check") {
            arguments.action = Arguments::Action::check;
        } else if (word == "--json") {
            arguments.json = true;
        } else if (word == "--version") {
            arguments.action = Arguments::Action::version;
        } else if (word == "--help" || word == "-h") {
            arguments.action = Arguments::Action::help;
        } else if (word == "--inherited-lock") {
            BULLPEN_TRY(const auto text, value());
            BULLPEN_TRY(arguments.inherited_lock, descriptor_number(text));
        } else {
            return fail(Errc::invalid, "unknown argument '" + word + "'; see bullpend --help");
        }
    }
    if (arguments.home && arguments.home->empty())
        return fail(Errc::invalid, "--home needs a directory");
    return arguments;
}

std::string help_text() {
    return "bullpend: keeps one isolated worker process per trading account alive\n"
           "\n"
           "  bullpend [--home DIR]           run in the foreground\n"
           "  bullpend --check [--home DIR]   check bullpen.toml and accounts.d, print every "
           "error\n"
           "  bullpend --version\n"
           "\n"
           "  --home DIR   the directory of this instance (default: $BULLPEN_HOME, else\n"
           "               /var/lib/bullpen); make one with 'bullpenctl --home DIR init'\n"
           "  --json       with --check: one JSON document\n"
           "\n"
           "Signals: TERM and INT stop every account in order and end the daemon; HUP rereads the\n"
           "roster. Killing the daemon leaves the workers; the next one adopts them.\n"
           "\n"
           "Exit codes: 0 done, 64 wrong arguments, 70 internal failure, 75 try again later, 77\n"
           "another daemon holds the home, 78 wrong configuration.\n"
           "\n"
           "Examples:\n"
           "  bullpenctl --home ~/bullpen init && bullpend --home ~/bullpen\n"
           "  bullpend --check --home ~/bullpen\n";
}

}  // namespace bullpen::daemon
