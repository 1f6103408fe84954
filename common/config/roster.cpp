#include "common/config/roster.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "common/base/errc.hpp"
#include "common/config/assembly.hpp"
#include "common/config/keys.hpp"
#include "common/config/venue_settings.hpp"

namespace bullpen::config {

struct RosterReader::State {
    explicit State(Home home) : files(std::move(home)) {}

    RosterFiles files;
    Assembled last;
    // The roster in force, while it could not be written: it is still the last good version.
    std::optional<AppliedRoster> unsaved;
    // Of what was applied and place_copies() has not placed yet, oldest first.
    std::vector<SettingsCopy> copies;
    // The version that holds every text which is no longer in memory; 0 = none.
    std::uint64_t recorded = 0;

    [[nodiscard]] AppliedSearch find_applied() const {
        return unsaved ? AppliedSearch{*unsaved, {}} : newest_applied(files.home());
    }
    // What stands for the account in the record of `next`, after `old`.
    [[nodiscard]] std::string record_text(const AccountSettings& settings, bool kept,
                                          const AppliedRoster& old, const Layer& defaults) const;
};

std::string RosterReader::State::record_text(const AccountSettings& settings, bool kept,
                                             const AppliedRoster& old,
                                             const Layer& defaults) const {
    const auto recorded_text = old.accounts.find(settings.id);
    if (!kept) {
        const auto file = files.accounts().find(settings.id);
        if (file != files.accounts().end() && file->second.text)
            return *file->second.text;
    }
    // Without a text in memory the file is as it was when it was recorded.
    if (!kept && recorded_text != old.accounts.end() && old.number == recorded)
        return recorded_text->second;
    // With other [defaults] than then the old text of a kept version would mean something else, so
    // that its settings are written out in full.
    if (recorded_text != old.accounts.end()) {
        const SettingsFile file = parse_account_file(settings.id, recorded_text->second, true);
        if (file.good() && resolve(settings.id, defaults, file.own) == settings)
            return recorded_text->second;
    }
    return to_toml(settings);
}

RosterReader::RosterReader(Home home) : state_(std::make_unique<State>(std::move(home))) {}
RosterReader::~RosterReader() = default;
RosterReader::RosterReader(RosterReader&&) noexcept = default;
RosterReader& RosterReader::operator=(RosterReader&&) noexcept = default;

Roster RosterReader::read(UtcTime now, const std::map<AccountId, std::string>& held) {
    state_->files.refresh(now);
    state_->files.refuse_emptied([this] { return state_->find_applied(); });
    state_->last = assemble(
        state_->files, [this] { return state_->find_applied(); }, held);
    return state_->last.roster;
}

Result<void> RosterReader::apply(const Roster& roster, UtcTime now) {
    if (!roster.usable)
        return fail(Errc::invalid, "a roster without daemon settings cannot be applied");
    const AppliedRoster old = state_->find_applied().newest;
    AppliedRoster next;
    next.since = now;
    const auto& daemon_text = state_->files.daemon().text;
    next.daemon_text = roster.daemon_kept || !daemon_text ? old.daemon_text : *daemon_text;
    for (const auto& [account, settings] : roster.accounts) {
        next.accounts.emplace(account, state_->record_text(settings, roster.kept.count(account) > 0,
                                                           old, state_->last.defaults));
    }
    const bool changed = old.number == 0 || state_->unsaved ||
                         next.daemon_text != old.daemon_text || next.accounts != old.accounts;
    if (changed) {
        if (auto stored =
                store_applied(state_->files.home(), next, roster.daemon.previous_versions_keep);
            !stored) {
            state_->unsaved = std::move(next);
            return stored;
        }
        auto copies = copies_due(old, next);
        std::move(copies.begin(), copies.end(), std::back_inserter(state_->copies));
    }
    state_->unsaved.reset();
    state_->recorded = changed ? next.number : old.number;
    for (const auto& [account, settings] : roster.accounts) {
        if (roster.kept.count(account) == 0)
            state_->files.forget_text(account);
    }
    return {};
}

void RosterReader::place_copies() {
    config::place_copies(state_->files.home(), state_->copies);
    state_->copies.clear();
}

Result<std::vector<Origin>> RosterReader::origin(const AccountId& account) const {
    const Assembled& last = state_->last;
    const auto found = last.roster.accounts.find(account);
    if (found == last.roster.accounts.end())
        return fail(Errc::not_found, "there are no settings in force for " + account.str());
    const std::string file = account_file(account);
    if (const auto kept = last.kept_layers.find(account); kept != last.kept_layers.end()) {
        return origins(found->second, last.kept_defaults,
                       {std::string(k_daemon_file), last.kept_suffix}, kept->second,
                       {file, last.kept_suffix});
    }
    return origins(found->second, last.defaults, last.daemon_source,
                   state_->files.accounts().at(account).own, {file, ""});
}

std::vector<Origin> RosterReader::daemon_origin() const {
    return origins(state_->last.roster.daemon, state_->last.daemon, state_->last.daemon_source);
}

std::vector<AccountId> Roster::start_order() const {
    std::vector<AccountId> order;
    for (const auto& [account, settings] : accounts)
        order.push_back(account);
    // The map is sorted by name already.
    std::stable_sort(order.begin(), order.end(), [this](const AccountId& a, const AccountId& b) {
        return accounts.at(a).priority < accounts.at(b).priority;
    });
    return order;
}

std::vector<Issue> check_home(const Home& home) {
    RosterFiles files(home);
    files.refresh(UtcTime{});
    files.refuse_emptied([&] { return newest_applied(home); });
    auto problems = assemble(files, [] { return AppliedSearch{}; }).roster.problems;
    for (Issue& issue : check_venue_file(home))
        problems.push_back(std::move(issue));
    return problems;
}

std::vector<Issue> check_added(const Home& home, const std::map<AccountId, std::string>& added) {
    RosterFiles files(home);
    files.refresh(UtcTime{});
    for (const auto& [account, text] : added)
        files.put(account, text);
    auto problems = assemble(files, [&] { return newest_applied(home); }).roster.problems;
    std::erase_if(problems, [&](const Issue& issue) {
        return issue.severity != Severity::error || !issue.account ||
               !added.contains(*issue.account);
    });
    return problems;
}

Result<AccountSettings> applied_account(const Home& home, const AccountId& account) {
    const AppliedRoster applied = newest_applied(home, &account).newest;
    if (applied.accounts.find(account) == applied.accounts.end())
        return fail(Errc::not_found, "no settings of " + account.str() + " were applied");
    auto found = applied_settings(applied, applied_defaults(applied), account);
    if (!found) {
        return fail(Errc::invalid, "the settings of " + account.str() + " in " + applied.path +
                                       " cannot be taken by this release");
    }
    return std::move(found->settings);
}

std::map<AccountId, AccountSettings> applied_accounts(const Home& home) {
    const AppliedRoster applied = newest_applied(home).newest;
    const Layer defaults = applied_defaults(applied);
    std::map<AccountId, AccountSettings> accounts;
    for (const auto& [account, text] : applied.accounts) {
        if (auto found = applied_settings(applied, defaults, account))
            accounts.emplace(account, std::move(found->settings));
    }
    return accounts;
}

namespace {

Result<SettingsFile> read_good_daemon_file(const Home& home) {
    const uid_t owner = owner_of(home.root());
    BULLPEN_TRY(const Descriptor directory, open_trusted_directory(home.root(), owner));
    const CarefulFile file =
        read_carefully(directory, std::string(k_daemon_file), owner, k_daemon_file_size_max);
    if (!file.exists)
        return fail(Errc::not_found, home.daemon_settings() + " does not exist");
    if (!file.problem.empty())
        return fail(Errc::invalid, home.daemon_settings() + " " + file.problem);
    SettingsFile parsed = parse_daemon_file(file.text);
    for (const Issue& issue : parsed.issues) {
        if (issue.severity == Severity::error)
            return fail(Errc::invalid, text(issue));
    }
    return parsed;
}

Result<AccountSettings> good_settings(const AccountId& account, std::string_view file_text,
                                      const Layer& defaults,
                                      std::optional<std::string_view> source) {
    SettingsFile parsed = parse_account_file(account, file_text);
    AccountSettings settings = resolve(account, defaults, parsed.own);
    check_together(settings, parsed.own, {account_file(account), account}, parsed.issues);
    for (Issue& issue : parsed.issues) {
        if (issue.severity != Severity::error)
            continue;
        if (source) {
            issue.file = *source;
            issue.line = 0;
        }
        return fail(Errc::invalid, text(issue));
    }
    return settings;
}

}  // namespace

Result<DaemonSettings> applied_daemon(const Home& home) {
    const AppliedRoster applied = newest_applied(home).newest;
    if (applied.number == 0)
        return fail(Errc::not_found, "no settings were applied in " + home.root());
    return resolve(parse_daemon_file(applied.daemon_text, true).own);
}

Result<DaemonSettings> read_daemon(const Home& home) {
    BULLPEN_TRY(const SettingsFile daemon, read_good_daemon_file(home));
    return resolve(daemon.own);
}

Result<AccountSettings> read_account(const Home& home, const AccountId& account) {
    BULLPEN_TRY(const SettingsFile daemon, read_good_daemon_file(home));
    const uid_t owner = owner_of(home.root());
    BULLPEN_TRY(const Descriptor directory, open_trusted_directory(home.roster(), owner));
    const CarefulFile file =
        read_carefully(directory, account.str() + ".toml", owner, k_account_file_size_max);
    const std::string path = home.account(account).roster_file;
    if (!file.exists)
        return fail(Errc::not_found, path + " does not exist");
    if (!file.problem.empty())
        return fail(Errc::invalid, path + " " + file.problem);
    if (const auto issue = emptied(account, file.text, newest_applied(home, &account).newest))
        return fail(Errc::invalid, text(*issue));
    return good_settings(account, file.text, daemon.defaults, std::nullopt);
}

Result<AccountSettings> settings_from_text(const AccountId& account, std::string_view text,
                                           std::string_view source) {
    return good_settings(account, text, Layer{}, source);
}

}  // namespace bullpen::config
