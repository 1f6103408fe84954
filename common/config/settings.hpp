// The settings of a daemon and of one account as plain values, after validation. They come from
// bullpen.toml and accounts.d/<account>.toml (see roster.hpp); the initialisers below are the
// defaults, and keys.cpp declares how each one is written, bounded and explained.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/shared.hpp"
#include "common/config/alert_settings.hpp"
#include "common/config/event_settings.hpp"
#include "common/config/job_settings.hpp"
#include "common/config/risk_settings.hpp"
#include "common/config/strategy_settings.hpp"

namespace bullpen::config {

enum class HeartbeatKind : std::uint8_t {
    none,  // the process alone is supervised
    zmq,   // the lease protocol is expected
};

enum class RestartRule : std::uint8_t {
    always,      // whatever the exit was
    unexpected,  // not after an exit with code 0
    never,
};

// What the one recovery launch of a FATAL account with an open position does.
enum class RecoveryPolicy : std::uint8_t {
    none,     // no recovery launch
    protect,  // makes sure that protective orders stand
    flatten,  // closes the position
};

// Who reckons the indicators of the account's market.
enum class SignalsKind : std::uint8_t {
    own,     // the worker, over a feed of its own
    shared,  // one bullpen-signals for all accounts with the same feed and indicators
};

// Whether the built-in worker trades.
enum class TradingKind : std::uint8_t {
    off,     // it observes: bars and indicators
    shadow,  // it decides, and sends nothing
    on,
    shares,  // its jobs do, in shares; it follows no instrument
};

// What becomes of an entry against what another account of the same owner holds or may hold.
enum class Opposite : std::uint8_t {
    allow,   // nobody is asked
    flag,    // the daemon is asked; it is granted, and an operator told
    refuse,  // the daemon is asked, and refuses it
};

enum class FeedKind : std::uint8_t { synthetic, replay };

// Whether its bars are of now. A market that is made up or replayed has a time of its own, also
// where that happens to be near the clock's.
constexpr bool is_live(FeedKind kind) {
    switch (kind) {
        case FeedKind::synthetic:
        case FeedKind::replay: return false;
    }
    return false;
}

// Whether the time of a bar in a replayed file is the bar's start or its end.
enum class BarLabel : std::uint8_t { start, end };

// Which of two numbers in 04/07/2025 is the month; unstated takes what the file proves.
enum class DateOrder : std::uint8_t { unstated, month_first, day_first };

enum class LogLevel : std::uint8_t { debug, info, warn, error };

std::string_view code(HeartbeatKind kind);
std::string_view code(RestartRule rule);
std::string_view code(RecoveryPolicy policy);
std::string_view code(TradingKind kind);
std::string_view code(SignalsKind kind);
std::string_view code(Opposite opposite);
std::string_view code(FeedKind kind);
std::string_view code(BarLabel label);
std::string_view code(DateOrder order);
std::string_view code(LogLevel level);
std::string_view code(StopKind kind);
std::string_view code(ApproachMode mode);
std::string_view code(DrawdownModel model);
std::string_view code(AtStop at_stop);
std::string_view code(OnUnexpected unexpected);

// Where the key of the home's vault comes from.
enum class VaultSource : std::uint8_t { file, systemd, passphrase };

struct VaultSettings {
    VaultSource source = VaultSource::file;
    std::string key_file;  // empty = secrets/vault.key in the home
    friend bool operator==(const VaultSettings&, const VaultSettings&) = default;
};

// Control from other hosts.
struct RemoteSettings {
    std::string listen;  // "tcp://192.0.2.7:7070"; empty = nowhere
    friend bool operator==(const RemoteSettings&, const RemoteSettings&) = default;
};

// Health for monitors of this host.
struct HealthSettings {
    std::string listen;  // "unix", "tcp://127.0.0.1:9180"; empty = nowhere
    friend bool operator==(const HealthSettings&, const HealthSettings&) = default;
};

// Whose processes the accounts' workers are.
enum class WorkerUsers : std::uint8_t {
    home,     // all of the home's user
    account,  // each of a user of its own
};

// How far the kernel's features are used that keep a worker to its own.
struct IsolationSettings {
    WorkerUsers users = WorkerUsers::home;
    int landlock_max = 7;  // the highest version of Landlock that is used; 0 = none
    bool seccomp = true;   // whether system calls are filtered
    // A directory of the kernel's control groups (version 2) that was delegated to the daemon's
    // user: each account gets a group below it. Empty = none.
    std::string cgroups;
    friend bool operator==(const IsolationSettings&, const IsolationSettings&) = default;
};

struct DaemonLogSettings {
    LogLevel level = LogLevel::info;
    std::uint64_t size_max = 16ULL << 20;  // bytes; the file is rotated beyond it
    int keep = 10;                         // rotated files
    int audit_days = 365;
    Nanos status_interval = std::chrono::minutes(15);  // 0 = no status lines
    friend bool operator==(const DaemonLogSettings&, const DaemonLogSettings&) = default;
};

struct DaemonSettings {
    std::string name;  // for people; empty = the name of the home directory
    std::string host_lock_dir = "/run/lock/bullpen";
    std::string worker_program;  // empty = bullpen-worker beside bullpend
    int accounts_max = 1000;
    int storm_deaths_max = 60;  // 0 = no storm limit
    Nanos storm_window = std::chrono::seconds(60);
    Nanos start_stagger{0};      // between two starts
    int starts_at_once_max = 0;  // how many may be STARTING at once; 0 = no limit
    Nanos adoption_wait = std::chrono::seconds(10);  // for the hello of a worker found running
    Nanos clock_skew_max = std::chrono::seconds(2);
    Nanos ping_interval = std::chrono::seconds(2);
    std::uint64_t disk_free_min = 64ULL << 20;  // bytes; below it nothing is started
    int previous_versions_keep = 10;            // of the applied roster
    CalendarSettings calendar;
    VaultSettings vault;
    IsolationSettings isolation;
    HomeAlertSettings alerts;
    RemoteSettings remote;
    HealthSettings health;
    DaemonLogSettings log;
    friend bool operator==(const DaemonSettings&, const DaemonSettings&) = default;
};

struct LimitSettings {
    std::uint64_t memory_max = 0;           // bytes resident, the whole tree; 0 = none
    int processes_max = 1024;               // of a command's tree, with their threads; 0 = none
    int cpu_max = 0;                        // percent of one processor, by cgroups; 0 = none
    std::uint64_t disk_max = 8ULL << 30;    // bytes of the account's directory; 0 = none
    int open_files_max = 1024;              // RLIMIT_NOFILE
    std::uint64_t file_size_max = 0;        // bytes, RLIMIT_FSIZE; 0 = none
    std::uint64_t core_max = 0;             // bytes, RLIMIT_CORE
    std::uint64_t stdio_max = 16ULL << 20;  // bytes kept of stdio.log
    int nice = 0;
    friend bool operator==(const LimitSettings&, const LimitSettings&) = default;
};

struct FeedSettings {
    FeedKind kind = FeedKind::synthetic;
    std::string instrument = "MES";
    std::uint64_t seed = 1;    // of the synthetic market
    std::string file;          // CSV or CSV.gz to replay; relative to HOME
    std::int64_t history = 0;  // bars that are over when the market begins
    double speed = 1.0;        // market seconds per wall second
    std::string time_zone;     // IANA name of the file's times; empty = found from the file
    BarLabel labels = BarLabel::start;
    DateOrder date_order = DateOrder::unstated;
    std::string contract;  // of a file with several; empty = every row is taken
    bool ticks = false;    // trades and quotes within the minute
    friend bool operator==(const FeedSettings&, const FeedSettings&) = default;
};

struct LogSettings {
    LogLevel level = LogLevel::info;
    std::uint64_t size_max = 16ULL << 20;  // bytes; worker.log is rotated beyond it
    int keep = 10;                         // rotated files
    int performance_days = 30;
    int audit_days = 365;
    Nanos status_interval = std::chrono::minutes(15);  // 0 = no status lines
    friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

// The words of `permit`.
inline constexpr std::string_view k_permit_chmod = "chmod";
inline constexpr std::string_view k_permit_inotify = "inotify";
inline constexpr std::string_view k_permit_kill = "kill";
inline constexpr std::string_view k_permit_setsid = "setsid";

struct AccountSettings {
    explicit AccountSettings(AccountId account) : id(std::move(account)) {}

