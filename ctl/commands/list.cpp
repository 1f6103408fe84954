#include <algorithm>
#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/program.hpp"
#include "ctl/targets.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_list_options = {
    {{'g', "groups", "", "the names of the groups instead"}}};

int run_list(Context& context) {
    auto now = context.clock.now();
    auto view = look(context, &now);
    if (!view)
        return report(context, view.error(), ExitCode::failed);
    if (!view->has_board() && context.roster == nullptr)
        static_cast<void>(exec_control(context.argv));
    const auto targets = choose(*view, context.arguments.operands);
    const bool groups = context.arguments.has("groups");
    std::vector<std::string_view> names;
    for (const auto& chosen : targets.rows) {
        const auto name =
            groups ? chosen.row->slot->group.view() : chosen.row->slot->account.view();
        if (!name.empty())
            names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key(groups ? "groups" : "accounts").begin_array();
        for (const auto name : names)
            json.string(name);
        json.end_array().end_object();
        context.out += "\n";
    } else {
        for (const auto name : names)
            context.out.line(name);
    }
    report_unmatched(context, targets);
    return value(targets.unmatched.empty() ? ExitCode::done : ExitCode::failed);
}

}  // namespace

const Command k_list = {
    .name = "list",
    .synopsis = "[NAME|GROUP|GLOB...]",
    .text = "Prints the names of the accounts, one a line, for scripts and for completion.\n",
    .exit_codes =
        "  0   done\n"
        "  1   a name matches nothing, or there is no such home\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl list               every account\n"
        "  bullpenctl list 'futures:*'     the accounts of a group\n"
        "  bullpenctl list --groups      the groups\n",
    .options = k_list_options,
    .operands_min = 0,
    .operands_max = k_operands_any,
    .run = run_list,
    .far = true,
};

}  // namespace bullpen::ctl
