// A home with accounts on fast synthetic markets, and workers of it inside the test's own process.
#pragma once

#include <memory>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/config/settings.hpp"
#include "ipc/account_lock.hpp"
#include "tests/support/temporary.hpp"
#include "worker/account_context.hpp"

namespace bullpen::test {

// The settings of an account on the synthetic market, without reading a file.
inline config::AccountSettings synthetic_account(std::string_view name, std::uint64_t seed = 1) {
    config::AccountSettings settings(account_id(name));
    settings.feed.seed = seed;
    return settings;
}

// Takes the account's lock and opens its context; ends the test when it cannot.
inline std::unique_ptr<worker::AccountContext> open_context(const Home& home,
                                                            config::AccountSettings settings,
                                                            storage::FileSystem& files,
                                                            const Clock& clock) {
    (void)make_directories(home.locks(), 0700);
    const auto path = home.account(settings.id).lock;
    auto lock = ipc::AccountLock::acquire(path, ipc::facts_of_this_process(clock));
    worker::AccountLocks locks{std::move(lock).value(), std::nullopt};
    return worker::AccountContext::open(home, std::move(settings), std::move(locks), std::nullopt,
                                        files, clock)
        .value();
}

}  // namespace bullpen::test
