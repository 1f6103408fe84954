#include "ctl/roster_edit.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "ctl/act.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/targets.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

using nlohmann::json;

int print_edit(Context& context, const std::string& done, std::string_view applied,
               const std::string& advice, int exit_code) {
    if (context.globals.json) {
        JsonWriter writer(context.out.buffer());
        writer.begin_object();
        writer.key("ok").boolean(exit_code == 0);
        writer.key("done").string(done);
        writer.key("applied").string(applied);
        writer.key("message").text_or_null(advice);
        writer.end_object();
        context.out += "\n";
        return exit_code;
    }
    if (!advice.empty())
        context.out.line(printable(advice), exit_code == 0 ? Colour::none : Colour::red);
    return exit_code;
}

}  // namespace

std::string no_account_text(const Context& context, const AccountId& account) {
    const auto& file = context.home.account(account).roster_file;
    std::string text = "there is no account " + account.str() + ": no file " + file;
    const auto view = FleetView::read(context.home, context.clock.now(), context.roster);
    const std::string_view words[] = {account.str()};
    const auto targets = view ? choose(*view, words) : Targets{};
    if (!targets.unmatched.empty() && !targets.unmatched.front().nearest.empty())
        text += "; did you mean '" + targets.unmatched.front().nearest + "'?";
    return text;
}

Result<bool> concerns_only(const std::string& diff_json, const std::vector<AccountId>& accounts) {
    const auto data = documents::parse_json(diff_json);
    if (!data.is_object() || !data.contains("diff") || !data["diff"].is_object())
        return fail(Errc::corrupt, "the daemon's answer to reread has no difference in it");
    const auto& diff = data["diff"];
    const auto ours = [&](const json& name) {
        return name.is_string() && std::any_of(accounts.begin(), accounts.end(), [&](auto& id) {
                   return id.str() == name.get_ref<const std::string&>();
               });
    };
    for (const auto* list : {"added", "removed"}) {
        const auto names = diff.value(list, json::array());
        if (!std::all_of(names.begin(), names.end(), ours))
            return false;
    }
    for (const auto& change : diff.value("changed", json::array())) {
        if (!change.is_object() || !ours(change.value("account", json())))
            return false;
    }
    return diff.value("daemon", json::array()).empty();
}

Result<Applied> apply_edit_quietly(Context& context, const std::vector<AccountId>& accounts) {
    const auto view = FleetView::read(context.home, context.clock.now(), context.roster);
    if (!view || view->daemon().state == DaemonState::down)
        return Applied{"no_daemon", "bullpend does not run; it takes this up when it starts.", 0};
    BULLPEN_TRY(auto client, ControlClient::connect(context.home, context.clock));
    ipc::Request look;
    look.command = "reread";
    BULLPEN_TRY(const auto diff, client.ask(look));
    BULLPEN_TRY(const bool alone, concerns_only(diff.data, accounts));
    if (!alone)
        return Applied{"pending",
                       "Not applied yet: other changes are pending too. bullpenctl reread shows "
                       "them, bullpenctl update applies them all.",
                       0};
    ipc::Request update;
    update.command = "update";
    update.deadline = deadline_of(context, k_act_deadline);
    std::string failures;
    BULLPEN_TRY(const auto last, client.ask(update, [&](const ipc::Reply& reply) {
        if (reply.kind != ipc::ReplyKind::verdict)
            return;
        const auto name = reply.account ? reply.account->str() : std::string();
        const bool more = !reply.message.empty() && reply.message != reply.code;
        const auto line = name + ": " + reply.code + (more ? ", " + reply.message : "");
        if (!reply.ok)
            failures += (failures.empty() ? "" : "\n") + line;
        if (!context.globals.json)
            context.out.line(printable(line), reply.ok ? Colour::green : Colour::red);
    }));
    const bool ok = last.ok && last.kind == ipc::ReplyKind::result;
    const auto exit_code = value(ok ? ExitCode::done : ExitCode::failed);
    if (last.kind != ipc::ReplyKind::result)
        return Applied{"no", last.message, exit_code};
    // A verdict that is no good has said it to people, above; otherwise a settings file is wrong.
    if (failures.empty() && !ok)
        failures = last.message;
    else if (!context.globals.json)
        failures.clear();
    return Applied{"yes", failures, exit_code};
}

