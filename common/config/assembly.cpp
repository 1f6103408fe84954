#include "common/config/assembly.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "common/config/event_names.hpp"
#include "common/config/idle_keys.hpp"
#include "common/config/job_hours.hpp"
#include "common/config/reach.hpp"
#include "common/config/units.hpp"

namespace bullpen::config {

namespace {

// Whatever the login: the paper exchange knows none.
constexpr const char* k_any_login = "*";

// What both say alike is kept once.
void share_equal(AccountSettings& settings, const AccountSettings& other) {
    settings.strategy.share(other.strategy);
    settings.risk.share(other.risk);
    settings.session.share(other.session);
    settings.orders.share(other.orders);
    settings.events.share(other.events);
    settings.jobs.share(other.jobs);
    settings.alerts.share(other.alerts);
}

// By what two accounts would act for one: at a broker, and at the paper exchange, where one without
// a broker_account goes by its id.
std::vector<BrokerIdentity> identities_of(const AccountSettings& settings) {
    std::vector<BrokerIdentity> all;
    if (auto identity = broker_identity(settings))
        all.push_back(std::move(*identity));
    if (trades_on_paper(settings))
        all.push_back({settings.broker, k_any_login, account_at_broker(settings)});
    return all;
}

class Assembly {
  public:
    Assembly(const RosterFiles& files, const FindApplied& find_applied, const Held& held)
        : files_(files), find_applied_(find_applied), held_(held) {}

    Assembled run() {
        take_daemon();
        take_accounts();
        keep_held();
        refuse_reach();
        part_twins();
        part_names();
        if (result_.roster.usable)
            keep_to_the_most();
        else
            run_nothing();
        finish();
        return std::move(result_);
    }

  private:
    void take_daemon();
    void take_kept_daemon();
    void take_accounts();
    void take_account(const AccountId& account, const SettingsFile& file);
    void add_contradictions(const AccountId& account, const SettingsFile& file);
    void keep_held();
    // Puts the last good version in the account's place; without one it is invalid.
    void fall_back(const AccountId& account);
    void refuse_reach();
    void part_twins();
    void part_names();
    bool part(const BrokerIdentity& identity, const std::vector<AccountId>& twins);
    void refuse_twin(const AccountId& account, const AccountId& other,
                     const BrokerIdentity& identity);
    void keep_to_the_most();
    void run_nothing();
    void note_idle_keys();
    void note_waits();
    void note_paths();
    void note(const AccountId& account, std::string_view key, std::string message);
    void note_unstatable();
    void note_alerts();
    void finish();

    const AppliedRoster& applied();
    std::optional<AppliedAccount> last_good(const AccountId& account);
    void complain(const AccountId& account, std::string key, int line, std::string message);
    [[nodiscard]] int line_of(const AccountId& account, std::string_view key) const;

