#include "common/base/home.hpp"

#include <filesystem>

#include "common/base/errc.hpp"
#include "common/base/service.hpp"

namespace bullpen {

Result<Home> Home::at(const std::string& path) {
    if (path.empty())
        return fail(Errc::invalid, "the home directory has no name");
    std::error_code code;
    auto absolute = std::filesystem::absolute(path, code);
    if (code)
        return fail(code, "home directory " + path);
    std::string root = absolute.lexically_normal().string();
    while (root.size() > 1 && root.back() == '/')
        root.pop_back();
    Home home(std::move(root));
    const auto longest = home.control_socket().size();
    if (longest > k_socket_path_max) {
        return fail(Errc::invalid, "home directory " + home.root() +
                                       ": its socket paths would have " + std::to_string(longest) +
                                       " bytes, " + std::to_string(k_socket_path_max) +
                                       " is the most the system takes; use a shorter path");
    }
    return home;
}

AccountPaths Home::account(const AccountId& id) const {
    AccountPaths paths;
    paths.directory = (is_service(id) ? root_ + "/services" : accounts()) + "/" + id.str();
    paths.state_file = paths.directory + "/state.json";
    paths.settings_copy = paths.directory + "/settings.toml";
    paths.journal = paths.directory + "/journal";
    paths.logs = paths.directory + "/logs";
    paths.worker_log = paths.logs + "/worker.log";
    paths.stdio_log = paths.logs + "/stdio.log";
    paths.audit_log = paths.logs + "/audit.log";
    paths.performance_log = paths.logs + "/performance.log";
    paths.inbox = paths.directory + "/inbox";
    paths.orders = paths.directory + "/orders";
    paths.reports = paths.directory + "/reports";
    paths.tmp = paths.directory + "/tmp";
    paths.crash = paths.directory + "/crash";
    paths.lock = locks() + "/account_" + id.str() + ".lock";
    paths.roster_file = roster() + "/" + id.str() + ".toml";
    paths.secrets = secrets() + "/" + id.str() + ".sealed";
    return paths;
}

}  // namespace bullpen
