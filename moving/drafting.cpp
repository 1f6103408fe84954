#include "moving/drafting.hpp"

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "common/base/service.hpp"
#include "common/base/trimmed.hpp"
#include "common/base/utf8.hpp"
#include "common/config/document.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/keys.hpp"
#include "common/config/rules.hpp"
#include "moving/digest.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

constexpr std::size_t k_label_max = 64;  // bytes
constexpr std::size_t k_owner_max = 32;

bool is_taken(const AccountId& id, const Plan& plan, std::span<const TakenAccount> taken) {
    return is_service(id) || id.str() == "all" ||
           std::find(plan.refused.begin(), plan.refused.end(), id) != plan.refused.end() ||
           std::any_of(taken.begin(), taken.end(), [&](auto& one) { return one.id == id; }) ||
           std::any_of(plan.accounts.begin(), plan.accounts.end(),
                       [&](auto& one) { return one.id == id; });
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
        text.replace(at, what.size(), with);
        at += with.size();
    }
    return text;
}

std::string list_text(const std::vector<std::string>& words) {
    std::string text = "[";
    for (const auto& word : words)
        text += (text.size() > 1 ? ", " : "") + config::quoted(word);
    return text + "]";
}

// As variables are written: upper case, '_' for what cannot stand in one.
std::string variable_name(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        const bool is_lower = c >= 'a' && c <= 'z';
        const bool fine = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || is_lower;
        return is_lower ? static_cast<char>(c - 'a' + 'A') : fine ? c : '_';
    });
    return text;
}

std::string toml_value(const std::string& value) {
    return config::quoted(value);
}

}  // namespace

AccountId Drafting::name(std::string_view wish) {
    std::string text = lower(trimmed(wish));
    // Of a character in several bytes the first stands for it.
    std::erase_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; });
    for (char& c : text) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        c = fine ? c : '-';
    }
    text.erase(0, std::min(text.find_first_not_of("-_"), text.size()));
    text.resize(std::min(text.size(), AccountId::k_length_max));
    while (!text.empty() && (text.back() == '-' || text.back() == '_'))
        text.pop_back();
    if (text.empty())
        text = "account";
    for (int number = 1;; ++number) {
        const auto tail = number == 1 ? std::string() : "-" + std::to_string(number);
        auto id = AccountId::parse(text.substr(0, AccountId::k_length_max - tail.size()) + tail);
        if (id && !is_taken(*id, plan_, taken_))
            return *id;
    }
}

const TakenAccount* Drafting::at_broker(const PlannedAccount& account) const {
    const auto found = std::find_if(taken_.begin(), taken_.end(), [&](const TakenAccount& one) {
        return one.broker == account.broker && one.login == account.login &&
               one.broker_account == account.broker_account;
    });
    return found == taken_.end() ? nullptr : &*found;
}

void Drafting::note(Fate fate, std::string_view file, std::string_view name, std::string_view value,
                    std::string_view why) {
    if (!value.empty() && value != k_not_shown &&
        is_secret_member(name.substr(name.rfind('.') + 1), value))
        value = k_not_shown;
    // Of what all accounts share it is said once.
    for (const auto& item : plan_.items) {
        if (item.account.empty() && item.file == file && item.name == name && item.value == value &&
            item.why == why)
            return;
    }
    plan_.items.push_back(
        {fate, {}, std::string(file), std::string(name), std::string(value), {}, std::string(why)});
}

void Drafting::taken(const PlannedAccount& account, std::string_view file, std::string_view name,
                     std::string_view value, std::string becomes) {
    plan_.items.push_back({Fate::taken,
                           account.id.str(),
                           std::string(file),
                           std::string(name),
                           std::string(value),
                           std::move(becomes),
                           {}});
}

bool Drafting::set(PlannedAccount& account, std::string_view key, const std::string& value,
                   std::string_view file, std::string_view name, std::string_view old_value) {
    config::AccountSettings scratch{account.id};
    // A variable is a text, whatever it looks like.
    const bool bare = !key.starts_with("environment.") &&
                      (value.find_first_not_of("0123456789.-") == std::string::npos ||
                       value == "true" || value == "false" || value.starts_with('['));
    const auto result = config::set_value(scratch, key, bare ? value : toml_value(value));
    Item item{result ? Fate::taken : Fate::wrong,
              account.id.str(),
              std::string(file),
              std::string(name),
              std::string(old_value),
              result ? std::string(key) + " = " + value : std::string(),
              result
                  ? std::string()
                  : "it is not what " + std::string(key) + " can be: " + result.error().context()};
    plan_.items.push_back(std::move(item));
    if (!result)
        return false;
    for (auto& [known, before] : account.settings) {
        if (known == key) {
            before = value;
            return true;
        }
    }
    account.settings.emplace_back(key, value);
    return true;
}

