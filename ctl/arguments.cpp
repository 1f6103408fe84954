#include "ctl/arguments.hpp"

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "common/base/tcp_endpoint.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 9> k_global_options = {{
    {'H', "home", "DIR", "the home to work on; default $BULLPEN_HOME, else /var/lib/bullpen"},
    {'\0', "host", "ENDPOINT",
     "tcp://HOST:PORT of a home on another host, through its bullpen-remote"},
    {'\0', "key", "FILE", "with --host: your own key, which bullpenctl remote keygen FILE made"},
    {'\0', "server-key", "KEY",
     "with --host: the public key that bullpenctl remote list shows there"},
    {'j', "json", "", "print JSON (docs/json.md) instead of text"},
    {'t', "timeout", "TIME", "how long to wait for the result, such as 30s or 5min"},
    {'\0', "color", "WHEN", "auto (on a terminal, unless NO_COLOR is set), always or never"},
    {'h', "help", "", "print what the command does and exit"},
    {'V', "version", "", "print the version and exit"},
}};

// A key alone, or a host without one, is a mistake that must not end at the home of this host.
Result<void> read_host(const Arguments& arguments, Globals* globals) {
    const auto host = arguments.value("host");
    const auto key = arguments.value("key");
    const auto server_key = arguments.value("server-key");
    if (!host && !key && !server_key)
        return {};
    if (!host || !key || !server_key)
        return fail(Errc::invalid, "--host, --key and --server-key go together");
    if (arguments.has("home"))
        return fail(Errc::invalid, "--host and --home name two homes");
    const auto endpoint = tcp_endpoint_from(*host);
    if (!endpoint || endpoint->port == 0)
        return fail(Errc::invalid, "option '--host' takes tcp://HOST:PORT");
    globals->host = text_of(*endpoint);
    globals->key_file = std::string(*key);
    globals->server_key = std::string(*server_key);
    return {};
}

Unexpected unknown_option(std::string_view shown, std::string_view name,
                          std::span<const Option> known) {
    std::vector<std::string_view> names;
    for (const auto& option : known)
        names.push_back(option.name);
    const auto near = nearest_word(name, names);
    std::string message = "unknown option '" + printable(shown) + "'";
    if (!near.empty())
        message += "; did you mean '--" + std::string(near) + "'?";
    return fail(Errc::invalid, message);
}

// Takes "--name", "--name=value" at words[i]; moves i past a separate value.
Result<ParsedOption> parse_long(std::span<const std::string_view> words, std::size_t& i,
                                std::span<const Option> known) {
    const auto body = words[i].substr(2);
    const auto equals = body.find('=');
    const auto name = body.substr(0, equals);
    const auto option =
        std::find_if(known.begin(), known.end(), [&](const auto& o) { return o.name == name; });
    if (option == known.end())
        return unknown_option(words[i].substr(0, 2 + name.size()), name, known);
    const bool inlined = equals != std::string_view::npos;
    if (option->value_name.empty()) {
        if (inlined)
            return fail(Errc::invalid, "option '--" + std::string(name) + "' takes no value");
        return ParsedOption{&*option, {}};
    }
    if (inlined)
        return ParsedOption{&*option, body.substr(equals + 1)};
    if (i + 1 >= words.size())
        return fail(Errc::invalid, "option '--" + std::string(name) + "' needs a value");
    return ParsedOption{&*option, words[++i]};
}

// Takes a bundle of letters at words[i]; moves i past a separate value.
Result<void> parse_letters(std::span<const std::string_view> words, std::size_t& i,
                           std::span<const Option> known, std::vector<ParsedOption>& into) {
    const auto letters = words[i].substr(1);
    for (std::size_t k = 0; k < letters.size(); ++k) {
        const auto option = std::find_if(known.begin(), known.end(),
                                         [&](const auto& o) { return o.letter == letters[k]; });
        const std::string shown = {'-', letters[k]};
        if (option == known.end())
            return unknown_option(shown, letters.substr(k, 1), {});
        if (option->value_name.empty()) {
            into.push_back({&*option, {}});
            continue;
        }
        if (k + 1 < letters.size()) {
            into.push_back({&*option, letters.substr(k + 1)});
        } else {
            if (i + 1 >= words.size())
                return fail(Errc::invalid, "option '" + shown + "' needs a value");
            into.push_back({&*option, words[++i]});
        }
        break;
    }
    return {};
}

bool takes_next_word(std::string_view word) {
    for (const auto& option : k_global_options) {
        if (option.value_name.empty())
            continue;
        if (word == std::string("--").append(option.name))
            return true;
        if (word.size() == 2 && word[0] == '-' && option.letter != '\0' && word[1] == option.letter)
            return true;
    }
    return false;
}

}  // namespace

std::optional<std::string_view> Arguments::value(std::string_view name) const {
    for (auto it = options.rbegin(); it != options.rend(); ++it) {
        if (it->option->name == name)
            return it->value;
    }
    return std::nullopt;
}

Result<Arguments> parse_arguments(std::span<const std::string_view> words,
                                  std::span<const Option> known) {
    Arguments parsed;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto word = words[i];
        if (word == "--") {
            parsed.operands.insert(parsed.operands.end(), words.begin() + std::ptrdiff_t(i) + 1,
                                   words.end());
            break;
        }
        if (word.size() < 2 || word[0] != '-') {
            parsed.operands.push_back(word);
        } else if (word[1] == '-') {
            BULLPEN_TRY(auto option, parse_long(words, i, known));
            parsed.options.push_back(option);
        } else {
            BULLPEN_CHECK(parse_letters(words, i, known, parsed.options));
        }
    }
    return parsed;
}

std::span<const Option> global_options() {
    return k_global_options;
}

Result<Globals> read_globals(const Arguments& arguments, const char* home_variable) {
    Globals globals;
    const bool set = home_variable != nullptr && *home_variable != '\0';
    globals.home = set ? std::string(home_variable) : std::string(k_home_default);
    if (const auto home = arguments.value("home")) {
        if (home->empty())
            return fail(Errc::invalid, "option '--home' needs the name of a directory");
        globals.home = std::string(*home);
    }
    BULLPEN_CHECK(read_host(arguments, &globals));
    globals.json = arguments.has("json");
    globals.help = arguments.has("help");
    if (const auto timeout = arguments.value("timeout")) {
        BULLPEN_TRY(const auto duration, parse_duration(*timeout));
        globals.timeout = duration;
    }
    if (const auto colour = arguments.value("color")) {
        if (*colour == "always")
            globals.colour = ColourWish::always;
        else if (*colour == "never")
            globals.colour = ColourWish::never;
        else if (*colour != "auto")
            return fail(Errc::invalid, "option '--color' takes auto, always or never");
    }
    return globals;
}

std::size_t command_place(std::span<const std::string_view> words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--")
            return i + 1;
        if (words[i].empty() || words[i][0] != '-')
            return i;
        if (takes_next_word(words[i]))
            ++i;
    }
    return words.size();
}

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates) {
    std::size_t best = edits_allowed(word) + 1;
    std::string_view found;
    for (const auto candidate : candidates) {
        const bool begins = word.size() >= 2 && candidate.starts_with(word);
        const auto distance = begins ? 1 : edit_distance(word, candidate);
        if (distance < best) {
            best = distance;
            found = candidate;
        }
    }
    return found;
}

}  // namespace bullpen::ctl
