#include "common/config/rules.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "common/base/ids.hpp"
#include "common/base/tcp_endpoint.hpp"
#include "common/base/utf8.hpp"
#include "common/config/settings.hpp"

namespace bullpen::config {

namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
    return is_lower(c) || is_upper(c) || is_digit(c);
}

template <class Test>
bool all(std::string_view text, Test test) {
    return std::all_of(text.begin(), text.end(), test);
}

template <std::size_t n>
bool one_of(std::string_view text, const std::array<std::string_view, n>& words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

// Decodes one character of valid UTF-8 and moves `at` behind it.
char32_t next_character(std::string_view text, std::size_t& at) {
    const auto first = static_cast<unsigned char>(text[at++]);
    if (first < 0x80)
        return first;
    const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    char32_t character = first & (0x3F >> more);
    for (int i = 0; i < more && at < text.size(); ++i)
        character = (character << 6) | (static_cast<unsigned char>(text[at++]) & 0x3F);
    return character;
}

bool moves_or_hides(char32_t c) {
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    const bool separator = c == 0x2028 || c == 0x2029;
    const bool direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    const bool invisible = c == 0x200B || c == 0x200E || c == 0x200F || c == 0x2060 || c == 0xFEFF;
    return control || separator || direction || invisible;
}

constexpr std::array<std::string_view, 15> k_secret_words = {
    "password",   "passwords",   "passwd", "pass",     "passphrase",
    "secret",     "secrets",     "token",  "tokens",   "apikey",
    "credential", "credentials", "totp",   "passcode", "mpin"};
// Only where nothing is behind them: "pin_bar" is a candle.
constexpr std::array<std::string_view, 3> k_last_words = {"pin", "pw", "pwd"};
constexpr std::array<std::string_view, 12> k_key_kinds = {
    "api", "access",   "private", "secret",  "auth",       "signing",
    "app", "consumer", "license", "licence", "encryption", "user"};
// Words that end in one of these are theirs, whatever is before: "BROKERPWD", "accesstoken".
constexpr std::array<std::string_view, 8> k_secret_endings = {
    "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "credentials"};
// Shorter ones end words of all kinds ("compass", "spin"), so who it is of must be before them.
constexpr std::array<std::string_view, 3> k_short_endings = {"pass", "pin", "pw"};
constexpr std::array<std::string_view, 29> k_owners = {
    "my",   "user",  "usr",  "login", "broker", "account", "acct",  "admin",   "root",   "db",
    "sql",  "mysql", "smtp", "mail",  "email",  "ftp",     "api",   "app",     "web",    "bot",
    "auth", "proxy", "kite", "trade", "trader", "trading", "redis", "zerodha", "topstep"};
constexpr std::array<std::string_view, 7> k_place_words = {"file", "path", "dir", "directory",
                                                           "url",  "name", "id"};

// Words that were written together, of which the last is a secret's: "mypin", "appkey".
bool is_secret_run(std::string_view word) {
    const auto before = [&](std::string_view ending) {
        return word.size() > ending.size() && word.ends_with(ending)
                   ? word.substr(0, word.size() - ending.size())
                   : std::string_view();
    };
    const auto is_ending = [&](std::string_view ending) { return !before(ending).empty(); };
    const auto is_owned = [&](std::string_view ending) { return one_of(before(ending), k_owners); };
    return std::any_of(k_secret_endings.begin(), k_secret_endings.end(), is_ending) ||
           std::any_of(k_short_endings.begin(), k_short_endings.end(), is_owned) ||
           one_of(before("key"), k_key_kinds);
}

}  // namespace

bool is_argument(std::string_view text) {
    return text.find('\0') == std::string_view::npos;
}

bool is_printable(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (moves_or_hides(next_character(text, at)))
            return false;
    }
    return true;
}

std::string made_printable(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const std::size_t length = character_length(text.substr(at));
        if (length == 0) {
            ++at;
            out += '?';
        } else if (moves_or_hides(next_character(text, at))) {
            out += '?';
        } else {
            out += text.substr(begin, length);
        }
    }
    return out;
}

bool is_trimmed(std::string_view text) {
    return is_printable(text) && !text.starts_with(' ') && !text.ends_with(' ');
}

bool is_group(std::string_view text) {
    return text.size() <= 32 && text != "all" &&
           all(text, [](char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; });
}

bool is_word(std::string_view text) {
    return AccountId::valid(text);
}

bool is_instrument(std::string_view text) {
    return !text.empty() && text.size() <= 16 &&
           all(text, [](char c) { return is_upper(c) || is_digit(c); });
}

bool is_time_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':')
        return false;
    for (const std::size_t i : {0U, 1U, 3U, 4U}) {
        if (!is_digit(text[i]))
            return false;
    }
    return text.substr(0, 2) < "24" && text[3] < '6';
}

bool is_share_list(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '&' || c == '-' ||
               c == ',' || c == ' ';
    });
}

bool is_order_tag(std::string_view text) {
    constexpr std::size_t k_length = 4;
    return text.size() == k_length && is_instrument(text);
}

bool is_vwap_window(std::string_view text) {
    constexpr std::string_view k_bars = " bars";
    constexpr int k_bars_max = 1440;
    if (text == "session")
        return true;
    if (!text.ends_with(k_bars))
        return false;
    text.remove_suffix(k_bars.size());
    if (text.empty() || text.size() > 4 || text.front() == '0' || !all(text, is_digit))
        return false;
    int bars = 0;
    for (const char c : text)
        bars = bars * 10 + (c - '0');
    return bars <= k_bars_max;
}

