#include "common/config/diff.hpp"

#include <algorithm>

#include "common/config/rules.hpp"
#include "common/config/schema.hpp"
#include "common/config/shared_names.hpp"

namespace bullpen::config {

namespace {

bool known(const Roster& roster, const AccountId& account) {
    return roster.accounts.count(account) > 0 || roster.invalid.count(account) > 0;
}

template <class Settings>
std::vector<KeyChange> changed_keys(const Settings& from, const Settings& to) {
    std::vector<KeyChange> changes;
    for (const auto& key : keys<Settings>()) {
        if (key.get == nullptr)
            continue;
        const Value old_value = key.get(from);
        const Value new_value = key.get(to);
        if (old_value != new_value) {
            changes.push_back({std::string(key.row.name), print(key.row, old_value),
                               print(key.row, new_value), key.row.effect});
        }
    }
    return changes;
}

void add_environment(const AccountSettings& from, const AccountSettings& to,
                     std::vector<KeyChange>& changes) {
    const auto add = [&changes](const std::string& name, std::string old_text,
                                std::string new_text) {
        changes.push_back({std::string(k_environment) + "." + name, std::move(old_text),
                           std::move(new_text), Effect::worker_restart});
    };
    for (const auto& [name, value] : from.environment) {
        const auto other = to.environment.find(name);
        if (other == to.environment.end())
            add(name, quoted(value), "");
        else if (other->second != value)
            add(name, quoted(value), quoted(other->second));
    }
    for (const auto& [name, value] : to.environment) {
        if (from.environment.count(name) == 0)
            add(name, "", quoted(value));
    }
}

// What [owners] says of the account's owner, or of another owner than before.
void add_owner(const AccountSettings& from, const AccountSettings& to,
               std::vector<KeyChange>& changes) {
    if (from.opposite == to.opposite)
        return;
    const bool asks = (from.opposite == Opposite::allow) != (to.opposite == Opposite::allow);
    changes.push_back({"owners." + path_part(to.owner) + ".opposite", quoted(code(from.opposite)),
                       quoted(code(to.opposite)), asks ? Effect::worker_restart : Effect::at_once});
}

// A paper market is of all accounts with its feed, and goes on while one of them restarts.
void add_market_notes(const AccountSettings& from, const AccountSettings& to, const Roster& roster,
                      std::vector<KeyChange>& changes) {
    if (!trades_on_paper(from) || !trades_on_paper(to) ||
        market_name(from.feed) != market_name(to.feed))
        return;
    const auto first = std::ranges::find_if(roster.accounts, [&](const auto& one) {
        return one.second.enabled && trades_on_paper(one.second) &&
               market_name(one.second.feed) == market_name(to.feed);
    });
    for (auto& change : changes) {
        if (change.key == "feed.history" && to.feed.history > from.feed.history)
            change.note =
                "a market that has begun goes on where it is: the account waits until "
                "it has had so many bars";
        else if (change.key == "feed.history")
            change.note = "a market that has begun goes on where it is";
        else if (change.key == "feed.speed" && first != roster.accounts.end() &&
                 first->first != to.id)
            change.note = "the market goes as fast as " + first->first.str() +
                          " says, the first of its accounts";
        else if (change.key == "risk.start_balance")
            change.note = "an account that the paper exchange knows keeps its cash";
    }
}

bool any_needs(const std::vector<KeyChange>& changes, Effect effect) {
    return std::any_of(changes.begin(), changes.end(),
                       [effect](const KeyChange& change) { return change.effect == effect; });
}

void append_lines(std::string& out, const std::vector<KeyChange>& changes) {
    const auto shown = [](const std::string& text) {
        return text.empty() ? std::string("(none)") : made_printable(text);
    };
    for (const KeyChange& change : changes) {
        out +=
            "    " + change.key + ": " + shown(change.old_text) + " -> " + shown(change.new_text);
        if (change.effect == Effect::next_launch)
            out += " (from the next start of a worker on)";
        out += change.note.empty() ? "\n" : " (" + change.note + ")\n";
    }
}

}  // namespace

RosterDiff diff(const Roster& from, const Roster& to) {
    RosterDiff result;
    for (const auto& [account, settings] : to.accounts) {
        const auto old = from.accounts.find(account);
        if (old == from.accounts.end()) {
            result.added.push_back(account);
            continue;
        }
        AccountChange change{account, changed_keys(old->second, settings), false};
        add_environment(old->second, settings, change.keys);
        add_owner(old->second, settings, change.keys);
        add_market_notes(old->second, settings, to, change.keys);
        change.restart_needed = any_needs(change.keys, Effect::worker_restart);
        if (!change.keys.empty())
            result.changed.push_back(std::move(change));
    }
    for (const auto& [account, settings] : from.accounts) {
        if (!known(to, account))
            result.removed.push_back(account);
    }
    for (const AccountId& account : from.invalid) {
        if (!known(to, account))
            result.removed.push_back(account);
    }
    std::sort(result.removed.begin(), result.removed.end());
    std::set_difference(to.invalid.begin(), to.invalid.end(), from.invalid.begin(),
                        from.invalid.end(), std::back_inserter(result.invalid));
    result.daemon = changed_keys(from.daemon, to.daemon);
    result.daemon_restart_needed = any_needs(result.daemon, Effect::daemon_restart);
    return result;
}

SettingTexts setting_texts(const AccountSettings& settings) {
    SettingTexts texts;
    for (const auto& key : keys<AccountSettings>()) {
        if (key.get != nullptr)
            texts.emplace(key.row.name, print(key.row, key.get(settings)));
    }
    for (const auto& [name, value] : settings.environment)
        texts.emplace(std::string(k_environment) + "." + name, quoted(value));
    return texts;
}

std::vector<KeyChange> changes(const SettingTexts& from, const SettingTexts& to) {
    std::vector<KeyChange> result;
    for (const auto& [key, value] : from) {
        const auto other = to.find(key);
        if (other == to.end())
            result.push_back({key, value, ""});
        else if (other->second != value)
            result.push_back({key, value, other->second});
    }
    for (const auto& [key, value] : to) {
        if (from.count(key) == 0)
            result.push_back({key, "", value});
    }
    return result;
}

KeyChange without_private(KeyChange change) {
    const bool is_private =
        change.key == "login" || change.key.starts_with(std::string(k_environment) + ".");
    for (auto* value : {&change.old_text, &change.new_text}) {
        if (is_private && !value->empty())
            *value = "(not shown)";
    }
    return change;
}

RosterDiff without_private(RosterDiff diff) {
    for (auto& account : diff.changed) {
        for (auto& key : account.keys)
            key = without_private(std::move(key));
    }
    return diff;
}

std::string text(const RosterDiff& diff) {
    if (diff.empty())
        return "no difference\n";
    std::string out;
    for (const AccountId& account : diff.added)
        out += "+ " + account.str() + "\n";
    for (const AccountId& account : diff.removed)
        out += "- " + account.str() + "\n";
    for (const AccountId& account : diff.invalid)
        out += "! " + account.str() + " (its file cannot be used)\n";
    for (const AccountChange& change : diff.changed) {
        out += "* " + change.account.str() + (change.restart_needed ? " (restarts)\n" : "\n");
        append_lines(out, change.keys);
    }
    if (!diff.daemon.empty()) {
        out += std::string("* bullpen.toml") +
               (diff.daemon_restart_needed ? " (counts after bullpenctl upgrade)\n" : "\n");
        append_lines(out, diff.daemon);
    }
    return out;
}

}  // namespace bullpen::config
