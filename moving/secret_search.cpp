#include "moving/secret_search.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "common/base/trimmed.hpp"
#include "common/config/rules.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

constexpr std::size_t k_name_max = 128;
constexpr std::size_t k_value_max = 4096;
constexpr std::size_t k_long_run = 20;  // letters and digits without anything between them
constexpr std::size_t k_seed_run = 16;  // as base32 has them

// Beside those that no account's file may hold.
constexpr std::array<std::string_view, 22> k_words{
    "pin",     "mpin",      "pwd",      "pw",           "otp",      "totp",
    "2fa",     "twofa",     "mfa",      "cookie",       "cookies",  "jwt",
    "bearer",  "dsn",       "mnemonic", "webhook",      "webhooks", "enctoken",
    "authkey", "sessionid", "passcode", "authorization"};

bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return is_alnum(c) && !is_digit(c);
}
bool is_name_character(char c) {
    return is_alnum(c) || c == '_' || c == '-' || c == '.';
}
// Of a token in base64 for addresses.
bool is_token_character(char c) {
    return is_alnum(c) || c == '_' || c == '-';
}

bool is_part_character(char c) {
    return is_token_character(c) || c == '/';
}

std::size_t run(std::string_view text, bool (*fits)(char)) {
    const auto* end = std::find_if_not(text.begin(), text.end(), fits);
    return static_cast<std::size_t>(end - text.begin());
}

bool any(std::string_view text, bool (*fits)(char)) {
    return std::any_of(text.begin(), text.end(), fits);
}

bool mixes(std::string_view text) {
    return any(text, is_digit) && any(text, [](char c) { return is_alnum(c) && !is_digit(c); });
}

bool all_of(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

// What people write where a secret is to be put, and what programs write where one is elsewhere.
bool is_placeholder(std::string_view value) {
    const auto plain = lower(trimmed(value));
    constexpr std::array<std::string_view, 12> k_beginnings{
        "your", "<", "${", "$(", "{", "%(", "change", "xxx", "***", "...", "insert", "enter"};
    constexpr std::array<std::string_view, 9> k_whole{"true", "false", "yes",  "no",       "on",
                                                      "off",  "none",  "null", k_elsewhere};
    return plain.empty() || std::find(k_whole.begin(), k_whole.end(), plain) != k_whole.end() ||
           std::any_of(k_beginnings.begin(), k_beginnings.end(),
                       [&](auto beginning) { return plain.starts_with(beginning); });
}

// "https://user:word@host": a password within an address.
bool has_password(std::string_view text) {
    for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
        const auto host = text.substr(at + 3, k_value_max);
        const auto authority = host.substr(0, host.find_first_of("/?# \t\r\n\"'<>\\,)"));
        const auto end = authority.rfind('@');
        const auto colon = authority.find(':');
        if (end == std::string_view::npos || colon >= end || colon + 1 == end)
            continue;
        const auto word = authority.substr(colon + 1, end - colon - 1);
        const auto plain = lower(word);
        if (!is_placeholder(word) && word.front() != '%' && plain != "pass" && plain != "password")
            return true;
    }
    return false;
}

// Addresses that whoever has them can write to.
bool has_webhook(std::string_view text) {
    constexpr std::array<std::string_view, 6> k_hooks{
        "hooks.slack.com/services/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/",
        "api.telegram.org/bot",      "webhook.office.com/",       "/with/key/"};
    constexpr std::size_t k_secret_min = 8;
    return std::any_of(k_hooks.begin(), k_hooks.end(), [&](std::string_view hook) {
        for (auto at = text.find(hook); at != std::string_view::npos;
             at = text.find(hook, at + 1)) {
            const auto rest = text.substr(at + hook.size(), k_value_max);
            const auto parts = rest.substr(0, run(rest, is_part_character));
            if (parts.size() >= k_secret_min && any(parts, is_digit))
                return true;
        }
        return false;
    });
}

struct Form {
    std::string_view beginning;
    std::size_t rest_min;  // characters of a token behind it
};
constexpr std::array<Form, 12> k_forms{{{"AKIA", 16},
                                        {"ghp_", 20},
                                        {"github_pat_", 20},
                                        {"glpat-", 16},
                                        {"sk_live_", 16},
                                        {"rk_live_", 16},
                                        {"sk-ant-", 20},
                                        {"sk-proj-", 20},
                                        {"xoxb-", 16},
                                        {"xoxp-", 16},
                                        {"xoxa-", 16},
                                        {"SG.", 20}}};

bool has_known_form(std::string_view text) {
    for (const auto& form : k_forms) {
        for (auto at = text.find(form.beginning); at != std::string_view::npos;
             at = text.find(form.beginning, at + 1)) {
            const bool starts = at == 0 || !is_token_character(text[at - 1]);
            const auto rest = text.substr(at + form.beginning.size(), k_value_max);
            if (starts && run(rest, is_token_character) >= form.rest_min && any(rest, is_digit))
                return true;
        }
    }
    // A signed token: three parts, of which the first two are JSON.
    for (auto at = text.find("eyJ"); at != std::string_view::npos; at = text.find("eyJ", at + 1)) {
        const auto rest = text.substr(at, k_value_max);
        const auto first = run(rest, is_token_character);
        if (first >= 12 && rest.substr(first).starts_with(".eyJ"))
            return true;
    }
    return false;
}

