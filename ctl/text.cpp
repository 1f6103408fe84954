#include "ctl/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include "common/base/errc.hpp"

namespace bullpen::ctl {

namespace {

void append_two_digits(std::string& out, std::int64_t value) {
    if (value < 10)
        out += '0';
    out += std::to_string(value);
}

bool is_control(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence.front());
    if (sequence.size() == 1)
        return first < 0x20 || first == 0x7f;
    // U+0080 to U+009F: terminals read some of them as the start of an escape sequence.
    return sequence.size() == 2 && first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;
}

}  // namespace

std::string duration_text(Nanos duration) {
    const auto total = std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
    std::string out;
    if (total < 60)
        return std::to_string(total) + "s";
    if (total < 3600) {
        out = std::to_string(total / 60) + "m";
        append_two_digits(out, total % 60);
        return out + "s";
    }
    if (total < 86'400) {
        out = std::to_string(total / 3600) + "h";
        append_two_digits(out, total / 60 % 60);
        return out + "m";
    }
    out = std::to_string(total / 86'400) + "d";
    append_two_digits(out, total / 3600 % 24);
    return out + "h";
}

std::string age_text(Nanos age) {
    if (age >= std::chrono::seconds(10))
        return duration_text(age);
    const auto tenths = std::max<std::int64_t>(0, age / std::chrono::milliseconds(100));
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s";
}

std::string bytes_text(std::uint64_t bytes) {
    if (bytes < 1024)
        return std::to_string(bytes) + "B";
    constexpr std::array units = {'K', 'M', 'G', 'T', 'P', 'E'};
    std::size_t unit = 0;
    while (unit + 1 < units.size() && bytes >= 1024ULL * 1024) {
        bytes /= 1024;
        ++unit;
    }
    const auto whole = bytes / 1024;
    std::string out = std::to_string(whole);
    if (whole < 10) {
        out += '.';
        out += std::to_string(bytes % 1024 * 10 / 1024);
    }
    return out + units.at(unit);
}

Result<Nanos> parse_duration(std::string_view text) {
    double number = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    while (!unit.empty() && unit.front() == ' ')
        unit.remove_prefix(1);
    double seconds = 0;
    if (unit.empty() || unit == "s")
        seconds = 1;
    else if (unit == "ms")
        seconds = 0.001;
    else if (unit == "m" || unit == "min")
        seconds = 60;
    else if (unit == "h")
        seconds = 3600;
    constexpr double seconds_max = 86'400.0 * 366;
    const bool sound = error == std::errc{} && seconds > 0 && number >= 0;
    if (!sound || number * seconds > seconds_max) {
        return fail(Errc::invalid, "'" + printable(text) +
                                       "' is not a duration; write 30s, 500ms, \"5 min\" or 2h");
    }
    return Nanos(static_cast<std::int64_t>(number * seconds * 1e9));
}

Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t most) {
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end || number > most) {
        return fail(Errc::invalid, "'" + printable(text) + "' is not a whole number from 0 to " +
                                       std::to_string(most));
    }
    return number;
}

std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto first = byte(0);
    if (first < 0x80)
        return 1;
    const std::size_t length = first >= 0xf0 && first < 0xf5   ? 4
                               : first >= 0xe0 && first < 0xf0 ? 3
                               : first >= 0xc2 && first < 0xe0 ? 2
                                                               : 0;
    if (length == 0 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80)
            return 0;
    }
    const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool surrogate = first == 0xed && byte(1) >= 0xa0;
    const bool beyond = first == 0xf4 && byte(1) >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

std::string spaced_utc(std::string_view utc) {
    constexpr std::size_t k_date_length = 10;
    std::string text(utc);
    if (text.size() > k_date_length && text[k_date_length] == 'T')
        text[k_date_length] = ' ';
    return text;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (const char c : text)
        width += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    return width;
}

void append_printable(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto length = utf8_sequence(text);
        const auto sequence = text.substr(0, std::max<std::size_t>(length, 1));
        if (sequence == "\n" || sequence == "\t" || sequence == "\r")
            out += ' ';
        else if (length == 0 || is_control(sequence))
            out += '?';
        else
            out += sequence;
        text.remove_prefix(sequence.size());
    }
}

std::string printable(std::string_view text) {
    std::string out;
    append_printable(out, text);
    return out;
}

std::string shortened(std::string_view text, std::size_t width) {
    if (display_width(text) <= width)
        return std::string(text);
    const std::string_view mark = width >= 4 ? ".." : "";
    std::size_t kept = 0;
    std::size_t columns = 0;
    while (kept < text.size() && columns < width - mark.size()) {
        kept += std::max<std::size_t>(utf8_sequence(text.substr(kept)), 1);
        ++columns;
    }
    return std::string(text.substr(0, kept)) + std::string(mark);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row[b.size()];
}

std::size_t edits_allowed(std::string_view word) {
    return std::max<std::size_t>(word.size() > 3 ? 2 : 1, word.size() / 3);
}

}  // namespace bullpen::ctl
