#include <array>
#include <span>
#include <string>

#include "ctl/commands/commands.hpp"
#include "ctl/isolation_text.hpp"
#include "ctl/owners.hpp"
#include "ctl/program.hpp"
#include "ctl/status_table.hpp"
#include "ctl/targets.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 3> k_status_options = {
    {{'r', "risk", "", "how far each account is from each of its limits"},
     {'\0', "owners", "", "what the accounts of each owner hold together"},
     {'w', "wide", "", "all columns in full, however narrow the terminal"}}};

std::vector<ChosenRow> of_kind(std::span<const ChosenRow> rows, bool service) {
    std::vector<ChosenRow> found;
    found.reserve(rows.size());
    for (const auto& chosen : rows) {
        if ((chosen.row->slot->service != 0) == service)
            found.push_back(chosen);
    }
    return found;
}

// What there is to say of single accounts, below the table.
void append_notes(Context& context, std::span<const ChosenRow> accounts) {
    const auto jobs = job_briefs_of(context.home, accounts);
    for (const auto& chosen : accounts) {
        if (chosen.row->slot->credentials_in_environment != 0) {
            context.out.line(chosen.row->slot->account.str() +
                                 ": credentials are in its environment, as its file asks for",
                             Colour::yellow);
        }
        if (const auto ends = token_text(*chosen.row); !ends.empty())
            context.out.line(ends, Colour::yellow);
        const auto name = chosen.row->slot->account.view();
        const auto known = jobs.find(name);
        const auto failed = known != jobs.end() ? failed_job_text(name, known->second) : "";
        if (!failed.empty())
            context.out.line(failed, Colour::red);
    }
}

int run_status(Context& context) {
    auto now = context.clock.now();
    auto view = look(context, &now);
    if (!view) {
        report(context, view.error(), ExitCode::failed);
        return static_cast<int>(StatusCode::unknown);
    }
    // Without a board the groups are in the settings files, which the other program can read. When
    // it is not there, names alone must do.
    if (!view->has_board() && context.roster == nullptr)
        static_cast<void>(exec_control(context.argv));
    auto targets = choose(*view, context.arguments.operands);
    if (context.arguments.operands.empty())
        add_services(*view, targets);
    const auto accounts = of_kind(targets.rows, false);
    const auto services = of_kind(targets.rows, true);
    const auto code = targets.unmatched.empty() ? status_code(targets.rows, view->daemon().state)
                                                : StatusCode::unknown;
    if (context.globals.json && context.arguments.has("owners")) {
        append_owners_json(context.out.buffer(),
                           owners_of(accounts, shares_of(context.home, accounts)));
    } else if (context.globals.json) {
        append_status_json(context.out.buffer(), *view, accounts, services, targets.unmatched,
                           job_briefs_of(context.home, accounts), context.home, now);
    } else {
        const auto notice = view->notice(context.home);
        if (!notice.empty())
            context.out.line(notice, Colour::yellow);
        const auto width = context.arguments.has("wide") ? 0 : context.width;
        auto& out = context.out.buffer();
        if (context.arguments.has("risk")) {
            if (!accounts.empty())
                risk_table(accounts).append_to(out, width, context.out.coloured());
            report_unmatched(context, targets);
            return static_cast<int>(code);
        }
        if (context.arguments.has("owners")) {
            const auto owned = owners_of(accounts, shares_of(context.home, accounts));
            if (owned.empty())
                context.out.line("no account has an owner");
            else
                owners_table(owned).append_to(out, width, context.out.coloured());
            report_unmatched(context, targets);
            return static_cast<int>(code);
        }
        if (!accounts.empty())
            status_table(accounts).append_to(out, width, context.out.coloured());
        else if (services.empty() && targets.unmatched.empty())
            context.out.line(k_no_accounts);
        append_notes(context, accounts);
        if (!services.empty()) {
            out += accounts.empty() ? "" : "\n";
            services_table(services).append_to(out, width, context.out.coloured());
        }
        if (view->daemon().board != nullptr) {
            for (const auto& line : isolation_lines(*view->daemon().board, accounts, services))
                context.out.line(line.text, line.warning ? Colour::yellow : Colour::dim);
        }
    }
    report_unmatched(context, targets);
    return static_cast<int>(code);
}

}  // namespace

const Command k_status = {
    .name = "status",
    .synopsis = "[NAME|GROUP|GLOB...]",
    .text =
        "Shows what every account, or the named ones, is doing. It reads the status board and "
        "asks\n"
        "nobody, so it answers at once and works when the daemon is down; then it says so on the\n"
        "first line, and each state is what the account's kernel lock proves.\n"
        "\n"
        "The home's own services (the paper exchange bullpen-venue, shared signals) follow in\n"
        "a table of their own while accounts need them. restart, stop, start, explain, tail and\n"
        "signal take a service by its name; all, groups and globs mean accounts alone.\n"
        "\n"
        "A line below the table names each account whose file puts credentials into its\n"
        "environment, and the last ones say what the kernel keeps workers from, and who is kept\n"
        "from less.\n"
        "\n"
        "So is each account that a token of its ends for within the hour, and the newest run of\n"
        "a job of each account that ended badly.\n"
        "\n"
        "With --risk it shows limits instead: what is used of each, and what is left.\n"
        "With --owners it shows what the accounts of each owner hold together of each product,\n"
        "in contracts of the big size: ten micros are one where the micro is a tenth.\n"
        "Shares are summed by symbol, in rupees at their last prices.\n"
        "\n"
        "A narrow terminal first shortens LAST ERROR, POSITION and REASON, then loses columns in\n"
        "this order: LAST ERROR, MEMORY, RESTARTS, GROUP, DAY P&L, POSITION, BAR, PID, MODE, "
        "BEAT,\n"
        "UPTIME, REASON. Without a terminal nothing is shortened.\n",
    .exit_codes =
        "  0   every account that should run is RUNNING\n"
        "  1   one is dead that should run, or a service is: BACKOFF, FATAL (also when the daemon\n"
        "      was last seen), or lost while no daemon ran\n"
        "  3   one does not run: WAITING, STARTING or STOPPING; or STOPPED, if it was named or\n"
        "      nothing else runs\n"
        "  4   not known: a state is UNKNOWN, a name matches nothing, there is no such home\n"
        "  64  wrong arguments\n"
        "The worst of all counts, in the order 4, 1, 3, 0.\n",
    .examples =
        "  bullpenctl status                 all accounts\n"
        "  bullpenctl status mes01 'nq-*'    one account and those that match\n"
        "  bullpenctl status 'futures:*'       the group futures\n"
        "  bullpenctl status --risk          how far it is to every limit\n"
        "  bullpenctl status --owners        what each owner holds, all accounts together\n"
        "  bullpenctl status --json | jq '.accounts[] | select(.state != \"RUNNING\")'\n",
    .options = k_status_options,
    .operands_min = 0,
    .operands_max = k_operands_any,
    .run = run_status,
    .looks_into_home = false,
    .far = true,
};

}  // namespace bullpen::ctl