// "123456789:AA..." with 35 characters behind the colon: what a chat's bot speaks with.
bool has_chat_token(std::string_view text) {
    for (auto at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
        std::size_t digits = 0;
        while (digits < at && is_digit(text[at - digits - 1]))
            ++digits;
        if (digits >= 8 && digits <= 12 &&
            run(text.substr(at + 1, k_value_max), is_token_character) == 35)
            return true;
    }
    return false;
}

// What can be told in any text, whatever is around it.
std::string_view form_in(std::string_view text) {
    if (const auto at = text.find("-----BEGIN ");
        at != std::string_view::npos &&
        text.substr(at, 48).find("PRIVATE KEY") != std::string_view::npos)
        return "a private key";
    if (text.find("otpauth://") != std::string_view::npos)
        return "the seed of one-time passwords";
    if (has_password(text))
        return "a password in an address";
    if (has_webhook(text))
        return "the address of a webhook";
    return has_known_form(text) || has_chat_token(text) ? "a token" : std::string_view();
}

// One name with its value, wherever it stands in a line.
struct Assignment {
    std::string_view name;
    std::string_view value;
    bool quoted = false;
};

std::string_view name_before(std::string_view line, std::size_t at) {
    const auto skip = [&](std::string_view characters) {
        while (at > 0 && characters.find(line[at - 1]) != std::string_view::npos)
            --at;
    };
    const auto word = [&] {
        const auto end = at;
        while (at > 0 && end - at < k_name_max && is_name_character(line[at - 1]))
            --at;
        return line.substr(at, end - at);
    };
    skip(" \t\"'])");
    const auto name = word();
    // `api_key: str = "..."`: the name is before the type.
    auto before = at;
    while (before > 0 && (line[before - 1] == ' ' || line[before - 1] == '\t'))
        --before;
    if (!is_secret_name(name) && before > 0 && line[before - 1] == ':') {
        at = before - 1;
        skip(" \t\"'");
        return word();
    }
    return name;
}

Assignment assignment_at(std::string_view line, std::size_t at) {
    Assignment found;
    found.name = name_before(line, at);
    auto rest = line.substr(at + 1, k_value_max);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    // Python's letters before a quote: r"", b"", f"".
    if (rest.size() > 1 && (rest[1] == '"' || rest[1] == '\'') && is_alnum(rest[0]))
        rest.remove_prefix(1);
    if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'')) {
        found.quoted = true;
        found.value = rest.substr(1, rest.find(rest.front(), 1) - 1);
        return found;
    }
    found.value = trimmed(rest.substr(0, std::min(rest.find(" #"), rest.size())));
    if (found.value.find_first_of("{}[],") != std::string_view::npos)
        found.value = trimmed(found.value.substr(0, found.value.find_first_of("{}[], ")));
    return found;
}

// Calls `take(assignment)` for each of a line, until it returns true.
template <class Take>
bool any_assignment(std::string_view line, const Take& take) {
    constexpr std::string_view k_comparisons = "=!<>+-*/";
    for (auto at = line.find_first_of("=:"); at != std::string_view::npos;
         at = line.find_first_of("=:", at + 1)) {
        const char next = at + 1 < line.size() ? line[at + 1] : '\0';
        const bool compares =
            line[at] == '=' && at > 0 && k_comparisons.find(line[at - 1]) != std::string_view::npos;
        if (next == '=' || next == '/' || compares)
            continue;
        const auto found = assignment_at(line, at);
        if (!found.name.empty() && take(found))
            return true;
    }
    return false;
}

// An identifier as programs have them: "access_token_2".
bool is_identifier(std::string_view value) {
    const auto letters = value.substr(0, value.find_last_not_of("0123456789") + 1);
    return value.size() - letters.size() <= 2 && !any(letters, is_digit) &&
           run(letters, is_name_character) == letters.size();
}

std::string_view last_part(std::string_view name) {
    return name.substr(name.rfind('.') + 1);
}

bool is_credential(const Assignment& one, TextKind kind) {
    const auto name = last_part(one.name);
    if (!is_secret_name(name) || is_placeholder(one.value))
        return false;
    if (kind == TextKind::source)
        return one.quoted && one.value.size() >= 8 && mixes(one.value) &&
               one.value.find_first_of(" {}()$\t") == std::string_view::npos &&
               !is_identifier(one.value);
    // How long something lasts, or when it was got, is none; a PIN is short, and of digits.
    const auto plain = lower(name);
    const bool short_one = plain.find("pin") != std::string::npos ||
                           plain.find("pass") != std::string::npos ||
                           plain.find("pwd") != std::string::npos || plain.ends_with("pw");
    if (short_one)
        return one.value.size() >= 3 && !config::is_absolute_path(one.value);
    return one.value.size() >= 6 && any(one.value, is_alnum) &&
           !all_of(one.value, "0123456789.:-+TZ ") &&
           one.value.find_first_of(" ()") == std::string_view::npos;
}