bool is_absolute_path(std::string_view text) {
    return text.starts_with('/') && is_printable(text);
}

bool is_contained_path(std::string_view text) {
    for (std::size_t at = 0; at <= text.size();) {
        const auto slash = std::min(text.find('/', at), text.size());
        if (text.substr(at, slash - at) == "..")
            return false;
        at = slash + 1;
    }
    return is_printable(text);
}

bool is_time_zone(std::string_view text) {
    static constexpr std::size_t k_length_max = 64;
    const bool shape = !text.empty() && text.size() <= k_length_max && is_alnum(text.front()) &&
                       is_alnum(text.back()) && all(text, [](char c) {
                           return is_alnum(c) || c == '_' || c == '/' || c == '-' || c == '+';
                       });
    if (!shape || text.find("//") != std::string_view::npos)
        return false;
    return ::access(("/usr/share/zoneinfo/" + std::string(text)).c_str(), R_OK) == 0;
}

bool is_environment_name(std::string_view text) {
    static constexpr std::size_t k_length_max = 128;
    return !text.empty() && text.size() <= k_length_max && !is_digit(text.front()) &&
           all(text, [](char c) { return is_alnum(c) || c == '_'; });
}

bool is_credential_variable(std::string_view text) {
    static constexpr std::size_t k_field_max = 32;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos)
        return false;
    const auto name = text.substr(0, equals);
    const auto field = text.substr(equals + 1);
    return is_environment_name(name) && !is_reserved_environment_name(name) && !field.empty() &&
           field.size() <= k_field_max && is_lower(field.front()) &&
           all(field, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_reach(std::string_view text) {
    return text.size() > 1 && is_absolute_path(text) && is_contained_path(text);
}

bool names_alone(std::string_view text) {
    return text.starts_with(k_names_alone);
}

bool is_read_path(std::string_view text) {
    return is_reach(names_alone(text) ? text.substr(k_names_alone.size()) : text);
}

bool is_permission(std::string_view text) {
    return text == k_permit_chmod || text == k_permit_kill || text == k_permit_setsid ||
           text == k_permit_inotify;
}

bool is_address(std::string_view text) {
    const std::string copy(text);
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    if (::inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1)
        return bytes[0] != 0 && bytes[0] < 224;  // from there on multicast
    return ::inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1 && bytes[0] != 0xFF &&
           std::any_of(bytes.begin(), bytes.end(), [](unsigned char byte) { return byte != 0; });
}

bool is_listen_endpoint(std::string_view text) {
    const auto endpoint = tcp_endpoint_from(text);
    return endpoint &&
           (is_address(endpoint->host) || endpoint->host == "0.0.0.0" || endpoint->host == "::");
}

bool is_health_endpoint(std::string_view text) {
    const auto endpoint = tcp_endpoint_from(text);
    return text == "unix" || (endpoint && is_address(endpoint->host) &&
                              (endpoint->host.starts_with("127.") || endpoint->host == "::1"));
}

bool is_unix_user(std::string_view text) {
    constexpr std::size_t k_name_max = 32;
    constexpr std::size_t k_digits_max = 9;
    const auto is_number = [](std::string_view word) {
        return !word.empty() && word.size() <= k_digits_max && word.front() != '0' &&
               std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    const auto colon = text.find(':');
    if (colon != std::string_view::npos)
        return is_number(text.substr(0, colon)) && is_number(text.substr(colon + 1));
    if (is_number(text))
        return true;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= k_name_max && text != "root" &&
           ((text.front() >= 'a' && text.front() <= 'z') || text.front() == '_') &&
           std::all_of(text.begin(), text.end(), fits);
}

bool is_reserved_environment_name(std::string_view text) {
    return text.starts_with("BULLPEN_") || text == "SELECTED_ACCOUNT_ID" || text == "TMPDIR";
}

std::vector<std::string> words_of(std::string_view name) {
    std::vector<std::string> words(1);
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool new_word = is_upper(c) && i > 0 && (is_lower(name[i - 1]));
        if ((!is_alnum(c) || new_word) && !words.back().empty())
            words.emplace_back();
        if (is_alnum(c))
            words.back() += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (words.back().empty())
        words.pop_back();
    return words;
}

bool looks_secret(std::string_view name) {
    // A shell's own: where it stands.
    if (name == "PWD" || name == "OLDPWD")
        return false;
    const auto words = words_of(name);
    if (words.empty() || one_of(words.back(), k_place_words))
        return false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        // "password2" is one as well.
        const auto word = std::string_view(words[i]).substr(
            0, std::string_view(words[i]).find_last_not_of("0123456789") + 1);
        const bool last = i + 1 == words.size();
        if (one_of(word, k_secret_words) || (last && one_of(word, k_last_words)) ||
            is_secret_run(word))
            return true;
        if (i > 0 && word == "key" && one_of(words[i - 1], k_key_kinds))
            return true;
    }
    return false;
}

bool holds_credentials(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos)
        return false;
    const auto host = text.substr(scheme + 3);
    const auto authority = host.substr(0, host.find_first_of("/?#"));
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos)
        return false;
    const auto colon = authority.substr(0, at).find(':');
    return colon != std::string_view::npos && colon + 1 < at;
}

bool argument_looks_secret(std::string_view argument) {
    if (holds_credentials(argument))
        return true;
    const auto equals = argument.find('=');
    const bool is_option = argument.starts_with('-');
    if (!is_option && equals == std::string_view::npos)
        return false;
    return looks_secret(argument.substr(0, equals));
}

}  // namespace bullpen::config