int apply_edit(Context& context, const std::vector<AccountId>& accounts, const std::string& done) {
    if (!context.globals.json)
        context.out.line(done);
    context.out.flush();
    const auto applied = apply_edit_quietly(context, accounts);
    if (!applied)
        return report(context, applied.error(), exit_code_of(applied.error()));
    return print_edit(context, done, applied->word, applied->message, applied->code);
}

Result<void> proven_flat(const Context& context, const AccountId& account, bool flat_by_word) {
    const auto paths = context.home.account(account);
    // The daemon makes an account's directories before its first launch: an empty journal is none.
    std::error_code none;
    const bool no_journal = ::access(paths.journal.c_str(), F_OK) != 0 ||
                            std::filesystem::is_empty(paths.journal, none);
    // A program of somebody else's keeps its records elsewhere; its lock says that it has run.
    const auto last = ipc::AccountLock::read_facts(paths.lock);
    const bool foreign = last && !last->launch.empty() && last->program != "bullpen-worker";
    const bool never_ran = ::access(paths.state_file.c_str(), F_OK) != 0 && no_journal && !foreign;
    if (flat_by_word)
        return {};
    const auto slot = ipc::BoardReader::read(context.home.board(), account);
    const bool on_board = slot && slot->has_value();
    if (on_board && (**slot).flat != 0)
        return {};
    const bool holds = on_board && (**slot).quantity_known != 0 && (**slot).quantity != 0;
    if (holds) {
        return fail(Errc::refused, account.str() + " holds " +
                                       std::string((**slot).position.view()) +
                                       ": bullpenctl flatten " + account.str() +
                                       " closes it; if the broker shows none, say --flat");
    }
    // An account that has neither state nor journal has never traded for us.
    if (never_ran)
        return {};
    return fail(Errc::refused, account.str() +
                                   " may have an open position: it did not report that it is flat. "
                                   "Look at the broker; if it is flat, say so with --flat");
}

Result<void> proven_idle(const Context& context, const AccountId& account, bool flat_by_word) {
    const auto evidence = lock_evidence(context.home.account(account).lock);
    if (evidence.lock != LockEvidence::Lock::free) {
        const auto first = evidence.by_hand ? "kill " + std::to_string(evidence.holder) +
                                                  " ends that process, which no daemon started"
                                            : "bullpenctl stop " + account.str() + " first";
        return fail(Errc::refused,
                    account.str() + " still runs (" + evidence.holder_text + "); " + first);
    }
    return proven_flat(context, account, flat_by_word);
}

Result<ipc::AccountLock> hold_account(const Context& context, const AccountId& account,
                                      const std::string& program) {
    auto facts = ipc::facts_of_this_process(context.clock);
    facts.home = context.home.root();
    facts.account = account.str();
    facts.program = program;
    facts.version = BULLPEN_VERSION;
    BULLPEN_CHECK(make_directories(context.home.locks(), 0700));
    return ipc::AccountLock::acquire(context.home.account(account).lock, facts);
}

bool confirmed(Context& context, const std::string& question, const std::string& expected) {
    if (::isatty(STDIN_FILENO) == 0)
        return false;
    context.err += question;
    context.err.flush();
    std::array<char, 256> typed;
    const auto got = ::read(STDIN_FILENO, typed.data(), typed.size());
    std::string_view word(typed.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!word.empty() && (word.back() == '\n' || word.back() == ' '))
        word.remove_suffix(1);
    return word == expected;
}

}  // namespace bullpen::ctl