Result<void> Drafting::run_or_disable(PlannedAccount& account, std::string_view why_not) {
    if (!runs_old_bot()) {
        account.settings.emplace_back("enabled", "false");
        account.remarks.push_back("It is disabled: " + std::string(why_not));
        return {};
    }
    std::vector<std::string> words;
    for (const auto& wished : wishes_.command) {
        auto word = replaced(wished, "{user}", account.user);
        word = replaced(std::move(word), "{account}", account.id.str());
        words.push_back(replaced(std::move(word), "{broker_account}", account.broker_account));
    }
    // Bullpen gives the variable its own name of the account; the old bot means the broker's.
    if (plan_.kind == "futures-bot" && account.id.str() != account.broker_account)
        words.insert(words.begin(),
                     {"/usr/bin/env", "SELECTED_ACCOUNT_ID=" + account.broker_account});
    account.settings.emplace_back("command", list_text(words));
    account.settings.emplace_back("heartbeat", "none");
    // What the program is made of is beside it, and so is what belongs to other users.
    const auto whole = [&](const std::string& name) {
        return wishes_.directory + (name.empty() ? "" : "/") + name;
    };
    std::vector<std::string> paths;
    for (const auto& name : wishes_.listed)
        paths.push_back(std::string(config::k_names_alone) + whole(name));
    for (const auto& name : wishes_.program)
        paths.push_back(whole(name));
    if (!paths.empty())
        account.settings.emplace_back("read_paths", list_text(paths));
    account.settings.emplace_back("autostart", "false");
    account.remarks.push_back(
        "It runs the old bot, in a directory of its own, once you say so: stop the old one, then "
        "bullpenctl start " +
        account.id.str());
    return {};
}

void Drafting::hand_over_as_variables(PlannedAccount& account, std::span<const Variable> expected) {
    if (!runs_old_bot())
        return;
    std::vector<std::string> names;
    std::vector<std::string> variables;
    const auto add = [&](std::string name, std::string_view field) {
        // Of two that the old bot knew by one name the first counted, and what its environment said
        // before both.
        const bool known =
            std::any_of(account.settings.begin(), account.settings.end(),
                        [&](auto& one) { return one.first == "environment." + name; });
        if (known || std::find(names.begin(), names.end(), name) != names.end())
            return false;
        variables.push_back(name + "=" + std::string(field));
        names.push_back(std::move(name));
        return true;
    };
    for (const auto& one : expected)
        add(std::string(one.name), one.field);
    for (const auto& secret : account.credentials) {
        auto name = variable_name(secret.name);
        const auto entry = name + "=" + secret.field;
        if (!add(std::move(name), secret.field) &&
            std::find(variables.begin(), variables.end(), entry) == variables.end())
            note(Fate::left, secret.file, secret.name, "",
                 "another value that the old bot has under this name, in capital letters, is "
                 "handed over; this one is in the vault as " +
                     secret.field);
    }
    if (!variables.empty())
        account.settings.emplace_back("credentials_environment", list_text(variables));
}

bool Drafting::copy_as_it_is(PlannedAccount& account, const OldFile& file, std::string to) const {
    if (!runs_old_bot() || !file.read)
        return false;
    account.files.push_back({file.path, std::move(to), file.text});
    return true;
}

Result<void> Drafting::finish(PlannedAccount& account) {
    for (const auto& file : account.files) {
        // The name of a user is part of some.
        if (!config::is_contained_path(file.to))
            return fail(Errc::invalid, "the account " + account.id.str() + ": " + file.to +
                                           " would lead out of its directory");
    }
    auto keys = account.settings;
    const auto owner = owner_of(account.login);
    if (owner != account.login)
        account.remarks.push_back("Its owner is " + owner + ", for `owner` takes " +
                                  std::to_string(k_owner_max) +
                                  " bytes; the whole name is its login.");
    if (account.label.size() > k_label_max) {
        account.label = trimmed(cut_utf8(account.label, k_label_max));
        account.remarks.push_back("Its label is cut: `label` takes " + std::to_string(k_label_max) +
                                  " bytes.");
    }
    for (const auto& [key, value] :
         {std::pair("broker_account", account.broker_account), std::pair("login", account.login),
          std::pair("owner", owner), std::pair("broker", account.broker),
          std::pair("label", account.label)}) {
        if (!value.empty())
            keys.insert(keys.begin(), {key, value});
    }
    for (const auto& [name, value] : account.environment)
        keys.emplace_back("environment." + name, value);
    auto text = config::new_account_text(account.id, keys);
    if (!text)
        return fail(text.error());
    account.settings_text = std::move(*text);
    return {};
}

