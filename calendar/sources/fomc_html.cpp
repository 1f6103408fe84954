// The FOMC page. Two layouts: until 2016 tables with cells `month` and `day`, since then rows of
// `fomc-meeting__month` and `fomc-meeting__date` in one panel a year. Cells are found by their own
// class alone: classes and quotes of the rows around them differ from row to row.
#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "calendar/collector.hpp"
#include "calendar/markup.hpp"
#include "calendar/sources/fomc_meeting.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"

namespace bullpen::calendar {

namespace {

constexpr int k_meetings_a_year = 8;
constexpr int k_years_ahead_max = 3;
constexpr int k_year_min = 1990;
// How close to its end the page must say that it ends, bytes.
constexpr std::size_t k_tail = 1024;

struct YearCount {
    int scheduled = 0;
    int cancelled = 0;
};

// What stands in the cell of the date: "17-18*", "30-1", "22 (notation vote)".
struct DateCell {
    unsigned first = 0;
    unsigned last = 0;
    bool star = false;
    std::string note;  // what stands in parentheses, lower case
};

std::optional<DateCell> read_date_cell(std::string_view text) {
    DateCell cell;
    std::string plain = lower(squeezed(text));
    if (const auto open = plain.find('('); open != std::string::npos) {
        const auto close = plain.find(')', open);
        cell.note = plain.substr(open + 1, close == std::string::npos ? close : close - open - 1);
        plain.erase(open, close == std::string::npos ? close : close - open + 1);
    }
    std::string days;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        if (plain[i] == '*')
            cell.star = true;
        else if (std::string_view(plain).substr(i, 3) == "\xE2\x80\x93")
            days += '-', i += 2;
        else if (plain[i] != ' ')
            days += plain[i];
    }
    const auto parts = split(days, '-');
    const auto first = number(parts[0], 2);
    const auto last = parts.size() == 2 ? number(parts[1], 2) : first;
    if (parts.size() > 2 || !first || !last)
        return std::nullopt;
    cell.first = static_cast<unsigned>(*first);
    cell.last = static_cast<unsigned>(*last);
    return cell;
}

class Page {
  public:
    explicit Page(const Context& context) : collector_("fomc-html", context) {}

    Parsed read(std::string_view body) {
        check_complete(body);
        const auto markup = read_html(body);
        if (!markup) {
            collector_.refuse(markup.error().context());
            return collector_.finish();
        }
        std::size_t table_end = 0;  // of the old layout's table that we are in
        for (std::size_t i = 0; i < markup->elements.size(); ++i) {
            const Element& element = markup->elements[i];
            if (element.name == "table" && element.id == "fomcCurrentCal")
                table_end = element.end;
            element_read(*markup, element, i < table_end);
        }
        end_month();
        check_years();
        return collector_.finish();
    }

  private:
    void check_complete(std::string_view body) {
        const std::string end = lower(body.substr(body.size() - std::min(body.size(), k_tail)));
        if (!contains(end, "</html>"))
            collector_.refuse("the page is not complete: it does not end with </html>");
        if (!contains(body, "Last Update"))
            collector_.refuse("the page is not complete: it does not say when it was updated");
    }

    void element_read(const Markup& markup, const Element& element, bool in_table) {
        const bool cell = in_table && element.name == "td";
        if (element.has_class("panel-heading") || (in_table && element.name == "th"))
            return heading(markup.cell(element));
        if (element.has_class("fomc-meeting__month") || (cell && element.has_class("month")))
            return month(markup.cell(element));
        if (element.has_class("fomc-meeting__date") || (cell && element.has_class("day")))
            date(markup.cell(element));
    }

    void heading(const std::string& text) {
        const auto year = number(std::string_view(text).substr(0, 4), 4);
        if (!year || text.size() < 5 || !contains(text, "FOMC Meetings"))
            return;
        end_month();
        if (*year < k_year_min || *year > collector_.context().year_now + k_years_ahead_max)
            collector_.refuse("a panel is of the year " + std::to_string(*year));
        if (!years_.emplace(*year, YearCount()).second)
            collector_.refuse("there are two panels of the year " + std::to_string(*year));
        year_ = *year;
        month_.clear();
    }