    AccountId id;
    std::string label;
    std::string owner;
    std::string group;
    bool enabled = true;
    bool autostart = true;
    int priority = 100;  // lower starts first
    std::string broker = "paper";
    std::string login;
    std::string broker_account;        // as the broker writes it; empty = this home's own account
    std::vector<std::string> command;  // empty = the built-in worker
    HeartbeatKind heartbeat = HeartbeatKind::zmq;  // for a command: none unless its file says zmq
    RecoveryPolicy recovery = RecoveryPolicy::protect;
    Nanos start_wait = std::chrono::seconds(30);    // to ready
    Nanos started_after = std::chrono::seconds(1);  // a command that says nothing is up by then
    Nanos stop_wait = std::chrono::seconds(10);     // SIGTERM to SIGKILL
    Nanos stable_after = std::chrono::seconds(30);  // a run this long is a stable one
    Nanos beat_interval = std::chrono::seconds(1);
    Nanos late_after = std::chrono::seconds(2);
    Nanos dead_after = std::chrono::seconds(5);
    int crash_bundles_keep = 10;

    RestartRule restart = RestartRule::always;
    Nanos restart_delay = std::chrono::seconds(1);
    Nanos restart_delay_max = std::chrono::seconds(60);
    double restart_factor = 2.0;
    int restart_jitter_percent = 10;
    int restart_budget = 10;  // restarts within restart_window; the next death is FATAL
    Nanos restart_window = std::chrono::minutes(10);