void Drafting::tell_changed(PlannedAccount& account, std::string_view key, std::string_view before,
                            std::string_view after) {
    if (trimmed(before) != after)
        account.remarks.push_back("Its " + std::string(key) +
                                  " was written with characters that nobody sees; it is " +
                                  std::string(after) + " without them: see that it is right.");
}

void Drafting::place(PlannedAccount account) {
    for (auto& file : account.files) {
        if (!known_.in(file.text))
            continue;
        file.text = known_.taken_out(file.text);
        if (!file.from.empty())
            account.remarks.push_back("Its copy of " + file.from +
                                      " is without the credentials that stood there in clear.");
    }
    const auto finished = finish(account);
    const auto id = account.id;
    plan_.accounts.push_back(std::move(account));
    if (!finished)
        refuse(plan_, id, finished.error().context());
}

// What is left as a whole already is said once, with both reasons.
void Drafting::left_out(const LeftOut& one) {
    const auto why = "accounts do not read it: it " + one.why;
    for (auto& item : plan_.items) {
        if (item.fate != Fate::left || item.file != one.path || !item.name.empty())
            continue;
        item.why += "; " + why;
        return;
    }
    note(Fate::left, one.path, "", "", why);
}

void Drafting::close() {
    for (const auto& file : files_) {
        if (!file.read || file.path.find(".json") == std::string::npos)
            continue;
        if (const auto what = no_numbers_in(file.text); !what.empty())
            note(Fate::wrong, file.path, "", "", what);
    }
    for (auto& file : plan_.shared)
        file.text = known_.taken_out(file.text);
    for (const auto& one : wishes_.left_out) {
        const bool named = std::find(wishes_.command.begin(), wishes_.command.end(),
                                     wishes_.directory + "/" + one.path) != wishes_.command.end();
        if (named)
            note(Fate::wrong, one.path, "", "",
                 "the command names it, so that every account that runs it reads it, and it " +
                     one.why + ": take that out of it");
        else
            left_out(one);
    }
    auto& files = plan_.secret_files;
    files.insert(files.end(), wishes_.secret_files.begin(), wishes_.secret_files.end());
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
}

void refuse(Plan& plan, const AccountId& account, std::string_view why) {
    const auto found = std::find_if(plan.accounts.begin(), plan.accounts.end(),
                                    [&](const PlannedAccount& one) { return one.id == account; });
    if (found == plan.accounts.end())
        return;
    for (auto& item : plan.items) {
        if (item.account != account.str() || item.fate != Fate::taken)
            continue;
        item.fate = Fate::left;
        item.becomes.clear();
        item.why = "its account is not made";
    }
    plan.items.push_back({Fate::wrong,
                          account.str(),
                          {},
                          "account",
                          found->broker_account,
                          {},
                          "no account is made of it: " + std::string(why)});
    plan.accounts.erase(found);
    plan.refused.push_back(account);
}

const OldFile* file_of(std::span<const OldFile> files, std::string_view path) {
    const auto found =
        std::find_if(files.begin(), files.end(), [&](auto& file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

bool is_program(std::string_view name) {
    constexpr std::array<std::string_view, 7> k_folders{
        "data", "logs", "locks", "pids", "current_orders", "backups", "crash"};
    constexpr std::array<std::string_view, 6> k_beginnings{"config.ini",    "config.json",
                                                           "bot_state",     "session_state",
                                                           "trading_state", "persistent_state"};
    const auto plain = lower(name);
    if (plain.starts_with('.'))
        return plain == ".venv";
    // Whatever a module is called.
    if (plain.ends_with(".py") || plain.ends_with(".sh"))
        return true;
    return std::find(k_folders.begin(), k_folders.end(), plain) == k_folders.end() &&
           std::none_of(k_beginnings.begin(), k_beginnings.end(),
                        [&](auto beginning) { return plain.starts_with(beginning); }) &&
           plain.find("summary.json") == std::string::npos && !plain.ends_with(".log") &&
           !plain.ends_with(".env") && !is_secret_name(plain);
}

std::string field_name(std::string_view name) {
    std::string text = lower(name);
    for (char& c : text) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        c = fine ? c : '_';
    }
    if (text.empty() || text.front() < 'a' || text.front() > 'z')
        text.insert(0, "x");
    text.resize(std::min<std::size_t>(text.size(), 32));
    return text;
}

std::string printable_text(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto length = character_length(text);
        const auto character = text.substr(0, length);
        if (length != 0 && config::is_printable(character))
            out += character;
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return std::string(trimmed(out));
}

std::string owner_of(const std::string& user) {
    if (user.size() <= k_owner_max)
        return user;
    const auto tail = "-" + old_user_id(user);
    return std::string(cut_utf8(user, k_owner_max - tail.size())) + tail;
}

}  // namespace bullpen::moving
