#include "worker/environment.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdlib>

#include "common/base/errc.hpp"
#include "common/launch/environment.hpp"
#include "common/vault/hand_over.hpp"

namespace bullpen::worker {

namespace {

std::string variable(const char* name) {
    const char* found = std::getenv(name);
    return found == nullptr ? "" : found;
}

}  // namespace

Result<std::optional<LaunchEnvironment>> launch_environment() {
    const auto token = variable("BULLPEN_LAUNCH");
    if (token.empty())
        return std::nullopt;
    const auto wrong = [](const char* name, const Error& error) {
        return fail(error.wrap(std::string("environment variable ") + name));
    };
    auto launch = LaunchToken::parse(token);
    if (!launch)
        return wrong("BULLPEN_LAUNCH", launch.error());
    auto account = AccountId::parse(variable("BULLPEN_ACCOUNT"));
    if (!account)
        return wrong("BULLPEN_ACCOUNT", account.error());
    auto home = variable("BULLPEN_HOME");
    if (home.empty())
        return fail(Errc::invalid, "environment variable BULLPEN_HOME is missing");
    LaunchEnvironment environment{std::move(*account), std::move(home), *launch,
                                  variable("BULLPEN_ENDPOINT")};
    if (const auto number = variable(vault::k_descriptor_variable); !number.empty()) {
        int fd = -1;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fd);
        if (error != std::errc() || end != number.data() + number.size() || fd <= STDERR_FILENO) {
            return fail(Errc::invalid, std::string("environment variable ") +
                                           vault::k_descriptor_variable +
                                           " is not the number of a descriptor");
        }
        environment.credentials_fd = fd;
    }
    environment.isolation = launch::isolation_told();
    return environment;
}

std::string home_from_environment() {
    auto home = variable("BULLPEN_HOME");
    return home.empty() ? "/var/lib/bullpen" : home;
}

}  // namespace bullpen::worker
