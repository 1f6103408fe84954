// What the daemon keeps in run/ and locks/, made again when somebody removes it under the running
// daemon.
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/errc.hpp"
#include "ipc/cookie.hpp"
#include "ipc/lock_files.hpp"
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

// A lock lives on in its process when its file is removed, but keeps nobody out any more; and where
// no calls are filtered a program may have let go of it. It is taken again for the process that
// runs, by this one.
void Daemon::watch_locks() {
    const auto& daemon = roster_->daemon;
    const std::pair changed{ipc::lock_files_changed(home_.locks()),
                            ipc::lock_files_changed(daemon.host_lock_dir)};
    if (!changed.first)
        static_cast<void>(make_directories(home_.locks(), k_directory_mode));
    const bool all = std::exchange(locks_changed_, changed) != changed;
    const bool filtered = starter_.isolation(daemon).calls_filtered;
    if (!all && filtered)
        return;
    std::string again;
    accounts_.each([&](Account& account) {
        if (!account.settings || !account.launch || account.launch->pid == 0 ||
            (!all && account.settings->command.empty()))
            return;
        const auto taken = starter_.lock_again(*account.settings, daemon, *account.launch);
        if (!taken)
            lock_lost(account, taken.error());
        else if (*taken)
            again += " " + account.id.str();
    });
    if (!again.empty())
        alarm({.reason = model::Reason::none,
               .sentence =
                   "nobody held the locks of accounts that run: they are locked again, for" + again,
               .advice = "find out what removes files from locks/ or host_lock_dir"});
}

// It is tried again each round, and told once.
void Daemon::lock_lost(const Account& account, const Error& error) {
    locks_changed_ = {};
    if (!locks_lost_.insert(account.launch->number).second)
        return;
    const bool taken = error.code() == Errc::locked;
    if (taken)
        fleet_.over_limit(clock_.now(), account.id, account.launch->number,
                          model::Reason::lock_held);
    alarm({.account = account.id,
           .reason = model::Reason::none,
           .sentence = "nobody held its lock while it ran, and it cannot be locked again: " +
                       error.message() + (taken ? "; it is ended, for two would act for it" : ""),
           .advice = taken ? "see who that is, and what removes files from locks/ or host_lock_dir"
                           : "start nothing for it by hand until bullpenctl restart " +
                                 account.id.str() + " has locked it anew"});
}

}  // namespace bullpen::daemon
