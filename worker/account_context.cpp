#include "worker/account_context.hpp"

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/tables/holiday_file.hpp"
#include "common/tables/instrument_file.hpp"
#include "common/vault/scrub.hpp"

namespace bullpen::worker {

namespace {

constexpr mode_t k_directory_mode = 0700;

Result<void> make_account_directories(storage::FileSystem& files, const AccountPaths& paths) {
    for (const auto& directory : {paths.directory, paths.journal, paths.logs, paths.inbox,
                                  paths.orders, paths.reports, paths.tmp}) {
        BULLPEN_CHECK(files.make_directories(directory, k_directory_mode));
    }
    return {};
}

log::Level level_of(config::LogLevel level) {
    switch (level) {
        case config::LogLevel::debug: return log::Level::debug;
        case config::LogLevel::info: return log::Level::info;
        case config::LogLevel::warn: return log::Level::warn;
        case config::LogLevel::error: return log::Level::error;
    }
    return log::Level::info;
}

}  // namespace

Result<std::unique_ptr<AccountContext>> AccountContext::open(const Home& home,
                                                             config::AccountSettings settings,
                                                             AccountLocks locks,
                                                             std::optional<LaunchToken> launch,
                                                             storage::FileSystem& files,
                                                             const Clock& clock, Purpose purpose) {
    const auto paths = home.account(settings.id);
    if (locks.account.path() != paths.lock) {
        return fail(Errc::wrong_account, "the lock " + locks.account.path() +
                                             " is not that of account '" + settings.id.str() + "'");
    }
    BULLPEN_CHECK(make_account_directories(files, paths));
    auto instruments = tables::load_instruments(home);
    if (!instruments && purpose != Purpose::recover)
        return fail(std::move(instruments).error());
    std::unique_ptr<AccountContext> context(
        new AccountContext(home, std::move(settings),
                           instruments ? std::move(*instruments) : tables::built_in_instruments(),
                           std::move(locks), launch, files, clock, purpose));
    if (!instruments)
        context->warn_goes_without("instruments", instruments.error());
    return context;
}

AccountContext::AccountContext(const Home& home, config::AccountSettings settings,
                               model::Instruments instruments, AccountLocks locks,
                               std::optional<LaunchToken> launch, storage::FileSystem& files,
                               const Clock& clock, Purpose purpose)
    : home_(home),
      purpose_(purpose),
      settings_(std::move(settings)),
      instruments_(std::move(instruments)),
      paths_(home.account(settings_.id)),
      locks_(std::move(locks)),
      launch_(launch),
      files_(files),
      clock_(clock),
      state_(files, paths_.state_file, settings_.id, k_state_schema),
      credentials_(settings_.id) {
    const log::Identity identity{settings_.id.str(),
                                 launch_ ? std::to_string(launch_->number.value) : "",
                                 settings_.trading == config::TradingKind::shadow};
    const auto& log = settings_.log;
    log_ = log::Logger::to_file(files,
                                {.path = paths_.worker_log,
                                 .size_max = log.size_max,
                                 .keep = static_cast<std::uint32_t>(log.keep)},
                                clock, identity, level_of(log.level));
    performance_ = log::Logger::to_file(files,
                                        {.path = paths_.performance_log,
                                         .size_max = log.size_max,
                                         .keep = 0,
                                         .age_max = std::chrono::days(log.performance_days)},
                                        clock, identity);
    audit_ = std::make_unique<log::AuditLog>(
        files,
        log::AuditSettings{.path = paths_.audit_log, .age_max = std::chrono::days(log.audit_days)},
        clock, identity);
}

AccountContext::~AccountContext() = default;

void AccountContext::warn_goes_without(std::string_view what, const Error& error) {
    log_->warn("recovers_without", {{"what", what}, {"trouble", error.message()}});
}

Result<time::HolidayTable> AccountContext::holidays() {
    auto table = tables::load_holidays(home_);
    if (table || purpose_ != Purpose::recover)
        return table;
    warn_goes_without("holidays", table.error());
    return time::HolidayTable::built_in();
}

Result<void> AccountContext::take_credentials(vault::Credentials credentials) {
    if (credentials.account() != id()) {
        return fail(Errc::wrong_account,
                    "the credentials are those of account '" + credentials.account().str() + "'");
    }
    for (auto* redactor : {&log_->redactor(), &performance_->redactor(), &audit_->redactor()})
        vault::make_known(*redactor, credentials);
    credentials_ = std::move(credentials);
    return {};
}

Result<void> AccountContext::open_journal(std::uint64_t next_at_least) {
    BULLPEN_TRY(journal_,
                storage::Journal::open(files_, paths_.journal, settings_.id, {}, next_at_least));
    return {};
}

storage::Journal& AccountContext::journal() {
    BULLPEN_ASSERT(journal_.has_value(), "the journal is opened while recovering");
    return *journal_;
}

}  // namespace bullpen::worker
