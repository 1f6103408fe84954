// Daemon: bullpend itself. It owns every part, feeds the fleet what happens, and does what the
// fleet decides; nothing is decided here. One thread, one loop; see loop.hpp.
//
// Start-up and recovery are one path: take the daemon's lock, read the roster, find the workers
// that an earlier daemon left, adopt them, go on.
#pragma once

#include <ctime>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/exit_code.hpp"
#include "common/base/home.hpp"
#include "common/base/thread_times.hpp"
#include "common/config/diff.hpp"
#include "common/config/roster.hpp"
#include "common/log/audit_log.hpp"
#include "common/log/logger.hpp"
#include "common/loop/loop.hpp"
#include "common/storage/fence_file.hpp"
#include "common/storage/file_system.hpp"
#include "common/watch/usage.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/context.hpp"
#include "ipc/liveness.hpp"
#include "ipc/used_numbers.hpp"
#include "supervisor/daemon/accounts.hpp"
#include "supervisor/daemon/board_keeper.hpp"
#include "supervisor/daemon/calendar_keeper.hpp"
#include "supervisor/daemon/control_desk.hpp"
#include "supervisor/daemon/events.hpp"
#include "supervisor/daemon/lease_desk.hpp"
#include "supervisor/daemon/starter.hpp"
#include "supervisor/daemon/undertaker.hpp"
#include "supervisor/daemon/vault_keeper.hpp"
#include "supervisor/fleet/fleet.hpp"
#include "supervisor/process/adoption.hpp"
#include "supervisor/process/launch_record.hpp"

namespace bullpen::daemon {

// What the file of the daemon's own lock says of this process.
ipc::LockFacts daemon_facts(const Home& home, const Clock& clock);

class Daemon {
  public:
    // `program` is the path this daemon was started from, for `upgrade`; `credentials_directory` is
    // where the service manager laid down what is for this process alone, or empty.
    static Result<std::unique_ptr<Daemon>> start(const Home& home, const Clock& clock,
                                                 ipc::AccountLock lock, std::string program,
                                                 std::string credentials_directory);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    // Until shutdown. Does not return when the daemon re-executes a new program.
    ExitCode run();

  private:
    // A step goes back to the loop after this, so that none is long.
    static constexpr Millis k_turn_max{10};
    static constexpr std::size_t k_untold_max = 1024;
    static constexpr Millis k_flush_interval{1000};
    static constexpr Nanos k_measure_interval = std::chrono::seconds(5);
    // By then a start has made its launches, which the record's rewriting would hold up.
    static constexpr Nanos k_compact_after = std::chrono::seconds(3);
    static constexpr Nanos k_upgrade_check_max = std::chrono::seconds(30);
    // What timeout(1) ends with when the time was up.
    static constexpr int k_timed_out = 124;

    struct Opened;  // what start() opened before the daemon exists
    Daemon(const Home& home, const Clock& clock, Opened&& opened, std::string program,
           std::string credentials_directory);

    // Start-up, in order.
    void take_settings(config::Roster roster, vault::Reading reading);
    void restore_saved(const std::map<AccountId, Result<fleet::SavedAccount>>& all);
    void adopt(const process::Adoption& found);
    // One that ended while no daemon ran; `statuses` of children of this very process.
    void take_lost(const process::LostWorker& lost,
                   const std::map<pid_t, fleet::ExitStatus>& statuses);
    void wire(const process::Adoption& found);
    void tell_recovered(const ipc::UsedNumbers& used);

    // Decisions into effects.
    // What the fleet has decided is done in a step of its own, as soon as this one ends.
    void pump();
    void turn();
    void perform(const fleet::Action& action);
    void launch(const fleet::Action& action);
    // What goes on although every account was to stop is in `others`.
    [[nodiscard]] std::string left_at_shutdown(std::string& others) const;
    // Who acts for the account although no daemon started it, for people.
    [[nodiscard]] std::optional<std::string> by_hand(const AccountId& id) const;
    void signal_tree(const AccountId& id, LaunchNumber launch, int number);
    Result<void> signal_worker(Account& account, int number);
    // What happened is told (board, events, those who wait for it) when all that was decided with
    // it is done: nobody's successor waits for readers.
    void changed(const AccountId& id);
    void tell_changed(const AccountId& id, const fleet::AccountView& view);
    void tell_some();
    void tell_all();
    bool tell_one();
    // Without services.
    [[nodiscard]] std::size_t accounts() const {
        return roster_->accounts.size() + roster_->invalid.size();
    }
    void save(const AccountId& id);
    void forget(const AccountId& id);
    void reserve_fences(Fence upto);
    void alarm(const fleet::Action& action);

