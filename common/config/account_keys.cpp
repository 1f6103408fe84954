// Every key of an account's file. [defaults] of bullpen.toml takes the inheritable ones.
#include "common/config/alert_keys.hpp"
#include "common/config/event_keys.hpp"
#include "common/config/feed_keys.hpp"
#include "common/config/job_keys.hpp"
#include "common/config/risk_keys.hpp"
#include "common/config/rules.hpp"
#include "common/config/schema.hpp"
#include "common/config/strategy_keys.hpp"

namespace bullpen::config {

namespace {

using A = AccountSettings;
using enum Effect;

constexpr std::int64_t k_ms = 1'000'000;
constexpr std::int64_t k_second = 1'000 * k_ms;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_hour = 60 * k_minute;
constexpr std::int64_t k_day = 24 * k_hour;
constexpr std::int64_t k_kib = 1 << 10;
constexpr std::int64_t k_mib = k_kib << 10;
constexpr std::int64_t k_tib = k_mib << 20;

void add_identity(std::vector<Key<A>>& all) {
    all.push_back(key<A, &A::label>({.name = "label",
                                     .inheritable = false,
                                     .length_max = 64,
                                     .fits = is_trimmed,
                                     .shape = "printable text without blanks at its ends",
                                     .description = "A name for people; free text."}));
    all.push_back(
        key<A, &A::owner>({.name = "owner",
                           .length_max = 32,
                           .fits = is_trimmed,
                           .shape = "printable text without blanks at its ends",
                           .description = "Whose account it is; for people and reports."}));
    all.push_back(key<A, &A::group>(
        {.name = "group",
         .length_max = 32,
         .fits = is_group,
         .shape = "letters, digits, '_', '-' and '.'; not all, nor an account's name",
         .description = "Accounts of one group can be named together in `bullpenctl` commands."}));
    all.push_back(key<A, &A::enabled>(
        {.name = "enabled",
         .type = KeyType::flag,
         .description = "Whether the account takes part at all. A disabled one stays in the list, "
                        "and its worker is stopped."}));
    all.push_back(key<A, &A::autostart>(
        {.name = "autostart",
         .type = KeyType::flag,
         .description = "Whether it is started when the daemon starts or the account is added; "
                        "otherwise `bullpenctl start` does it."}));
    all.push_back(
        key<A, &A::priority>({.name = "priority",
                              .type = KeyType::integer,
                              .max = 1'000'000,
                              .description = "Accounts with a lower number are started first; of "
                                             "equals, the first by name."}));
    all.push_back(key<A, &A::broker>({.name = "broker",
                                      .effect = worker_restart,
                                      .length_max = 32,
                                      .fits = is_word,
                                      .may_be_empty = false,
                                      .shape = "a-z, 0-9, '_' and '-', a letter or digit first",
                                      .description = "Which broker the account is at."}));
    all.push_back(key<A, &A::login>(
        {.name = "login",
         .effect = worker_restart,
         .inheritable = false,
         .length_max = 128,
         .fits = is_trimmed,
         .shape = "printable text without blanks at its ends",
         .description = "The user name at the broker. Passwords and keys do not belong here: they "
                        "are kept encrypted in `secrets/`."}));
    all.push_back(key<A, &A::broker_account>(
        {.name = "broker_account",
         .effect = worker_restart,
         .inheritable = false,
         .length_max = 128,
         .fits = is_trimmed,
         .shape = "printable text without blanks at its ends",
         .empty = "the account is only itself",
         .description = "The account as the broker writes it. Two accounts with the same broker, "
                        "login and broker_account are refused, here and in any other home of the "
                        "host."}));
}

void add_reach(std::vector<Key<A>>& all) {
    all.push_back(key<A, &A::read_paths>(
        {.name = "read_paths",
         .type = KeyType::texts,
         .effect = worker_restart,
         .length_max = 1024,
         .fits = is_read_path,
         .shape = "an absolute path without '..', with or without `names:` before it",
         .empty = "none",
         .description = "Files and directories that the worker may read and execute from, beside "
                        "its own directory, `shared/` and the system's: an interpreter, the "
                        "folder of a bot; none that the home keeps for itself or of others, by "
                        "whatever link. "
                        "The files that `command` names are added by themselves. Of "
                        "`names:/opt/bot` it may see what is called how, there and below, and read "
                        "nothing: Python looks for the modules beside a script so."}));
    all.push_back(key<A, &A::write_paths>(
        {.name = "write_paths",
         .type = KeyType::texts,
         .effect = worker_restart,
         .inheritable = false,
         .length_max = 1024,
         .fits = is_reach,
         .shape = "an absolute path without '..'",
         .empty = "none",
         .description =
             "Files and directories that the worker may read, change and remove, beside "
             "its own directory: an old bot's folder; none of any home's, and none of the "
             "system's or a user's whole home, by whatever link. "
             "`status` shows it."}));
    all.push_back(key<A, &A::permit>(
        {.name = "permit",
         .type = KeyType::texts,
         .effect = worker_restart,
         .inheritable = false,
         .length_max = 16,
         .fits = is_permission,
         .shape = "`chmod`, `inotify`, `kill` or `setsid`",
         .empty = "nothing",
         .description = "What a `command` may do although it reaches beyond the account: `chmod`, "
                        "change modes, owners and times of any file of the home's user; "
                        "`inotify`, be told by what name files come and go in any directory of "
                        "that user; `kill`, send signals to any process of that user, where a "
                        "program that ends its "
                        "own children by their number needs it; `setsid`, put processes into "
                        "sessions of their own, which its limits on memory and processes do not "
                        "count. `status` shows it."}));
    all.push_back(key<A, &A::bind_address>(
        {.name = "bind_address",
         .effect = worker_restart,
         .length_max = 45,
         .fits = is_address,
         .shape = "an IPv4 or IPv6 address",
         .empty = "the system chooses",
         .description = "The address of this host that the worker's TCP connections come from. One "
                        "that the host does not have keeps the account from starting. A program "
                        "that does not use the C library's `connect` finds it in "
                        "`BULLPEN_BIND_ADDRESS`."}));
    all.push_back(key<A, &A::unix_user>(
        {.name = "unix_user",
         .effect = worker_restart,
         .inheritable = false,
         .length_max = 32,
         .fits = is_unix_user,
         .shape = "a user's name, UID or UID:GID, and not root",
         .empty = "the daemon's own",
         .description = "The Unix user that a `command` runs as. It needs a daemon that is run by "
                        "root and `heartbeat = \"none\"`; any other refuses to start the "
                        "account."}));
}

void add_program(std::vector<Key<A>>& all) {
    all.push_back(key<A, &A::command>(
        {.name = "command",
         .type = KeyType::texts,
         .effect = worker_restart,
         .length_max = 4096,
         .fits = is_argument,
         .secret_free = true,
         .shape = "a program and its arguments",
         .empty = "the built-in worker",
         .description = "The program to run as this account's worker, and its arguments. It is not "
                        "given to a shell. An argument that carries a secret is refused."}));
    all.push_back(key<A, &A::credentials_environment>(
        {.name = "credentials_environment",
         .type = KeyType::texts,
         .effect = worker_restart,
         .inheritable = false,
         .length_max = 192,
         .fits = is_credential_variable,
         .shape = "NAME=field: a variable, and the credential it carries",
         .empty = "none",
         .description = "Which of the account's sealed credentials a `command` gets as variables "
                        "of its environment, where any process of the same user can read them. "
                        "Each variable is named once, and not in `[environment]` as well. "
                        "Without this it reads them from a descriptor. `status` shows it."}));
    add_reach(all);
    all.push_back(key<A, &A::heartbeat>(
        {.name = "heartbeat",
         .type = KeyType::word,
         .effect = worker_restart,
         .description =
             "Whether the program speaks the lease protocol. With `none` only the "
             "process is supervised: that is for a `command`, and what it is when nothing "
             "is said. The built-in worker always speaks it."}));
}

void add_work(std::vector<Key<A>>& all) {
    all.push_back(key<A, &A::trading>(
        {.name = "trading",
         .type = KeyType::word,
         .effect = worker_restart,
         .description =
             "Whether the built-in worker trades by `[strategy]`: not at all (`off`: it "
             "observes the market), without sending anything (`shadow`), or for real "
             "at its broker (`on`). With `shares` it follows no market by itself: its "
             "jobs trade Indian shares. The broker `paper` is the home's own exchange."}));
    all.push_back(key<A, &A::journal_cut>(
        {.name = "journal_cut",
         .type = KeyType::flag,
         .description = "Whether the parts of the journal that recovery does not need any more are "
                        "removed. Without them `replay`, `explain` and reports reach back no "
                        "further. A bar takes some 100 bytes."}));
    all.push_back(key<A, &A::signals>(
        {.name = "signals",
         .type = KeyType::word,
         .effect = worker_restart,
         .description = "Who reckons the indicators of the account's market: its worker, over a "
                        "feed of its `own`, or one `bullpen-signals` for all accounts with the "
                        "same `[feed]` and indicators (`shared`), which saves memory and work. "
                        "The results are the same."}));
    all.push_back(key<A, &A::recovery>(
        {.name = "recovery",
         .type = KeyType::word,
         .description = "What the one recovery launch does when the restart budget is spent while "
                        "a position is open."}));
}

void add_waits(std::vector<Key<A>>& all) {
    all.push_back(key<A, &A::start_wait>(
        {.name = "start_wait",
         .type = KeyType::duration,
         .min = 100 * k_ms,
         .max = k_hour,
         .description = "How long a new worker may take until it reports ready."}));
    all.push_back(key<A, &A::started_after>(
        {.name = "started_after",
         .type = KeyType::duration,
         .max = k_hour,
         .zero = "as soon as it executes",
         .description = "With `heartbeat = \"none\"` nobody says that the program is up: one that "
                        "runs for this long is taken to be RUNNING, and one that ends before has "
                        "not been started. An adopted one is RUNNING at once."}));
    all.push_back(
        key<A, &A::stop_wait>({.name = "stop_wait",
                               .type = KeyType::duration,
                               .max = k_hour,
                               .description = "How long a worker may take to end after SIGTERM, "
                                              "before it is killed."}));
    all.push_back(key<A, &A::beat_interval>({.name = "beat_interval",
                                             .type = KeyType::duration,
                                             .effect = worker_restart,
                                             .min = k_second,
                                             .max = k_minute,
                                             .description = "How often a worker beats."}));
    all.push_back(key<A, &A::late_after>(
        {.name = "late_after",
         .type = KeyType::duration,
         .min = k_second,
         .max = k_hour,
         .description = "Without a sign of life for so long, a worker is late. At least "
                        "`beat_interval`."}));
    all.push_back(
        key<A, &A::dead_after>({.name = "dead_after",
                                .type = KeyType::duration,
                                .min = k_second,
                                .max = k_hour,
                                .description = "Without a sign of life for so long, a worker is "
                                               "hung, and is restarted. More than `late_after`."}));
    all.push_back(key<A, &A::crash_bundles_keep>(
        {.name = "crash_bundles_keep",
         .type = KeyType::integer,
         .min = 1,
         .max = 1000,
         .description = "How many crash bundles of the account are kept."}));
}

void add_restart(std::vector<Key<A>>& all) {
    all.push_back(key<A, &A::restart>(
        {.name = k_restart_rule,
         .type = KeyType::word,
         .description = "When a worker that ended is started again; `unexpected` means not after "
                        "an exit with code 0. May also be written `restart = \"...\"`."}));
    all.push_back(key<A, &A::restart_delay>(
        {.name = "restart.delay",
         .type = KeyType::duration,
         .max = k_hour,
         .description = "The wait before the second restart in a row; the first one after a stable "
                        "run is at once."}));
    all.push_back(key<A, &A::restart_delay_max>(
        {.name = "restart.delay_max",
         .type = KeyType::duration,
         .max = k_hour,
         .description = "The wait never grows beyond this. At least `restart.delay`."}));
    all.push_back(
        key<A, &A::restart_factor>({.name = "restart.factor",
                                    .type = KeyType::number,
                                    .number_min = 1,
                                    .number_max = 10,
                                    .description = "By what the wait grows with each restart."}));
    all.push_back(key<A, &A::restart_jitter_percent>(
        {.name = "restart.jitter",
         .type = KeyType::percent,
         .max = 100,
         .description = "How far each wait is moved at random, so that many workers that died "
                        "together do not come back together."}));
    all.push_back(key<A, &A::restart_budget>(
        {.name = "restart.budget",
         .type = KeyType::integer,
         .min = 1,
         .max = 100'000,
         .description = "So many deaths within `restart.window` are answered with a restart; the "
                        "next one makes the account FATAL. Every death counts, whatever the exit "
                        "code; waiting for a lock (77) is none."}));
    all.push_back(key<A, &A::restart_window>({.name = "restart.window",
                                              .type = KeyType::duration,
                                              .min = k_second,
                                              .max = 7 * k_day,
                                              .description = "The time that the budget is for."}));
    all.push_back(key<A, &A::stable_after>(
        {.name = "restart.stable_after",
         .type = KeyType::duration,
         .max = k_day,
         .description = "A run of this length is a stable one: the waits begin anew."}));
}

void add_counted_limits(std::vector<Key<A>>& all) {
    using L = LimitSettings;
    all.push_back(key<A, &A::limits, &L::memory_max>(
        {.name = "limits.memory_max",
         .type = KeyType::size,
         .min = k_mib,
         .max = 16 * k_tib,
         .zero = "no limit",
         .description = "Resident memory of the worker and its children; beyond it the worker is "
                        "restarted."}));
    all.push_back(key<A, &A::limits, &L::processes_max>(
        {.name = "limits.processes_max",
         .type = KeyType::integer,
         .min = 1,
         .max = 1'000'000,
         .zero = "no limit",
         .description = "Processes and threads that a `command` may have at a time; beyond it the "
                        "worker is restarted. With `isolation.cgroups` or a `unix_user` the kernel "
                        "lets no more of them begin."}));
    all.push_back(key<A, &A::limits, &L::cpu_max>(
        {.name = "limits.cpu_max",
         .type = KeyType::integer,
         .effect = worker_restart,
         .min = 1,
         .max = 100'000,
         .zero = "no limit",
         .description = "Percent of one processor that the worker gets at most: 150 is one and a "
                        "half. In force with `isolation.cgroups` alone."}));
    all.push_back(key<A, &A::limits, &L::disk_max>(
        {.name = "limits.disk_max",
         .type = KeyType::size,
         .min = k_mib,
         .max = 16 * k_tib,
         .zero = "no limit",
         .description = "What the account's directory may hold on the disk, with what its user has "
                        "in `write_paths` and files that its `command` removed and holds open. "
                        "From 80 % on an alarm says so; beyond it the worker is stopped, and waits "
                        "until there is less. A file counts 4 KiB at least."}));
}

void add_limits(std::vector<Key<A>>& all) {
    using L = LimitSettings;
    all.push_back(key<A, &A::limits, &L::open_files_max>(
        {.name = "limits.open_files_max",
         .type = KeyType::integer,
         .effect = worker_restart,
         .min = 32,
         .max = 1'048'576,
         .description = "Descriptors a process of the worker may have open (RLIMIT_NOFILE)."}));
    all.push_back(key<A, &A::limits, &L::file_size_max>(
        {.name = "limits.file_size_max",
         .type = KeyType::size,
         .effect = worker_restart,
         .min = k_mib,
         .max = 16 * k_tib,
         .zero = "no limit",
         .description = "The greatest file the worker may write (RLIMIT_FSIZE)."}));
    all.push_back(key<A, &A::limits, &L::core_max>(
        {.name = "limits.core_max",
         .type = KeyType::size,
         .effect = worker_restart,
         .max = 16 * k_tib,
         .description = "The greatest core file (RLIMIT_CORE). A core file holds whatever was in "
                        "memory, credentials too."}));
    all.push_back(key<A, &A::limits, &L::stdio_max>(
        {.name = "limits.stdio_max",
         .type = KeyType::size,
         .min = 64 * k_kib,
         .max = 16 * k_tib,
         .description = "How much of the worker's stdout and stderr is kept in `stdio.log`."}));
    all.push_back(key<A, &A::limits, &L::nice>(
        {.name = "limits.nice",
         .type = KeyType::integer,
         .effect = worker_restart,
         .max = 19,
         .description = "How much the worker stands back for others at the processor."}));
}

void add_log(std::vector<Key<A>>& all) {
    using L = LogSettings;
    all.push_back(key<A, &A::log, &L::level>({.name = "log.level",
                                              .type = KeyType::word,
                                              .effect = worker_restart,
                                              .description = "The least level that is logged."}));
    all.push_back(
        key<A, &A::log, &L::size_max>({.name = "log.size_max",
                                       .type = KeyType::size,
                                       .effect = worker_restart,
                                       .min = 64 * k_kib,
                                       .max = k_tib,
                                       .description = "`worker.log` is rotated beyond this, and "
                                                      "every day."}));
    all.push_back(key<A, &A::log, &L::keep>({.name = "log.keep",
                                             .type = KeyType::integer,
                                             .effect = worker_restart,
                                             .min = 1,
                                             .max = 1000,
                                             .description = "How many rotated files are kept."}));
    all.push_back(key<A, &A::log, &L::performance_days>(
        {.name = "log.performance_days",
         .type = KeyType::integer,
         .effect = worker_restart,
         .min = 1,
         .max = 36'500,
         .description = "How many days of the performance log are kept."}));
    all.push_back(key<A, &A::log, &L::audit_days>(
        {.name = "log.audit_days",
         .type = KeyType::integer,
         .effect = worker_restart,
         .min = 1,
         .max = 36'500,
         .description = "How many days of the audit log are kept."}));
    all.push_back(key<A, &A::log, &L::status_interval>(
        {.name = "log.status_interval",
         .type = KeyType::duration,
         .effect = worker_restart,
         .min = k_second,
         .max = k_day,
         .zero = "no status lines",
         .description = "How often a quiet worker writes a line of its status."}));
}

std::vector<Key<A>> make() {
    std::vector<Key<A>> all;
    add_identity(all);
    add_program(all);
    add_work(all);
    add_waits(all);
    add_restart(all);
    add_counted_limits(all);
    add_limits(all);
    add_feed_keys(all);
    add_strategy_keys(all);
    add_risk_keys(all);
    add_event_keys(all);
    add_job_keys(all);
    add_alert_keys(all);
    add_log(all);
    // Its names are the user's, so it has no accessors here: layer.cpp and keys.cpp know it.
    all.push_back({{.name = k_environment,
                    .type = KeyType::table,
                    .effect = worker_restart,
                    .length_max = k_environment_value_max,
                    .shape = "names and texts",
                    .description = "Variables for the worker's environment, which otherwise holds "
                                   "only what Bullpen sets. Names that look like secrets and "
                                   "Bullpen's own are refused. An account's names are added to "
                                   "those of `[defaults]`."},
                   nullptr,
                   nullptr});
    return all;
}

}  // namespace

template <>
std::span<const Key<AccountSettings>> keys<AccountSettings>() {
    static const std::vector<Key<A>> all = make();
    return all;
}

}  // namespace bullpen::config
