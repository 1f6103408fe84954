// The Federal Reserve's press releases on monetary policy, as RSS 1.0 (items beside the channel,
// dc:date) or 2.0 (items inside of it, pubDate). Its use is to notice a statement that was not on
// any schedule; the time is that of the release as the feed gives it.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "calendar/collector.hpp"
#include "calendar/markup.hpp"
#include "calendar/sources/fomc_meeting.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"

namespace bullpen::calendar {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

struct Item {
    std::string title;
    std::optional<UtcTime> time;
};

Item read_item(const Markup& markup, std::size_t at) {
    Item item;
    for (std::size_t i = at + 1; i < markup.elements[at].end; ++i) {
        const Element& element = markup.elements[i];
        if (element.name == "title" && item.title.empty())
            item.title = unescaped(markup.cell(element));
        if (element.name == "date" && !item.time)
            item.time = iso_instant(markup.cell(element));
        if (element.name == "pubdate")
            item.time = mail_instant(markup.cell(element));
    }
    return item;
}

class Feed {
  public:
    explicit Feed(const Context& context) : collector_("fed-rss", context) {}

    Parsed read(std::string_view body) {
        const auto markup = read_xml(body);
        if (!markup) {
            collector_.refuse(markup.error().context());
            return collector_.finish();
        }
        const std::string& root = markup->elements.front().name;
        if (root != "rdf" && root != "rss")
            collector_.refuse("it is no RSS feed: it begins with <" + root + ">");
        std::size_t items = 0;
        for (std::size_t i = 0; i < markup->elements.size(); ++i) {
            if (markup->elements[i].name != "item")
                continue;
            ++items;
            add(read_item(*markup, i));
            i = std::max(i, markup->elements[i].end - 1);
        }
        if (items == 0)
            collector_.refuse("there is no press release in it");
        return collector_.finish(true);
    }

  private:
    void add(const Item& item) {
        if (item.title.empty() || !item.time)
            return collector_.refuse("the press release '" + item.title +
                                     "' has no title or no time that can be read");
        const std::string title = lower(item.title);
        const bool minutes_of = contains(title, "minutes of the federal open market committee");
        // The yearly statement of principles comes with an ordinary one, and moves nothing.
        const bool statement = contains(title, "fomc statement") && !contains(title, "longer-run");
        if (!minutes_of && !statement)
            return;
        const time::LocalTime local = collector_.context().zones->new_york().local(*item.time);
        const auto day = floor<days>(local);
        Row row;
        row.day = events::Day(day.time_since_epoch());
        row.time = floor<minutes>(local - day);
        row.title = item.title;
        row.raw = item.title;
        row.tags.emplace_back("press_release");
        if (statement) {
            row.series = k_statement;
            row.period = unique("x:" + events::format_day(row.day));
            row.tags.emplace_back(k_unscheduled);
        } else {
            row.series = k_minutes;
            row.period = meeting_of(title, row.day);
        }
        collector_.add(std::move(row));
    }

    // "minutes of the federal open market committee, june 14-15, 2016" names the meeting.
    static std::string meeting_of(std::string_view title, events::Day released) {
        const auto span = month_span(title);
        const int year = year_of(released);
        const auto month = static_cast<unsigned>(calendar_of(released).month());
        const auto first = span ? day_of(span->first_month > month ? year - 1 : year,
                                         span->first_month, span->first_day)
                                : std::nullopt;
        return events::format_day(first.value_or(released - days(22)));
    }

    std::string unique(const std::string& period) {
        const int turn = ++turns_[period];
        return turn > 1 ? period + "-" + std::to_string(turn) : period;
    }

    Collector collector_;
    std::map<std::string, int> turns_;  // how often a period was wanted
};

}  // namespace

Parsed parse_fed_rss(std::string_view body, const Context& context) {
    return Feed(context).read(body);
}

}  // namespace bullpen::calendar
