// The words of a command line, taken apart against what a command declares. Pure.
//
// An option may stand anywhere before "--": --name VALUE, --name=VALUE, -n VALUE, -nVALUE, and
// single letters may be put together (-fn 20).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "ctl/output.hpp"

namespace bullpen::ctl {

struct Option {
    char letter = '\0';           // '\0': none
    std::string_view name;        // without its dashes
    std::string_view value_name;  // what help calls its value; empty: it takes none
    std::string_view help;
};

struct ParsedOption {
    const Option* option = nullptr;
    std::string_view value;
};

struct Arguments {
    std::vector<ParsedOption> options;
    std::vector<std::string_view> operands;

    [[nodiscard]] bool has(std::string_view name) const { return value(name).has_value(); }
    // The value of the last option of that name.
    [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;
};

// Errors say which word is wrong and which known one is nearest.
Result<Arguments> parse_arguments(std::span<const std::string_view> words,
                                  std::span<const Option> known);

// What every command takes.
struct Globals {
    std::string home;  // as given: --home, else $BULLPEN_HOME, else k_home_default
    bool json = false;
    std::optional<Nanos> timeout;
    // A home on another host instead, "tcp://HOST:PORT"; empty: one of this host.
    std::string host;
    std::string key_file;    // of the asker's own key, there for `host` alone
    std::string server_key;  // public, of the other side
    ColourWish colour = ColourWish::automatic;
    bool help = false;
};

inline constexpr std::string_view k_home_default = "/var/lib/bullpen";

std::span<const Option> global_options();
// `home_variable`: $BULLPEN_HOME, null when unset.
Result<Globals> read_globals(const Arguments& arguments, const char* home_variable);

// Where in `words` the command's name stands, past options and their values; words.size(): nowhere.
std::size_t command_place(std::span<const std::string_view> words);

// The candidate nearest to `word`, or empty when none is near.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace bullpen::ctl