    // The roster.
    struct Reading;  // what the helper thread read
    std::map<AccountId, std::string> held();
    void read_roster(bool apply, std::function<void(Reading&)> done);
    void reread(const Asker& asker);
    void update(const std::optional<Asker>& asker, Nanos deadline);
    void updated(const std::optional<Asker>& asker, Nanos deadline, const config::RosterDiff& diff,
                 const std::string& error);

    // What comes round.
    void every_second();
    void look_up(Instant now);
    void watch_disk();
    // What it keeps in run/ and others find by its path.
    void watch_files();
    void watch_locks();
    void lock_lost(const Account& account, const Error& error);
    Result<void> take_home_again();
    void watch_descriptors();
    void watch_connections();
    void measure();
    void measured(Account& account, const watch::Finding& found);
    void log_status(Instant now);
    // What the daemon is, as of its start.
    static ipc::BoardDaemon board_facts(const config::DaemonSettings& settings, Instant started);
    void write_daemon_slot();
    void on_signal(int number);
    void serve_leases();
    void serve_control();

    // Commands.
    void audit(const std::string& command, const std::string& user, const std::string& accounts);
    // Into the audit log, what other settings are in force from now on.
    void audit_changes(const config::RosterDiff& diff);
    void tell_audit(const std::string& failed);
    // What operators ordered and no worker has done yet, for the daemon after this one.
    [[nodiscard]] std::string orders_path() const { return home_.run() + "/orders"; }
    void keep_orders(const std::function<void(const std::string& failed)>& kept);
    void restore_orders();
    void upgrade(const Asker& asker, Nanos deadline);
    void execute_upgrade(const Asker& asker);
    void shutdown(const std::optional<Asker>& asker, bool keep_workers);
    void cleanup(const Asker& asker);
    [[nodiscard]] std::string status_json() const;
    [[nodiscard]] std::string explain_json(const AccountId& id);
    void show_config(const Asker& asker, const std::optional<AccountId>& id);
    [[nodiscard]] std::string events_json() const;

    const Home& home_;
    const Clock& clock_;
    std::string program_;
    ipc::AccountLock lock_;
    Instant started_;

    std::unique_ptr<storage::FileSystem> files_;
    std::unique_ptr<log::Logger> log_;
    std::unique_ptr<log::AuditLog> audit_;  // helper thread only
    config::RosterReader reader_;           // helper thread only, once the daemon runs
    std::shared_ptr<const config::Roster> roster_;
    // That this roster needs.
    std::shared_ptr<const std::vector<config::AccountSettings>> services_;
    bool read_settings_ = false;  // since memory was given back
    process::LaunchRecord record_;
    storage::FenceFile fences_;
    ipc::Context context_;

    loop::Loop loop_;
    Accounts accounts_;
    fleet::Fleet fleet_;
    BoardKeeper board_;
    Events events_;
    LeaseDesk leases_;
    Undertaker undertaker_;
    Starter starter_;
    VaultKeeper vault_;
    CalendarKeeper calendar_;
    std::unique_ptr<ControlDesk> control_;

    ipc::Attention attention_;
    Instant turned_;  // the last time it looked up
    Nanos asleep_ = machine_asleep();
    // Looks on the helper thread while measuring_ is set, and is the loop's otherwise.
    std::shared_ptr<watch::Usage> usage_ = std::make_shared<watch::Usage>(clock_);
    MonoTime measured_{};
    MonoTime status_told_{};
    std::optional<MonoTime> fleet_timer_;
    std::deque<std::function<void()>> untold_;
    std::optional<Asker> shutdown_asker_;
    std::uint64_t alarms_ = 0;
    bool pump_posted_ = false;
    bool record_compacted_ = false;
    bool disk_full_ = false;
    bool files_missing_ = false;                                               // and cannot be made
    std::pair<std::optional<UtcTime>, std::optional<UtcTime>> locks_changed_;  // and host_lock_dir
    std::set<LaunchNumber> locks_lost_;  // they run, and cannot be locked again
    bool descriptors_short_ = false;
    bool updating_ = false;
    bool update_wanted_ = false;
    bool upgrading_ = false;
    bool measuring_ = false;
    bool ended_ = false;
};

}  // namespace bullpen::daemon
