#include <string>
#include <utility>

#include "common/base/errc.hpp"
#include "ctl/act.hpp"
#include "ctl/change_watch.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/log_line.hpp"
#include "ctl/log_reader.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

// A worker takes it in its next turn.
constexpr Nanos k_payout_deadline = std::chrono::seconds(30);
// Among so many entries at the end of the audit log its answer is looked for.
constexpr std::size_t k_entries = 200;

// What the worker wrote of it.
struct Entry {
    bool found = false;
    bool done = false;
    std::string trouble;
    std::string amount;
    std::string currency;
    std::string floor_from;
    std::string floor_to;
};

Entry entry_in(std::string_view line, std::string_view request) {
    Entry entry;
    std::string event;
    std::string of;
    const std::pair<std::string_view, std::string*> fields[] = {{"event", &event},
                                                                {"request", &of},
                                                                {"trouble", &entry.trouble},
                                                                {"amount", &entry.amount},
                                                                {"currency", &entry.currency},
                                                                {"floor_from", &entry.floor_from},
                                                                {"floor_to", &entry.floor_to}};
    const bool read = visit_fields(line, [&](std::string_view key, std::string_view value, bool) {
        for (const auto& [name, text] : fields) {
            if (name == key)
                *text = value;
        }
    });
    entry.found = read && of == request && (event == "payout" || event == "payout_refused");
    entry.done = event == "payout";
    return entry;
}

Entry find_entry(const std::string& path, std::string_view request) {
    Entry found;
    LogReader log(path);
    // A log that cannot be read has no answer yet.
    static_cast<void>(log.tail(k_entries, [&](std::string_view line) {
        if (auto entry = entry_in(line, request); entry.found)
            found = std::move(entry);
    }));
    return found;
}

int show(Context& context, const AccountId& account, const Entry& entry) {
    auto text = entry.done ? entry.amount + " " + entry.currency + " paid out"
                           : "nothing was changed: " + entry.trouble;
    if (entry.done && !entry.floor_to.empty()) {
        text += entry.floor_from == entry.floor_to
                    ? "; its loss floor stays at " + entry.floor_to
                    : "; its loss floor, " + entry.floor_from + " before, is " + entry.floor_to;
    }
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object();
        json.key("account").string(account.str());
        json.key("ok").boolean(entry.done);
        json.key("amount").string(entry.amount);
        json.key("message").string(text);
        if (!entry.floor_to.empty()) {
            json.key("floor_from").string(entry.floor_from);
            json.key("floor_to").string(entry.floor_to);
        }
        json.end_object();
        context.out += "\n";
    } else {
        context.out.line(printable(account.str() + ": " + text),
                         entry.done ? Colour::green : Colour::red);
    }
    return value(entry.done ? ExitCode::done : ExitCode::failed);
}

// Tells the account's worker, and returns what its answer will be found by.
Result<std::string> tell(Context& context, const AccountId& account, std::string_view amount) {
    BULLPEN_TRY(auto client, ControlClient::connect(context.home, context.clock));
    ipc::Request request;
    request.command = "payout";
    request.args.accounts = {account};
    request.args.amount = amount;
    std::string trouble;
    BULLPEN_TRY(const auto told, client.ask(std::move(request), [&](const ipc::Reply& reply) {
        if (!reply.ok)
            trouble = reply.message;
    }));
    if (told.ok && told.kind == ipc::ReplyKind::result)
        return told.id;
    return fail(Errc::not_found, account.str() + ": " + (trouble.empty() ? told.message : trouble) +
                                     "; a payout is told to an account that runs");
}

int run_payout(Context& context) {
    const auto& words = context.arguments.operands;
    const auto account = AccountId::parse(words[0]);
    if (!account)
        return report(context, account.error(), ExitCode::usage);
    const auto paths = context.home.account(*account);
    const auto watch = ChangeWatch::of(paths.logs);
    if (!watch) {
        return report(context, account->str() + ": it has no log, so that it never ran",
                      ExitCode::failed);
    }
    const auto request = tell(context, *account, words[1]);
    if (!request)
        return report(context, request.error(), exit_code_of(request.error()));
    const auto give_up = context.clock.mono() + deadline_of(context, k_payout_deadline);
    for (auto left = give_up - context.clock.mono(); left > Nanos(0);
         left = give_up - context.clock.mono()) {
        if (const auto entry = find_entry(paths.audit_log, *request); entry.found)
            return show(context, *account, entry);
        const auto end = watch->wait(std::chrono::ceil<Millis>(left));
        if (!end)
            return report(context, end.error(), ExitCode::failed);
    }
    return report(context,
                  account->str() +
                      ": its worker has not answered in this time. It may still do it: look at "
                      "`bullpenctl report " +
                      account->str() + "`, which lists payouts, before you say it again",
                  ExitCode::temporary);
}

}  // namespace

const Command k_payout = {
    .name = "payout",
    .synopsis = "ACCOUNT AMOUNT",
    .text =
        "Says that so much was paid out of a futures account, in its currency, so that it is no "
        "loss:\n"
        "the loss floor of a firm's account is fixed at its start, as the firm does; one of the\n"
        "account's own settings falls by what was paid out. It moves no money. Say it once for "
        "each\n"
        "payout, when the broker's balance shows it. It is in the account's journal and audit "
        "log.\n",
    .exit_codes =
        "  0   done\n"
        "  1   refused, or nobody was told: nothing was changed\n"
        "  64  wrong arguments\n"
        "  75  no daemon runs here, or the worker has not answered within --timeout\n",
    .examples = "  bullpenctl payout mes01 500      500.00 were paid out\n",
    .options = {},
    .operands_min = 2,
    .operands_max = 2,
    .run = run_payout,
};

}  // namespace bullpen::ctl
