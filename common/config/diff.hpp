// RosterDiff: what would change if one roster took another's place. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/config/keys.hpp"
#include "common/config/roster.hpp"

namespace bullpen::config {

struct KeyChange {
    std::string key;
    std::string old_text;  // as TOML writes the value
    std::string new_text;
    Effect effect = Effect::at_once;
    std::string note = {};  // what a restart does not do; empty where it does it all
    friend bool operator==(const KeyChange&, const KeyChange&) = default;
};

struct AccountChange {
    AccountId account;
    std::vector<KeyChange> keys;
    bool restart_needed = false;  // a running worker must be restarted to take it up
    friend bool operator==(const AccountChange&, const AccountChange&) = default;
};

struct RosterDiff {
    std::vector<AccountId> added;    // new, or mended after it was invalid
    std::vector<AccountId> removed;  // its file is gone
    std::vector<AccountId> invalid;  // has become invalid, with no good version to keep
    std::vector<AccountChange> changed;
    std::vector<KeyChange> daemon;
    bool daemon_restart_needed = false;  // `bullpenctl upgrade` is enough

    [[nodiscard]] bool empty() const {
        return added.empty() && removed.empty() && invalid.empty() && changed.empty() &&
               daemon.empty();
    }
    friend bool operator==(const RosterDiff&, const RosterDiff&) = default;
};

RosterDiff diff(const Roster& from, const Roster& to);

// Every key of an account's settings with its value as TOML writes it; what it gives a program's
// environment as "environment.NAME".
using SettingTexts = std::map<std::string, std::string>;
SettingTexts setting_texts(const AccountSettings& settings);
// A key that one side lacks has an empty text there.
std::vector<KeyChange> changes(const SettingTexts& from, const SettingTexts& to);
// For records that are kept for long: logins, and what programs are given, are not shown.
KeyChange without_private(KeyChange change);
RosterDiff without_private(RosterDiff diff);

// Lines for people: "+ alpha", "- beta", "* gamma (restarts)" and below it each key's old and new.
std::string text(const RosterDiff& diff);
std::string json(const RosterDiff& diff);

}  // namespace bullpen::config
