#include "calendar/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"

namespace bullpen::calendar {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 12> k_months{
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
char lowered(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// How many bytes of a no-break or zero-width space begin the text.
std::size_t wide_blank(std::string_view text) {
    if (text.starts_with("\xC2\xA0"))
        return 2;
    if (text.starts_with("\xE2\x80\x8B") || text.starts_with("\xEF\xBB\xBF") ||
        text.starts_with("\xE2\x80\xAF"))
        return 3;
    return 0;
}

// How many bytes of UTF-8 begin the text; 0 when it begins with none.
std::size_t character_size(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80)
        return first == 0 ? 0 : 1;
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size)
        return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80)
            return 0;
    }
    const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
    const bool beyond = (first == 0xED && byte(1) >= 0xA0) || (first == 0xF4 && byte(1) >= 0x90);
    return overlong || beyond ? 0 : size;
}

void append_utf8(std::string& out, std::uint32_t code) {
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (code == 0 || code > 0x10FFFF || surrogate)
        code = 0xFFFD;
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

// "#8217" or "#x27" -> the character's number.
std::optional<std::uint32_t> numeric_entity(std::string_view name) {
    if (name.size() < 2 || name.front() != '#')
        return std::nullopt;
    name.remove_prefix(1);
    const bool hex = lowered(name.front()) == 'x';
    if (hex)
        name.remove_prefix(1);
    if (name.empty() || name.size() > 7)
        return std::nullopt;
    std::uint32_t code = 0;
    for (const char raw : name) {
        const char c = lowered(raw);
        if (is_digit(c))
            code = code * (hex ? 16U : 10U) + static_cast<std::uint32_t>(c - '0');
        else if (hex && c >= 'a' && c <= 'f')
            code = code * 16U + static_cast<std::uint32_t>(c - 'a' + 10);
        else
            return std::nullopt;
    }
    return code;
}

bool append_entity(std::string& out, std::string_view name) {
    struct Named {
        std::string_view name;
        std::string_view text;
    };
    constexpr std::array k_named{Named{"lt", "<"},    Named{"gt", ">"},
                                 Named{"amp", "&"},   Named{"quot", "\""},
                                 Named{"apos", "'"},  Named{"nbsp", "\xC2\xA0"},
                                 Named{"ndash", "-"}, Named{"rsquo", "\xE2\x80\x99"}};
    for (const Named& named : k_named) {
        if (named.name == name) {
            out += named.text;
            return true;
        }
    }
    const auto code = numeric_entity(name);
    if (code)
        append_utf8(out, *code);
    return code.has_value();
}

// "+00:00", "-0400", "Z"; what local time is ahead of UTC.
std::optional<seconds> offset_of(std::string_view text) {
    if (text == "Z" || text == "z")
        return seconds(0);
    if (text.size() < 5 || (text.front() != '+' && text.front() != '-'))
        return std::nullopt;
    const bool ahead = text.front() == '+';
    text.remove_prefix(1);
    const auto hours = number(text.substr(0, 2));
    const auto past = number(text[2] == ':' ? text.substr(3) : text.substr(2), 2);
    if (!hours || !past || *hours > 14 || *past > 59)
        return std::nullopt;
    const seconds value = std::chrono::hours(*hours) + minutes(*past);
    return ahead ? value : -value;
}

// "12:30" or "12:30:15".
std::optional<seconds> clock_of(std::string_view text) {
    const auto parts = split(text, ':');
    if (parts.size() < 2 || parts.size() > 3)
        return std::nullopt;
    std::array<int, 3> values{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto value = number(parts[i], 2);
        if (!value)
            return std::nullopt;
        values.at(i) = *value;
    }
    if (values[0] > 23 || values[1] > 59 || values[2] > 59)
        return std::nullopt;
    return std::chrono::hours(values[0]) + minutes(values[1]) + seconds(values[2]);
}

}  // namespace

std::string_view without_bom(std::string_view text) {
    return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t size = character_size(text.substr(i, 4));
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

std::string_view as_utf8(std::string_view text, std::string& room) {
    if (is_utf8(text))
        return text;
    room.clear();
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t size = character_size(text.substr(i, 4));
        if (size == 0)
            room += "\xEF\xBF\xBD";
        else
            room += text.substr(i, size);
        i += std::max<std::size_t>(size, 1);
    }
    return room;
}

