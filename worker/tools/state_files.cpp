#include "worker/tools/state_files.hpp"

#include "common/base/errc.hpp"
#include "common/log/audit_log.hpp"
#include "common/storage/atomic_file.hpp"
#include "ipc/account_lock.hpp"
#include "worker/tools/known_jobs.hpp"
#include "worker/version.hpp"

namespace bullpen::tools {

namespace {

// A run that was begun and has not ended would find other records than those it began with.
Result<void> check_no_attempt(storage::FileSystem& files, const AskedState& asked) {
    BULLPEN_TRY(const auto book, known_jobs(files, asked.paths, asked.id()));
    for (std::size_t i = 0; i < config::k_jobs; ++i) {
        const auto kind = static_cast<config::JobKind>(i);
        if (book.of(kind).running) {
            return fail(Errc::refused, "an attempt of " + std::string(config::code(kind)) +
                                           " is under way or was cut short; start the account, so "
                                           "that it ends (the watchdog's ends when the market "
                                           "shuts), stop it, and give the command again");
        }
    }
    return {};
}

ipc::LockFacts facts_for(const AskedState& asked, const Clock& clock) {
    auto facts = ipc::facts_of_this_process(clock);
    facts.home = asked.home.root();
    facts.account = asked.id().str();
    facts.program = "bullpenctl state";
    facts.version = std::string(worker::k_version);
    return facts;
}

Result<ipc::AccountLock> hold(const AskedState& asked, const Clock& clock) {
    auto lock =
        ipc::AccountLock::acquire(asked.paths.lock, facts_for(asked, clock), ipc::k_name_wait);
    if (!lock && lock.error().code() == make_error_code(Errc::locked)) {
        return fail(Errc::locked, asked.id().str() + " runs; `bullpenctl stop " + asked.id().str() +
                                      "` first: " + lock.error().message());
    }
    return lock;
}

Result<void> audit(storage::FileSystem& files, const AskedState& asked, const StateChange& change,
                   const std::string& backup, const Clock& clock) {
    log::AuditLog log(files,
                      {.path = asked.paths.audit_log,
                       .age_max = std::chrono::days(asked.settings.log.audit_days)},
                      clock, {asked.id().str(), {}, false});
    std::string what;
    for (const auto& one : change.changes)
        what += (what.empty() ? "" : "; ") + one;
    return log.append("records_changed", {{"command", "state " + asked.verb},
                                          {"changes", what},
                                          {"accepted", change.accepted},
                                          {"backup", backup}});
}

}  // namespace

Result<jobs::ShareState> known_state(storage::FileSystem& files, const AskedState& asked) {
    const auto& directory = asked.paths.directory;
    const auto& id = asked.id();
    BULLPEN_TRY(auto records,
                jobs::load_share_records(files, jobs::share_records_path(directory), id));
    BULLPEN_TRY(auto watch,
                jobs::load_watch_records(files, jobs::watch_records_path(directory), id));
    BULLPEN_TRY(auto carried, jobs::load_carried(files, jobs::carried_path(directory), id));
    return jobs::ShareState{std::move(records.records), std::move(watch.records),
                            std::move(carried.records)};
}

Result<std::optional<jobs::Holdings>> held_by_broker(storage::FileSystem& files,
                                                     const AskedState& asked) {
    auto held = jobs::load_holdings(files, jobs::holdings_path(asked.paths.directory), asked.id());
    if (!held && held.error().code() == make_error_code(Errc::not_found))
        return std::optional<jobs::Holdings>();
    if (!held)
        return fail(std::move(held).error());
    return std::optional<jobs::Holdings>(std::move(*held));
}

Result<std::string> with_lock(const AskedState& asked, const Clock& clock,
                              Result<std::string> (*act)(const AskedState&, const Clock&)) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(auto lock, hold(asked, clock));
    // What else is changed is of one share, and its records say whether something of it is open.
    if (asked.verb == "import")
        BULLPEN_CHECK(check_no_attempt(files, asked));
    auto done = act(asked, clock);
    BULLPEN_CHECK(lock.mark_ended(clock.utc()));
    return done;
}

Result<std::string> replace_state(storage::FileSystem& files, const AskedState& asked,
                                  const StateChange& change, const Clock& clock) {
    const auto& id = asked.id();
    const auto& [before, after, changes, accepted] = change;
    auto stamp = format_utc(clock.utc()).substr(0, 19);
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    const auto suffix = ".before-" + asked.verb + "-" + stamp;
    const auto& directory = asked.paths.directory;
    const auto records = jobs::share_records_path(directory);
    const auto watch = jobs::watch_records_path(directory);
    const auto carried = jobs::carried_path(directory);
    BULLPEN_CHECK(audit(files, asked, change, records + suffix, clock));
    BULLPEN_CHECK(storage::replace_file(files, records + suffix, encode(before.records, id)));
    if (!(before.carried == after.carried)) {
        BULLPEN_CHECK(storage::replace_file(files, carried + suffix, encode(before.carried, id)));
        BULLPEN_CHECK(jobs::save(files, carried, id, after.carried));
    }
    if (!(before.watch == after.watch)) {
        BULLPEN_CHECK(storage::replace_file(files, watch + suffix, encode(before.watch, id)));
        BULLPEN_CHECK(jobs::save(files, watch, id, after.watch));
    }
    BULLPEN_CHECK(jobs::save(files, records, id, after.records));
    return records + suffix;
}

}  // namespace bullpen::tools
