// The Bureau of Economic Analysis' schedule page: rows of a date, a time and a title that names the
// estimate and the period; one year, said in the heading of the table.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "calendar/collector.hpp"
#include "calendar/markup.hpp"
#include "calendar/sources/agency.hpp"
#include "calendar/sources/bea.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"

namespace bullpen::calendar {

namespace {

constexpr std::size_t k_slug_max = 40;
constexpr std::size_t k_rows_min = 5;

// "..., 2nd Quarter 2026" -> "2026-q2"; "..., July 2026" -> "2026-07"; empty when it names neither.
std::string period_of(std::string_view title) {
    const std::string plain = lower(title);
    std::string found;
    std::string_view before;
    std::string_view last;
    for (const std::string_view word : split(plain, ' ')) {
        const auto year = number(word.substr(0, 4), 4);
        const bool is_year = word.size() >= 4 && year && *year > 1900 &&
                             word.find_first_not_of(";,.", 4) == std::string_view::npos;
        const auto month = month_number(last);
        if (is_year && last == "quarter" && !before.empty() && before.front() >= '1' &&
            before.front() <= '4')
            found = std::to_string(*year) + "-q" + before.front();
        else if (is_year && month)
            found = month_text(*year * 12 + static_cast<int>(*month) - 1);
        if (is_year && !found.empty())
            return found;
        before = last;
        last = word;
    }
    return {};
}

std::string series_of(std::string_view title) {
    const std::string plain = lower(title);
    if (plain.starts_with("gdp (advance") || plain.starts_with("gross domestic product (advance"))
        return "us.bea.gdp.adv";
    if (plain.starts_with("gdp (second") || plain.starts_with("gross domestic product (second"))
        return "us.bea.gdp.second";
    if (plain.starts_with("gdp (third") || plain.starts_with("gross domestic product (third"))
        return "us.bea.gdp.third";
    if (plain.starts_with(lower(k_bea_income)))
        return "us.bea.pce";
    if (plain.starts_with(lower(k_bea_trade)))
        return "us.bea.trade";
    return {};
}

class Page {
  public:
    explicit Page(const Context& context) : collector_("bea-html", context) {}

    Parsed read(std::string_view body) {
        const std::string end =
            lower(body.substr(body.size() - std::min<std::size_t>(body.size(), k_tail)));
        if (!contains(end, "</html>"))
            collector_.refuse("the page is not complete: it does not end with </html>");
        const auto markup = read_html(body);
        if (!markup) {
            collector_.refuse(markup.error().context());
            return collector_.finish();
        }
        for (std::size_t i = 0; i < markup->elements.size(); ++i) {
            const Element& element = markup->elements[i];
            if (element.name != "tr")
                continue;
            row(*markup, i);
            i = std::max(i, element.end - 1);
        }
        if (rows_ < k_rows_min)
            collector_.refuse("there are " + std::to_string(rows_) +
                              " releases on the page: the layout changed");
        cover();
        return collector_.finish();
    }

  private:
    static constexpr std::size_t k_tail = 1024;  // bytes in which the page must end
    static constexpr std::size_t k_prefix = 10;  // of a series: its three estimates share it

    void heading(const std::string& text) {
        if (text.starts_with("Year "))
            year_ = number(std::string_view(text).substr(5), 4).value_or(0);
    }

    void row(const Markup& markup, std::size_t at) {
        std::string date;
        std::string time;
        std::string title;
        for (std::size_t i = at + 1; i < markup.elements[at].end; ++i) {
            const Element& element = markup.elements[i];
            if (element.name == "th")
                heading(markup.cell(element));
            else if (element.has_class("release-date"))
                date = markup.cell(element);
            else if (element.name == "small")
                time = markup.cell(element);
            else if (element.has_class("release-title"))
                title = markup.cell(element);
        }
        if (date.empty() && title.empty())
            return;
        ++rows_;
        if (date.empty() && contains(markup.cell(markup.elements[at]), "To Be Announced"))
            return undated(title);
        const auto words = split(date, ' ');
        const auto month = month_number(words[0]);
        const auto day = words.size() == 2 ? number(words[1], 2) : std::nullopt;
        const auto on =
            month && day ? day_of(year_, *month, static_cast<unsigned>(*day)) : std::nullopt;
        const auto at_time = time_of_day(time);
        if (!on || !at_time || title.empty())
            return collector_.refuse("the row '" + date + " " + time + " " + title +
                                     "' cannot be read: the layout changed");
        add(*on, *at_time, title, date + " " + time + " " + title);
    }

    void add(events::Day day, std::chrono::minutes time, const std::string& title,
             std::string raw) {
        Row out;
        out.series = series_of(title);
        out.period = period_of(title);
        if (is_weekend(day))
            collector_.refuse("'" + title + "' is at a weekend");
        if (!out.series.empty() && out.period.empty())
            return collector_.refuse("'" + title + "' names no period");
        if (out.series.empty()) {
            out.series = "us.bea." + slug(title.substr(0, title.find(',')), k_slug_max);
            out.period = month_text(month_index(day));
            if (!loose_.insert(events::event_id(out.series, out.period)).second)
                out.period = events::format_day(day);
        } else {
            days_[out.series.substr(0, k_prefix)].push_back(day);
        }
        if (out.series == "us.bea.trade")
            out.importance = 2;
        out.title = title;
        out.day = day;
        out.time = time;
        out.zone = "America/New_York";
        out.country = "US";
        out.currency = "USD";
        out.raw = std::move(raw);
        collector_.add(std::move(out));
    }

    // Its day will be said later; until then the page does not list every event of its series.
    void undated(const std::string& title) {
        collector_.note("'" + title + "' has no date yet");
        undated_.insert(series_of(title).substr(0, k_prefix));
    }

    // The page is of the rest of a year: it begins with the next release.
    void cover() {
        for (const std::string_view prefix : {"us.bea.gdp", "us.bea.pce", "us.bea.trade"}) {
            const auto found = days_.find(prefix.substr(0, k_prefix));
            if (found == days_.end() || undated_.contains(found->first))
                continue;
            const auto [first, last] =
                std::minmax_element(found->second.begin(), found->second.end());
            for (const std::string_view series : bea_series(prefix))
                collector_.cover_releases(series, found->second, *first, last_of_month(*last),
                                          wait_max(Rhythm::monthly));
        }
    }

    Collector collector_;
    int year_ = 0;
    std::size_t rows_ = 0;
    std::set<std::string> loose_;    // ids
    std::set<std::string> undated_;  // series without a date, by their prefix
    std::map<std::string, std::vector<events::Day>, std::less<>> days_;  // by that prefix
};

}  // namespace

Parsed parse_bea_html(std::string_view body, const Context& context) {
    return Page(context).read(body);
}

}  // namespace bullpen::calendar
