#include "notify/message.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/base/utf8.hpp"
#include "common/config/alert_settings.hpp"
#include "common/config/rules.hpp"
#include "common/documents/json_text.hpp"
#include "common/model/advice.hpp"

namespace bullpen::notify {

namespace {

constexpr std::string_view k_crlf = "\r\n";
constexpr std::size_t k_subject_bytes_max = 200;
constexpr std::size_t k_encoded_bytes = 42;  // of UTF-8 in one encoded word of 75 columns
constexpr std::size_t k_quoted_line_max = 73;
constexpr std::string_view k_hex = "0123456789ABCDEF";

// One line, whatever was in it.
std::string one_line(std::string_view text) {
    std::string flat(text);
    std::replace(flat.begin(), flat.end(), '\n', ' ');
    return config::made_printable(flat);
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

std::string advice_of(const Alert& alert) {
    const std::string advice(alert.advice.empty() ? alerts::facts(alert.kind).advice
                                                  : std::string_view(alert.advice));
    return alert.account.empty() ? advice : model::with_name(advice, alert.account);
}

std::string more_text(const Alert& alert) {
    return alert.more == 0 ? std::string() : "and " + std::to_string(alert.more) + " more";
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view k_digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t j = 0; j < 3; ++j)
            three = three << 8U |
                    (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            out += i + j > bytes.size() ? '=' : k_digits[three >> (18U - 6U * j) & 63U];
    }
    return out;
}

// By RFC 2047 where it must be.
std::string header_text(std::string_view text) {
    if (is_ascii(text))
        return std::string(text);
    std::string out;
    while (!text.empty()) {
        const auto part = cut_utf8(text, k_encoded_bytes);
        out += (out.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + base64(part)) + "?=";
        text.remove_prefix(std::max<std::size_t>(1, part.size()));
    }
    return out;
}

// By RFC 2045: any text over any server.
std::string quoted_printable(std::string_view text) {
    std::string out;
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') {
            out += k_crlf;
            column = 0;
            continue;
        }
        const bool ends = i + 1 == text.size() || text[i + 1] == '\n';
        const bool plain = (c > ' ' && c < '\x7f' && c != '=') || (c == ' ' && !ends);
        if (column >= k_quoted_line_max) {
            out += "=\r\n";
            column = 0;
        }
        if (plain) {
            out += c;
            ++column;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'=', k_hex[byte >> 4U], k_hex[byte & 15U]};
            column += 3;
        }
    }
    return out;
}

// "Sun, 22 Nov 2026 07:01:33 +0000"
std::string mail_date(UtcTime time) {
    static constexpr std::array<const char*, 7> k_days = {"Sun", "Mon", "Tue", "Wed",
                                                          "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> k_months = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    std::array<char, 40> text{};
    std::snprintf(
        text.data(), text.size(), "%s, %02u %s %d %02d:%02d:%02d +0000",
        k_days.at(std::chrono::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
        k_months.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    return text.data();
}

}  // namespace

std::string address_of(const std::string& recipient) {
    return recipient.starts_with(config::k_short_form)
               ? recipient.substr(config::k_short_form.size())
               : recipient;
}

std::string headline(const Alert& alert) {
    std::string line = upper(code(alert.severity())) + " " + std::string(code(alert.kind)) +
                       (alert.account.empty() ? "" : " " + alert.account);
    const auto more = more_text(alert);
    if (!more.empty())
        line += " (" + more + ")";
    return line + ": " + one_line(std::string_view(alert.text).substr(0, alert.text.find('\n')));
}

std::string brief(const Alert& alert) {
    return std::string(cut_utf8(headline(alert), k_brief_max));
}

std::string body(const Alert& alert, const std::string& home) {
    std::string text;
    for (std::string_view rest = alert.text; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        text += config::made_printable(rest.substr(0, end)) + "\n";
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (alert.more > 0)
        text += "The last of several: " + more_text(alert) + " since " + format_utc(alert.since) +
                ".\n";
    text += "\nWhat it means: " + std::string(alerts::facts(alert.kind).sentence) + ".\n";
    text += "What to do: " + one_line(advice_of(alert)) + ".\n\n";
    text += "home:    " + one_line(home) + "\n";
    if (!alert.account.empty())
        text += "account: " + one_line(alert.account) + "\n";
    text += "alert:   " + std::string(code(alert.kind)) + ", " +
            std::string(code(alert.severity())) + "\n";
    return text + "when:    " + format_utc(alert.at) + "\nid:      " + alert.id + "\n";
}

std::string json(const Alert& alert, const std::string& home) {
    using nlohmann::ordered_json;
    const ordered_json object = {
        {"v", 1},
        {"id", alert.id},
        {"alert", code(alert.kind)},
        {"severity", code(alert.severity())},
        {"home", home},
        {"account", alert.account.empty() ? ordered_json(nullptr) : ordered_json(alert.account)},
        {"subject", alert.subject.empty() ? ordered_json(nullptr) : ordered_json(alert.subject)},
        {"text", alert.text},
        {"advice", advice_of(alert)},
        {"at", format_utc(alert.at)},
        {"more", alert.more},
        {"since", alert.more == 0 ? ordered_json(nullptr) : ordered_json(format_utc(alert.since))}};
    return documents::json_text(object);
}

std::string mail(const Delivery& delivery, const std::string& from, const std::string& home,
                 UtcTime now) {
    const auto& alert = delivery.alert;
    const bool is_brief = delivery.form == Form::brief;
    std::string to;
    for (const auto& recipient : delivery.recipients)
        to += (to.empty() ? "" : ",\r\n ") + address_of(recipient);
    const std::string subject(
        cut_utf8("[" + one_line(home) + "] " + headline(alert), k_subject_bytes_max));
    std::string text = "Date: " + mail_date(now) + "\r\n";
    text += "From: " + from + "\r\n";
    text += "To: " + to + "\r\n";
    // A gateway puts the subject in front of the text, and both have to fit.
    if (!is_brief)
        text += "Subject: " + header_text(subject) + "\r\n";
    // The same for each attempt: who gets it twice can tell.
    text += "Message-ID: <" + alert.id + "." + std::to_string(delivery.number) +
            "@alerts.bullpen.invalid>\r\n";
    text += "X-Bullpen-Alert: " + std::string(code(alert.kind)) + "\r\n";
    text += "X-Bullpen-Alert-Id: " + alert.id + "\r\n";
    text += "Auto-Submitted: auto-generated\r\n";
    text += "MIME-Version: 1.0\r\n";
    text += "Content-Type: text/plain; charset=utf-8\r\n";
    text += "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
    return text + quoted_printable(is_brief ? brief(alert) + "\n" : body(alert, home));
}

}  // namespace bullpen::notify
