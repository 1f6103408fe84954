// What the daemon keeps in run/ and locks/, made again when somebody removes it under the running
// daemon.
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errc.hpp"
#include "ipc/cookie.hpp"
#include "supervisor/daemon/daemon.hpp"
#include "supervisor/daemon/version.hpp"

namespace bullpen::daemon {

namespace {

constexpr mode_t k_directory_mode = 0700;

}  // namespace

ipc::LockFacts daemon_facts(const Home& home, const Clock& clock) {
    auto facts = ipc::facts_of_this_process(clock);
    facts.home = home.root();
    facts.program = "bullpend";
    facts.version = k_version;
    return facts;
}

// Without its file the lock keeps nobody out. If another daemon has taken the home meanwhile, it is
// that one's.
Result<void> Daemon::take_home_again() {
    auto taken = ipc::AccountLock::acquire(lock_.path(), daemon_facts(home_, clock_));
    if (!taken && taken.error().code() == Errc::locked) {
        log_->error("home_taken", {{"holder", taken.error().context()}});
        shutdown(std::nullopt, true);
    }
    BULLPEN_TRY(lock_, std::move(taken));
    return {};
}

void Daemon::watch_files() {
    struct File {
        std::string name;  // in run/
        bool there;
        std::function<Result<void>()> make;
    };
    const auto file = [this](const std::string& path, std::function<Result<void>()> make) {
        return File{path.substr(home_.run().size() + 1), ::access(path.c_str(), F_OK) == 0,
                    std::move(make)};
    };
    const auto socket = [&](auto& listener, const std::string& path) {
        return file(path, [&listener, path] { return listener.listen_again(path); });
    };
    std::vector<File> files = {
        {"bullpend.lock", lock_.holds_its_file(), [this] { return take_home_again(); }},
        file(home_.board(), [this] { return board_.make_again(home_.board()); }),
        file(home_.launch_record(), [this] { return record_.compact(); }),
        file(ipc::cookie_path(home_.control_socket()),
             [this] { return control_->show_cookie(home_.control_socket()); }),
        socket(leases_, home_.lease_socket()),
        socket(*control_, home_.control_socket()),
        socket(events_, home_.events_socket()),
    };
    std::erase_if(files, [](const File& one) { return one.there; });
    std::string removed;
    std::string failed;
    for (const auto& one : files) {
        removed += (removed.empty() ? "" : ", ") + one.name;
        auto made = make_directories(home_.run(), k_directory_mode);
        if (made)
            made = one.make();
        if (!made)
            failed = made.error().message();
    }
    // What cannot be made is tried again each time, and told once.
    if (std::exchange(files_missing_, !failed.empty()) || removed.empty())
        return;
    loop_.offload([this] { static_cast<void>(fences_.reserve(fences_.reserved())); }, [] {});
    alarm({.reason = model::Reason::none,
           .sentence = "files of run/ are gone: " + removed +
                       (failed.empty() ? "; they are made again"
                                       : "; they cannot be made again: " + failed),
           .advice = "find out what removes files there; bullpenctl update keeps the last good "
                     "settings there again"});
}

// A lock lives on in its process when its file is removed, but keeps nobody out any more, and
// cannot be put back: only a new process takes one that can be seen.
void Daemon::watch_locks() {
    struct stat locks {};
    if (::stat(home_.locks().c_str(), &locks) != 0)
        static_cast<void>(make_directories(home_.locks(), k_directory_mode));
    const std::pair changed{locks.st_mtim.tv_sec, locks.st_mtim.tv_nsec};
    if (std::exchange(locks_changed_, changed) == changed)
        return;
    std::set<LaunchNumber> lost;
    std::string untold;
    accounts_.each([&](const Account& account) {
        if (!account.launch || account.launch->pid == 0 ||
            ::access(home_.account(account.id).lock.c_str(), F_OK) == 0)
            return;
        lost.insert(account.launch->number);
        if (!locks_lost_.contains(account.launch->number))
            untold += " " + account.id.str();
    });
    locks_lost_ = std::move(lost);
    if (untold.empty())
        return;
    alarm({.reason = model::Reason::none,
           .sentence = "lock files are gone from locks/: nothing keeps a second process from "
                       "acting for" +
                       untold,
           .advice = "start nothing for these accounts by hand; bullpenctl restart" + untold +
                     " locks them anew; find out what removes files there"});
}

}  // namespace bullpen::daemon