template <class Take>
bool any_line(std::string_view text, const Take& take) {
    for (int number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (take(number, line))
            return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

}  // namespace

bool is_secret_name(std::string_view name) {
    const auto plain = lower(name);
    const bool licence = plain.ends_with("license") || plain.ends_with("licence") ||
                         plain.ends_with("license_key") || plain.ends_with("licence_key");
    if (licence || config::looks_secret(name))
        return true;
    // Their address is what they are known by.
    if (plain.find("webhook") != std::string::npos)
        return true;
    const auto words = config::words_of(name);
    const auto is_one = [](std::string_view word) {
        return std::find(k_words.begin(), k_words.end(), word) != k_words.end();
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool last = i + 1 == words.size();
        // A candle, which strategies look for.
        if (words[i] == "pin" && !last && words[i + 1].starts_with("bar"))
            continue;
        // "sessionId" and "session_id" are as "sessionid" is.
        if (is_one(words[i]) || (!last && is_one(words[i] + words[i + 1])))
            return true;
    }
    // "auth_mode" is none.
    return !words.empty() && words.back() == "auth";
}

bool is_secret_value(std::string_view value) {
    if (!form_in(value).empty())
        return true;
    const auto text = trimmed(value);
    constexpr std::string_view k_base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto word = text.substr(at, run(text.substr(at), is_alnum));
        if (mixes(word) &&
            (word.size() >= k_long_run || (word.size() >= k_seed_run && all_of(word, k_base32))))
            return true;
        at += word.size();
    }
    constexpr std::size_t k_padded_min = 24;
    return text.size() >= k_padded_min && text.ends_with('=') && mixes(text) &&
           text.find_first_of(" ,;:{}\"") == std::string_view::npos &&
           text.find('=') + 2 >= text.size();
}

bool is_secret_member(std::string_view name, std::string_view value) {
    const auto plain = lower(trimmed(value));
    if (plain == "true" || plain == "false")
        return false;
    const auto word = lower(name);
    const bool names_somebody =
        word.ends_with("id") || word.ends_with("name") || word.ends_with("account");
    return is_secret_name(name) ||
           (names_somebody ? !form_in(value).empty() : is_secret_value(value));
}

void KnownSecrets::add(std::string_view value) {
    constexpr std::size_t k_mixed_min = 6;
    constexpr std::size_t k_any_min = 12;
    if (is_placeholder(value) || value.size() > k_value_max || value.size() < k_mixed_min ||
        (value.size() < k_any_min && run(value, is_letter) == value.size()))
        return;
    keep(std::string(value));
    // As some editors write.
    std::string wide;
    for (const char c : value)
        wide += std::string{c, '\0'};
    keep(std::move(wide));
}

void KnownSecrets::keep(std::string value) {
    for (const auto& known : values_) {
        if (known.reveal() == value)
            return;
    }
    longest_ = std::max(longest_, value.size());
    beginnings_.set(static_cast<unsigned char>(value[0]) * 256U +
                    static_cast<unsigned char>(value[1]));
    values_.emplace_back(std::move(value));
}

std::size_t KnownSecrets::length_at(std::string_view text, std::size_t at) const {
    if (at + 1 >= text.size() || !beginnings_.test(static_cast<unsigned char>(text[at]) * 256U +
                                                   static_cast<unsigned char>(text[at + 1])))
        return 0;
    std::size_t length = 0;
    for (const auto& value : values_) {
        if (text.substr(at).starts_with(value.reveal()))
            length = std::max(length, value.size());
    }
    return length;
}

bool KnownSecrets::in(std::string_view text) const {
    if (values_.empty())
        return false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (length_at(text, at) != 0)
            return true;
    }
    return false;
}

std::string KnownSecrets::taken_out(std::string_view text) const {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto length = length_at(text, at);
        if (length == 0) {
            out += text[at++];
            continue;
        }
        out += k_elsewhere;
        at += length;
    }
    return out;
}

KnownSecrets known_secrets(std::span<const OldFile> files) {
    KnownSecrets known;
    constexpr std::size_t k_settings_max = std::size_t{1} << 20;  // bytes; beyond are records
    for (const auto& file : files) {
        if (file.text.size() > k_settings_max)
            continue;
        any_line(file.text, [&](int, std::string_view line) {
            return any_assignment(line, [&](const Assignment& one) {
                if (is_credential(one, TextKind::settings)) {
                    known.add(one.value);
                    known.add(ini_value(one.value));
                }
                return false;
            });
        });
    }
    return known;
}

std::string credentials_in(std::string_view text, TextKind kind, const KnownSecrets& known) {
    if (known.in(text))
        return "a credential of the settings that are imported";
    if (const auto form = form_in(text); !form.empty())
        return std::string(form);
    std::string what;
    if (kind != TextKind::record) {
        any_line(text, [&](int number, std::string_view line) {
            return any_assignment(line, [&](const Assignment& one) {
                if (!is_credential(one, kind))
                    return false;
                what = std::string(last_part(one.name)) + " in line " + std::to_string(number);
                return true;
            });
        });
    }
    return what;
}

}  // namespace bullpen::moving
