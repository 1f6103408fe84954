#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "common/config/job_settings.hpp"
#include "ctl/act.hpp"
#include "ctl/change_watch.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/job_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/table.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

// A run that nobody limits otherwise is waited for this long.
constexpr Nanos k_run_deadline = std::chrono::minutes(10);

constexpr std::array<Option, 3> k_job_options = {
    {{'\0', "dry-run", "", "run: say what it would do, and do nothing"},
     {'\0', "no-wait", "", "run: only ask for it; do not wait for what comes of it"},
     {'n', "lines", "N", "history: only the last N; default 20"}}};

constexpr std::size_t k_lines_default = 20;
constexpr std::size_t k_lines_max = 10'000;

int list(Context& context, const AccountId& account) {
    const auto known = read_jobs(context.home, account);
    if (!known)
        return report(context, known.error(), ExitCode::failed);
    if (context.globals.json) {
        context.out += known->json + "\n";
        return value(ExitCode::done);
    }
    Table table({{"JOB"},
                 {"SCHEDULE", false, 0, 12},
                 {"NEXT"},
                 {"LAST"},
                 {"OUTCOME"},
                 {"REASON", false, 3, 12},
                 {"RUNS", true, 2},
                 {"MISSED", true, 1}});
    for (const auto& job : known->jobs) {
        const auto* last = job.running           ? &*job.running
                           : job.history.empty() ? nullptr
                                                 : &job.history.back();
        const auto outcome = job.running       ? std::string("running")
                             : last != nullptr ? last->outcome
                                               : std::string();
        const bool well = job.running || last == nullptr || outcome == "succeeded";
        table.add({{job.job},
                   {job.schedule.empty() ? std::string("by hand") : job.schedule},
                   {short_time(job.next)},
                   {last != nullptr ? short_time(last->begun) : std::string()},
                   {outcome, well ? Colour::none : Colour::red},
                   {last != nullptr ? last->reason : std::string()},
                   {std::to_string(job.runs)},
                   {std::to_string(job.missed)}});
    }
    table.append_to(context.out.buffer(), context.width, context.out.coloured());
    if (!known->zone.empty()) {
        const auto at =
            known->market_time.empty() ? "not told yet" : short_time(known->market_time);
        context.out.line(printable("times are UTC, schedules without a zone are of " + known->zone +
                                   "; the market's time was " + at));
    }
    if (const auto written = parse_utc(known->orders_file_written)) {
        context.out.line(printable("orders file " + known->orders_file + ", " +
                                   age_text(context.clock.utc() - *written) + " old"));
    }
    return value(ExitCode::done);
}

std::string run_line(const std::string& job, const JobRunView& run) {
    std::string line = short_time(run.begun) + "  " + job + "  " + outcome_text(run);
    if (run.attempt > 1)
        line += ", attempt " + std::to_string(run.attempt);
    if (run.dry_run)
        line += ", dry run";
    else if (run.by_hand)
        line += ", by hand";
    return run.text.empty() ? line : line + ": " + run.text;
}

int history(Context& context, const AccountId& account, std::string_view name) {
    const auto known = read_jobs(context.home, account);
    if (!known)
        return report(context, known.error(), ExitCode::failed);
    std::uint64_t most = k_lines_default;
    if (const auto wanted = context.arguments.value("lines")) {
        const auto lines = parse_count(*wanted, k_lines_max);
        if (!lines)
            return report(context, lines.error(), ExitCode::usage);
        most = *lines;
    }
    std::vector<std::pair<const JobView*, const JobRunView*>> runs;
    for (const auto& job : known->jobs) {
        for (const auto& run : job.history) {
            if (name.empty() || job.job == name)
                runs.emplace_back(&job, &run);
        }
    }
    std::stable_sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
        return a.second->begun < b.second->begun;
    });
    const auto first = runs.size() > most ? runs.size() - most : 0;
    for (std::size_t i = first; i < runs.size(); ++i) {
        if (context.globals.json)
            context.out += runs[i].second->json + "\n";
        else
            context.out.line(printable(run_line(runs[i].first->job, *runs[i].second)));
    }
    return value(ExitCode::done);
}

// The run that this request brought about, once it has ended.
const JobRunView* ended_run(const JobsView& known, std::string_view name,
                            const std::string& request) {
    const auto* job = known.find(name);
    if (job == nullptr)
        return nullptr;
    for (const auto& run : job->history) {
        if (run.request == request)
            return &run;
    }
    return nullptr;
}

int show_run(Context& context, const AccountId& account, std::string_view name,
             const JobRunView& run) {
    const bool ok = run.outcome == "succeeded";
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object();
        json.key("account").string(account.str());
        json.key("job").string(name);
        json.key("ok").boolean(ok);
        json.key("run").raw(run.json);
        json.end_object();
        context.out += "\n";
    } else {
        context.out.line(printable(account.str() + ": " + std::string(name) + " " +
                                   outcome_text(run) + ": " + run.text),
                         ok ? Colour::green : Colour::red);
    }
    return value(ok ? ExitCode::done : ExitCode::failed);
}

