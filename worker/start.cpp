#include "worker/start.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/launch/confiner.hpp"
#include "common/vault/hand_over.hpp"
#include "ipc/account_lock.hpp"
#include "worker/version.hpp"

namespace bullpen::worker {

namespace {

bool is(const Error& error, Errc code) {
    return error.code() == make_error_code(code);
}

NotStarted refuse(ExitCode code, const Error& error) {
    return {code, error};
}

NotStarted refuse_lock(const Error& error) {
    return {is(error, Errc::locked) ? ExitCode::held_elsewhere : ExitCode::temporary, error};
}

struct Settings {
    config::AccountSettings account;
    std::string trouble;
};

// What the daemon applied is what it launched this worker for; a daemon of another version may not
// have left it.
Result<Settings> settings_for_launched(const Home& home, const AccountId& id) {
    auto applied = config::applied_account(home, id);
    if (applied)
        return Settings{std::move(*applied), {}};
    auto read = config::read_account(home, id);
    if (!read)
        return fail(read.error());
    return Settings{std::move(*read), {}};
}

Result<Settings> settings_by_hand(const Home& home, const AccountId& id) {
    auto read = config::read_account(home, id);
    if (read)
        return Settings{std::move(*read), {}};
    auto applied = config::applied_account(home, id);
    if (!applied)
        return fail(read.error());
    return Settings{std::move(*applied), read.error().message()};
}

ipc::LockFacts facts_for(const config::AccountSettings& settings, const Home& home,
                         const Clock& clock) {
    auto facts = ipc::facts_of_this_process(clock);
    facts.home = home.root();
    facts.account = settings.id.str();
    facts.broker_user = ipc::mask_user(settings.login);
    facts.program = "bullpen-worker";
    facts.version = std::string(k_version);
    return facts;
}

ipc::BrokerAccountKey broker_key(const config::BrokerIdentity& identity) {
    return {identity.broker, identity.login, identity.broker_account};
}

// By the name of the file that is open: what bullpen.toml says of the directory may be another one
// since the daemon took the lock, and the file may be broken.
Result<std::string> path_of_inherited(int fd, const ipc::BrokerAccountKey& key) {
    std::array<char, PATH_MAX> name;
    const auto length =
        ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), name.data(), name.size());
    if (length < 0)
        return fail_errno("descriptor " + std::to_string(fd) + " has no name");
    const std::string path(name.data(), static_cast<std::size_t>(length));
    if (ipc::BrokerAccountLock::path_for(path.substr(0, path.rfind('/')), key) != path) {
        return fail(Errc::invalid, "descriptor " + std::to_string(fd) + " is open on " + path +
                                       ", which is not the lock of broker account " + key.account);
    }
    return path;
}

Result<AccountLocks> take_locks(const config::AccountSettings& settings, const Home& home,
                                storage::FileSystem& files, const Clock& clock) {
    BULLPEN_CHECK(files.make_directories(home.locks(), 0700));
    const auto facts = facts_for(settings, home, clock);
    BULLPEN_TRY(auto account,
                ipc::AccountLock::acquire(home.account(settings.id).lock, facts, ipc::k_name_wait));
    AccountLocks locks{std::move(account), std::nullopt};
    if (const auto identity = config::broker_identity(settings)) {
        BULLPEN_TRY(const auto daemon, config::read_daemon(home));
        BULLPEN_TRY(locks.broker, ipc::BrokerAccountLock::acquire(daemon.host_lock_dir,
                                                                  broker_key(*identity), facts));
    }
    return locks;
}

Result<AccountLocks> inherit_locks(const config::AccountSettings& settings, const Home& home) {
    BULLPEN_TRY(auto account, ipc::AccountLock::adopt_inherited(k_account_lock_fd,
                                                                home.account(settings.id).lock));
    AccountLocks locks{std::move(account), std::nullopt};
    struct stat status {};
    if (::fstat(k_broker_lock_fd, &status) != 0 || !S_ISREG(status.st_mode))
        return locks;
    if (const auto identity = config::broker_identity(settings)) {
        BULLPEN_TRY(const auto path, path_of_inherited(k_broker_lock_fd, broker_key(*identity)));
        BULLPEN_TRY(locks.broker, ipc::BrokerAccountLock::adopt_inherited(k_broker_lock_fd, path));
    }
    return locks;
}

Start open_context(const Home& home, Settings settings, AccountLocks locks,
                   std::optional<LaunchToken> launch, storage::FileSystem& files,
                   const Clock& clock, Purpose purpose) {
    auto context = AccountContext::open(home, std::move(settings.account), std::move(locks), launch,
                                        files, clock, purpose);
    if (!context)
        return refuse(is(context.error(), Errc::invalid) ? ExitCode::config : ExitCode::temporary,
                      context.error());
    return Started{std::move(*context), std::move(settings.trouble)};
}

// Read to the end, and gone: nothing of it stays in a pipe that a child could inherit.
Result<void> take_credentials(AccountContext& context, int fd) {
    BULLPEN_TRY(const Secret text, vault::read_pipe(Descriptor(fd)));
    BULLPEN_TRY(auto credentials, vault::parse_hand_over(text, context.id()));
    return context.take_credentials(std::move(credentials));
}

}  // namespace

Start start_launched(const LaunchEnvironment& environment, storage::FileSystem& files,
                     const Clock& clock, Purpose purpose) {
    const auto home = Home::at(environment.home);
    if (!home)
        return refuse(ExitCode::config, home.error());
    auto settings = settings_for_launched(*home, environment.account);
    if (!settings)
        return refuse(ExitCode::config, settings.error());
    auto locks = inherit_locks(settings->account, *home);
    if (!locks)
        return refuse_lock(locks.error());
    auto start = open_context(*home, std::move(*settings), std::move(*locks), environment.launch,
                              files, clock, purpose);
    auto* started = std::get_if<Started>(&start);
    if (started == nullptr)
        return start;
    const auto& account = started->context->settings();
    if (auto confined = launch::confine_this_process(*home, account, environment.isolation);
        !confined)
        return refuse(ExitCode::temporary, confined.error());
    if (!environment.credentials_fd)
        return start;
    if (auto taken = take_credentials(*started->context, *environment.credentials_fd); !taken)
        return refuse(
            is(taken.error(), Errc::wrong_account) ? ExitCode::config : ExitCode::temporary,
            taken.error());
    return start;
}

Start start_by_hand(const std::string& home_path, const std::string& account,
                    storage::FileSystem& files, const Clock& clock) {
    const auto id = AccountId::parse(account);
    if (!id)
        return refuse(ExitCode::usage, id.error());
    const auto home = Home::at(home_path);
    if (!home)
        return refuse(ExitCode::config, home.error());
    auto settings = settings_by_hand(*home, *id);
    if (!settings)
        return refuse(ExitCode::config, settings.error());
    auto locks = take_locks(settings->account, *home, files, clock);
    if (!locks)
        return refuse_lock(locks.error());
    return open_context(*home, std::move(*settings), std::move(*locks), std::nullopt, files, clock,
                        Purpose::trade);
}

}  // namespace bullpen::worker
