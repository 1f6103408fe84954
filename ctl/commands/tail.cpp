#include <unistd.h>

#include <cerrno>

#include "common/base/service.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/program.hpp"
#include "ctl/show_log.hpp"
#include "ctl/targets.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

// The name must be an account's that has a directory; a near one is offered otherwise.
int unknown_account(Context& context, std::string_view name) {
    const std::string_view words[] = {name};
    const auto view = FleetView::read(context.home, context.clock.now(), context.roster);
    if (!view)
        return report(context, view.error(), ExitCode::failed);
    const auto targets = choose(*view, words);
    if (targets.unmatched.empty())
        return report(context, std::string(name) + " has not run yet: it has no logs",
                      ExitCode::failed);
    return report(context, sentence(targets.unmatched.front()), ExitCode::failed);
}

// Nothing stands between a program and its stdio.log; what is shown of it is another matter.
int show_stdio(Context& context, const AccountId& id, const AccountPaths& paths) {
    const bool sealed = ::access(paths.secrets.c_str(), F_OK) == 0 || errno != ENOENT;
    if (!sealed)
        return show_log(context, paths.stdio_log, false);
    // The other program has the vault.
    if (context.roster == nullptr)
        return report(context, exec_control(context.argv), ExitCode::software);
    const auto mask = context.roster->mask(context.home, id, context.credentials_directory);
    if (!mask)
        context.err.line("Credentials in it are not hidden, for nobody can tell them now: " +
                             printable(mask.error().message()),
                         Colour::red);
    return show_log(context, paths.stdio_log, false, mask ? *mask : Mask());
}

int run_tail(Context& context) {
    const auto& words = context.arguments.operands;
    const auto id = AccountId::parse(words[0]);
    if (!id)
        return report(context, id.error(), ExitCode::usage);
    const auto paths = context.home.account(*id);
    if (::access(paths.logs.c_str(), F_OK) != 0)
        return unknown_account(context, words[0]);
    const auto which = words.size() > 1 ? words[1] : std::string_view("log");
    if (which == "stdio")
        return show_stdio(context, *id, paths);
    if (which == "audit")
        return show_log(context, paths.audit_log, false);
    if (which == "performance")
        return show_log(context, paths.performance_log, false);
    if (which != "log")
        return report(context, "there is stdio, log, audit and performance", ExitCode::usage);
    if (is_service(*id))
        return show_log(context, service_log(context.home, *id), false);
    // A program that is not Bullpen's own worker writes no worker.log.
    const bool foreign = ::access(paths.worker_log.c_str(), F_OK) != 0 &&
                         ::access(paths.stdio_log.c_str(), F_OK) == 0;
    return foreign ? show_stdio(context, *id, paths) : show_log(context, paths.worker_log, false);
}

}  // namespace

const Command k_tail = {
    .name = "tail",
    .synopsis = "NAME [log|stdio|audit|performance]",
    .text =
        "Prints the end of one log of an account:\n"
        "  log          what the worker logs; of a program that has no such log, stdio\n"
        "  stdio        what its process wrote to standard output and standard error, without "
        "the\n"
        "               values of the account's sealed credentials, those now and those before\n"
        "  audit        what was done to its money and settings\n"
        "  performance  its figures\n"
        "JSON lines are shown as text, coloured by level on a terminal; --raw and --json keep them "
        "as\n"
        "they are. Older files are read as well when the newest has too few lines. Of a service\n"
        "(bullpen-venue) the log is that of its work, in HOME/services.\n",
    .exit_codes =
        "  0   done\n"
        "  1   there is no such account or log\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl tail mes01                  the last 10 lines\n"
        "  bullpenctl tail -f mes01               and what follows\n"
        "  bullpenctl tail -fn 100 mes01 stdio    of what its process prints\n"
        "  bullpenctl tail --raw -n 1000 mes01 | jq 'select(.level == \"error\")'\n",
    .options = k_log_options,
    .operands_min = 1,
    .operands_max = 2,
    .run = run_tail,
};

}  // namespace bullpen::ctl
