#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/documents/json_text.hpp"
#include "common/model/reason.hpp"
#include "ctl/act.hpp"
#include "ctl/calendar_view.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/explanation.hpp"
#include "ctl/job_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/status_table.hpp"
#include "ctl/targets.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

using nlohmann::json;

// A daemon that hangs must not keep the rest of the answer from the operator.
constexpr Nanos k_detail_deadline = std::chrono::seconds(2);

std::string word(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool flag(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

const json& list(const json& object, const char* key) {
    static const json k_none = json::array();
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_array() ? *found : k_none;
}

DaemonDetail detail_from(const json& data) {
    DaemonDetail detail;
    if (data.contains("budget"))
        detail.budget = static_cast<std::uint32_t>(number(data, "budget"));
    detail.budget_used = static_cast<std::uint32_t>(number(data, "budget_used"));
    detail.kept_settings = flag(data, "kept_settings");
    for (const auto& death : list(data, "deaths")) {
        detail.deaths.push_back({word(death, "utc"), word(death, "reason"), word(death, "status"),
                                 number(death, "launch")});
    }
    const auto worker = data.find("worker");
    if (worker == data.end())
        return detail;
    if (worker->is_object())
        detail.mode_text = word(*worker, "reason_text");
    if (worker->is_object() && worker->contains("counters") && (*worker)["counters"].is_object()) {
        for (const auto& [name, value] : (*worker)["counters"].items()) {
            if (value.is_number_integer() && value.get<std::int64_t>() > 0)
                detail.counters.emplace_back(name, value.get<std::uint64_t>());
        }
    }
    for (const auto& one : list(*worker, "obligations")) {
        if (!flag(one, "done"))
            (flag(one, "overdue") ? detail.overdue : detail.owed).push_back(word(one, "name"));
    }
    return detail;
}

// What the daemon adds, as JSON; none when it does not answer at once.
std::optional<std::string> ask_daemon(const Context& context, const AccountId& account) {
    auto client = ControlClient::connect(context);
    if (!client)
        return std::nullopt;
    ipc::Request request;
    request.command = "explain";
    request.args.accounts = {account};
    request.deadline = k_detail_deadline;
    const auto reply = client->ask(std::move(request));
    if (!reply || !reply->ok)
        return std::nullopt;
    return reply->data;
}

std::string newest_bundle(const std::string& directory) {
    std::error_code code;
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(directory, code))
        newest = std::max(newest, entry.path().string());
    return newest;
}

void print_json(Context& context, const Explanation& explanation, const AccountRow& row,
                const std::optional<std::string>& detail) {
    JsonWriter writer(context.out.buffer());
    writer.begin_object();
    writer.key("account").string(row.slot->account.view());
    writer.key("state").string(shown_state(row));
    writer.key("reason").string(row.reason);
    writer.key("headline").string(explanation.headline);
    writer.key("facts").begin_array();
    for (const auto& fact : explanation.facts) {
        writer.begin_object();
        writer.key("what").string(fact.what).key("text").string(fact.text);
        writer.end_object();
    }
    writer.end_array();
    writer.key("detail");
    detail ? writer.raw(*detail) : writer.null();
    writer.end_object();
    context.out += "\n";
}

constexpr std::array<Option, 1> k_explain_options = {{
    {'\0', "account", "ACCOUNT", "of an order: only in the journal of this account"},
}};

// Whether the word can be an order's id, its own or the broker's, and no account's.
bool may_be_order(std::string_view word) {
    const bool written_so = std::ranges::all_of(
        word, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; });
    return written_so && (!AccountId::parse(word) || word.front() <= '9');
}

int run_explain(Context& context) {
    auto now = context.clock.now();
    const auto& words = context.arguments.operands;
    // Of an order journals are read, which are files of that host.
    const bool may_be =
        context.globals.host.empty() && words.size() == 1 && may_be_order(words.front());
    const auto view = look(context, &now);
    if (!view && !may_be)
        return report(context, view.error(), ExitCode::failed);
    if (may_be && (!view || choose(*view, words).rows.empty()))
        return run_worker_tool(context, "explain", k_explain_options, HomeNeed::needed);
    const auto targets = choose(*view, words);
    if (context.globals.json && targets.rows.empty() && !targets.unmatched.empty())
        return report(context, sentence(targets.unmatched.front()), ExitCode::failed);
    report_unmatched(context, targets);
    const auto notice = view->notice(context.home);
    if (!notice.empty() && !context.globals.json)
        context.out.line(notice, Colour::yellow);
    if (targets.rows.empty() && targets.unmatched.empty())
        context.err.line(k_no_accounts);
    bool first = true;
    for (const auto& chosen : targets.rows) {
        const auto id = AccountId::parse(chosen.row->slot->account.view());
        if (!id)
            continue;
        const auto paths = context.home.account(*id);
        ExplainFacts facts;
        facts.row = chosen.row;
        facts.daemon = view->daemon().state;
        if (!view->is_far())
            facts.lock = view->evidence(paths.lock, *chosen.row->slot);
        facts.crash_bundle = newest_bundle(paths.crash);
        if (const auto jobs = read_jobs(context.home, *id))
            facts.jobs = job_lines(*jobs);
        const auto& slot = *chosen.row->slot;
        if (slot.mode_reason.view() == model::code(model::Reason::event_blackout) ||
            slot.mode_reason.view() == model::code(model::Reason::calendar_unknown))
            facts.event = standing_text(context.home, *id, slot.last_bar, now.utc);
        std::optional<std::string> detail;
        if (facts.daemon == DaemonState::up)
            detail = ask_daemon(context, *id);
        const auto data = documents::parse_json(detail.value_or(""));
        if (data.is_object())
            facts.detail = detail_from(data);
        const auto explanation = explain(facts, now);
        if (context.globals.json) {
            print_json(context, explanation, *chosen.row, data.is_object() ? detail : std::nullopt);
            continue;
        }
        if (!first)
            context.out += "\n";
        first = false;
        context.out += text(explanation);
    }
    return value(targets.unmatched.empty() ? ExitCode::done : ExitCode::failed);
}

}  // namespace

const Command k_explain = {
    .name = "explain",
    .synopsis = "NAME|GROUP|GLOB...|ORDER",
    .text =
        "Says why an account is in its state: since when, until when, what happens next by itself "
        "and\n"
        "what you can do; its mode, what it owes, its restart budget and last deaths, who holds "
        "its\n"
        "lock, its last error and its newest crash bundle. Works when the daemon is down, with "
        "what\n"
        "the board, the lock and the files prove. With --json one object a line for each "
        "account.\n"
        "\n"
        "With the id of an order, its own or the broker's, it prints the chain behind that order: "
        "the bar\n"
        "it was decided on, the signal, the gates, the limits, the intent, what the broker said, "
        "the\n"
        "fills, the moves of its stop with their reasons and what they brought about, from the "
        "account's\n"
        "journal. With --json one object.\n",
    .exit_codes =
        "  0   done\n"
        "  1   a name matches nothing, no journal has the order, or there is no such home\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl explain mes01\n"
        "  bullpenctl explain all | less\n"
        "  bullpenctl explain MES10000001000000004\n",
    .options = k_explain_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_explain,
    .far = true,
};

}  // namespace bullpen::ctl