std::string squeezed(std::string_view text) {
    std::string out;
    bool blank = false;
    for (std::size_t i = 0; i < text.size();) {
        const bool ascii = static_cast<unsigned char>(text[i]) < 0x80;
        const std::size_t wide = ascii ? 0 : wide_blank(text.substr(i, 3));
        if (wide > 0 || is_blank(text[i])) {
            blank = true;
            i += std::max<std::size_t>(wide, 1);
            continue;
        }
        if (blank && !out.empty())
            out += ' ';
        blank = false;
        out += text[i++];
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lowered);
    return out;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return parts;
        text.remove_prefix(at + 1);
    }
}

std::string unescaped(std::string_view text) {
    constexpr std::size_t k_entity_max = 10;
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '&') {
            const auto end = text.substr(i, k_entity_max).find(';');
            if (end != std::string_view::npos && append_entity(out, text.substr(i + 1, end - 1))) {
                i += end;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

std::string without_tags(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto open = text.find('<');
        out += text.substr(0, open);
        const auto close = open == std::string_view::npos ? open : text.find('>', open);
        if (close == std::string_view::npos)
            return out;
        out += ' ';
        text.remove_prefix(close + 1);
    }
    return out;
}

std::string slug(std::string_view text, std::size_t size_max) {
    std::string out;
    for (const char raw : text) {
        const char c = lowered(raw);
        if (is_digit(c) || (c >= 'a' && c <= 'z'))
            out += c;
        else if (!out.empty() && out.back() != '-')
            out += '-';
        if (out.size() >= size_max)
            break;
    }
    while (!out.empty() && out.back() == '-')
        out.pop_back();
    return out.empty() ? "x" : out;
}

std::optional<int> number(std::string_view text, std::size_t digits_max) {
    if (text.empty() || text.size() > std::min<std::size_t>(digits_max, 9) ||
        !std::all_of(text.begin(), text.end(), is_digit))
        return std::nullopt;
    int value = 0;
    for (const char c : text)
        value = value * 10 + (c - '0');
    return value;
}

std::optional<unsigned> month_number(std::string_view name) {
    std::string wanted = lower(trimmed(name));
    if (!wanted.empty() && wanted.back() == '.')
        wanted.pop_back();
    if (wanted.size() < 3)
        return std::nullopt;
    for (unsigned i = 0; i < k_months.size(); ++i) {
        if (k_months.at(i).starts_with(wanted))
            return i + 1;
    }
    return std::nullopt;
}

std::optional<minutes> time_of_day(std::string_view text) {
    std::string plain;
    for (const char c : squeezed(text)) {
        if (c != '.' && c != ' ')
            plain += lowered(c);
    }
    const bool morning = plain.ends_with("am");
    const bool evening = plain.ends_with("pm");
    if (morning || evening)
        plain.resize(plain.size() - 2);
    const auto parts = split(plain, ':');
    const auto hour = number(parts[0], 2);
    const auto past = parts.size() == 2 && parts[1].size() == 2   ? number(parts[1], 2)
                      : parts.size() == 1 && (morning || evening) ? std::optional<int>(0)
                                                                  : std::nullopt;
    if (!hour || !past || *past > 59)
        return std::nullopt;
    if (!morning && !evening)
        return *hour <= 23 ? std::optional(minutes(*hour * 60 + *past)) : std::nullopt;
    if (*hour < 1 || *hour > 12)
        return std::nullopt;
    return minutes((*hour % 12 + (evening ? 12 : 0)) * 60 + *past);
}

std::optional<events::Day> iso_day(std::string_view text) {
    const auto parts = split(text, '-');
    if (parts.size() != 3 || parts[0].size() != 4 || parts[1].size() != 2 || parts[2].size() != 2)
        return std::nullopt;
    const auto year = number(parts[0]);
    const auto month = number(parts[1]);
    const auto day = number(parts[2]);
    if (!year || !month || !day)
        return std::nullopt;
    return day_of(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day));
}

std::optional<UtcTime> iso_instant(std::string_view text) {
    text = trimmed(text);
    const auto divider = text.find_first_of("Tt");
    if (divider == std::string_view::npos)
        return std::nullopt;
    const auto day = iso_day(text.substr(0, divider));
    std::string_view rest = text.substr(divider + 1);
    const auto end = rest.find_first_of("Zz+-");
    if (!day || end == std::string_view::npos)
        return std::nullopt;
    const auto offset = offset_of(rest.substr(end));
    std::string_view clock = rest.substr(0, end);
    clock = clock.substr(0, clock.find('.'));
    const auto time = clock_of(clock);
    if (!offset || !time)
        return std::nullopt;
    return UtcTime(*day + *time - *offset);
}

