#include "ctl/moving_in.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

#include "common/base/errc.hpp"
#include "common/config/document.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/roster.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/vault/broker_fields.hpp"
#include "common/vault/credentials.hpp"
#include "ctl/credentials.hpp"
#include "ctl/vault_session.hpp"

namespace bullpen::ctl {

namespace {

constexpr mode_t k_directory_mode = 0700;
constexpr std::size_t k_users_max = std::size_t{4} << 20;  // bytes of users.json
constexpr const char* k_manifest = "/imported.json";
// Under this name until the account's file is in the roster.
constexpr const char* k_begun = "/imported.json.begun";

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

Result<void> put_file(storage::FileSystem& files, const std::string& path,
                      const std::string& text) {
    BULLPEN_CHECK(make_directories(storage::directory_of(path), k_directory_mode));
    return storage::replace_file(files, path, text);
}

// When it ends: it is as old as the file that it stood in, which nobody changed since. Where that
// is not known it lasts no longer than one of now.
std::optional<UtcTime> ends_of(const moving::PlannedAccount& account,
                               const moving::PlannedSecret& secret, UtcTime now) {
    return vault::usual_expiry(account.broker, secret.field,
                               std::min(secret.since.value_or(now), now));
}

Result<void> seal(const Context& context, VaultSession& session, moving::PlannedAccount& account) {
    vault::Credentials credentials(account.id);
    const auto now = context.clock.utc();
    for (auto& planned : account.credentials) {
        const auto expires = ends_of(account, planned, now);
        BULLPEN_CHECK(credentials.put({planned.field, std::move(planned.value), now, expires}));
    }
    account.credentials.clear();
    return seal_anew(context.home, session, std::move(credentials));
}

// What comes after its file in the roster.
Result<void> finish_account(const Context& context, storage::FileSystem& files,
                            const AccountId& account) {
    const auto directory = context.home.account(account).directory;
    if (!exists(directory + k_begun))
        return {};
    BULLPEN_CHECK(files.rename(directory + k_begun, directory + k_manifest));
    return files.sync_directory(directory);
}

Result<void> make_account(Context& context, storage::FileSystem& files, VaultSession* session,
                          moving::Plan& plan, moving::PlannedAccount& account,
                          const std::string& directory) {
    const auto paths = context.home.account(account.id);
    const auto manifest =
        moving::manifest(plan, account, format_utc(context.clock.utc()), directory);
    BULLPEN_CHECK(put_file(files, paths.directory + k_begun, manifest));
    for (const auto& file : account.files)
        BULLPEN_CHECK(put_file(files, paths.directory + "/" + file.to, file.text));
    if (!account.credentials.empty())
        BULLPEN_CHECK(seal(context, *session, account));
    BULLPEN_CHECK(config::create_account_file(context.home, account.id, account.settings_text));
    return finish_account(context, files, account.id);
}

// An account that an import made, and that no daemon has had in force yet: that run was cut short,
// or there was no daemon.
bool is_left_over(const Context& context, const AccountId& account) {
    const auto directory = context.home.account(account).directory;
    return (exists(directory + k_begun) || exists(directory + k_manifest)) &&
           !config::applied_account(context.home, account);
}

Result<void> note_users(const Context& context, storage::FileSystem& files,
                        const moving::Plan& plan) {
    const auto path = context.home.root() + "/imported/users.json";
    std::string before;
    if (exists(path)) {
        BULLPEN_TRY(before, files.read(path, k_users_max));
    }
    const auto after = moving::merged_users(before, plan);
    if (!after)
        return fail(after.error().wrap(path));
    return *after == before ? Result<void>() : put_file(files, path, *after);
}

// Who an account with a broken file is at its broker.
moving::TakenAccount as_far_as_it_parses(const Context& context, const AccountId& id) {
    moving::TakenAccount taken{id, {}, {}, {}};
    const auto text = config::read_account_text(context.home, id);
    const auto document = config::parse_document(text ? *text : "");
    for (const auto& leaf : document.leaves) {
        const auto* word = std::get_if<std::string>(&leaf.content);
        if (word == nullptr || !document.readable)
            continue;
        if (leaf.path == "broker")
            taken.broker = *word;
        else if (leaf.path == "login")
            taken.login = *word;
        else if (leaf.path == "broker_account")
            taken.broker_account = *word;
    }
    return taken;
}

// What a command names of the old folder the account may read; settings and records there are
// everybody's, and those that the account has of its own are found from its own directory.
bool is_of_program(std::string_view word) {
    if (word.starts_with('/'))
        return false;
    while (!word.empty()) {
        const auto end = std::min(word.find('/'), word.size());
        const auto part = word.substr(0, end);
        if (!part.empty() && part != "." && !moving::is_program(part))
            return false;
        word.remove_prefix(std::min(end + 1, word.size()));
    }
    return true;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

Result<std::vector<moving::TakenAccount>> taken_accounts(const Context& context) {
    std::vector<moving::TakenAccount> taken;
    const auto roster = config::RosterReader(context.home).read(context.clock.utc());
    for (const auto& [id, settings] : roster.accounts)
        taken.push_back({id, settings.broker, settings.login, settings.broker_account});
    for (const auto& id : roster.invalid)
        taken.push_back(as_far_as_it_parses(context, id));
    // What is left of an account that was removed is not given to another.
    storage::SystemFileSystem files;
    for (const auto& [folder, ending] :
         {std::pair(context.home.accounts(), std::string_view()),
          std::pair(context.home.secrets(), std::string_view(".sealed"))}) {
        const auto names = files.list(folder);
        if (!names && !storage::is_missing(names.error()))
            return fail(names.error());
        for (const auto& name : names ? *names : std::vector<std::string>()) {
            if (!name.ends_with(ending))
                continue;
            auto id = AccountId::parse(name.substr(0, name.size() - ending.size()));
            if (id && !exists(context.home.account(*id).directory + k_begun))
                taken.push_back({*id, {}, {}, {}});
        }
    }
    return taken;
}

namespace {

void keep_to_the_vault(moving::Plan& plan, moving::PlannedAccount& account) {
    std::size_t bytes = 0;
    std::erase_if(account.credentials, [&](const moving::PlannedSecret& secret) {
        auto fits = vault::check_value(secret.field, secret.value);
        if (fits && bytes + secret.value.size() > vault::k_values_max)
            fits = fail(Errc::exhausted, "an account's credentials have at most 16 KiB");
        if (fits) {
            bytes += secret.value.size();
            return false;
        }
        for (auto& item : plan.items) {
            if (item.account != account.id.str() || item.file != secret.file ||
                item.becomes != "credential " + secret.field)
                continue;
            item.fate = moving::Fate::wrong;
            item.becomes.clear();
            item.why = "it cannot be sealed: " + fits.error().context();
        }
        return true;
    });
}

}  // namespace

void refuse_what_the_home_would(const Context& context, moving::Plan& plan) {
    for (auto& account : plan.accounts)
        keep_to_the_vault(plan, account);
    std::map<AccountId, std::string> added;
    for (const auto& account : plan.accounts) {
        if (!account.there_already)
            added.emplace(account.id, account.settings_text);
    }
    std::map<AccountId, std::string> why;
    for (const auto& issue : config::check_added(context.home, added)) {
        auto& sentence = why[*issue.account];
        sentence += (sentence.empty() ? "" : "; ") + issue.key + (issue.key.empty() ? "" : " ") +
                    issue.message;
    }
    for (const auto& [id, sentence] : why)
        moving::refuse(plan, id, sentence);
}

void tell_ages(const Context& context, moving::Plan& plan) {
    const auto now = context.clock.utc();
    for (auto& account : plan.accounts) {
        for (const auto& secret : account.credentials) {
            const auto ends = ends_of(account, secret, now);
            if (!ends || !secret.since)
                continue;
            const auto counted = "Its " + secret.field + " counts from when " + secret.file +
                                 " was last changed, " + format_utc(std::min(*secret.since, now));
            account.remarks.push_back(
                *ends > now ? counted + ": it ends at " + format_utc(*ends) + "."
                            : counted + ", and ended at " + format_utc(*ends) +
                                  ": started, the account waits (token_missing) for the next one.");
        }
    }
}

std::vector<std::string> unit_advice(const std::string& home, const std::string& directory,
                                     bool runs) {
    // As etc/systemd/bullpend.service has it.
    constexpr std::string_view k_home = "/var/lib/bullpen";
    const auto hidden = [&](std::string_view place) {
        return directory == place || directory.starts_with(std::string(place) + "/");
    };
    if (!runs || home != k_home || !(hidden("/home") || hidden("/root") || hidden("/run/user")))
        return {};
    const bool quoted = directory.find(' ') != std::string::npos;
    const std::string why =
        "The package's unit keeps all of /home, /root and /run/user from bullpend and its "
        "workers, so that this program would not start. Let them see its folder and nothing else "
        "there: as root, `systemctl edit bullpend` with the lines";
    const std::string then =
        "and `systemctl kill --kill-whom=main --signal=KILL bullpend`, which leaves the workers "
        "running and has systemd start it anew. docs/moving.md says more.";
    return {why, "  [Service]", "  ProtectHome=tmpfs",
            // Without the dash the unit would not start at all once the folder is gone.
            "  BindReadOnlyPaths=" + (quoted ? "\"-" + directory + "\"" : "-" + directory), then};
}

Result<std::vector<std::string>> command_words(std::string_view line,
                                               const std::string& directory) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < line.size();) {
        if (is_blank(line[i])) {
            ++i;
            continue;
        }
        std::string word;
        char quote = '\0';
        for (; i < line.size() && (quote != '\0' || !is_blank(line[i])); ++i) {
            if (quote == '\0' && (line[i] == '\'' || line[i] == '"'))
                quote = line[i];
            else if (quote == line[i])
                quote = '\0';
            else
                word += line[i];
        }
        if (quote != '\0')
            return fail(Errc::invalid, "a quote in --command does not end");
        if (!word.empty() && is_of_program(word) && exists(directory + "/" + word))
            word.insert(0, directory + "/");
        words.push_back(std::move(word));
    }
    return words;
}

Result<std::vector<std::string>> make_old_layout(const Context& context, const moving::Plan& plan,
                                                 const std::string& folder) {
    std::vector<std::string> made;
    for (const auto& [name, target] : moving::old_layout(plan)) {
        const auto path = folder + "/" + name;
        BULLPEN_CHECK(make_directories(storage::directory_of(path), k_directory_mode));
        if (::symlink((context.home.root() + "/" + target).c_str(), path.c_str()) == 0)
            made.push_back(path);
        else if (errno != EEXIST)
            return fail_errno("cannot make the link " + path);
    }
    return made;
}

Result<CarriedOut> carry_out(Context& context, moving::Plan& plan, const std::string& directory) {
    CarriedOut done;
    storage::SystemFileSystem files;
    std::optional<VaultSession> session;
    const bool sealing = std::any_of(
        plan.accounts.begin(), plan.accounts.end(),
        [](const auto& account) { return !account.there_already && !account.credentials.empty(); });
    if (sealing) {
        auto opened = VaultSession::open(context, true);
        if (!opened)
            return fail(opened.error());
        session.emplace(std::move(*opened));
        done.note = session->note();
    }
    for (auto& account : plan.accounts) {
        if (account.there_already) {
            if (is_left_over(context, account.id)) {
                BULLPEN_CHECK(finish_account(context, files, account.id));
                done.finished.push_back(account.id);
            }
            continue;
        }
        const auto made =
            make_account(context, files, session ? &*session : nullptr, plan, account, directory);
        if (!made)
            return fail(made.error().wrap("making the account " + account.id.str()));
        done.made.push_back(account.id);
    }
    BULLPEN_CHECK(note_users(context, files, plan));
    for (const auto& file : plan.shared) {
        const auto path = context.home.shared() + "/" + file.to;
        if (!exists(path))
            BULLPEN_CHECK(put_file(files, path, file.text));
    }
    return done;
}

}  // namespace bullpen::ctl
