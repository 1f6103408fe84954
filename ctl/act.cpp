#include "ctl/act.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "common/base/errc.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/targets.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::string_view k_clear_line = "\r\x1b[K";
// The code of the daemon's error for a word that is no signal.
constexpr std::string_view k_bad_signal = "bad_signal";

std::string spaced(std::string_view code) {
    std::string text(code);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string printable_lines(std::string_view message) {
    std::string text;
    while (!message.empty()) {
        const auto end = message.find('\n');
        append_printable(text, message.substr(0, end));
        text += '\n';
        message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
    }
    return text;
}

// Prints replies as they come, with a line on a terminal that says what is still awaited.
class Teller {
  public:
    Teller(Context& context, std::size_t awaited, const Retell& retell)
        : context_(context), awaited_(awaited), retell_(retell) {}
    Teller(const Teller&) = delete;
    Teller& operator=(const Teller&) = delete;
    ~Teller() { wipe(); }

    void tell(const ipc::Reply& reply) {
        if (reply.kind == ipc::ReplyKind::verdict) {
            auto& verdict = verdicts_.emplace_back(reply);
            if (retell_)
                retell_(verdict);
            if (!context_.globals.json)
                tell_verdict(verdict);
        } else if (!context_.globals.json && !reply.message.empty()) {
            wipe();
            context_.err.line(printable(reply.message), Colour::dim);
        }
        show_awaited();
    }
    void show_awaited() {
        if (context_.err_width == 0 || awaited_ < 2 || verdicts_.size() >= awaited_)
            return;
        wipe();
        context_.err += "waiting for " + std::to_string(awaited_ - verdicts_.size()) + " of " +
                        std::to_string(awaited_);
        context_.err.flush();
        shown_ = true;
    }
    void wipe() {
        if (!shown_)
            return;
        context_.err += k_clear_line;
        context_.err.flush();
        shown_ = false;
    }
    [[nodiscard]] const std::vector<ipc::Reply>& verdicts() const { return verdicts_; }

  private:
    void tell_verdict(const ipc::Reply& reply) {
        wipe();
        std::string line = reply.account ? reply.account->str() + ": " : std::string();
        append_printable(line, spaced(reply.code));
        if (!reply.message.empty() && reply.message != spaced(reply.code)) {
            line += ", ";
            append_printable(line, reply.message);
        }
        context_.out.line(line, reply.ok ? Colour::green : Colour::red);
        context_.out.flush();
    }

    Context& context_;
    std::size_t awaited_;
    const Retell& retell_;
    std::vector<ipc::Reply> verdicts_;
    bool shown_ = false;
};

void append_answer_json(std::string& out, std::string_view command,
                        const std::vector<ipc::Reply>& verdicts, const ipc::Reply& last) {
    JsonWriter json(out);
    json.begin_object();
    json.key("command").string(command);
    json.key("ok").boolean(last.ok && last.kind == ipc::ReplyKind::result);
    json.key("code").string(last.code);
    json.key("message").string(last.message);
    json.key("failed").unsigned_number(last.failed);
    json.key("accounts").begin_array();
    for (const auto& verdict : verdicts) {
        json.begin_object();
        json.key("account").text_or_null(verdict.account ? verdict.account->str() : "");
        json.key("ok").boolean(verdict.ok);
        json.key("code").string(verdict.code);
        json.key("message").string(verdict.message);
        json.end_object();
    }
    json.end_array();
    json.key("data").raw(last.data);
    json.end_object();
    out += '\n';
}

// What a result says, and below it how many failed; of a single account its verdict has said all.
std::string words_of(const ipc::Reply& last) {
    auto text = last.message.empty() ? std::string() : printable_lines(last.message);
    if (last.failed > 0 && last.asked > 1)
        text += std::to_string(last.failed) + " of " + std::to_string(last.asked) + " failed\n";
    return text;
}

// "started" is the daemon's word for what runs now, also for what ran before it was asked.
Retell told_apart(const FleetView& view) {
    std::map<std::string, pid_t, std::less<>> pids;
    for (const auto& row : view.rows()) {
        const bool runs =
            row.state == model::WorkerState::running || row.state == model::WorkerState::late;
        if (runs && row.pid != 0)
            pids.emplace(row.slot->account.str(), row.pid);
    }
    return [pids = std::move(pids)](ipc::Reply& verdict) {
        const auto found = verdict.account ? pids.find(verdict.account->str()) : pids.end();
        if (!verdict.ok || verdict.code != "started" || found == pids.end())
            return;
        const auto pid = "pid " + std::to_string(found->second);
        if (verdict.message != "running as " + pid)
            return;
        verdict.code = "already_running";
        verdict.message = "as " + pid;
    };
}

Result<std::vector<AccountId>> resolve_in(const FleetView& view, const Context& context,
                                          std::span<const std::string_view> words,
                                          Disabled disabled) {
    if (view.daemon().state == DaemonState::down)
        return fail(no_daemon(view.place(context.home)));
    const auto targets = choose(view, words);
    if (!targets.unmatched.empty()) {
        std::string text;
        for (const auto& unmatched : targets.unmatched)
            text += sentence(unmatched) + "; ";
        const auto id = AccountId::parse(targets.unmatched.front().pattern);
        const auto file = id ? open_file(context.home.account(*id).roster_file, O_RDONLY)
                             : Result<Descriptor>(fail(Errc::not_found, ""));
        if (file)
            text += "it has a file that is not applied yet (bullpenctl update); ";
        return fail(Errc::not_found, text + "nothing was done");
    }
    std::vector<AccountId> accounts;
    for (const auto& chosen : targets.rows) {
        const bool meant = chosen.named || chosen.row->slot->enabled != 0;
        if (disabled == Disabled::passed_over && !meant)
            continue;
        BULLPEN_TRY(auto id, AccountId::parse(chosen.row->slot->account.view()));
        accounts.push_back(std::move(id));
    }
    return accounts;
}

}  // namespace

