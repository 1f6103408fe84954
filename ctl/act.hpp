// Commands that the daemon carries out: which accounts are meant, the question, progress on a
// terminal, a verdict for each account, the exit code.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/ids.hpp"
#include "ctl/command.hpp"
#include "ctl/control_client.hpp"
#include "ipc/control.hpp"

namespace bullpen::ctl {

// How long, without --timeout, the daemon is given for accounts to start or stop.
inline constexpr Nanos k_act_deadline = std::chrono::seconds(120);

inline constexpr Option k_no_wait_option = {'\0', "no-wait", "",
                                            "only ask for it; do not wait for the result"};

// What the daemon said, collected.
struct Answer {
    bool ok = false;
    int exit_code = 0;
    ipc::Reply last;
};

// Whether a word for several accounts means disabled ones too. One that is named is always meant.
enum class Disabled { included, passed_over };

// The accounts that the words mean, of a daemon that runs. When a word means none, that is the
// error: an operator who mistypes one name gets nothing done by half.
Result<std::vector<AccountId>> resolve(Context& context, std::span<const std::string_view> words,
                                       Disabled disabled);

// Puts a verdict as the asker is to read it, who may have seen what the daemon does not tell.
using Retell = std::function<void(ipc::Reply& verdict)>;

// Asks and prints: verdicts as they come, or with --json one object at the end.
int act(Context& context, ipc::Request request, const Retell& retell = {});
// The same for a question whose answer is a difference of settings, which is printed as it is, with
// errors in it or without.
int act_on_settings(Context& context, ipc::Request request);
// The same without printing the result's message, for commands that do more; verdicts are printed.
Result<Answer> ask_and_show(Context& context, ipc::Request request, const Retell& retell = {});

// Of a command that takes accounts: resolve, then act. An account that is to be started and runs
// as the same process as before is said to have run already.
int act_on_words(Context& context, ipc::Request request, std::span<const std::string_view> words,
                 Disabled disabled = Disabled::included);

// --timeout, else `otherwise`.
Nanos deadline_of(const Context& context, Nanos otherwise);
// The exit code for an error of the connection.
ExitCode exit_code_of(const Error& error);

}  // namespace bullpen::ctl
