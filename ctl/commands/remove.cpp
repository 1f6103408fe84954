#include <unistd.h>

#include <array>
#include <filesystem>

#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/users/numbers.hpp"
#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/roster_edit.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 3> k_remove_options = {
    {{'\0', "purge", "", "delete its directory and secrets too, after a question"},
     {'\0', "yes", "", "answer the question of --purge"},
     {'\0', "flat", "", "I have looked: it has no open position"}}};

// Stops the account when a daemon runs and knows it.
Result<void> stop_first(Context& context, const AccountId& account) {
    BULLPEN_TRY(const auto view,
                FleetView::read(context.home, context.clock.now(), context.roster));
    if (view.daemon().state == DaemonState::down)
        return {};
    const auto slot = ipc::BoardReader::read(context.home.board(), account);
    if (!slot || !slot->has_value())
        return {};
    BULLPEN_TRY(auto client, ControlClient::connect(context.home, context.clock));
    ipc::Request request;
    request.command = "stop";
    request.args.accounts = {account};
    request.deadline = deadline_of(context, k_act_deadline);
    std::string why;
    BULLPEN_TRY(const auto last, client.ask(std::move(request), [&why](const ipc::Reply& reply) {
        why = reply.kind == ipc::ReplyKind::verdict && !reply.ok ? reply.message : why;
    }));
    if (!last.ok && last.failed > 0 && !why.empty())
        return fail(Errc::refused, why + "; nothing was removed");
    if (!last.ok)
        return fail(Error(std::make_error_code(std::errc::timed_out),
                          account.str() + " did not stop; nothing was removed"));
    return {};
}

// Puts the account's file into HOME/removed/<time>/; returns where.
Result<std::string> put_aside(const Context& context, const AccountId& account) {
    const auto directory = context.home.root() + "/removed/" + format_utc(context.clock.utc());
    BULLPEN_CHECK(make_directories(directory, 0700));
    const auto from = context.home.account(account).roster_file;
    const auto to = directory + "/" + account.str() + ".toml";
    if (::rename(from.c_str(), to.c_str()) != 0)
        return fail_errno("cannot move " + from + " to " + to);
    return to;
}

Result<void> purge(const Context& context, const AccountId& account) {
    const auto paths = context.home.account(account);
    std::error_code code;
    std::filesystem::remove_all(paths.directory, code);
    if (code)
        return fail(code, "deleting " + paths.directory);
    for (const auto& secrets : {storage::previous_of(paths.secrets), paths.secrets}) {
        if (::unlink(secrets.c_str()) != 0 && errno != ENOENT)
            return fail_errno("deleting " + secrets);
    }
    return users::drop_number(context.home, account);
}

// What an earlier `remove` left: nobody wants the account, and its lock says that nobody acts for
// it.
int purge_rest(Context& context, const AccountId& account) {
    if (const auto idle = proven_idle(context, account, context.arguments.has("flat")); !idle)
        return report(context, idle.error().context() + "; nothing was done", ExitCode::failed);
    const auto purged = purge(context, account);
    if (!purged)
        return report(context, purged.error(), ExitCode::failed);
    return apply_edit(context, {account}, "deleted what was left of " + account.str());
}

int run_remove(Context& context) {
    const auto id = AccountId::parse(context.arguments.operands.front());
    if (!id)
        return report(context, id.error(), ExitCode::usage);
    const auto paths = context.home.account(*id);
    const bool purging = context.arguments.has("purge");
    const bool listed = ::access(paths.roster_file.c_str(), F_OK) == 0;
    const bool rest = purging && (::access(paths.directory.c_str(), F_OK) == 0 ||
                                  ::access(paths.secrets.c_str(), F_OK) == 0);
    if (!listed && !rest)
        return report(context, no_account_text(context, *id), ExitCode::failed);
    if (purging && !context.arguments.has("yes") &&
        !confirmed(context,
                   "This deletes " + paths.directory +
                       " with its state, journal and logs, and its secrets, for good.\nType " +
                       id->str() + " to go on: ",
                   id->str()))
        return report(context, "not confirmed; nothing was done", ExitCode::failed);
    if (!listed)
        return purge_rest(context, *id);
    // What will not be removed is not stopped either.
    const bool flat_by_word = context.arguments.has("flat");
    if (const auto flat = proven_flat(context, *id, flat_by_word); !flat)
        return report(context, flat.error().context() + "; nothing was done", ExitCode::failed);
    if (const auto stopped = stop_first(context, *id); !stopped)
        return report(context, stopped.error(), exit_code_of(stopped.error()));
    if (const auto idle = proven_idle(context, *id, flat_by_word); !idle)
        return report(context, "it was stopped, but " + idle.error().context(), ExitCode::failed);
    const auto aside = put_aside(context, *id);
    if (!aside)
        return report(context, aside.error(), ExitCode::failed);
    const int applied = apply_edit(context, {*id}, "moved its file to " + *aside);
    if (applied != 0 || !purging)
        return applied;
    // The lock file stays: a lock must never exist on two files of one name.
    const auto purged = purge(context, *id);
    return purged ? 0 : report(context, purged.error(), ExitCode::failed);
}

}  // namespace

const Command k_remove = {
    .name = "remove",
    .synopsis = "NAME",
    .text =
        "Stops an account, moves its file from accounts.d to HOME/removed/<time>/, and has the "
        "daemon\n"
        "apply it if it runs. Its directory, logs and secrets stay where they are, so that putting "
        "the\n"
        "file back undoes it. Refused while the account may have an open position: it must have\n"
        "reported that it is flat, or you say so with --flat. Its lock file always stays. With "
        "--purge,\n"
        "what an earlier `remove` left is deleted too.\n",
    .exit_codes =
        "  0   done\n"
        "  1   there is no such account, it did not stop, or it may have an open position\n"
        "  64  wrong arguments\n"
        "  75  the daemon runs and does not answer\n",
    .examples =
        "  bullpenctl remove mes01\n"
        "  bullpenctl remove --purge mes01     and delete all that is known about it\n",
    .options = k_remove_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_remove,
    .writes_home = true,
};

}  // namespace bullpen::ctl
