#include "calendar/ical.hpp"

#include <algorithm>
#include <utility>

#include "calendar/text.hpp"
#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"

namespace bullpen::calendar {

namespace {

// "NAME;PARAMETER=value:value", unfolded.
struct Line {
    std::string name;        // upper case
    std::string_view zone;   // the parameter TZID, without quotes
    std::string_view value;  // as written
};

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-';
    });
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

// The first of `ends` outside of quotes; the size when there is none.
std::size_t end_outside_quotes(std::string_view text, std::size_t from, std::string_view ends) {
    bool quoted = false;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && ends.find(text[i]) != std::string_view::npos)
            return i;
    }
    return text.size();
}

std::string_view unquoted(std::string_view text) {
    return text.size() >= 2 && text.front() == '"' && text.back() == '"'
               ? text.substr(1, text.size() - 2)
               : text;
}

// None when the line is not what the format allows.
std::optional<Line> read_line(std::string_view text) {
    Line line;
    std::size_t at = std::min(text.find_first_of(";:"), text.size());
    if (!is_name(text.substr(0, at)))
        return std::nullopt;
    line.name = upper(text.substr(0, at));
    while (at < text.size() && text[at] == ';') {
        const auto end = end_outside_quotes(text, at + 1, ";:");
        const std::string_view parameter = text.substr(at + 1, end - at - 1);
        const auto equals = parameter.find('=');
        if (equals == std::string_view::npos || !is_name(parameter.substr(0, equals)))
            return std::nullopt;
        if (upper(parameter.substr(0, equals)) == "TZID")
            line.zone = unquoted(parameter.substr(equals + 1));
        at = end;
    }
    if (at == text.size())
        return std::nullopt;
    line.value = text.substr(at + 1);
    return line;
}

// "Washington\, DC" -> "Washington, DC".
std::string unescaped_text(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) {
            ++i;
            out += value[i] == 'n' || value[i] == 'N' ? '\n' : value[i];
        } else {
            out += value[i];
        }
    }
    return out;
}

// "20250110", "20250110T083000" or the same with a Z.
bool read_start(IcalEvent& event, std::string_view value) {
    constexpr std::size_t k_day = 8;
    constexpr std::size_t k_local = 15;
    const auto part = [&](std::size_t at, std::size_t size) {
        return value.size() < at + size ? std::nullopt : number(value.substr(at, size), size);
    };
    const auto year = part(0, 4);
    const auto month = part(4, 2);
    const auto date = part(6, 2);
    if (!year || !month || !date)
        return false;
    const auto day = day_of(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*date));
    if (!day)
        return false;
    event.day = *day;
    if (value.size() == k_day)
        return true;
    if (value.size() < k_local || value.size() > k_local + 1)
        return false;
    const auto hour = part(9, 2);
    const auto minute = part(11, 2);
    const auto second = part(13, 2);
    event.utc = value.substr(k_local) == "Z";
    if (value[k_day] != 'T' || !hour || !minute || !second || *hour > 23 || *minute > 59 ||
        *second > 59 || (value.size() != k_local && !event.utc))
        return false;
    event.time =
        std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
    return true;
}

// Takes the lines one after the other.
class Reader {
  public:
    Result<void> take(std::string_view text) {
        if (ended_)
            return fail(Errc::corrupt, "something follows its END:VCALENDAR");
        const auto line = read_line(text);
        if (open_.empty() && (!line || line->name != "BEGIN" || line->value != "VCALENDAR"))
            return fail(Errc::corrupt, "it does not begin with BEGIN:VCALENDAR");
        if (!line) {
            ++read_.errors;
            return {};
        }
        if (line->name == "BEGIN")
            return begin(line->value);
        if (line->name == "END")
            return end(line->value);
        if (open_.size() == 1 && line->name == "X-WR-TIMEZONE" && read_.zone.empty())
            read_.zone = squeezed(unescaped_text(line->value));
        if (open_.size() == 2 && open_.back() == "VEVENT")
            return property(*line, text);
        return {};
    }

    Result<Ical> finish() {
        if (!ended_)
            return fail(Errc::corrupt, "it is not complete: it does not end with END:VCALENDAR");
        return std::move(read_);
    }

  private:
    Result<void> begin(std::string_view name) {
        if (open_.size() >= Ical::k_depth_max)
            return fail(Errc::too_large, "it is nested too deeply");
        if (++components_ > Ical::k_components_max)
            return fail(
                Errc::too_large,
                "it has more than " + std::to_string(Ical::k_components_max) + " components");
        if (open_.size() == 1) {
            event_ = {};
            has_start_ = false;
            good_start_ = false;
        }
        open_.push_back(upper(name));
        return {};
    }

    Result<void> end(std::string_view name) {
        if (open_.back() != upper(name))
            return fail(Errc::corrupt,
                        "its END:" + std::string(name.substr(0, k_shown)) + " ends no component");
        const bool is_event = open_.size() == 2 && open_.back() == "VEVENT";
        open_.pop_back();
        ended_ = open_.empty();
        if (!is_event)
            return {};
        if (!has_start_)
            return fail(Errc::corrupt, "the event '" + event_.summary + "' has no DTSTART");
        if (!good_start_)
            return fail(Errc::corrupt,
                        "the event '" + event_.summary + "' is at no date: " + event_.start);
        read_.events.push_back(std::exchange(event_, {}));
        return {};
    }

    // The first of a name counts.
    Result<void> property(const Line& line, std::string_view text) {
        if (line.name == "SUMMARY" && event_.summary.empty()) {
            event_.summary = squeezed(unescaped_text(line.value));
        } else if (line.name == "DTSTART" && !has_start_) {
            has_start_ = true;
            event_.start = text;
            event_.zone = line.zone;
            good_start_ = read_start(event_, line.value);
        } else if (line.name == "STATUS") {
            event_.cancelled = upper(line.value) == "CANCELLED";
        } else if (line.name == "RRULE" || line.name == "RDATE") {
            event_.repeats = true;
        }
        return {};
    }

    static constexpr std::size_t k_shown = 40;  // bytes of a name in a sentence

    Ical read_;
    std::vector<std::string> open_;
    std::size_t components_ = 0;
    IcalEvent event_;
    bool has_start_ = false;
    bool good_start_ = false;
    bool ended_ = false;
};

}  // namespace

Result<Ical> read_ical(std::string_view body) {
    body = without_bom(body);
    if (body.find('\0') != std::string_view::npos)
        return fail(Errc::corrupt, "there is a zero byte in it");
    std::string readable;
    body = as_utf8(body, readable);
    Reader reader;
    std::string line;
    std::size_t lines = 0;
    while (!body.empty()) {
        const auto end = body.find('\n');
        std::string_view part = body.substr(0, end);
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        while (part.ends_with('\r'))
            part.remove_suffix(1);
        line += part;
        if (line.size() > Ical::k_line_max)
            return fail(Errc::too_large, "a line of it has more than " +
                                             std::to_string(Ical::k_line_max) + " bytes");
        // A line that begins with a blank goes on with the one before it.
        if (body.starts_with(' ') || body.starts_with('\t')) {
            body.remove_prefix(1);
            continue;
        }
        if (trimmed(line).empty()) {
            line.clear();
            continue;
        }
        if (++lines > Ical::k_lines_max)
            return fail(Errc::too_large,
                        "it has more than " + std::to_string(Ical::k_lines_max) + " lines");
        BULLPEN_CHECK(reader.take(line));
        line.clear();
    }
    return reader.finish();
}

}  // namespace bullpen::calendar
