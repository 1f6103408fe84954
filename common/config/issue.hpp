// What is wrong in a settings file, where, and what was probably meant.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.hpp"

namespace bullpen::config {

enum class Severity : std::uint8_t {
    error,  // the file is not taken
    note,   // worth knowing; nothing is refused for it
};

struct Issue {
    Severity severity = Severity::error;
    std::string file;  // relative to HOME where it lies below it: "accounts.d/alpha.toml"
    int line = 0;      // from 1; 0 = the whole file
    int column = 0;    // from 1, in characters; 0 = the whole line
    std::string key;   // dotted, as the reference names it: "limits.memory_max"; may be empty
    std::string message;
    std::string nearest;  // the known key or word that was probably meant; may be empty
    std::optional<AccountId> account;  // whose file it is, when the name is a proper one
    friend bool operator==(const Issue&, const Issue&) = default;
};

// "accounts.d/alpha.toml:5:1: priorty: is not a key that Bullpen knows; did you mean priority?"
std::string text(const Issue& issue);
std::string text(const std::vector<Issue>& issues);  // a line each
// A JSON array of objects with severity, file, line, column, key, message, nearest, account.
std::string json(const std::vector<Issue>& issues);
bool has_errors(const std::vector<Issue>& issues);

}  // namespace bullpen::config
