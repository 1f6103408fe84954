#include <unistd.h>

#include <array>

#include "common/base/errc.hpp"
#include "common/base/service.hpp"
#include "ctl/account_move.hpp"
#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/credentials.hpp"
#include "ctl/roster_edit.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_rename_options = {
    {{'\0', "flat", "", "I have looked: it has no open position"}}};

// A daemon that wants the account would start it as soon as its lock is free again.
Result<void> not_wanted(const Context& context, const AccountId& account) {
    BULLPEN_TRY(const auto view, FleetView::read(context.home, context.clock.now(), nullptr));
    if (view.daemon().state == DaemonState::down)
        return {};
    for (const auto& row : view.rows()) {
        if (row.slot->account.view() != account.str())
            continue;
        if (row.by_hand)  // its lock says how to end it
            continue;
        if (row.state != model::WorkerState::stopped || row.slot->wanted != 0) {
            return fail(Errc::refused, account.str() + " is " + std::string(shown_state(row)) +
                                           "; bullpenctl stop " + account.str() + " first");
        }
    }
    return {};
}

Result<void> move(const Context& context, const AccountId& from, const AccountId& to) {
    storage::SystemFileSystem files;
    AccountMove moving(files, context.home, from, to);
    BULLPEN_CHECK(moving.possible());
    if (!moving.begun()) {
        BULLPEN_CHECK(not_wanted(context, from));
        BULLPEN_CHECK(proven_idle(context, from, context.arguments.has("flat")));
    }
    BULLPEN_TRY(auto old_lock, hold_account(context, from, "bullpenctl rename"));
    BULLPEN_TRY(auto new_lock, hold_account(context, to, "bullpenctl rename"));
    BULLPEN_CHECK(moving.run());
    BULLPEN_CHECK(old_lock.mark_ended(context.clock.utc()));
    return new_lock.mark_ended(context.clock.utc());
}

int run_rename(Context& context) {
    const auto from = AccountId::parse(context.arguments.operands[0]);
    const auto to = AccountId::parse(context.arguments.operands[1]);
    if (!from || !to)
        return report(context, (from ? to : from).error(), ExitCode::usage);
    if (is_service(*to))
        return report(context, std::string(k_service_names), ExitCode::usage);
    if (*from == *to)
        return report(context, "both names are the same", ExitCode::usage);
    const bool sealed = ::access(context.home.account(*from).secrets.c_str(), F_OK) == 0;
    const auto moved = move(context, *from, *to);
    if (!moved) {
        if (moved.error().code() == Errc::not_found)
            return report(context, no_account_text(context, *from), ExitCode::failed);
        return report(context, moved.error(), ExitCode::failed);
    }
    if (const auto anew = sealed ? seal_for_new_name(context, *from, *to) : Result<void>();
        !anew && !context.globals.json) {
        context.err.line("Its credentials were sealed for " + from->str() +
                             " and must be sealed anew for " + to->str() + ": " +
                             printable(anew.error().message()),
                         Colour::yellow);
    }
    return apply_edit(context, {*from, *to}, "renamed " + from->str() + " to " + to->str());
}

}  // namespace

const Command k_rename = {
    .name = "rename",
    .synopsis = "OLD NEW",
    .text =
        "Gives an account another name. The rules:\n"
        "  - refused while it runs or is wanted: stop it first; both names' locks are held "
        "meanwhile\n"
        "  - refused while it may have an open position: it must have reported that it is flat, "
        "never\n"
        "    have run, or you say so with --flat\n"
        "  - refused when the new name has a file, a directory or secrets\n"
        "  - its state, journal, logs and crash bundles come with it; state and journal are "
        "rewritten\n"
        "    to name the new account, record for record\n"
        "  - its settings file is moved; an `account` line in it is changed, all else stays\n"
        "  - its credentials are sealed anew for the new name; where they cannot be, as with a "
        "vault\n"
        "    that has a passphrase, it says so, and they are to be set again\n"
        "  - the lock file of the old name stays, as every lock file does\n"
        "  - under its new name it starts at once if its file says autostart = true\n"
        "While it is moved the account is not in the roster, so nothing can start half of it. A "
        "move\n"
        "that was cut short is finished by giving the same command again.\n",
    .exit_codes =
        "  0   done\n"
        "  1   refused, or it failed; the message says which\n"
        "  64  wrong arguments\n"
        "  75  the daemon runs and does not answer\n",
    .examples = "  bullpenctl stop mes01 && bullpenctl rename mes01 mes-joan\n",
    .options = k_rename_options,
    .operands_min = 2,
    .operands_max = 2,
    .run = run_rename,
    .writes_home = true,
};

}  // namespace bullpen::ctl