Nanos deadline_of(const Context& context, Nanos otherwise) {
    return context.globals.timeout.value_or(otherwise);
}

ExitCode exit_code_of(const Error& error) {
    const bool absent = error.code() == Errc::unavailable || error.code() == Errc::timed_out;
    return absent ? ExitCode::temporary : ExitCode::failed;
}

Result<std::vector<AccountId>> resolve(Context& context, std::span<const std::string_view> words,
                                       Disabled disabled) {
    auto now = context.clock.now();
    BULLPEN_TRY(const auto view, look(context, &now));
    return resolve_in(view, context, words, disabled);
}

Result<Answer> ask_and_show(Context& context, ipc::Request request, const Retell& retell) {
    BULLPEN_TRY(auto client, ControlClient::connect(context));
    Teller teller(context, request.args.wait ? request.args.accounts.size() : 0, retell);
    teller.show_awaited();
    const auto command = request.command;
    BULLPEN_TRY(auto last, client.ask(std::move(request),
                                      [&](const ipc::Reply& reply) { teller.tell(reply); }));
    teller.wipe();
    if (context.globals.json)
        append_answer_json(context.out.buffer(), command, teller.verdicts(), last);
    Answer answer;
    answer.ok = last.ok && last.kind == ipc::ReplyKind::result;
    const bool usage = last.kind == ipc::ReplyKind::error && last.code == k_bad_signal;
    answer.exit_code = value(answer.ok ? ExitCode::done
                             : usage   ? ExitCode::usage
                                       : ExitCode::failed);
    answer.last = std::move(last);
    return answer;
}

int act(Context& context, ipc::Request request, const Retell& retell) {
    const auto answer = ask_and_show(context, std::move(request), retell);
    if (!answer)
        return report(context, answer.error(), exit_code_of(answer.error()));
    const auto text = words_of(answer->last);
    if (context.globals.json || text.empty())
        return answer->exit_code;
    if (answer->ok)
        context.out += text;
    else
        context.err += "bullpenctl: " + text;
    return answer->exit_code;
}

int act_on_settings(Context& context, ipc::Request request) {
    const auto answer = ask_and_show(context, std::move(request));
    if (!answer)
        return report(context, answer.error(), exit_code_of(answer.error()));
    if (context.globals.json)
        return answer->exit_code;
    if (answer->last.kind != ipc::ReplyKind::result) {
        context.err += "bullpenctl: " + printable_lines(answer->last.message);
        return answer->exit_code;
    }
    context.out += words_of(answer->last);
    context.out.flush();
    if (!answer->ok)
        context.err.line("bullpenctl: not all is well; the lines above say what", Colour::red);
    return answer->exit_code;
}

int act_on_words(Context& context, ipc::Request request, std::span<const std::string_view> words,
                 Disabled disabled) {
    auto now = context.clock.now();
    const auto view = look(context, &now);
    if (!view)
        return report(context, view.error(), exit_code_of(view.error()));
    auto accounts = resolve_in(*view, context, words, disabled);
    if (!accounts)
        return report(context, accounts.error(), exit_code_of(accounts.error()));
    if (accounts->empty())
        return report(context, "there are no accounts", ExitCode::failed);
    request.args.accounts = std::move(*accounts);
    const auto retell = request.command == "start" ? told_apart(*view) : Retell();
    return act(context, std::move(request), retell);
}

}  // namespace bullpen::ctl
