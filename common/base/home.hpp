// Home: where every file of one instance is. The only place that puts paths together; a path of an
// account can be made only from a parsed AccountId.
#pragma once

#include <string>

#include "common/base/ids.hpp"
#include "common/base/result.hpp"

namespace bullpen {

// The paths of one account, all under HOME/accounts/<account>/ but for its lock and roster file.
struct AccountPaths {
    std::string directory;        // accounts/<account>
    std::string state_file;       // state.json
    std::string settings_copy;    // settings.toml: for people, never read
    std::string journal;          // journal/
    std::string logs;             // logs/
    std::string worker_log;       // logs/worker.log
    std::string stdio_log;        // logs/stdio.log
    std::string audit_log;        // logs/audit.log
    std::string performance_log;  // logs/performance.log
    std::string inbox;
    std::string orders;
    std::string reports;
    std::string tmp;
    std::string crash;        // crash/
    std::string lock;         // HOME/locks/account_<account>.lock
    std::string roster_file;  // HOME/accounts.d/<account>.toml
    std::string secrets;      // HOME/secrets/<account>.sealed
};

class Home {
  public:
    // The longest path a Unix socket address holds (sockaddr_un, less the closing zero).
    static constexpr std::size_t k_socket_path_max = 107;

    // `path` is made absolute against the working directory and cleaned; it need not exist.
    // Fails when the sockets below it would not fit a socket address.
    static Result<Home> at(const std::string& path);

    [[nodiscard]] const std::string& root() const { return root_; }
    [[nodiscard]] std::string daemon_settings() const { return root_ + "/bullpen.toml"; }
    [[nodiscard]] std::string roster() const { return root_ + "/accounts.d"; }
    // Which Unix user each account was given, where they are not all of one.
    [[nodiscard]] std::string numbers() const { return root_ + "/numbers"; }
    [[nodiscard]] std::string secrets() const { return root_ + "/secrets"; }
    [[nodiscard]] std::string locks() const { return root_ + "/locks"; }
    [[nodiscard]] std::string accounts() const { return root_ + "/accounts"; }
    [[nodiscard]] std::string shared() const { return root_ + "/shared"; }
    [[nodiscard]] std::string logs() const { return root_ + "/logs"; }
    [[nodiscard]] std::string daemon_log() const { return logs() + "/bullpend.log"; }
    [[nodiscard]] std::string audit_log() const { return logs() + "/audit.log"; }
    [[nodiscard]] std::string run() const { return root_ + "/run"; }
    [[nodiscard]] std::string daemon_lock() const { return run() + "/bullpend.lock"; }
    // What all of the home's processes may read, apart from what only an operator may.
    [[nodiscard]] std::string shown() const { return run() + "/shown"; }
    [[nodiscard]] std::string board() const { return shown() + "/board"; }
    [[nodiscard]] std::string launch_record() const { return run() + "/launches"; }
    [[nodiscard]] std::string fences() const { return run() + "/fences"; }
    // The last good version of every applied settings file, and older ones beside it.
    [[nodiscard]] std::string applied() const { return run() + "/applied"; }
    [[nodiscard]] std::string lease_socket() const { return run() + "/lease"; }
    [[nodiscard]] std::string control_socket() const { return run() + "/control"; }
    [[nodiscard]] std::string events_socket() const { return run() + "/events"; }
    [[nodiscard]] std::string health_socket() const { return run() + "/health"; }

    [[nodiscard]] AccountPaths account(const AccountId& id) const;

  private:
    explicit Home(std::string root) : root_(std::move(root)) {}
    std::string root_;
};

}  // namespace bullpen
