// The one declaration of every key of bullpen.toml and of an account's file: name, type, bounds,
// unit, meaning, whether accounts inherit it, and what a change of it needs. Validation, hints,
// origins, differences and the printed reference all come from here; defaults are the initialisers
// in settings.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/config/settings.hpp"

namespace bullpen::config {

enum class Scope : std::uint8_t {
    daemon,   // bullpen.toml
    account,  // accounts.d/<account>.toml, and [defaults] of bullpen.toml when inheritable
};

enum class KeyType : std::uint8_t {
    flag,      // true or false
    integer,   // a whole number
    number,    // a number
    duration,  // "5 s"
    size,      // "64 MiB"
    percent,   // "10 %"
    text,      // a string
    path,      // a string that names a file or directory
    word,      // one of a list of words
    texts,     // a list of strings
    table,     // names and strings
};

// What a change of the key needs before it counts.
enum class Effect : std::uint8_t {
    at_once,
    next_launch,     // counts from the worker's next start; none is restarted for it
    worker_restart,  // a running worker is restarted by `bullpenctl update`
    daemon_restart,  // `bullpenctl upgrade` or a restart of bullpend
};
std::string_view code(Effect effect);

// One key as people read of it. All text lives as long as the program.
struct KeyFacts {
    std::string_view name;  // "limits.memory_max"
    Scope scope;
    KeyType type;
    std::string_view default_text;  // as TOML writes it; empty for a table
    std::string_view bounds;        // "1 s to 60 s", "always, unexpected or never"
    std::string_view description;   // a sentence
    bool inheritable;
    Effect effect;
};
// In the order of the reference.
std::span<const KeyFacts> key_facts(Scope scope);

// The value as TOML writes it: "true", "\"5 s\"", "[\"a\", \"b\"]". `key` may be
// "environment.NAME". Errc::not_found for a key that does not exist.
Result<std::string> value_text(const AccountSettings& settings, std::string_view key);
Result<std::string> value_text(const DaemonSettings& settings, std::string_view key);
// Sets one key from what value_text() returns, validated like a line of a file; updates the
// fingerprint. An empty text takes a name out of `environment`.
Result<void> set_value(AccountSettings& settings, std::string_view key, std::string_view text);
Result<void> set_value(DaemonSettings& settings, std::string_view key, std::string_view text);

// All keys with their values as a file of its own, which reads back to the same settings.
std::string to_toml(const AccountSettings& settings);
std::string to_toml(const DaemonSettings& settings);

std::uint64_t fingerprint(const AccountSettings& settings);

}  // namespace bullpen::config
