#include "worker/arguments.hpp"

#include "common/base/errc.hpp"

namespace bullpen::worker {

namespace {

constexpr std::string_view k_usage =
    "usage: bullpen-worker run [--home DIR --account NAME] [--recover HOW] [--until-end]\n"
    "                          [--unpaced]\n"
    "       bullpen-worker version\n"
    "\n"
    "Runs one account. Launched by bullpend it takes everything from its environment and its\n"
    "inherited locks. By hand, with --account, it takes the account's lock itself, or says who "
    "has\n"
    "it and exits with 77. The home is --home, else $BULLPEN_HOME, else /var/lib/bullpen.\n"
    "\n"
    "  --recover HOW enter no trades: make an open position safe, say so, and end with code 0.\n"
    "                HOW is protect (see that protective orders stand) or flatten (close it).\n"
    "                bullpend asks for it once when an account has become FATAL with an open\n"
    "                position.\n"
    "  --until-end   end with code 0 when the feed is used up, and print the hash of the run\n"
    "  --unpaced     take bars as fast as they can be read\n";

Result<config::RecoveryPolicy> parse_recovery(std::string_view word) {
    for (const auto policy : {config::RecoveryPolicy::protect, config::RecoveryPolicy::flatten}) {
        if (word == config::code(policy))
            return policy;
    }
    return fail(Errc::invalid, "--recover is protect or flatten, not '" + std::string(word) + "'");
}

}  // namespace

Result<Arguments> parse_arguments(std::span<const std::string_view> words) {
    Arguments arguments;
    if (words.empty())
        return fail(Errc::invalid, "a command is missing");
    const auto command = words.front();
    if (command == "version" || command == "--version")
        arguments.command = Command::version;
    else if (command == "help" || command == "--help" || command == "-h")
        arguments.command = Command::help;
    else if (command == "run")
        arguments.command = Command::run;
    else
        return fail(Errc::invalid, "'" + std::string(command) + "' is no command");
    words = words.subspan(1);
    if (arguments.command != Command::run && !words.empty())
        return fail(Errc::invalid, "'" + std::string(words.front()) + "' is not expected");
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto word = words[i];
        std::string* text = word == "--home"      ? &arguments.home
                            : word == "--account" ? &arguments.account
                                                  : nullptr;
        if ((text != nullptr || word == "--recover") &&
            (i + 1 == words.size() || words[i + 1].empty()))
            return fail(Errc::invalid, std::string(word) + " needs a value");
        if (text != nullptr) {
            *text = std::string(words[++i]);
        } else if (word == "--recover") {
            BULLPEN_TRY(arguments.recover, parse_recovery(words[++i]));
        } else if (word == "--until-end") {
            arguments.until_end = true;
        } else if (word == "--unpaced") {
            arguments.unpaced = true;
        } else {
            return fail(Errc::invalid, "'" + std::string(word) + "' is not expected");
        }
    }
    return arguments;
}

std::string_view usage() {
    return k_usage;
}

}  // namespace bullpen::worker
