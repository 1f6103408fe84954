#include "common/config/roster_files.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/service.hpp"
#include "common/config/rules.hpp"

namespace bullpen::config {

namespace {

constexpr std::string_view k_extension = ".toml";
constexpr std::size_t k_entries_max = 50'000;  // names in accounts.d
// Longer than the grain of any disk's times; the coarsest in use count two seconds.
constexpr Nanos k_settling = std::chrono::seconds(3);

// What editors, packagers and people leave beside the files they mean.
constexpr std::array<std::string_view, 13> k_leftovers = {
    "~",    ".swp", ".swo", ".bak", ".orig", ".rej",     ".tmp",
    ".old", ".off", ".txt", ".md",  "#",     ".disabled"};

bool is_leftover(std::string_view name) {
    return name.starts_with('.') || name.starts_with('#') ||
           std::any_of(k_leftovers.begin(), k_leftovers.end(),
                       [name](std::string_view end) { return name.ends_with(end); });
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        else if (c == ' ' || c == '.')
            c = '-';
    }
    return out;
}

Issue whole_file_issue(std::string file, const std::optional<AccountId>& account,
                       std::string message, int line = 0) {
    Issue issue;
    issue.file = std::move(file);
    issue.line = line;
    issue.message = std::move(message);
    issue.account = account;
    return issue;
}

bool is_settled(const FileStamp& stamp, UtcTime now) {
    const auto newest = std::max(stamp.modified_ns, stamp.changed_ns);
    return utc_from_nanos(newest) + k_settling < now;
}

bool says_nothing(const Document& document) {
    return document.readable && document.leaves.empty() && document.errors.empty();
}

constexpr std::string_view k_emptied =
    "says nothing any more: it is empty, or has nothing but comments, as when an editor or a full "
    "disk cut it. What it said last stays in force: ";

SettingsFile take(CarefulFile&& file, const std::optional<AccountId>& account, UtcTime now) {
    SettingsFile taken;
    if (file.problem.empty()) {
        taken = account ? parse_account_file(*account, file.text) : parse_daemon_file(file.text);
        taken.text = std::move(file.text);
    } else {
        taken.issues.push_back(
            whole_file_issue(account ? account_file(*account) : std::string(k_daemon_file), account,
                             file.problem, file.line));
    }
    taken.stamp = file.stamp;
    taken.settled = is_settled(file.stamp, now);
    return taken;
}

}  // namespace

std::string account_file(const AccountId& account) {
    return "accounts.d/" + account.str() + std::string(k_extension);
}

SettingsFile parse_daemon_file(std::string_view text, bool ignore_unknown) {
    SettingsFile file;
    const LayerSource source{std::string(k_daemon_file), std::nullopt, ignore_unknown};
    const Document document = parse_document(text);
    file.says_nothing = says_nothing(document);
    auto layers = read_daemon_layers(document, source, file.issues);
    file.own = std::move(layers.daemon);
    file.defaults = std::move(layers.defaults);
    check_defaults(file.defaults, source, file.issues);
    return file;
}

SettingsFile parse_account_file(const AccountId& account, std::string_view text,
                                bool ignore_unknown) {
    SettingsFile file;
    const LayerSource source{account_file(account), account, ignore_unknown};
    const Document document = parse_document(text);
    file.says_nothing = says_nothing(document);
    file.own = read_account_layer(document, source, file.issues);
    return file;
}

std::optional<Issue> emptied(const AccountId& account, std::string_view text,
                             const AppliedRoster& applied) {
    const auto last = applied.accounts.find(account);
    if (last == applied.accounts.end() || says_nothing(parse_document(last->second)) ||
        !says_nothing(parse_document(text)))
        return std::nullopt;
    return whole_file_issue(account_file(account), account,
                            std::string(k_emptied) + "put it back (accounts/" + account.str() +
                                "/settings.toml has a copy), or, if the defaults are meant, write "
                                "account = \"" +
                                account.str() + "\" into it");
}

RosterFiles::RosterFiles(Home home) : home_(std::move(home)), home_owner_(owner_of(home_.root())) {}

void RosterFiles::refresh(UtcTime now) {
    home_owner_ = owner_of(home_.root());
    refresh_daemon(now);
    refresh_accounts(now);
}

void RosterFiles::refuse_emptied(const std::function<AppliedSearch()>& find_applied) {
    std::optional<AppliedRoster> applied;
    const auto judge = [&](SettingsFile& file, const auto& find_issue) {
        if (!file.says_nothing || file.emptiness_judged)
            return;
        file.emptiness_judged = true;
        if (!applied)
            applied = find_applied().newest;
        if (std::optional<Issue> issue = find_issue())
            file.issues.push_back(std::move(*issue));
    };
    judge(daemon_, [&]() -> std::optional<Issue> {
        if (says_nothing(parse_document(applied->daemon_text)))
            return std::nullopt;
        return whole_file_issue(std::string(k_daemon_file), std::nullopt,
                                std::string(k_emptied) +
                                    "put it back (run/applied has it), or, if the defaults are "
                                    "meant, write an empty [defaults] into it");
    });
    for (auto& [account, file] : accounts_)
        judge(file, [&, &account = account] { return emptied(account, "", *applied); });
}