    const RosterFiles& files_;
    const FindApplied& find_applied_;
    const Held& held_;
    std::optional<AppliedRoster> applied_;
    std::optional<Layer> applied_defaults_;
    bool defaults_known_ = true;  // every key of [defaults] could be read
    Assembled result_;
};

const AppliedRoster& Assembly::applied() {
    if (!applied_) {
        AppliedSearch search = find_applied_();
        applied_ = std::move(search.newest);
        for (const std::string& path : search.damaged) {
            Issue issue;
            issue.severity = Severity::note;
            issue.file = path;
            issue.message = "is damaged; an older version of the applied roster is used";
            result_.roster.problems.push_back(std::move(issue));
        }
        const auto slash = applied_->path.find_last_of('/');
        if (slash != std::string::npos)
            result_.kept_suffix = " as applied in run/applied" + applied_->path.substr(slash);
    }
    return *applied_;
}

std::optional<AppliedAccount> Assembly::last_good(const AccountId& account) {
    if (applied().accounts.find(account) == applied().accounts.end())
        return std::nullopt;
    if (!applied_defaults_)
        applied_defaults_ = applied_defaults(applied());
    return applied_settings(applied(), *applied_defaults_, account);
}

void Assembly::take_daemon() {
    const SettingsFile& file = files_.daemon();
    result_.roster.problems = file.issues;
    result_.roster.usable = file.good();
    result_.daemon_source.file = k_daemon_file;
    if (file.good()) {
        result_.daemon = file.own;
        result_.defaults = file.defaults;
    } else {
        take_kept_daemon();
    }
    const Variables& variables = files_.variables();
    result_.daemon = with_variables(result_.daemon, variables.daemon);
    auto& problems = result_.roster.problems;
    problems.insert(problems.end(), variables.issues.begin(), variables.issues.end());
    result_.roster.daemon = resolve(result_.daemon);
}

void Assembly::take_kept_daemon() {
    if (applied().number == 0) {
        // Nothing will be run. What can be read of [defaults] serves to look for other mistakes.
        const SettingsFile& file = files_.daemon();
        result_.defaults = file.defaults;
        defaults_known_ =
            std::all_of(file.issues.begin(), file.issues.end(), [](const Issue& issue) {
                return !issue.key.empty() && !issue.key.starts_with("defaults");
            });
        return;
    }
    SettingsFile kept = parse_daemon_file(applied().daemon_text, true);
    result_.roster.usable = kept.good();
    result_.roster.daemon_kept = kept.good();
    result_.daemon = std::move(kept.own);
    result_.defaults = std::move(kept.defaults);
    result_.daemon_source.suffix = result_.kept_suffix;
}

void Assembly::take_accounts() {
    for (const auto& [account, file] : files_.accounts())
        take_account(account, file);
    if (files_.listed())
        return;
    // That no file can be seen does not mean that every account was removed.
    for (const auto& [account, text] : applied().accounts)
        fall_back(account);
}

void Assembly::take_account(const AccountId& account, const SettingsFile& file) {
    auto& problems = result_.roster.problems;
    problems.insert(problems.end(), file.issues.begin(), file.issues.end());
    if (!file.good()) {
        add_contradictions(account, file);
        fall_back(account);
        return;
    }
    AccountSettings settings = resolve(account, result_.defaults, file.own);
    if (const auto& others = result_.roster.accounts; !others.empty())
        share_equal(settings, others.rbegin()->second);
    std::vector<Issue> issues;
    if (defaults_known_)
        check_together(settings, file.own, {account_file(account), account}, issues);
    if (issues.empty()) {
        result_.roster.accounts.emplace(account, std::move(settings));
        return;
    }
    problems.insert(problems.end(), issues.begin(), issues.end());
    fall_back(account);
}

// What contradicts itself in a file with other errors, so that one look tells all of them. Not of
// the whole file, nor of a key that was misspelt.
void Assembly::add_contradictions(const AccountId& account, const SettingsFile& file) {
    const bool all_read =
        std::ranges::none_of(file.issues, [](const Issue& issue) { return issue.key.empty(); });
    if (!all_read || !defaults_known_)
        return;
    std::vector<Issue> found;
    check_together(resolve(account, result_.defaults, file.own), file.own,
                   {account_file(account), account}, found);
    for (auto& issue : found) {
        const bool misspelt = std::ranges::any_of(
            file.issues, [&](const Issue& other) { return other.nearest == issue.key; });
        if (issue.line > 0 && !misspelt)
            result_.roster.problems.push_back(std::move(issue));
    }
}

// An open position outlives the file of its account, and somebody has to look after it.
void Assembly::keep_held() {
    for (const auto& [account, held] : held_) {
        if (!files_.listed() || files_.accounts().contains(account) ||
            may_leave(files_.home(), account, applied()))
            continue;
        const auto sentence = "is gone, but " + account.str() + " " + held + k_gone;
        complain(account, "", 0, sentence);
        fall_back(account);
        result_.roster.gone.emplace(account, "its file " + sentence);
    }
}

void Assembly::fall_back(const AccountId& account) {
    Roster& roster = result_.roster;
    roster.accounts.erase(account);
    const bool kept_already = roster.kept.erase(account) > 0;
    result_.kept_layers.erase(account);
    auto good = kept_already ? std::nullopt : last_good(account);
    if (!good) {
        roster.invalid.insert(account);
        return;
    }
    roster.accounts.emplace(account, std::move(good->settings));
    roster.kept.insert(account);
    result_.kept_layers.emplace(account, std::move(good->own));
}

// An account may be let reach what it needs, but not into the home. One that fell back and is
// refused again has no good version.
void Assembly::refuse_reach() {
    for (bool changed = true; changed;) {
        std::map<AccountId, RefusedPath> refused;
        for (const auto& [account, settings] : result_.roster.accounts) {
            auto path = path_into_home(files_.home(), settings);
            if (!path)
                path = path_too_far(settings, result_.roster.daemon.vault.key_file);
            if (path)
                refused.emplace(account, std::move(*path));
        }
        for (const auto& [account, found] : refused) {
            complain(account, std::string(found.key), line_of(account, found.key),
                     "'" + found.path + "' " + found.why);
            fall_back(account);
        }
        changed = !refused.empty();
    }
}

// Two accounts for one broker account. Whoever had it stays; of newcomers none is taken, for
// nothing tells which one is meant. A refused one falls back to its last good version, which may
// clash with a third, so this goes on until nothing changes; each round makes somebody kept or
// invalid.
void Assembly::part_twins() {
    for (bool changed = true; changed;) {
        std::map<BrokerIdentity, std::vector<AccountId>> owners;
        for (const auto& [account, settings] : result_.roster.accounts) {
            for (auto& identity : identities_of(settings))
                owners[std::move(identity)].push_back(account);
        }
        changed = false;
        for (const auto& [identity, twins] : owners) {
            changed = twins.size() > 1 && part(identity, twins);
            // Who fell back is called otherwise now; some are twins at the broker and on paper.
            if (changed)
                break;
        }
    }
}

// A word of a command means an account or a group, never both. Whoever had the name keeps it.
void Assembly::part_names() {
    const auto& accounts = result_.roster.accounts;
    std::set<AccountId> refused;
    for (const auto& [member, settings] : accounts) {
        const auto named = AccountId::parse(settings.group);
        if (!named || accounts.count(*named) == 0)
            continue;
        const auto good = last_good(member);
        const bool had_group = good && good->settings.group == settings.group;
        if (!had_group || last_good(*named)) {
            complain(member, "group", line_of(member, "group"),
                     "'" + settings.group + "' is an account's name; a command could mean either");
            refused.insert(member);
        } else if (refused.insert(*named).second) {
            complain(
                *named, "", 0,
                "'" + settings.group + "' is the name of a group; a command could mean either");
        }
    }
    for (const AccountId& account : refused)
        fall_back(account);
}

bool Assembly::part(const BrokerIdentity& identity, const std::vector<AccountId>& twins) {
    std::vector<AccountId> holders;
    for (const AccountId& account : twins) {
        const auto good = last_good(account);
        const auto had = good ? identities_of(good->settings) : std::vector<BrokerIdentity>();
        if (std::find(had.begin(), had.end(), identity) != had.end())
            holders.push_back(account);
    }
    const AccountId* const stays = holders.size() == 1 ? &holders.front() : nullptr;
    for (const AccountId& account : twins) {
        if (stays != nullptr && account == *stays)
            continue;
        const AccountId& other = stays != nullptr           ? *stays
                                 : account == twins.front() ? twins.back()
                                                            : twins.front();
        refuse_twin(account, other, identity);
        fall_back(account);
    }
    return true;
}

void Assembly::refuse_twin(const AccountId& account, const AccountId& other,
                           const BrokerIdentity& identity) {
    const bool on_paper = identity.login == k_any_login;
    const std::string login = on_paper                 ? "of any login"
                              : identity.login.empty() ? "login none"
                                                       : "login " + identity.login;
    complain(account, "broker_account", line_of(account, "broker_account"),
             "is the same broker account as in " + account_file(other) + " (broker " +
                 identity.broker + ", " + login + ", broker account " + identity.broker_account +
                 "); one broker account has one account here");
}

void Assembly::keep_to_the_most() {
    Roster& roster = result_.roster;
    const auto most = static_cast<std::size_t>(roster.daemon.accounts_max);
    if (roster.accounts.size() <= most)
        return;
    std::vector<AccountId> newcomers;
    for (const auto& [account, settings] : roster.accounts) {
        if (applied().accounts.find(account) == applied().accounts.end())
            newcomers.push_back(account);
    }
    while (roster.accounts.size() > most && !newcomers.empty()) {
        complain(newcomers.back(), "", 0,
                 "is one account more than accounts_max in bullpen.toml allows, which is " +
                     std::to_string(most));
        fall_back(newcomers.back());
        newcomers.pop_back();
    }
}

// Without the daemon's settings the accounts were only looked at for their mistakes.
void Assembly::run_nothing() {
    Roster& roster = result_.roster;
    for (const auto& [account, settings] : roster.accounts)
        roster.invalid.insert(account);
    roster.accounts.clear();
    roster.kept.clear();
    result_.kept_layers.clear();
}

int Assembly::line_of(const AccountId& account, std::string_view key) const {
    const auto file = files_.accounts().find(account);
    if (file == files_.accounts().end())
        return 0;
    const auto all = keys<AccountSettings>();
    for (const Setting& setting : file->second.own.settings) {
        if (all[setting.key].row.name == key)
            return setting.line;
    }
    return 0;
}

void Assembly::complain(const AccountId& account, std::string key, int line, std::string message) {
    Issue issue;
    issue.file = account_file(account);
    issue.line = line;
    issue.key = std::move(key);
    issue.message = std::move(message);
    issue.account = account;
    result_.roster.problems.push_back(std::move(issue));
}

// Its accounts run all the same, but stand aside more than their owners may think.
void Assembly::note_unstatable() {
    for (const auto& [account, settings] : result_.roster.accounts) {
        if (settings.trading == TradingKind::off || settings.trading == TradingKind::shares)
            continue;
        for (Unstatable& one : unstatable(settings.events, result_.roster.daemon.calendar)) {
            Issue issue;
            issue.severity = Severity::note;
            issue.file = account_file(account);
            issue.line = line_of(account, one.key);
            issue.key = one.key;
            issue.message = std::move(one.sentence);
            issue.account = account;
            result_.roster.problems.push_back(std::move(issue));
        }
    }
}

// Whoever sets `trading` or a limit of risk believes that it holds.
void Assembly::note_idle_keys() {
    const auto all = keys<AccountSettings>();
    for (const auto& [account, settings] : result_.roster.accounts) {
        const auto file = files_.accounts().find(account);
        if (file == files_.accounts().end())
            continue;
        Issue issue;
        for (const Setting& setting : file->second.own.settings) {
            const auto name = all[setting.key].row.name;
            const auto why = why_idle(settings, name);
            if (why.empty() || (!issue.key.empty() && issue.line <= setting.line))
                continue;
            issue.severity = Severity::note;
            issue.file = account_file(account);
            issue.line = setting.line;
            issue.key = name;
            issue.message = why;
            issue.account = account;
        }
        if (!issue.key.empty())
            result_.roster.problems.push_back(std::move(issue));
    }
}

void Assembly::note(const AccountId& account, std::string_view key, std::string message) {
    complain(account, std::string(key), line_of(account, key), std::move(message));
    result_.roster.problems.back().severity = Severity::note;
}

// What accounts are let reach may be shared with programs, and with each other, on purpose.
void Assembly::note_paths() {
    const auto& accounts = result_.roster.accounts;
    for (const auto& [account, settings] : accounts) {
        for (const auto& far : paths_far(settings))
            note(account, far.key, "'" + far.path + "' " + far.why);
        for (const auto& path : settings.write_paths) {
            for (const auto& [other, theirs] : accounts) {
                const auto why = other == account ? std::string() : why_shared(path, theirs);
                if (why.empty())
                    continue;
                note(account, "write_paths", "'" + path + "' " + why);
                break;
            }
        }
    }
}

// A market that is simulated may be faster than the clock on the wall, so it is not refused.
void Assembly::note_waits() {
    for (const auto& [account, settings] : result_.roster.accounts) {
        const auto& placing = settings.jobs->place_orders;
        const auto deadline = settings.jobs->of(JobKind::place_orders_daily).deadline;
        if (settings.trading != TradingKind::shares || !settings.command.empty())
            continue;
        for (const auto& [key, kind] :
             {std::pair("jobs.place_orders_daily.schedule", JobKind::place_orders_daily),
              std::pair("jobs.hourly_candle_watchdog.schedule", JobKind::hourly_candle_watchdog)}) {
            if (auto trouble = hours_note(settings, kind); !trouble.empty())
                note(account, key, std::move(trouble));
        }
        for (const auto& [key, wait] :
             {std::pair("jobs.place_orders_daily.open_wait", placing.open_wait),
              std::pair("jobs.place_orders_daily.fill_wait", placing.fill_wait)}) {
            if (wait <= deadline)
                continue;
            note(account, key,
                 format_duration(wait) + " is more than jobs.place_orders_daily.deadline, " +
                     format_duration(deadline) +
                     ": a run is over before, unless its market is faster than the clock");
        }
    }
}

// The accounts run all the same, and nobody would hear of it.
void Assembly::note_alerts() {
    const auto all = keys<DaemonSettings>();
    for (AlertTrouble& one : alerts_trouble(result_.roster.daemon.alerts)) {
        Issue issue;
        issue.severity = Severity::note;
        issue.file = k_daemon_file;
        issue.key = one.key;
        issue.message = std::move(one.sentence);
        for (const Setting& setting : result_.daemon.settings) {
            if (all[setting.key].row.name == one.key)
                issue.line = setting.line;
        }
        result_.roster.problems.push_back(std::move(issue));
    }
}

void Assembly::finish() {
    note_idle_keys();
    note_waits();
    note_paths();
    note_unstatable();
    note_alerts();
    Roster& roster = result_.roster;
    auto& problems = roster.problems;
    const auto& listing = files_.listing_issues();
    problems.insert(problems.end(), listing.begin(), listing.end());
    std::stable_sort(problems.begin(), problems.end(), [](const Issue& a, const Issue& b) {
        // "accounts.d/..." and "bullpen.toml": the daemon's own first.
        const auto order = [](const Issue& issue) {
            return std::tuple(issue.file != k_daemon_file, std::string_view(issue.file), issue.line,
                              issue.column);
        };
        return order(a) < order(b);
    });
    problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
    if (!roster.kept.empty() && applied_defaults_)
        result_.kept_defaults = *applied_defaults_;
}

}  // namespace

Assembled assemble(const RosterFiles& files, const FindApplied& find_applied, const Held& held) {
    return Assembly(files, find_applied, held).run();
}

Layer applied_defaults(const AppliedRoster& applied) {
    return parse_daemon_file(applied.daemon_text, true).defaults;
}

std::optional<AppliedAccount> applied_settings(const AppliedRoster& applied, const Layer& defaults,
                                               const AccountId& account) {
    const auto text = applied.accounts.find(account);
    if (text == applied.accounts.end())
        return std::nullopt;
    SettingsFile file = parse_account_file(account, text->second, true);
    AppliedAccount result{resolve(account, defaults, file.own), {}};
    check_together(result.settings, file.own, {account_file(account), account}, file.issues);
    if (!file.good())
        return std::nullopt;
    result.own = std::move(file.own);
    return result;
}

}  // namespace bullpen::config
