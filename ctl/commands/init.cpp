#include "common/config/home_setup.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/json_writer.hpp"

namespace bullpen::ctl {

namespace {

int run_init(Context& context) {
    const auto home = context.arguments.operands.empty()
                          ? Result<Home>(context.home)
                          : Home::at(std::string(context.arguments.operands.front()));
    if (!home)
        return report(context, home.error(), ExitCode::usage);
    const auto made = config::make_home(*home);
    if (!made)
        return report(context, made.error(), ExitCode::failed);
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("home").string(home->root()).key("made").begin_array();
        for (const auto& path : *made)
            json.string(path);
        json.end_array().end_object();
        context.out += "\n";
        return 0;
    }
    for (const auto& path : *made)
        context.out.line("made " + path);
    context.out.line(made->empty() ? home->root() + " was complete already."
                                   : home->root() + " is ready: bullpenctl --home " + home->root() +
                                         " add NAME writes the first account.");
    return 0;
}

}  // namespace

const Command k_init = {
    .name = "init",
    .synopsis = "[DIR]",
    .text =
        "Makes a home: its directories with their modes, a bullpen.toml with every key explained, "
        "and\n"
        "an example of an account's file. What exists stays as it is.\n",
    .exit_codes =
        "  0   done\n"
        "  1   it could not be made\n"
        "  64  wrong arguments, or a path too long for a socket\n",
    .examples =
        "  bullpenctl init                     in $BULLPEN_HOME or /var/lib/bullpen\n"
        "  bullpenctl init ~/bullpen           elsewhere\n",
    .options = {},
    .operands_min = 0,
    .operands_max = 1,
    .run = run_init,
    .looks_into_home = false,
    .writes_home = true,
};

}  // namespace bullpen::ctl
