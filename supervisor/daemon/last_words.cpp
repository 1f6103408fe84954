#include "supervisor/daemon/last_words.hpp"

#include "common/storage/file_system.hpp"

namespace bullpen::daemon {

std::optional<storage::LastWords> last_words(const Home& home, const AccountId& account,
                                             LaunchNumber launch) {
    storage::SystemFileSystem files;
    const auto state = storage::peek_state(files, home.account(account).state_file);
    if (!state || state->account != account.str() ||
        state->record.launch != std::to_string(launch.value))
        return std::nullopt;
    return state->record.last_words;
}

}  // namespace bullpen::daemon
