#include "moving/drafting.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/base/service.hpp"
#include "common/base/trimmed.hpp"
#include "common/config/document.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/keys.hpp"
#include "common/config/rules.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

constexpr std::size_t k_text_max = 128;

bool is_taken(const AccountId& id, const Plan& plan, std::span<const TakenAccount> taken) {
    return is_service(id) || id.str() == "all" ||
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
    // Of what all accounts share it is said once.
    for (const auto& item : plan_.items) {
        if (item.account.empty() && item.file == file && item.name == name && item.value == value &&
            item.why == why)
            return;
    }
    plan_.items.push_back(
        {fate, {}, std::string(file), std::string(name), std::string(value), {}, std::string(why)});
}

bool Drafting::set(PlannedAccount& account, std::string_view key, const std::string& value,
                   std::string_view file, std::string_view name, std::string_view old_value) {
    config::AccountSettings scratch{account.id};
    const bool bare = value.find_first_not_of("0123456789.-") == std::string::npos ||
                      value == "true" || value == "false" || value.starts_with('[');
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
    // What the program is made of is beside it.
    account.settings.emplace_back("read_paths", list_text({wishes_.directory}));
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
    std::vector<std::string> variables;
    for (const auto& one : expected)
        variables.push_back(std::string(one.name) + "=" + std::string(one.field));
    for (const auto& secret : account.credentials) {
        auto variable = variable_name(secret.name) + "=" + secret.field;
        if (std::find(variables.begin(), variables.end(), variable) == variables.end())
            variables.push_back(std::move(variable));
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
    for (const auto& [key, value] :
         {std::pair("broker_account", account.broker_account), std::pair("login", account.login),
          std::pair("owner", account.login), std::pair("broker", account.broker),
          std::pair("label", account.label)}) {
        if (!value.empty())
            keys.insert(keys.begin(), {key, value});
    }
    for (const auto& [name, value] : account.environment)
        keys.emplace_back("environment." + name, value);
    auto text = config::new_account_text(account.id, keys);
    if (!text)
        return fail(text.error().wrap("the account " + account.id.str()));
    account.settings_text = std::move(*text);
    return {};
}

const OldFile* file_of(std::span<const OldFile> files, std::string_view path) {
    const auto found =
        std::find_if(files.begin(), files.end(), [&](auto& file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

bool is_secret_name(std::string_view name) {
    const auto plain = lower(name);
    const bool licence = plain.ends_with("license") || plain.ends_with("licence") ||
                         plain.ends_with("license_key") || plain.ends_with("licence_key");
    return licence || config::looks_secret(name);
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
    for (const char c : trimmed(text)) {
        const auto byte = static_cast<unsigned char>(c);
        // Other bytes than ASCII are left out: a cut character would be no text at all.
        if (byte >= 0x20 && byte < 0x7F && out.size() < k_text_max)
            out += c;
    }
    return std::string(trimmed(out));
}

}  // namespace bullpen::moving
