// Putting a roster together out of the files as they are and, where one is broken, the version that
// was applied; inside this library only. Reads nothing: the applied versions come from a function.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/config/applied.hpp"
#include "common/config/roster.hpp"
#include "common/config/roster_files.hpp"

namespace bullpen::config {

// A roster, and what is needed to say where its values came from.
struct Assembled {
    Roster roster;
    Layer daemon;
    Layer defaults;
    SourceName daemon_source;
    // Of the accounts whose last good version is in force.
    std::map<AccountId, Layer> kept_layers;
    Layer kept_defaults;
    std::string kept_suffix;
};

// Called at most once, and only when something is broken, gone or clashes.
using FindApplied = std::function<AppliedSearch()>;

// What the accounts that are not flat hold; see RosterReader::read().
using Held = std::map<AccountId, std::string>;

Assembled assemble(const RosterFiles& files, const FindApplied& find_applied,
                   const Held& held = {});

// How the files of a version that was applied are read.
struct AppliedAccount {
    AccountSettings settings;
    Layer own;
};
Layer applied_defaults(const AppliedRoster& applied);
// Nothing when the version does not have the account, or this release cannot take its text.
std::optional<AppliedAccount> applied_settings(const AppliedRoster& applied, const Layer& defaults,
                                               const AccountId& account);

}  // namespace bullpen::config
