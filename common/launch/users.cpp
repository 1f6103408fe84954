#include "common/launch/users.hpp"

#include <unistd.h>

#include "common/config/roster.hpp"
#include "common/sandbox/calls.hpp"
#include "common/users/capabilities.hpp"
#include "common/users/numbers.hpp"

namespace bullpen::launch {

namespace {

// As bullpen.toml says, or, where it is broken, its last good version.
bool wants_users(const Home& home) {
    auto settings = config::read_daemon(home);
    if (!settings)
        settings = config::applied_daemon(home);
    return settings && settings->isolation.users == config::WorkerUsers::account;
}

}  // namespace

users::NotEntered take_users(const Home& home, std::span<char* const> arguments) {
    if (users::has_users()) {
        // What this program starts has none of what was kept for itself.
        static_cast<void>(users::keep_over_exec(false));
        return {};
    }
    users::NotEntered answer;
    if (wants_users(home) || users::has_numbers(home))
        answer = users::enter_with_users(arguments, home.root());
    // The right to change users is one to become anybody, as long as it is of the host.
    const bool may = ::geteuid() != 0 && (users::held() & users::to_change_users()) != 0;
    if (const auto given = may ? sandbox::give_up_capabilities() : Result<void>{}; !given)
        return {given.error().message(), true};
    return answer;
}

}  // namespace bullpen::launch
