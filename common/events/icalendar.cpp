#include "common/events/icalendar.hpp"

#include "common/base/utf8.hpp"

namespace bullpen::events {

namespace {

constexpr std::size_t k_line_max = 75;  // octets, without the line end

// Folded lines go on with a blank, and no character is cut in two.
void add_line(std::string& out, std::string_view line) {
    std::size_t room = k_line_max;
    while (line.size() > room) {
        const auto part = cut_utf8(line, room);
        out += part;
        out += "\r\n ";
        line.remove_prefix(part.size());
        room = k_line_max - 1;
    }
    out += line;
    out += "\r\n";
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
            if (c == '\\' || c == ';' || c == ',')
                out += '\\';
            out += c;
        }
    }
    return out;
}

// "20261204T133000Z"
std::string compact(UtcTime time) {
    std::string text;
    for (const char c : format_utc(time).substr(0, 19)) {
        if (c != '-' && c != ':')
            text += c;
    }
    return text + "Z";
}

std::string compact(Day day) {
    const std::string text = format_day(day);
    return text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 2);
}

std::string_view status_of(const Event& event) {
    switch (event.status) {
        case Status::cancelled: return "CANCELLED";
        case Status::estimated:
        case Status::unconfirmed: return "TENTATIVE";
        default: return event.precision == Precision::exact ? "CONFIRMED" : "TENTATIVE";
    }
}

std::string description(const Event& event) {
    std::string text = event.id + ", " + std::string(code(event.status));
    for (const Origin& origin : event.sources)
        text += ", " + origin.source;
    if (event.previous_local)
        text += ", before at " + format_local(*event.previous_local);
    if (event.override_mark)
        text += "\n" + event.override_mark->by + ": " + event.override_mark->reason;
    return text;
}

void add_event(std::string& out, const Event& event, UtcTime stamp) {
    add_line(out, "BEGIN:VEVENT");
    add_line(out, "UID:" + escaped(event.id) + "@bullpen");
    add_line(out, "DTSTAMP:" + compact(event.last_changed.value_or(stamp)));
    if (event.precision == Precision::date) {
        const Day day(std::chrono::floor<std::chrono::days>(event.local.time_since_epoch()));
        add_line(out, "DTSTART;VALUE=DATE:" + compact(day));
        add_line(out, "DTEND;VALUE=DATE:" + compact(day + std::chrono::days(1)));
    } else {
        add_line(out, "DTSTART:" + compact(event.utc));
    }
    add_line(out, "SUMMARY:" + escaped(event.title.empty() ? event.id : event.title));
    add_line(out, "DESCRIPTION:" + escaped(description(event)));
    add_line(out, "SEQUENCE:" + std::to_string(event.revision));
    add_line(out, "STATUS:" + std::string(status_of(event)));
    // RFC 5545: 1 is the highest, 9 the lowest.
    add_line(out, "PRIORITY:" + std::to_string(event.importance == 3   ? 1
                                               : event.importance == 2 ? 5
                                                                       : 9));
    add_line(out, "TRANSP:TRANSPARENT");
    add_line(out, "END:VEVENT");
}

}  // namespace

std::string icalendar(const std::vector<Event>& events, UtcTime stamp) {
    std::string out;
    add_line(out, "BEGIN:VCALENDAR");
    add_line(out, "VERSION:2.0");
    add_line(out, "PRODID:-//Bullpen//Economic calendar//EN");
    add_line(out, "CALSCALE:GREGORIAN");
    add_line(out, "METHOD:PUBLISH");
    add_line(out, "X-WR-CALNAME:Bullpen");
    for (const Event& event : events)
        add_event(out, event, stamp);
    add_line(out, "END:VCALENDAR");
    return out;
}

}  // namespace bullpen::events