    void month(std::string text) {
        end_month();
        // A month that is not written again is that of the row above.
        if (!text.empty())
            month_ = std::move(text);
        month_waits_ = true;
    }

    void end_month() {
        if (month_waits_)
            collector_.refuse("the month '" + month_ + "' of " + std::to_string(year_) +
                              " has no date beside it: the layout changed");
        month_waits_ = false;
    }

    void date(const std::string& text) {
        if (!month_waits_ || year_ == 0)
            return collector_.refuse("the date '" + text +
                                     "' has no month and year beside it: "
                                     "the layout changed");
        month_waits_ = false;
        const std::string raw = month_ + " " + text;
        const auto cell = read_date_cell(text);
        const auto slash = month_.find('/');
        const auto first_month = month_number(std::string_view(month_).substr(0, slash));
        const auto last_month = slash == std::string::npos
                                    ? first_month
                                    : month_number(std::string_view(month_).substr(slash + 1));
        if (!cell || !first_month || !last_month)
            return collector_.refuse("'" + raw + "' in " + std::to_string(year_) +
                                     " is no date of a meeting");
        meeting(raw, *cell, *first_month, *last_month);
    }

    void meeting(const std::string& raw, const DateCell& cell, unsigned first_month,
                 unsigned last_month) {
        if (contains(cell.note, "notation vote"))
            return;  // a vote in writing: nothing is announced at a set time
        const bool one_day = cell.first == cell.last && first_month != last_month;
        // "30-1" beside one month ends in the next.
        if (first_month == last_month && cell.last < cell.first)
            last_month = first_month % 12 + 1;
        const auto first = day_of(year_, first_month, cell.first);
        const auto last =
            day_of(last_month < first_month ? year_ + 1 : year_, last_month, cell.last);
        if (!first || !last || one_day)
            return collector_.refuse("'" + raw + "' in " + std::to_string(year_) +
                                     " is no date of a meeting");
        FomcMeeting meeting{*first, *last, cell.star,
                            false,  false, std::to_string(year_) + " " + raw};
        meeting.cancelled = contains(cell.note, "cancel");
        meeting.unscheduled =
            contains(cell.note, "unscheduled") || contains(cell.note, "conference call");
        if (!cell.note.empty() && !meeting.cancelled && !meeting.unscheduled)
            collector_.note("the meeting '" + meeting.raw + "' has a note that is not known");
        YearCount& count = years_[year_];
        if (meeting.cancelled)
            ++count.cancelled;
        else if (!meeting.unscheduled)
            ++count.scheduled;
        check_meeting(collector_, meeting);
        add_by_custom(collector_, meeting);
    }

    void check_years() {
        if (years_.empty())
            return collector_.refuse(
                "there is no year of meetings on the page: the layout changed");
        int before = years_.begin()->first - 1;
        int last_whole = before;
        for (const auto& [year, count] : years_) {
            const int planned = count.scheduled + count.cancelled;
            const bool whole = planned == k_meetings_a_year;
            if (year != before + 1)
                collector_.refuse("the year " + std::to_string(before + 1) + " is missing");
            if (!whole &&
                (year <= collector_.context().year_now + 1 || planned > k_meetings_a_year))
                collector_.refuse(std::to_string(year) + " has " + std::to_string(planned) +
                                  " scheduled meetings, and there are " +
                                  std::to_string(k_meetings_a_year) + " a year");
            if (whole && last_whole == before)
                last_whole = year;
            before = year;
        }
        const auto from = day_of(years_.begin()->first, 1, 1);
        const auto to = day_of(last_whole, 12, 31);
        for (const std::string_view series : {k_statement, k_presser}) {
            if (from && to)
                collector_.cover(series, *from, *to);
        }
    }

    Collector collector_;
    std::map<int, YearCount> years_;
    int year_ = 0;
    std::string month_;
    bool month_waits_ = false;
};

}  // namespace

Parsed parse_fomc_html(std::string_view body, const Context& context) {
    return Page(context).read(body);
}

}  // namespace bullpen::calendar
