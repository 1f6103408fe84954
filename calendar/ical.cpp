#include "calendar/ical.hpp"

#include <libical/ical.h>

#include <algorithm>
#include <memory>

#include "calendar/text.hpp"
#include "common/base/errc.hpp"

namespace bullpen::calendar {

namespace {

struct FreeComponent {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, FreeComponent>;

std::string text(const char* value) {
    return value == nullptr ? std::string() : std::string(value);
}

// Looks at the lines before the library does: it follows nesting by recursion, and takes a file
// that ends anywhere between two components for a whole one.
Result<void> check_lines(std::string_view body) {
    int depth = 0;
    std::size_t lines = 0;
    bool ended = false;
    while (!body.empty()) {
        const auto end = body.find('\n');
        const std::string_view line = trimmed(body.substr(0, end));
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        if (line.empty())
            continue;
        if (++lines > Ical::k_lines_max)
            return fail(Errc::too_large,
                        "it has more than " + std::to_string(Ical::k_lines_max) + " lines");
        if (lines == 1 && line != "BEGIN:VCALENDAR")
            return fail(Errc::corrupt, "it does not begin with BEGIN:VCALENDAR");
        if (ended)
            return fail(Errc::corrupt, "something follows its END:VCALENDAR");
        if (line.starts_with("BEGIN:") && ++depth > Ical::k_depth_max)
            return fail(Errc::too_large, "it is nested too deeply");
        if (line.starts_with("END:"))
            ended = --depth == 0 && line == "END:VCALENDAR";
    }
    if (!ended)
        return fail(Errc::corrupt, "it is not complete: it does not end with END:VCALENDAR");
    return {};
}

std::string property_line(icalproperty* property) {
    const std::unique_ptr<char, void (*)(void*)> line(icalproperty_as_ical_string_r(property),
                                                      icalmemory_free_buffer);
    std::string unfolded;
    const std::string_view raw(line.get() == nullptr ? "" : line.get());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '\r' || raw[i] == '\n') {
            while (i + 1 < raw.size() && (raw[i + 1] == '\n' || raw[i + 1] == '\r'))
                ++i;
            if (i + 1 < raw.size() && raw[i + 1] == ' ')
                ++i;
            continue;
        }
        unfolded += raw[i];
    }
    return unfolded;
}

Result<IcalEvent> read_event(icalcomponent* component) {
    IcalEvent event;
    event.summary = squeezed(text(icalcomponent_get_summary(component)));
    icalproperty* const start = icalcomponent_get_first_property(component, ICAL_DTSTART_PROPERTY);
    if (start == nullptr)
        return fail(Errc::corrupt, "the event '" + event.summary + "' has no DTSTART");
    event.start = property_line(start);
    const icaltimetype at = icalproperty_get_dtstart(start);
    const auto day =
        day_of(at.year, static_cast<unsigned>(at.month), static_cast<unsigned>(at.day));
    const bool good_time = at.is_date != 0 || (at.hour >= 0 && at.hour < 24 && at.minute >= 0 &&
                                               at.minute < 60 && at.second >= 0 && at.second < 60);
    if (!day || !good_time)
        return fail(Errc::corrupt,
                    "the event '" + event.summary + "' is at no date: " + event.start);
    event.day = *day;
    if (at.is_date == 0)
        event.time = std::chrono::hours(at.hour) + std::chrono::minutes(at.minute) +
                     std::chrono::seconds(at.second);
    event.utc = icaltime_is_utc(at) != 0;
    if (icalparameter* const zone = icalproperty_get_first_parameter(start, ICAL_TZID_PARAMETER))
        event.zone = text(icalparameter_get_tzid(zone));
    event.cancelled = icalcomponent_get_status(component) == ICAL_STATUS_CANCELLED;
    event.repeats = icalcomponent_get_first_property(component, ICAL_RRULE_PROPERTY) != nullptr ||
                    icalcomponent_get_first_property(component, ICAL_RDATE_PROPERTY) != nullptr;
    return event;
}

std::string zone_of(icalcomponent* calendar) {
    for (icalproperty* property = icalcomponent_get_first_property(calendar, ICAL_X_PROPERTY);
         property != nullptr;
         property = icalcomponent_get_next_property(calendar, ICAL_X_PROPERTY)) {
        if (text(icalproperty_get_x_name(property)) == "X-WR-TIMEZONE")
            return squeezed(text(icalproperty_get_x(property)));
    }
    return {};
}

}  // namespace

Result<Ical> read_ical(std::string_view body) {
    body = without_bom(body);
    if (body.find('\0') != std::string_view::npos)
        return fail(Errc::corrupt, "there is a zero byte in it");
    BULLPEN_CHECK(check_lines(body));
    // Otherwise the library ends the program at the first thing that it does not like.
    icalerror_set_errors_are_fatal(0);
    const std::string copy(body);
    const Component calendar(icalparser_parse_string(copy.c_str()));
    if (calendar == nullptr || icalcomponent_isa(calendar.get()) != ICAL_VCALENDAR_COMPONENT)
        return fail(Errc::corrupt, "it is no iCalendar file");
    Ical read;
    read.errors = static_cast<std::size_t>(std::max(0, icalcomponent_count_errors(calendar.get())));
    read.zone = zone_of(calendar.get());
    for (icalcomponent* component =
             icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
         component != nullptr;
         component = icalcomponent_get_next_component(calendar.get(), ICAL_VEVENT_COMPONENT)) {
        BULLPEN_TRY(auto event, read_event(component));
        read.events.push_back(std::move(event));
    }
    return read;
}

}  // namespace bullpen::calendar
