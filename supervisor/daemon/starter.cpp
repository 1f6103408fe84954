#include "supervisor/daemon/starter.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "common/base/errc.hpp"
#include "common/base/secret.hpp"
#include "common/base/service.hpp"
#include "common/launch/directories.hpp"
#include "common/launch/environment.hpp"
#include "common/process/stdio_log.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/identity.hpp"
#include "ipc/socket.hpp"
#include "supervisor/daemon/version.hpp"

namespace bullpen::daemon {

namespace {

NotStarted not_started(const Error& error) {
    using fleet::LaunchFailure;
    switch (process::launch_failure(error)) {
        case process::LaunchFailure::program_missing:
            return {LaunchFailure::missing_program, error.message()};
        case process::LaunchFailure::disk_full: return {LaunchFailure::disk_full, error.message()};
        case process::LaunchFailure::transient: break;
    }
    return {LaunchFailure::transient, error.message()};
}

NotStarted lock_failure(const Error& error, fleet::LaunchFailure held) {
    if (error.code() == Errc::locked)
        return {held, error.context()};
    return not_started(error);
}

// None for an account without one.
std::optional<ipc::BrokerAccountKey> broker_key(const config::AccountSettings& settings) {
    const auto identity = config::broker_identity(settings);
    if (!identity)
        return std::nullopt;
    return ipc::BrokerAccountKey{identity->broker, identity->login, identity->broker_account};
}

std::variant<std::optional<ipc::BrokerAccountLock>, NotStarted> lock_broker_account(
    const config::AccountSettings& settings, const std::string& host_lock_dir,
    const ipc::LockFacts& facts) {
    const auto key = broker_key(settings);
    if (!key)
        return std::optional<ipc::BrokerAccountLock>();
    auto taken = ipc::BrokerAccountLock::acquire(host_lock_dir, *key, facts);
    if (taken)
        return std::optional(std::move(*taken));
    auto why = lock_failure(taken.error(), fleet::LaunchFailure::broker_account_held);
    if (why.failure == fleet::LaunchFailure::broker_account_held) {
        // Short, for a row of the board: who has it is what an operator acts on.
        why.detail = ipc::short_holder_text(ipc::BrokerAccountLock::read_facts(
            ipc::BrokerAccountLock::path_for(host_lock_dir, *key)));
    }
    return why;
}

}  // namespace

Starter::Starter(const Home& home, const Clock& clock, process::Launcher launcher,
                 process::LaunchRecord& record, std::string worker_program)
    : home_(home),
      clock_(clock),
      launcher_(std::move(launcher)),
      record_(record),
      worker_program_(std::move(worker_program)) {}

Result<void> Starter::prepare(const AccountId& account, const AccountPaths& paths) {
    if (prepared_.contains(account))
        return {};
    BULLPEN_CHECK(launch::make_account_directories(account, paths));
    prepared_.insert(account);
    return {};
}

process::LaunchSpec Starter::spec(const config::AccountSettings& settings,
                                  const AccountPaths& paths, const StartOrder& order,
                                  const sandbox::Isolation& isolation,
                                  const vault::HandOver& handed) const {
    process::LaunchSpec spec;
    if (settings.command.empty()) {
        spec.program = worker_program_;
        spec.arguments = {"bullpen-worker", "run"};
        if (order.recovery != fleet::RecoveryPolicy::none) {
            spec.arguments.emplace_back("--recover");
            spec.arguments.emplace_back(
                order.recovery == fleet::RecoveryPolicy::flatten ? "flatten" : "protect");
        }
    } else {
        spec.program = launch::resolve_program(home_, settings.command.front());
        spec.arguments = settings.command;
        spec.keeps_locks = !is_service(settings.id);
    }
    spec.environment =
        launch::worker_environment(home_, settings, paths, LaunchToken{order.number, order.nonce},
                                   ipc::endpoint_of(home_.lease_socket()), isolation);
    spec.credentials_fd = handed.pipe.get();
    if (handed.pipe.valid()) {
        spec.environment.push_back(std::string(vault::k_descriptor_variable) + "=" +
                                   std::to_string(process::k_credentials_descriptor));
    }
    spec.environment.insert(spec.environment.end(), handed.variables.begin(),
                            handed.variables.end());
    spec.working_directory = paths.directory;
    spec.stdio_log = paths.stdio_log;
    spec.stdio_shared = true;
    spec.limits.core_size = settings.limits.core_max;
    spec.limits.open_files = static_cast<std::uint64_t>(settings.limits.open_files_max);
    if (settings.limits.file_size_max > 0)
        spec.limits.file_size = settings.limits.file_size_max;
    spec.nice = settings.limits.nice;
    return spec;
}

ipc::LockFacts Starter::lock_facts(const config::AccountSettings& settings, const StartOrder& order,
                                   const sandbox::Isolation& isolation) const {
    ipc::LockFacts facts;
    facts.boot_id = ipc::boot_id();
    facts.host = ipc::host_name();
    facts.home = home_.root();
    facts.account = settings.id.str();
    facts.broker_user = ipc::mask_user(settings.login);
    facts.launch = LaunchToken{order.number, order.nonce}.str();
    facts.fence = order.fence.value;
    facts.program = settings.command.empty() ? "bullpen-worker" : settings.command.front();
    // Of another's program nobody knows the version.
    if (settings.command.empty())
        facts.version = k_version;
    facts.isolation = isolation;
    facts.utc = clock_.utc();
    return facts;
}

std::variant<Started, NotStarted> Starter::start(const config::AccountSettings& settings,
                                                 const config::DaemonSettings& daemon,
                                                 const StartOrder& order,
                                                 const vault::HandOver& handed) {
    const auto refuse = [&](NotStarted why) -> std::variant<Started, NotStarted> {
        forget(settings.id);
        return why;
    };
    const auto paths = home_.account(settings.id);
    if (auto made = prepare(settings.id, paths); !made)
        return refuse(not_started(made.error()));

    const auto isolation = confiner_.level(daemon.isolation, settings);
    const auto facts = lock_facts(settings, order, isolation);
    auto lock = ipc::AccountLock::acquire(paths.lock, facts);
    if (!lock)
        return refuse(lock_failure(lock.error(), fleet::LaunchFailure::lock_held));

    auto wanted = spec(settings, paths, order, isolation, handed);
    wanted.lock_fd = lock->fd();
    wanted.mark_lock = ipc::write_pid_async_signal_safe;
    auto broker = lock_broker_account(settings, daemon.host_lock_dir, facts);
    if (auto* why = std::get_if<NotStarted>(&broker))
        return refuse(std::move(*why));
    const auto& broker_lock = std::get<std::optional<ipc::BrokerAccountLock>>(broker);
    if (broker_lock)
        wanted.broker_lock_fd = broker_lock->fd();
    const std::array own_locks{wanted.lock_fd, wanted.broker_lock_fd};
    auto confinement =
        confiner_.confine(home_, settings, wanted.program, daemon.isolation,
                          std::span(own_locks).first(broker_lock ? 2 : 1), clock_.mono());
    if (!confinement)
        return refuse(not_started(confinement.error()));
    wanted.confinement = &*confinement;

    process::RecordedLaunch recorded;
    recorded.launch = order.number;
    recorded.nonce = order.nonce;
    recorded.fence = order.fence;
    recorded.utc = facts.utc;
    recorded.boot_id = facts.boot_id;
    recorded.fingerprint = settings.fingerprint;
    if (auto written = record_.launching(settings.id, recorded); !written)
        return refuse(not_started(written.error()));
    // Nothing came of it: the next daemon need not look for it.
    const auto fell_through = [&](const Error& error) {
        static_cast<void>(record_.ended(settings.id, order.number, error.message()));
        return refuse(not_started(error));
    };
    // Nobody has the log open now; one that had its head punched out would stay that way for ever.
    process::StdioKeeper log(paths.stdio_log, settings.limits.stdio_max, k_older_stdio_logs,
                             k_stdio_lag * settings.limits.stdio_max);
    if (auto rotated = log.rotate_idle(); !rotated)
        return fell_through(rotated.error());
    auto launched = launcher_.launch(wanted);
    std::for_each(wanted.environment.begin(), wanted.environment.end(), wipe);
    if (!launched)
        return fell_through(launched.error());
    for (const int fd : {wanted.lock_fd, wanted.broker_lock_fd}) {
        if (fd >= 0)
            ipc::write_start_time(fd, launched->start_time);
    }
    // The process runs whether or not this line could be written: its lock file names it too.
    if (auto written =
            record_.launched(settings.id, order.number, launched->pid, launched->start_time);
        !written) {
        forget(settings.id);
    }
    return Started{launched->pid, launched->start_time};
}

Result<bool> Starter::lock_again(const config::AccountSettings& settings,
                                 const config::DaemonSettings& daemon, Launch& launch) const {
    const StartOrder order{launch.number, launch.fence, launch.nonce.value_or(Nonce{})};
    auto facts = lock_facts(settings, order, confiner_.level(daemon.isolation, settings));
    facts.pid = launch.pid;
    facts.start_time = launch.start_time;
    BULLPEN_TRY(bool taken, ipc::AccountLock::take_if_free(launch.lock,
                                                           home_.account(settings.id).lock, facts));
    // By other settings than it was started with, it may be another broker account by now.
    const auto* const recorded = record_.launch_of(settings.id);
    const bool same = recorded != nullptr && recorded->fingerprint == settings.fingerprint;
    if (const auto key = broker_key(settings); key && same) {
        BULLPEN_TRY(const bool broker, ipc::BrokerAccountLock::take_if_free(
                                           launch.broker_lock, daemon.host_lock_dir, *key, facts));
        taken = taken || broker;
    }
    return taken;
}

}  // namespace bullpen::daemon
