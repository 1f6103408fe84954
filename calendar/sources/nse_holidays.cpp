// The holiday list of the National Stock Exchange of India: segments with dates such as
// "26-Jan-2026". It has no rule behind it, and is changed after publication.
#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "calendar/collector.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::calendar {

namespace {

using nlohmann::json;

constexpr std::string_view k_series = "in.nse.holiday";
// A year's list has at least so many days; with fewer it is not whole.
constexpr int k_days_a_year = 8;
// Segments whose holidays count: cash, futures and options.
constexpr std::array<const char*, 2> k_segments{"CM", "FO"};
constexpr std::array<std::string_view, 7> k_weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                     "thursday", "friday", "saturday"};

std::string text_of(const json& row, const char* name) {
    const auto found = row.find(name);
    return found != row.end() && found->is_string()
               ? squeezed(unescaped(found->get_ref<const std::string&>()))
               : std::string();
}

std::optional<events::Day> read_date(std::string_view text) {
    const auto parts = split(text, '-');
    if (parts.size() != 3)
        return std::nullopt;
    const auto day = number(parts[0], 2);
    const auto month = month_number(parts[1]);
    const auto year = number(parts[2], 4);
    return day && month && year ? day_of(*year, *month, static_cast<unsigned>(*day)) : std::nullopt;
}

class File {
  public:
    explicit File(const Context& context) : collector_("nse-holidays", context) {}

    Parsed read(std::string_view body) {
        if (!collector_.admits_json(body))
            return collector_.finish();
        const json document = documents::parse_json(body);
        if (!document.is_object()) {
            collector_.refuse("it is no JSON object");
            return collector_.finish();
        }
        for (const char* const segment : k_segments) {
            const auto list = document.find(segment);
            if (list == document.end() || !list->is_array()) {
                collector_.refuse(std::string("there is no list '") + segment + "' in it");
                continue;
            }
            for (const json& row : *list)
                read_row(row, segment);
        }
        finish_days();
        return collector_.finish();
    }

  private:
    void read_row(const json& row, const char* segment) {
        const std::string date = row.is_object() ? text_of(row, "tradingDate") : std::string();
        const auto day = read_date(date);
        if (!day)
            return collector_.refuse("the date '" + date + "' cannot be read");
        const std::string weekday = lower(text_of(row, "weekDay"));
        if (!weekday.empty() && weekday != k_weekdays.at(std::chrono::weekday(*day).c_encoding()))
            collector_.refuse(date + " is no " + weekday);
        Row& out = days_[*day];
        out.title = text_of(row, "description");
        out.tags.emplace_back(lower(segment));
        out.raw = date + " " + out.title;
    }

    void finish_days() {
        std::map<int, int> years;
        for (auto& [day, row] : days_) {
            ++years[year_of(day)];
            row.series = k_series;
            row.period = events::format_day(day);
            row.day = day;
            row.country = "IN";
            row.currency = "INR";
            row.zone = "Asia/Kolkata";
            row.importance = 1;
            row.tags.emplace_back("market_closed");
            collector_.add(std::move(row));
        }
        for (const auto& [year, count] : years) {
            if (count < k_days_a_year)
                collector_.refuse(std::to_string(year) + " has " + std::to_string(count) +
                                  " holidays, and a year has at least " +
                                  std::to_string(k_days_a_year));
            const auto from = day_of(year, 1, 1);
            const auto to = day_of(year, 12, 31);
            if (from && to)
                collector_.cover(k_series, *from, *to);
        }
    }

    Collector collector_;
    std::map<events::Day, Row> days_;
};

}  // namespace

Parsed parse_nse_holidays(std::string_view body, const Context& context) {
    return File(context).read(body);
}

}  // namespace bullpen::calendar
