#include "common/launch/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "common/base/home_file.hpp"
#include "common/launch/bind_address.hpp"

namespace bullpen::launch {

namespace {

constexpr std::array<const char*, 3> k_path = {"/usr/local/bin", "/usr/bin", "/bin"};
// Of the dynamic linker.
constexpr const char* k_preload = "LD_PRELOAD";
constexpr const char* k_path_variable = "/usr/local/bin:/usr/bin:/bin";

}  // namespace

// Once for every launch, of which there may be hundreds in a row: nothing is looked up that is
// known.
std::vector<std::string> worker_environment(const Home& home,
                                            const config::AccountSettings& settings,
                                            const AccountPaths& paths, const LaunchToken& launch,
                                            const std::string& endpoint,
                                            const sandbox::Isolation& isolation) {
    std::vector<std::string> environment = {
        "BULLPEN_ACCOUNT=" + settings.id.str(),
        "BULLPEN_ACCOUNT_DIR=" + paths.directory,
        "BULLPEN_ENDPOINT=" + endpoint,
        "BULLPEN_HOME=" + home.root(),
        "BULLPEN_LAUNCH=" + launch.str(),
        "BULLPEN_SHARED_DIR=" + home.shared(),
        "BULLPEN_STATE_FILE=" + paths.state_file,
        std::string(k_landlock_variable) + "=" + std::to_string(isolation.landlock),
        std::string(k_seccomp_variable) + (isolation.calls_filtered ? "=1" : "=0"),
        "SELECTED_ACCOUNT_ID=" + settings.id.str(),
        "TMPDIR=" + paths.tmp,
    };
    if (!settings.bind_address.empty())
        environment.push_back(std::string(k_bind_variable) + "=" + settings.bind_address);
    const auto ours = [&](const std::string& name) {
        return std::any_of(environment.begin(), environment.end(),
                           [&](const std::string& variable) {
                               return variable.starts_with(name) && variable[name.size()] == '=';
                           });
    };
    std::vector<std::string> listed;
    for (const auto& [name, value] : settings.environment) {
        if (ours(name))
            continue;
        listed.push_back(name + "=" + value);
        if (name == k_preload && !settings.bind_address.empty())
            listed.back() += ":" + bind_library();
    }
    // What the account's file says wins over these.
    const auto add = [&](const char* name, const std::string& value) {
        if (!settings.environment.contains(name))
            listed.push_back(std::string(name) + "=" + value);
    };
    if (!settings.bind_address.empty())
        add(k_preload, bind_library());
    add("HOME", paths.directory);
    add("LANG", "C.UTF-8");
    add("PATH", k_path_variable);
    environment.insert(environment.end(), std::make_move_iterator(listed.begin()),
                       std::make_move_iterator(listed.end()));
    std::sort(environment.begin(), environment.end());
    return environment;
}

sandbox::Isolation isolation_of(const char* landlock, const char* seccomp) {
    sandbox::Isolation isolation;
    const std::string_view version = landlock == nullptr ? "" : landlock;
    std::from_chars(version.data(), version.data() + version.size(), isolation.landlock);
    isolation.calls_filtered = seccomp != nullptr && std::string_view(seccomp) == "1";
    return isolation;
}

sandbox::Isolation isolation_told() {
    return isolation_of(std::getenv(k_landlock_variable), std::getenv(k_seccomp_variable));
}

std::string resolve_program(const Home& home, const std::string& word) {
    if (word.find('/') != std::string::npos)
        return home_file(home, word);
    for (const char* directory : k_path) {
        std::string candidate = std::string(directory) + "/" + word;
        if (::access(candidate.c_str(), X_OK) == 0)
            return candidate;
    }
    return word;
}

}  // namespace bullpen::launch
