#include "supervisor/daemon/last_words.hpp"

#include <csignal>

#include "common/base/exit_code.hpp"
#include "common/model/reason.hpp"
#include "common/process/stdio_log.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/state_store.hpp"
#include "ipc/error_text.hpp"

namespace bullpen::daemon {

fleet::ExitStatus unseen_end(const Home& home, const AccountId& id, LaunchNumber launch,
                             Account* account) {
    storage::SystemFileSystem files;
    const auto state = storage::peek_state(files, home.account(id).state_file);
    if (!state || state->account != id.str() || !state->record.last_words ||
        state->record.launch != std::to_string(launch.value))
        return fleet::ExitStatus::lost();
    const auto& words = *state->record.last_words;
    if (account != nullptr && words.exit_code != value(ExitCode::done))
        account->last_error = ipc::stamped(words.sentence, state->record.saved);
    return fleet::ExitStatus::exited(words.exit_code);
}

std::string printed_last(const Home& home, const Account& account, fleet::ExitStatus status,
                         const std::string& how) {
    const auto& launch = *account.launch;
    const bool failed = status.kind == fleet::ExitStatus::Kind::code
                            ? status.value != value(ExitCode::done)
                            : status.value != SIGKILL && status.value != SIGTERM;
    const auto told = ipc::unstamped(account.last_error).at;
    if (!failed || launch.last_words || (told && *told >= launch.started))
        return {};
    auto quote = process::quote_last_line(home.account(account.id).stdio_log, launch.started);
    const bool known = status.kind != fleet::ExitStatus::Kind::unknown;
    return quote.empty() && known ? "it ended by itself and printed nothing: " + how : quote;
}

std::string died_of(const Account& account, const fleet::AccountView& before,
                    const fleet::AccountView& after) {
    using model::Reason;
    if (after.deaths.empty() || after.deaths.back().launch != before.launch)
        return {};
    const auto& death = after.deaths.back();
    const std::string sentence(model::text(death.reason).sentence);
    switch (death.reason) {
        // How it ended then is no cause.
        case Reason::hung_silent:
        case Reason::hung_obligation:
        case Reason::start_timeout:
        case Reason::protocol_refused:
            return before.detail.empty() ? sentence : sentence + ": " + before.detail;
        case Reason::memory_limit:
        case Reason::process_limit:
        case Reason::disk_limit: {
            const auto told = ipc::unstamped(account.last_error).at;
            return told && *told >= account.launch->started ? "" : sentence;
        }
        default:
            return death.status.kind == fleet::ExitStatus::Kind::code
                       ? ""
                       : sentence + ": " + fleet::describe(death.status);
    }
}

}  // namespace bullpen::daemon
