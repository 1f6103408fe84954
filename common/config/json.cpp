// Everything of this library that is written as JSON.
#include <nlohmann/json.hpp>

#include "common/config/diff.hpp"
#include "common/config/issue.hpp"
#include "common/config/roster.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::config {

namespace {

using nlohmann::ordered_json;

// Bytes that are not UTF-8 are replaced, never thrown about.
std::string dump(const ordered_json& value) {
    return documents::json_text(value);
}

ordered_json names(const std::vector<AccountId>& accounts) {
    auto out = ordered_json::array();
    for (const AccountId& account : accounts)
        out.push_back(account.str());
    return out;
}

ordered_json key_changes(const std::vector<KeyChange>& changes) {
    auto out = ordered_json::array();
    for (const KeyChange& change : changes) {
        out.push_back({{"key", change.key},
                       {"old", change.old_text},
                       {"new", change.new_text},
                       {"effect", code(change.effect)}});
        if (!change.note.empty())
            out.back()["note"] = change.note;
    }
    return out;
}

}  // namespace

std::string json(const std::vector<Issue>& issues) {
    auto out = ordered_json::array();
    for (const Issue& issue : issues) {
        ordered_json one = {{"severity", issue.severity == Severity::error ? "error" : "note"},
                            {"file", issue.file},
                            {"line", issue.line},
                            {"column", issue.column},
                            {"key", issue.key},
                            {"message", issue.message},
                            {"nearest", issue.nearest}};
        one["account"] = issue.account ? ordered_json(issue.account->str()) : ordered_json();
        out.push_back(std::move(one));
    }
    return dump(out);
}

std::string json(const std::vector<Origin>& origins) {
    auto out = ordered_json::array();
    for (const Origin& origin : origins)
        out.push_back({{"key", origin.key}, {"value", origin.value}, {"source", origin.source}});
    return dump(out);
}

std::string json(const RosterDiff& diff) {
    auto changed = ordered_json::array();
    for (const AccountChange& change : diff.changed) {
        changed.push_back({{"account", change.account.str()},
                           {"restart_needed", change.restart_needed},
                           {"keys", key_changes(change.keys)}});
    }
    return dump({{"added", names(diff.added)},
                 {"removed", names(diff.removed)},
                 {"invalid", names(diff.invalid)},
                 {"changed", std::move(changed)},
                 {"daemon", key_changes(diff.daemon)},
                 {"daemon_restart_needed", diff.daemon_restart_needed}});
}

}  // namespace bullpen::config
