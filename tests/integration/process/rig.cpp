#include "tests/integration/process/rig.hpp"

#include <filesystem>
#include <sstream>

#include "common/base/random.hpp"
#include "common/process/proc_scan.hpp"
#include "common/process/process_facts.hpp"
#include "ipc/account_lock.hpp"

namespace bullpen::test {

Rig::Rig() : launcher_(value(process::Launcher::make())), nonce_(system_random()) {}

Rig::~Rig() {
    for (const pid_t pid : pids_)
        ::kill(pid, SIGKILL);
    // A process that a killed daemon launched may not even show its environment yet.
    for (const auto& entry : std::filesystem::directory_iterator(home().locks())) {
        const auto facts = ipc::AccountLock::read_facts(entry.path());
        if (facts && facts->pid > 0 && facts->boot_id == ipc::boot_id() &&
            facts->home == home().root())
            ::kill(facts->pid, SIGKILL);
    }
    // Whatever else was started in this home says so in its environment.
    process::for_each_process([&](pid_t pid) {
        if (process::started_with(pid, "BULLPEN_HOME") == home().root())
            ::kill(pid, SIGKILL);
    });
    for (const pid_t pid : pids_)
        ::waitpid(pid, nullptr, 0);
}

AccountPaths Rig::paths(const AccountId& account) const {
    return home().account(account);
}

process::LaunchSpec Rig::spec(const AccountId& account, std::vector<std::string> arguments,
                              LaunchNumber number) const {
    const AccountPaths files = paths(account);
    for (const std::string& directory : {files.logs, files.tmp})
        done(make_directories(directory, 0700));
    process::LaunchSpec spec;
    spec.program = program("bullpen-puppet");
    spec.arguments = std::move(arguments);
    spec.arguments.insert(spec.arguments.begin(), "puppet");
    spec.environment = {"BULLPEN_ACCOUNT=" + account.str(), "BULLPEN_HOME=" + home().root(),
                        "BULLPEN_LAUNCH=" + token(number).str()};
    spec.working_directory = files.directory;
    spec.stdio_log = files.stdio_log;
    return spec;
}

ipc::LockFacts Rig::facts(const AccountId& account, LaunchNumber number) const {
    ipc::LockFacts facts = ipc::facts_of_this_process(SystemClock());
    facts.pid = 0;
    facts.start_time = 0;
    facts.home = home().root();
    facts.account = account.str();
    facts.launch = token(number).str();
    facts.fence = number.value + 100;
    facts.program = "bullpen-puppet";
    facts.version = "0";
    return facts;
}

process::RecordedLaunch Rig::recorded(LaunchNumber number) const {
    process::RecordedLaunch launch;
    launch.launch = number;
    launch.nonce = nonce_;
    launch.fence = Fence{number.value + 100};
    launch.utc = SystemClock().utc();
    launch.boot_id = ipc::boot_id();
    launch.fingerprint = 4711;
    return launch;
}

Worker Rig::start(const AccountId& account, std::vector<std::string> arguments,
                  LaunchNumber number) {
    process::LaunchSpec launch = spec(account, std::move(arguments), number);
    const auto lock = value(ipc::AccountLock::acquire(paths(account).lock, facts(account, number)));
    launch.lock_fd = lock.fd();
    launch.mark_lock = ipc::write_pid_async_signal_safe;
    const auto launched = value(launcher_.launch(launch));
    track(launched.pid);
    return {account, number, launched.pid, launched.start_time};
}

std::vector<pid_t> Rig::printed_children(const AccountId& account, std::size_t count) const {
    std::vector<pid_t> pids;
    const std::string path = paths(account).stdio_log;
    wait_for_change(path.substr(0, path.rfind('/')), [&] {
        pids.clear();
        std::istringstream text(read_text(path));
        std::string word;
        pid_t pid = 0;
        while (text >> word >> pid)
            pids.push_back(pid);
        return pids.size() >= count;
    });
    return pids;
}

Lines Rig::described(const std::string& path) {
    wait_for_text(path);
    Lines lines;
    std::istringstream text(read_text(path));
    for (std::string line; std::getline(text, line);) {
        const auto space = line.find(' ');
        lines.emplace(line.substr(0, space), line.substr(space + 1));
    }
    return lines;
}

}  // namespace bullpen::test