    TradingKind trading = TradingKind::off;
    bool journal_cut = false;  // whether what no checkpoint needs is removed
    SignalsKind signals = SignalsKind::own;
    LimitSettings limits;
    FeedSettings feed;
    // Large, often equal, and of no use to the daemon: hundreds of accounts keep them once.
    Shared<StrategySettings> strategy;
    Shared<RiskSettings> risk;
    Shared<SessionSettings> session;
    Shared<OrderSettings> orders;
    Shared<EventSettings> events;
    Shared<JobsSettings> jobs;
    Shared<AlertSettings> alerts;
    LogSettings log;
    std::map<std::string, std::string> environment;
    // "NAME=field": which of its credentials a command gets as variables of its environment, too.
    std::vector<std::string> credentials_environment;
    // Files and directories beside its own that its worker may read, and those it may change.
    std::vector<std::string> read_paths;
    std::vector<std::string> write_paths;
    std::vector<std::string> permit;  // k_permit_chmod and the like
    std::string bind_address;         // of its connections; empty = the system chooses
    std::string unix_user;            // whose its process is; empty = the daemon's own
    // Of [owners] in bullpen.toml, for `owner`.
    Opposite opposite = Opposite::allow;

    // Equal as long as nothing changed that only a new process can take up. The same on every
    // machine and in every release that knows the same keys, so it may be stored.
    std::uint64_t fingerprint = 0;

    friend bool operator==(const AccountSettings&, const AccountSettings&) = default;
};

// Which account at a broker this is; two with the same one are refused. An account without a
// broker_account is only itself.
struct BrokerIdentity {
    std::string broker;
    std::string login;
    std::string broker_account;
    friend auto operator<=>(const BrokerIdentity&, const BrokerIdentity&) = default;
};
std::optional<BrokerIdentity> broker_identity(const AccountSettings& settings);

// What the account is called at its broker, where it has a name there; else by its id.
std::string account_at_broker(const AccountSettings& settings);
// Whether the account asks the daemon before it enters.
bool asks_before_entry(const AccountSettings& settings);
// Whether the account's orders go to the home's paper exchange.
bool trades_on_paper(const AccountSettings& settings);

}  // namespace bullpen::config