// Of an account that no worker speaks for: how it stands, and what to do about it.
std::string not_running_text(Context& context, const AccountId& account) {
    const auto view = FleetView::read(context.home, context.clock.now(), context.roster);
    if (!view)
        return {};
    for (const auto& row : view->rows()) {
        if (row.slot->account.view() != account.str())
            continue;
        const auto state = std::string(shown_state(row));
        std::string text = "it is " + state;
        if (!row.reason.empty() && row.reason != "none")
            text += " (" + std::string(row.reason) + ")";
        text += " and has no worker that could run a job";
        if (state == "STOPPED" || state == "EXITED")
            text += "; bullpenctl start " + account.str() + " starts it";
        else
            text += "; bullpenctl explain " + account.str() + " says why";
        return text;
    }
    return "there is no such account";
}

// Tells the account's worker, and returns the id that its record of the run will have.
Result<std::string> ask(Context& context, const AccountId& account, std::string_view name) {
    BULLPEN_TRY(auto client, ControlClient::connect(context.home, context.clock));
    ipc::Request request;
    request.command = "job";
    request.args.accounts = {account};
    request.args.job = name;
    request.args.dry_run = context.arguments.has("dry-run");
    std::string trouble;
    BULLPEN_TRY(const auto told, client.ask(std::move(request), [&](const ipc::Reply& reply) {
        if (reply.ok)
            return;
        const auto text =
            reply.code == "not_running" ? not_running_text(context, account) : std::string();
        trouble = text.empty() ? reply.message : text;
    }));
    if (told.ok && told.kind == ipc::ReplyKind::result)
        return told.id;
    return fail(Errc::not_found, account.str() + ": " + (trouble.empty() ? told.message : trouble));
}

int run_now(Context& context, const AccountId& account, std::string_view name) {
    const auto request = ask(context, account, name);
    if (!request)
        return report(context, request.error(), exit_code_of(request.error()));
    if (context.arguments.has("no-wait"))
        return value(ExitCode::done);
    // The worker replaces its file when something has happened.
    const auto watch = ChangeWatch::of(context.home.account(account).directory);
    if (!watch)
        return report(context, watch.error(), ExitCode::failed);
    const auto give_up = context.clock.mono() + deadline_of(context, k_run_deadline);
    for (auto left = give_up - context.clock.mono(); left > Nanos(0);
         left = give_up - context.clock.mono()) {
        if (const auto known = read_jobs(context.home, account)) {
            if (const auto* run = ended_run(*known, name, *request))
                return show_run(context, account, name, *run);
        }
        const auto end = watch->wait(std::chrono::ceil<Millis>(left));
        if (!end)
            return report(context, end.error(), ExitCode::failed);
    }
    return report(context,
                  account.str() + ": " + std::string(name) +
                      " has not ended in this time; bullpenctl job list says what became of it",
                  ExitCode::temporary);
}

int run_job(Context& context) {
    const auto& words = context.arguments.operands;
    const auto account = AccountId::parse(words[1]);
    if (!account)
        return report(context, account.error(), ExitCode::usage);
    const auto name = words.size() > 2 ? words[2] : std::string_view();
    if (!name.empty() && words[0] != "list" && !config::job_kind_from(name))
        return report(context, "there is no job '" + std::string(name) + "'", ExitCode::usage);
    if (words[0] == "list" && name.empty())
        return list(context, *account);
    if (words[0] == "history")
        return history(context, *account, name);
    if (words[0] == "run" && !name.empty())
        return run_now(context, *account, name);
    return report(context, "job takes run ACCOUNT JOB, list ACCOUNT, or history ACCOUNT [JOB]",
                  ExitCode::usage);
}

}  // namespace

const Command k_job = {
    .name = "job",
    .synopsis = "run|list|history ACCOUNT [JOB]",
    .text =
        "What an account does at times of its own; docs/jobs.md says what there is.\n"
        "\n"
        "  list ACCOUNT           its jobs: when each runs next, how its last run went\n"
        "  history ACCOUNT [JOB]  its last runs, oldest first\n"
        "  run ACCOUNT JOB        now, whatever its schedule says, and wait for what comes of it\n"
        "\n"
        "A run by hand leaves the schedule as it is. A job that runs already is not begun again.\n"
        "list and history read the account's jobs.json, whether its worker runs or not.\n",
    .exit_codes =
        "  0   done; the run succeeded\n"
        "  1   the run failed or was refused, or nothing is known of the account's jobs\n"
        "  64  wrong arguments\n"
        "  75  no daemon runs here, or the run had not ended within --timeout\n",
    .examples =
        "  bullpenctl job list mes01\n"
        "  bullpenctl job run mes01 daily_summary --dry-run\n"
        "  bullpenctl job history mes01 retention --lines 5\n",
    .options = k_job_options,
    .operands_min = 2,
    .operands_max = 3,
    .run = run_job,
};

}  // namespace bullpen::ctl
