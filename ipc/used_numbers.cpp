#include "ipc/used_numbers.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "common/storage/atomic_file.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/state_store.hpp"
#include "ipc/account_lock.hpp"

namespace bullpen::ipc {
namespace {

void note(UsedNumbers& used, LaunchNumber launch, Fence fence) {
    used.launch = std::max(used.launch, launch);
    used.fence = std::max(used.fence, fence);
}

void look_at_locks(const Home& home, UsedNumbers& used) {
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(home.locks(), code)) {
        const auto facts = AccountLock::read_facts(entry.path().string());
        if (!facts)
            continue;
        const auto token = LaunchToken::parse(facts->launch);
        note(used, token ? token->number : LaunchNumber{}, Fence{facts->fence});
    }
}

void look_at_account(const AccountPaths& paths, UsedNumbers& used) {
    // A launch begins by opening it.
    if (::access(paths.stdio_log.c_str(), F_OK) == 0)
        note(used, LaunchNumber{1}, Fence{1});
    storage::SystemFileSystem files;
    for (const auto& path : {paths.state_file, storage::previous_of(paths.state_file)}) {
        if (const auto state = storage::peek_state(files, path)) {
            const auto& record = state->record;
            note(used, LaunchNumber{std::strtoull(record.launch.c_str(), nullptr, 10)},
                 record.fence);
        }
    }
}

}  // namespace

UsedNumbers find_used_numbers(const Home& home) {
    UsedNumbers used;
    look_at_locks(home, used);
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(home.accounts(), code)) {
        if (const auto id = AccountId::parse(entry.path().filename().string()))
            look_at_account(home.account(*id), used);
    }
    return used;
}

}  // namespace bullpen::ipc
