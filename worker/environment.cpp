#include "worker/environment.hpp"

#include <cstdlib>

#include "common/base/errc.hpp"

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
    return LaunchEnvironment{std::move(*account), std::move(home), *launch,
                             variable("BULLPEN_ENDPOINT")};
}

std::string home_from_environment() {
    auto home = variable("BULLPEN_HOME");
    return home.empty() ? "/var/lib/bullpen" : home;
}

}  // namespace bullpen::worker
