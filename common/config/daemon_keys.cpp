// Every key of bullpen.toml but for [defaults], which holds an account's.
#include "common/config/alert_keys.hpp"
#include "common/config/event_keys.hpp"
#include "common/config/rules.hpp"
#include "common/config/schema.hpp"

namespace bullpen::config {

namespace {

using D = DaemonSettings;
using enum Effect;

constexpr std::int64_t k_ms = 1'000'000;
constexpr std::int64_t k_second = 1'000 * k_ms;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_kib = 1 << 10;
constexpr std::int64_t k_mib = k_kib << 10;
constexpr std::int64_t k_tib = k_mib << 20;

void add_home(std::vector<Key<D>>& all) {
    all.push_back(key<D, &D::name>({.name = "name",
                                    .length_max = 64,
                                    .fits = is_trimmed,
                                    .shape = "printable text without blanks at its ends",
                                    .empty = "the name of the home's directory",
                                    .description = "A name of this home for people."}));
    all.push_back(key<D, &D::host_lock_dir>(
        {.name = "host_lock_dir",
         .type = KeyType::path,
         .effect = next_launch,
         .length_max = 1024,
         .fits = is_absolute_path,
         .may_be_empty = false,
         .shape = "an absolute path",
         .description = "Where the locks of broker accounts are that keep two homes of this host "
                        "from acting for the same one. All homes of a host must name the same."}));
    all.push_back(key<D, &D::worker_program>({.name = "worker_program",
                                              .type = KeyType::path,
                                              .effect = next_launch,
                                              .length_max = 1024,
                                              .fits = is_absolute_path,
                                              .shape = "an absolute path",
                                              .empty = "`bullpen-worker` beside `bullpend`",
                                              .description = "The built-in worker's program."}));
    all.push_back(key<D, &D::accounts_max>(
        {.name = "accounts_max",
         .type = KeyType::integer,
         .min = 1,
         .max = 4096,
         .description = "The most accounts this home takes. A new one beyond it is refused; those "
                        "in force stay."}));
}

void add_starting(std::vector<Key<D>>& all) {
    all.push_back(key<D, &D::storm_deaths_max>(
        {.name = "storm_deaths_max",
         .type = KeyType::integer,
         .max = 1'000'000,
         .zero = "no storm limit",
         .description = "So many deaths in this home within `storm_window` hold every restart "
                        "until the window has passed."}));
    all.push_back(key<D, &D::storm_window>({.name = "storm_window",
                                            .type = KeyType::duration,
                                            .min = k_second,
                                            .max = 60 * k_minute,
                                            .description = "The time of the storm limit."}));
    all.push_back(key<D, &D::start_stagger>(
        {.name = "start_stagger",
         .type = KeyType::duration,
         .max = k_minute,
         .description = "The least time between two starts, for brokers that mind many logins at "
                        "once."}));
    all.push_back(
        key<D, &D::starts_at_once_max>({.name = "starts_at_once_max",
                                        .type = KeyType::integer,
                                        .max = 10'000,
                                        .zero = "no limit",
                                        .description = "How many accounts may be STARTING at the "
                                                       "same time."}));
    all.push_back(key<D, &D::adoption_wait>(
        {.name = "adoption_wait",
         .type = KeyType::duration,
         .effect = daemon_restart,
         .min = k_second,
         .max = 10 * k_minute,
         .description =
             "How long a new daemon waits for the hello of a worker it found running."}));
    all.push_back(key<D, &D::disk_free_min>(
        {.name = "disk_free_min",
         .type = KeyType::size,
         .max = k_tib,
         .description = "With less space on the disk of the home, no worker is started."}));
}

void add_protocol(std::vector<Key<D>>& all) {
    all.push_back(key<D, &D::clock_skew_max>(
        {.name = "clock_skew_max",
         .type = KeyType::duration,
         .min = 10 * k_ms,
         .max = k_minute,
         .description = "A worker whose clock is further off than this makes no new entries."}));
    all.push_back(key<D, &D::ping_interval>(
        {.name = "ping_interval",
         .type = KeyType::duration,
         .min = 100 * k_ms,
         .max = k_minute,
         .description = "How often the daemon tells its workers the time and that it is there."}));
    all.push_back(key<D, &D::previous_versions_keep>(
        {.name = "previous_versions_keep",
         .type = KeyType::integer,
         .max = 1000,
         .description = "How many earlier versions of the applied roster are kept in "
                        "`run/applied`."}));
}

void add_vault(std::vector<Key<D>>& all) {
    using V = VaultSettings;
    all.push_back(key<D, &D::vault, &V::source>(
        {.name = "vault.source",
         .type = KeyType::word,
         .description = "Where the key comes from that opens the sealed credentials in `secrets/`: "
                        "a `file`, a credential of the service manager named `bullpen-vault-key` "
                        "(`systemd`), or a `passphrase` that an operator gives after each start "
                        "of the host."}));
    all.push_back(key<D, &D::vault, &V::key_file>(
        {.name = "vault.key_file",
         .type = KeyType::path,
         .length_max = 1024,
         .fits = is_absolute_path,
         .shape = "an absolute path",
         .empty = "`secrets/vault.key` in the home",
         .description = "The file with the key, for `vault.source = \"file\"`: readable by the "
                        "home's user alone."}));
}

void add_remote(std::vector<Key<D>>& all) {
    using R = RemoteSettings;
    all.push_back(key<D, &D::remote, &R::listen>(
        {.name = "remote.listen",
         .type = KeyType::text,
         .length_max = 64,
         .fits = is_listen_endpoint,
         .shape = "`tcp://ADDRESS:PORT` with an address in numbers",
         .empty = "nowhere",
         .description =
             "Where `bullpen-remote` listens for `bullpenctl --host` of other hosts. Only those "
             "whose keys `bullpenctl remote allow` has put on the home's list are let in, each "
             "with the right that it was given; nothing is ever sent in clear. Port 0: one that "
             "the kernel chooses, which `bullpenctl remote list` shows."}));
}

void add_health(std::vector<Key<D>>& all) {
    all.push_back(key<D, &D::health, &HealthSettings::listen>(
        {.name = "health.listen",
         .type = KeyType::text,
         .length_max = 64,
         .fits = is_health_endpoint,
         .shape = "`unix`, or `tcp://127.0.0.1:PORT` or `tcp://[::1]:PORT`",
         .empty = "nowhere",
         .description =
             "Where `bullpen-health` answers `GET /health` and `GET /health/NAME` of monitors on "
             "this host with what `bullpenctl health` says: at the socket `run/health` of the "
             "home, which its user alone may use, or at a port, which every user of this host "
             "may. Port 0: one that the kernel chooses, written to "
             "`services/bullpen-health/endpoint`."}));
}

void add_isolation(std::vector<Key<D>>& all) {
    using I = IsolationSettings;
    all.push_back(key<D, &D::isolation, &I::users>(
        {.name = "isolation.users",
         .type = KeyType::word,
         .effect = daemon_restart,
         .description =
             "Whose processes the workers are: all of the home's user (`home`), or each "
             "of a user of its own (`account`), a number of the range that "
             "`/etc/subuid` gives to the home's user. `status` says when that cannot "
             "be had. Under the packaged unit a change needs a new start of the service, "
             "not an upgrade in place."}));
    all.push_back(key<D, &D::isolation, &I::landlock_max>(
        {.name = "isolation.landlock_max",
         .type = KeyType::integer,
         .effect = next_launch,
         .min = 1,
         .max = 7,
         .zero = "none",
         .description = "The highest version of Landlock that workers are confined with, for a "
                        "kernel whose newer ones do harm. Without Landlock a worker can read and "
                        "write every file of the home's user; `status` says so."}));
    all.push_back(key<D, &D::isolation, &I::seccomp>(
        {.name = "isolation.seccomp",
         .type = KeyType::flag,
         .effect = next_launch,
         .description = "Whether the system calls of workers are filtered, which covers what "
                        "Landlock leaves free. `status` says when they are not."}));
    all.push_back(key<D, &D::isolation, &I::cgroups>(
        {.name = "isolation.cgroups",
         .type = KeyType::path,
         .effect = next_launch,
         .length_max = 1024,
         .fits = is_reach,
         .shape = "an absolute path without '..'",
         .empty = "none",
         .description = "A directory of control groups (version 2) that was delegated to the "
                        "daemon's user with the controllers memory, cpu and pids. Each account's "
                        "process is started in a group below it, where the kernel itself keeps "
                        "`limits.memory_max`, `limits.cpu_max` and `limits.processes_max`. "
                        "`status` says when it cannot be used."}));
}

void add_log(std::vector<Key<D>>& all) {
    using L = DaemonLogSettings;
    all.push_back(
        key<D, &D::log, &L::level>({.name = "log.level",
                                    .type = KeyType::word,
                                    .description = "The least level that the daemon logs."}));
    all.push_back(
        key<D, &D::log, &L::size_max>({.name = "log.size_max",
                                       .type = KeyType::size,
                                       .effect = daemon_restart,
                                       .min = 64 * k_kib,
                                       .max = k_tib,
                                       .description = "`bullpend.log` is rotated beyond this, and "
                                                      "every day."}));
    all.push_back(key<D, &D::log, &L::keep>({.name = "log.keep",
                                             .type = KeyType::integer,
                                             .effect = daemon_restart,
                                             .min = 1,
                                             .max = 1000,
                                             .description = "How many rotated files are kept."}));
    all.push_back(key<D, &D::log, &L::audit_days>(
        {.name = "log.audit_days",
         .type = KeyType::integer,
         .effect = daemon_restart,
         .min = 1,
         .max = 36'500,
         .description = "How many days of the daemon's audit log are kept."}));
    all.push_back(key<D, &D::log, &L::status_interval>(
        {.name = "log.status_interval",
         .type = KeyType::duration,
         .min = k_second,
         .max = 24 * 60 * k_minute,
         .zero = "no status lines",
         .description = "How often a quiet daemon writes a line of its status."}));
}

std::vector<Key<D>> make() {
    std::vector<Key<D>> all;
    add_home(all);
    add_starting(all);
    add_protocol(all);
    add_calendar_keys(all);
    add_vault(all);
    add_isolation(all);
    add_home_alert_keys(all);
    add_remote(all);
    add_health(all);
    add_log(all);
    for (Key<D>& key : all)
        key.row.inheritable = false;
    return all;
}

}  // namespace

template <>
std::span<const Key<DaemonSettings>> keys<DaemonSettings>() {
    static const std::vector<Key<D>> all = make();
    return all;
}

}  // namespace bullpen::config