void RosterFiles::refresh_daemon(UtcTime now) {
    const auto refuse = [this](std::string message) {
        daemon_ = {};
        daemon_.issues.push_back(
            whole_file_issue(std::string(k_daemon_file), std::nullopt, std::move(message)));
    };
    const auto directory = open_trusted_directory(home_.root(), home_owner_);
    if (!directory) {
        refuse("cannot be read: " + directory.error().context());
        return;
    }
    const std::string name(k_daemon_file);
    const CarefulFile seen = look_at(*directory, name);
    if (seen.exists && daemon_.settled && seen.stamp == daemon_.stamp)
        return;
    CarefulFile file = read_carefully(*directory, name, home_owner_, k_daemon_file_size_max);
    if (file.exists)
        daemon_ = take(std::move(file), std::nullopt, now);
    else
        refuse("does not exist; bullpenctl init makes a home");
}

void RosterFiles::refresh_accounts(UtcTime now) {
    listing_issues_.clear();
    listed_ = false;
    const auto directory = open_trusted_directory(home_.roster(), home_owner_);
    if (!directory) {
        complain("accounts.d", "cannot be read: " + directory.error().message());
        accounts_.clear();
        return;
    }
    std::vector<AccountId> found;
    list(*directory, found);
    std::map<AccountId, SettingsFile> accounts;
    for (const AccountId& account : found) {
        const std::string name = account.str() + std::string(k_extension);
        const CarefulFile seen = look_at(*directory, name);
        if (const auto known = accounts_.find(account); known != accounts_.end() &&
                                                        known->second.settled &&
                                                        known->second.stamp == seen.stamp) {
            accounts.insert(accounts_.extract(known));
            continue;
        }
        CarefulFile file = read_carefully(*directory, name, home_owner_, k_account_file_size_max);
        if (file.exists)
            accounts.emplace(account, take(std::move(file), account, now));
    }
    accounts_ = std::move(accounts);
}

void RosterFiles::list(const Descriptor& directory, std::vector<AccountId>& found) {
    // A handle of its own: closedir closes what it was given.
    Descriptor handle(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR* const stream = handle.valid() ? ::fdopendir(handle.get()) : nullptr;
    if (stream == nullptr) {
        complain("accounts.d", std::string("cannot be listed: ") + std::strerror(errno));
        return;
    }
    (void)handle.release();
    std::vector<std::string> names;
    errno = 0;
    for (const dirent* entry = ::readdir(stream); entry != nullptr && names.size() < k_entries_max;
         entry = ::readdir(stream))
        names.emplace_back(entry->d_name);
    const int error = errno;
    ::closedir(stream);
    if (error != 0) {
        complain("accounts.d", std::string("cannot be listed: ") + std::strerror(error));
        return;
    }
    listed_ = names.size() < k_entries_max;
    if (!listed_) {
        complain("accounts.d", "has more than " + std::to_string(k_entries_max) +
                                   " files, which is more than are looked at");
        return;
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names)
        look_at_name(name, found);
}

void RosterFiles::look_at_name(const std::string& name, std::vector<AccountId>& found) {
    if (is_leftover(name))
        return;
    if (!name.ends_with(k_extension)) {
        complain("accounts.d/" + made_printable(name),
                 "is not read: an account's file is <account>.toml", Severity::note);
        return;
    }
    const std::string stem = name.substr(0, name.size() - k_extension.size());
    if (auto account = AccountId::parse(stem)) {
        if (is_service(*account)) {
            return complain("accounts.d/" + name,
                            "cannot name an account: " + std::string(k_service_names));
        }
        found.push_back(std::move(*account));
        return;
    }
    const std::string fitting = lower(stem);
    complain("accounts.d/" + made_printable(name),
             "cannot name an account: an id has 1 to 32 characters of a-z, 0-9, '_' and '-', the "
             "first a letter or digit",
             Severity::error,
             AccountId::valid(fitting) ? fitting + std::string(k_extension) : std::string());
}

void RosterFiles::complain(std::string file, std::string message, Severity severity,
                           std::string nearest) {
    Issue issue = whole_file_issue(std::move(file), std::nullopt, std::move(message));
    issue.severity = severity;
    issue.nearest = std::move(nearest);
    listing_issues_.push_back(std::move(issue));
}

void RosterFiles::put(const AccountId& account, std::string_view text) {
    accounts_.insert_or_assign(account, parse_account_file(account, text));
}

void RosterFiles::forget_text(const AccountId& account) {
    if (const auto file = accounts_.find(account); file != accounts_.end())
        file->second.text.reset();
}

}  // namespace bullpen::config
