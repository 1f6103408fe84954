// The Federal Reserve's calendar.json. Rows have a month, days, perhaps a time, and a type; a
// meeting's row carries its last day, and says the first one in the words of its description.
#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "calendar/collector.hpp"
#include "calendar/sources/fomc_meeting.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"
#include "common/base/trimmed.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::calendar {

namespace {

using nlohmann::json;
using std::chrono::days;

// Of the rows that are not empty, how many may be unreadable before the feed is not believed.
constexpr std::size_t k_bad_share = 20;  // one in so many
constexpr std::size_t k_days_max = 31;
constexpr std::size_t k_day_width = 4;  // of "27, "
// Two decisions farther apart than this, and the years between were left out.
constexpr days k_gap_max{100};
// Two closer than that, but farther apart than this, and one meeting was left out.
constexpr days k_wait_max{60};
constexpr int k_meetings_a_year = 8;
constexpr std::size_t k_slug_max = 48;

struct FedRow {
    std::string title;
    std::string type;
    std::string description;
    std::optional<std::chrono::minutes> time;
    std::vector<events::Day> days;  // ascending, at least one
    std::string raw;

    [[nodiscard]] events::Day first() const { return days.front(); }
    [[nodiscard]] events::Day last() const { return days.back(); }
    [[nodiscard]] bool says(std::string_view word) const {
        return contains(lower(title), word) || contains(lower(description), word);
    }
};

std::string text_of(const json& row, const char* name) {
    const auto found = row.find(name);
    if (found == row.end() || !found->is_string())
        return {};
    return squeezed(without_tags(unescaped(found->get_ref<const std::string&>())));
}

// "28", "27, 28" or "27-28" of "2026-10".
std::vector<events::Day> days_of(std::string_view month, std::string_view text) {
    std::vector<events::Day> found;
    const auto parts = split(month, '-');
    if (parts.size() != 2)
        return found;
    const auto year = number(parts[0], 4);
    const auto month_of_year = number(parts[1], 2);
    if (text.size() > k_days_max * k_day_width)
        return found;
    std::string plain(text);
    std::replace(plain.begin(), plain.end(), '-', ',');
    for (const std::string_view part : split(plain, ',')) {
        const auto day = number(trimmed(part), 2);
        const auto date =
            year && month_of_year && day
                ? day_of(*year, static_cast<unsigned>(*month_of_year), static_cast<unsigned>(*day))
                : std::nullopt;
        if (!date || found.size() >= k_days_max)
            return {};
        found.push_back(*date);
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::optional<FedRow> read_row(const json& row) {
    FedRow read;
    read.title = text_of(row, "title");
    read.type = text_of(row, "type");
    read.description = text_of(row, "description");
    const std::string time = text_of(row, "time");
    read.time = time_of_day(time);
    read.days = days_of(text_of(row, "month"), text_of(row, "days"));
    read.raw = read.title + ", " + text_of(row, "month") + " " + text_of(row, "days") + " " + time;
    if (read.title.empty() || read.days.empty() || (!time.empty() && !read.time))
        return std::nullopt;
    return read;
}

class Feed {
  public:
    explicit Feed(const Context& context) : collector_("fed-json", context) {}

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
        read_rows(*list);
        for (const FedRow& row : rows_) {
            if (row.type == "FOMC" && is_meeting(row))
                meeting(row);
        }
        for (const FedRow& row : rows_) {
            if (collector_.full())
                return collector_.finish();
            other(row);
        }
        judge_years();
        cover();
        return collector_.finish();
    }

  private:
    // Of the year in which it is fetched, and later ones: a year that the feed has from January to
    // December has eight meetings; one of them may be off, and is then missing or said to be.
    void judge_years() {
        std::map<int, int> years;
        int first = std::numeric_limits<int>::max();  // months
        int last = std::numeric_limits<int>::min();
        for (const events::Event& event : collector_.events()) {
            if (event.series != k_statement || event.period().starts_with("x:"))
                continue;
            const auto day = std::chrono::floor<days>(event.local.time_since_epoch());
            const int month = month_index(events::Day(day));
            ++years[month / 12];
            first = std::min(first, month);
            last = std::max(last, month);
        }
        for (int year = collector_.context().year_now; year <= last / 12; ++year) {
            const bool whole = first <= year * 12 && last >= year * 12 + 11;
            const int count = years[year];
            if (count > k_meetings_a_year || (whole && count < k_meetings_a_year - 1))
                collector_.refuse(std::to_string(year) + " has " + std::to_string(count) +
                                  " scheduled meetings, and there are " +
                                  std::to_string(k_meetings_a_year) + " a year");
        }
    }

    void read_rows(const json& list) {
        std::size_t bad = 0;
        std::size_t full = 0;
        for (const json& entry : list) {
            if (entry.is_object() && entry.empty())
                continue;  // the list ends with one
            ++full;
            auto row = entry.is_object() ? read_row(entry) : std::nullopt;
            if (row) {
                rows_.push_back(std::move(*row));
                continue;
            }
            ++bad;
            const std::string what = entry.is_object() ? text_of(entry, "title") : "a row";
            if (entry.is_object() && text_of(entry, "type") == "FOMC")
                collector_.refuse("the row '" + what + "' has no date and time that can be read");
            else
                collector_.note("the row '" + what + "' has no date and time that can be read");
        }
        if (bad * k_bad_share > full)
            collector_.refuse(std::to_string(bad) + " of " + std::to_string(full) +
                              " rows cannot be read");
    }

    static bool is_meeting(const FedRow& row) {
        const std::string title = lower(row.title);
        return contains(title, "meeting") && !contains(title, "minutes") &&
               !contains(title, "press conference");
    }

    void meeting(const FedRow& row) {
        if (row.says("notation vote"))
            return;
        FomcMeeting meeting{row.first(), row.last(), row.says("projections"),
                            false,       false,      row.raw};
        meeting.unscheduled = row.says("unscheduled") || row.says("emergency");
        meeting.cancelled = row.says("cancel");
        const auto span = month_span(row.description);
        if (meeting.first == meeting.last && span && span->last_month == month_of(row.last())) {
            const int year = year_of(row.last()) - (span->first_month > span->last_month ? 1 : 0);
            const auto first = day_of(year, span->first_month, span->first_day);
            if (first && span->last_day == day_of_month(row.last()))
                meeting.first = *first;
        }
        // Scheduled meetings have had two days for many years; without words to the contrary, this
        // one has, too, so that its id is that of the other sources.
        if (meeting.first == meeting.last && !span && !meeting.unscheduled)
            meeting.first -= days(1);
        check_meeting(collector_, meeting);
        meetings_[meeting.last] = fomc_period(meeting);
        add(row, k_statement, fomc_period(meeting), meeting);
    }

    void add(const FedRow& row, std::string_view series, std::string period,
             const FomcMeeting& meeting) {
        Row out;
        out.series = series;
        out.period = std::move(period);
        out.day = meeting.last;
        out.time = row.time;
        out.raw = row.raw;
        if (meeting.cancelled)
            out.status = events::Status::cancelled;
        if (meeting.unscheduled)
            out.tags.emplace_back(k_unscheduled);
        if (meeting.projections)
            out.tags.emplace_back("projections");
        collector_.add(std::move(out));
    }

    void other(const FedRow& row) {
        const std::string title = lower(row.title);
        if (row.type == "FOMC" && is_meeting(row))
            return;
        if (row.type == "FOMC" && contains(title, "press conference"))
            return presser(row);
        if (row.type == "FOMC" && contains(title, "minutes"))
            return minutes(row);
        if (row.type == "Beige")
            return plain(row, "us.fed.beige", month_text(month_index(row.last())), row.last(), 0);
        if (row.type == "Stat")
            return statistics(row);
        if (row.type == "Other" && title.starts_with("holiday"))
            return plain(row, "us.fed.holiday", events::format_day(row.last()), row.last(), 1);
        const bool testimony = contains(title, "testimony");
        const bool chair = (contains(title, "chair ") || contains(title, "chairman ") ||
                            contains(title, "chairwoman ")) &&
                           !contains(title, "vice chair");
        const bool speech = row.type == "Speeches";
        const std::string_view series = row.type == "FOMC" ? "us.fed.fomc.other"
                                        : testimony        ? "us.fed.testimony"
                                        : speech           ? "us.fed.speech"
                                                           : "us.fed.other";
        const int importance = row.type == "FOMC" || (chair && (speech || testimony)) ? 2 : 0;
        const auto dash = row.title.find(" - ");
        const std::string_view name =
            std::string_view(row.title).substr(dash == std::string::npos ? 0 : dash + 3);
        plain(row, series, unique(series, row.last(), slug(name, k_slug_max)), row.last(),
              importance);
    }

    void presser(const FedRow& row) {
        const auto meeting = meetings_.find(row.last());
        const std::string period =
            meeting != meetings_.end() ? meeting->second : events::format_day(row.last() - days(1));
        FomcMeeting of;
        of.last = row.last();
        of.cancelled = row.says("cancel");
        add(row, k_presser, period, of);
    }

    void minutes(const FedRow& row) {
        const auto span = month_span(row.description);
        const int year = year_of(row.last());
        std::optional<events::Day> first;
        if (span)
            first = day_of(span->first_month > month_of(row.last()) ? year - 1 : year,
                           span->first_month, span->first_day);
        if (!first)  // by custom three weeks after the decision, which is on a second day
            first = row.last() - days(22);
        FomcMeeting of;
        of.last = row.last();
        add(row, k_minutes, events::format_day(*first), of);
    }

    void statistics(const FedRow& row) {
        const std::string code = row.title.substr(0, row.title.find(" - "));
        for (const events::Day day : row.days)
            plain(row, "us.fed.stat." + slug(code, k_slug_max), events::format_day(day), day, 1);
    }

    void plain(const FedRow& row, std::string_view series, std::string period, events::Day day,
               int importance) {
        Row out;
        out.series = series;
        out.period = std::move(period);
        out.day = day;
        out.time = row.time;
        out.title = row.title;
        out.country = "US";
        out.currency = "USD";
        out.zone = "America/New_York";
        out.importance = importance;
        out.raw = row.raw;
        collector_.add(std::move(out));
    }

    // Two speeches of one speaker on one day are two events.
    std::string unique(std::string_view series, events::Day day, const std::string& name) {
        std::string period = events::format_day(day) + "-" + name;
        const int turn = ++turns_[std::string(series) + ":" + period];
        if (turn > 1)
            period += "-" + std::to_string(turn);
        return period;
    }

    // What the feed has of the past is not whole; each series counts from its last great gap on.
    void cover() {
        for (const std::string_view series : {k_statement, k_presser, k_minutes}) {
            std::vector<events::Day> found;
            for (const events::Event& event : collector_.events()) {
                if (event.series == series)
                    found.push_back(std::chrono::floor<days>(events::Day(days(0)) +
                                                             event.local.time_since_epoch()));
            }
            std::sort(found.begin(), found.end());
            std::size_t from = 0;
            for (std::size_t i = 1; i < found.size(); ++i) {
                if (found[i] - found[i - 1] > k_gap_max)
                    from = i;
            }
            if (found.empty())
                continue;
            const std::vector<events::Day> whole(found.begin() + static_cast<std::ptrdiff_t>(from),
                                                 found.end());
            collector_.cover_releases(series, whole, first_of_month(whole.front()),
                                      last_of_month(whole.back()), k_wait_max);
        }
    }

    static unsigned month_of(events::Day day) {
        return static_cast<unsigned>(calendar_of(day).month());
    }
    static unsigned day_of_month(events::Day day) {
        return static_cast<unsigned>(calendar_of(day).day());
    }

    Collector collector_;
    std::vector<FedRow> rows_;
    std::map<events::Day, std::string> meetings_;  // period by the day of the decision
    std::map<std::string, int> turns_;             // how often an id was wanted
};

}  // namespace

Parsed parse_fed_json(std::string_view body, const Context& context) {
    return Feed(context).read(body);
}

}  // namespace bullpen::calendar
