#include "supervisor/daemon/arguments.hpp"

#include <charconv>

#include "common/base/errc.hpp"
#include "common/base/program_words.hpp"

namespace bullpen::daemon {

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
    Arguments arguments;
    std::string home;
    std::string lock;
    bool check = false;
    bool version = false;
    bool help = false;
    BULLPEN_CHECK(take_options_only(words, {{"--home", &home},
                                            {"--check", nullptr, &check},
                                            {"--json", nullptr, &arguments.json},
                                            {"--version", nullptr, &version},
                                            {"--help", nullptr, &help},
                                            {"-h", nullptr, &help},
                                            {"--inherited-lock", &lock}}));
    using Action = Arguments::Action;
    arguments.action = help      ? Action::help
                       : version ? Action::version
                       : check   ? Action::check
                                 : Action::run;
    if (!home.empty())
        arguments.home = home;
    const auto* const end = lock.data() + lock.size();
    const auto [stop, code] = std::from_chars(lock.data(), end, arguments.inherited_lock);
    if (!lock.empty() && (code != std::errc() || stop != end || arguments.inherited_lock < 3))
        return fail(Errc::invalid, "--inherited-lock takes a descriptor number");
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