std::optional<UtcTime> mail_instant(std::string_view text) {
    const auto comma = text.find(',');
    const std::string plain =
        squeezed(comma == std::string_view::npos ? text : text.substr(comma + 1));
    const auto words = split(plain, ' ');
    if (words.size() != 5)
        return std::nullopt;
    const auto day_number = number(words[0], 2);
    const auto month = month_number(words[1]);
    const auto year = number(words[2], 4);
    const auto time = clock_of(words[3]);
    if (!day_number || !month || !year || !time)
        return std::nullopt;
    const auto day = day_of(*year, *month, static_cast<unsigned>(*day_number));
    std::optional<seconds> offset = offset_of(words[4]);
    if (words[4] == "GMT" || words[4] == "UT" || words[4] == "UTC")
        offset = seconds(0);
    else if (words[4] == "EST")
        offset = std::chrono::hours(-5);
    else if (words[4] == "EDT")
        offset = std::chrono::hours(-4);
    if (!day || !offset)
        return std::nullopt;
    return UtcTime(*day + *time - *offset);
}

Result<void> check_json(std::string_view json) {
    int depth = 0;
    std::size_t values = 0;
    std::size_t blanks = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
            continue;
        }
        blanks = is_blank(c) ? blanks + 1 : 0;
        const bool opens = c == '[' || c == '{';
        values += opens || c == ',' ? 1 : 0;
        depth += opens ? 1 : c == ']' || c == '}' ? -1 : 0;
        quoted = c == '"';
        if (depth > k_json_depth_max)
            return fail(Errc::too_large, "it is nested too deeply");
        if (values > k_json_values_max)
            return fail(Errc::too_large,
                        "it has more than " + std::to_string(k_json_values_max) + " values");
        if (blanks > k_json_blanks_max)
            return fail(Errc::too_large,
                        "it has more than " + std::to_string(k_json_blanks_max) + " blanks on end");
    }
    return {};
}

std::optional<MonthSpan> month_span(std::string_view text) {
    // Words and numbers alone; dashes of every kind fall away.
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty())
            words.push_back(std::exchange(word, {}));
    };
    for (const char raw : text) {
        const char c = lowered(raw);
        const bool letter = c >= 'a' && c <= 'z';
        if (!letter && !is_digit(c)) {
            end_word();
        } else {
            if (!word.empty() && is_digit(word.back()) != is_digit(c))
                end_word();
            word += c;
        }
    }
    end_word();
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const auto month = month_number(words[i]);
        const auto first = number(words[i + 1], 2);
        if (!month || !first)
            continue;
        MonthSpan span{*month, static_cast<unsigned>(*first), *month,
                       static_cast<unsigned>(*first)};
        std::size_t next = i + 2;
        const auto other = next < words.size() ? month_number(words[next]) : std::nullopt;
        if (other)
            ++next;
        const auto last = next < words.size() ? number(words[next], 2) : std::nullopt;
        if (last) {
            span.last_month = other.value_or(*month);
            span.last_day = static_cast<unsigned>(*last);
        }
        return span;
    }
    return std::nullopt;
}

// ---- days

std::optional<events::Day> day_of(int year, unsigned month, unsigned day) {
    // What nanoseconds since 1970 can hold, with room to reckon.
    if (year < 1900 || year > 2200)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    return date.ok() ? std::optional<events::Day>(events::Day(date)) : std::nullopt;
}

bool is_weekend(events::Day day) {
    const std::chrono::weekday weekday(day);
    return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

events::Day first_of_month(events::Day day) {
    const auto date = calendar_of(day);
    return events::Day(date.year() / date.month() / 1);
}

events::Day last_of_month(events::Day day) {
    const auto date = calendar_of(day);
    return events::Day(date.year() / date.month() / std::chrono::last);
}

int month_index(events::Day day) {
    const auto date = calendar_of(day);
    return static_cast<int>(date.year()) * 12 +
           static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

std::string month_text(int index) {
    std::string text = std::to_string(index / 12) + "-";
    const int month = index % 12 + 1;
    return text + (month < 10 ? "0" : "") + std::to_string(month);
}

std::string quarter_before(int index) {
    const int quarter = index / 3 - 1;
    return std::to_string(quarter / 4) + "-q" + std::to_string(quarter % 4 + 1);
}

}  // namespace bullpen::calendar
