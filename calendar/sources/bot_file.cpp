// The calendar file of earlier bots: {"events":[{"date","time","currency","event","impact"}]}, with
// times as "8:30am" or, when an operator wrote it, "08:30". The program that wrote it made dates up
// by rules that do not hold, so they are estimates, and those at weekends are left out.
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "calendar/collector.hpp"
#include "calendar/sources/fomc_meeting.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::calendar {

namespace {

using nlohmann::json;
using std::chrono::days;

constexpr std::size_t k_slug_max = 40;

std::string text_of(const json& row, const char* name) {
    const auto found = row.find(name);
    return found != row.end() && found->is_string() ? squeezed(found->get_ref<const std::string&>())
                                                    : std::string();
}

// Series and period by what the bots called their events.
std::pair<std::string, std::string> named(std::string_view event, events::Day day) {
    const std::string plain = lower(event);
    const std::string month_before = month_text(month_index(day) - 1);
    const std::string meeting = events::format_day(day - days(1));
    if (contains(plain, "press conf"))
        return {std::string(k_presser), meeting};
    if (contains(plain, "minutes"))
        return {std::string(k_minutes), events::format_day(day - days(22))};
    if (contains(plain, "fomc") || contains(plain, "federal funds"))
        return {std::string(k_statement), meeting};
    if (contains(plain, "non-farm") || contains(plain, "nonfarm") || contains(plain, "nfp"))
        return {"us.bls.empsit", month_before};
    if (contains(plain, "cpi"))
        return {"us.bls.cpi", month_before};
    if (contains(plain, "ppi"))
        return {"us.bls.ppi", month_before};
    return {"bot." + slug(event, k_slug_max), events::format_day(day)};
}

class File {
  public:
    explicit File(const Context& context) : collector_("bot-file", context) {}

    Parsed read(std::string_view body) {
        if (!collector_.admits_json(body))
            return collector_.finish();
        const json document = documents::parse_json(body);
        const auto list = document.is_object() ? document.find("events") : document.end();
        if (!document.is_object() || list == document.end() || !list->is_array()) {
            collector_.refuse("it is no JSON object with a list 'events'");
            return collector_.finish();
        }
        if (!collector_.has_room_for(list->size()))
            return collector_.finish();
        for (const json& row : *list) {
            if (row.is_object())
                read_row(row);
            else
                collector_.refuse("an entry of 'events' is no object");
        }
        return collector_.finish();
    }

  private:
    void read_row(const json& entry) {
        const std::string date = text_of(entry, "date");
        const std::string time = text_of(entry, "time");
        const std::string event = text_of(entry, "event");
        const std::string raw = date + " " + time + " " + event;
        const auto day = iso_day(date);
        const auto at = time_of_day(time);
        if (!day || !at || event.empty())
            return collector_.refuse("the entry '" + raw + "' cannot be read");
        if (is_weekend(*day))
            return collector_.note("'" + raw + "' is at a weekend and was left out");
        auto [series, period] = named(event, *day);
        // The bots wrote the same event under several names.
        if (!ids_.insert(events::event_id(series, period)).second)
            return;
        Row row;
        row.series = std::move(series);
        row.period = std::move(period);
        row.day = *day;
        row.time = at;
        row.status = events::Status::estimated;
        row.currency = text_of(entry, "currency");
        row.country = row.currency == "USD" ? "US" : "";
        row.zone = "America/New_York";
        row.title = event;
        const std::string impact = lower(text_of(entry, "impact"));
        row.importance = impact == "high" ? 3 : impact == "medium" ? 2 : 1;
        row.raw = raw;
        collector_.add(std::move(row));
    }

    Collector collector_;
    std::set<std::string> ids_;
};

}  // namespace

Parsed parse_bot_file(std::string_view body, const Context& context) {
    return File(context).read(body);
}

}  // namespace bullpen::calendar
