// What the commands that edit an account's file share: telling a running daemon, and doing so only
// when it would apply nothing but that edit.
#pragma once

#include <string>
#include <vector>

#include "common/base/ids.hpp"
#include "ctl/command.hpp"
#include "ctl/fleet_view.hpp"
#include "ipc/account_lock.hpp"

namespace bullpen::ctl {

// What is said of a name that no file in accounts.d has, with the name that may have been meant.
std::string no_account_text(const Context& context, const AccountId& account);

// After the files of `accounts` were edited: has a running daemon apply the change and waits for
// the result. When other changes are pending too, nothing is applied and the operator is told to,
// for `update` would restart accounts they did not speak of. `done` says what was edited. With
// --json prints the one object of the command. Returns the exit code.
int apply_edit(Context& context, const std::vector<AccountId>& accounts, const std::string& done);

// What a daemon made of an edit.
struct Applied {
    std::string_view word = "yes";  // or "no_daemon", "pending"
    std::string message;
    int code = 0;
};
// apply_edit() without the last word, for a command that prints an object of its own; verdicts are
// printed as they come, but with --json. The error is the daemon's silence.
Result<Applied> apply_edit_quietly(Context& context, const std::vector<AccountId>& accounts);

// Whether the diff that the daemon gave (JSON of docs/json.md) concerns only these accounts.
Result<bool> concerns_only(const std::string& diff_json, const std::vector<AccountId>& accounts);

// Why the account may not be taken away: it may have an open position. Errc::refused with a
// sentence. `flat_by_word`: the operator vouches for the position.
Result<void> proven_flat(const Context& context, const AccountId& account, bool flat_by_word);
// Likewise, or because it has a process.
Result<void> proven_idle(const Context& context, const AccountId& account, bool flat_by_word);

// Takes the account's lock for a command that changes its files, so that no worker can run
// meanwhile. Errc::locked when one does.
Result<ipc::AccountLock> hold_account(const Context& context, const AccountId& account,
                                      const std::string& program);

// Asks on the terminal for the word `expected`; false without a terminal or with another word.
bool confirmed(Context& context, const std::string& question, const std::string& expected);

}  // namespace bullpen::ctl
