// The Bureau of Labor Statistics' bls.ics: one or two calendar years of all its releases. It marks
// no changes and names no reference months, and writes its zone under a name of its own.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "calendar/collector.hpp"
#include "calendar/ical.hpp"
#include "calendar/sources/agency.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"

namespace bullpen::calendar {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

constexpr std::string_view k_new_york = "America/New_York";

// The survey of job openings comes out five weeks after its month, at the end of the next month or
// at the beginning of the one after it.
constexpr std::array k_series{
    AgencySeries{"Employment Situation", "us.bls.empsit", Rhythm::monthly, 1, 0, 3},
    AgencySeries{"Consumer Price Index", "us.bls.cpi", Rhythm::monthly, 1, 0, 3},
    AgencySeries{"Producer Price Index", "us.bls.ppi", Rhythm::monthly, 1, 0, 3},
    AgencySeries{"Job Openings and Labor Turnover Survey", "us.bls.jolts", Rhythm::monthly, 0, 40,
                 2},
    AgencySeries{"U.S. Import and Export Price Indexes", "us.bls.ximpim", Rhythm::monthly, 1, 0, 2},
    AgencySeries{"Real Earnings", "us.bls.realer", Rhythm::monthly, 1, 0, 1},
    AgencySeries{"Employment Cost Index", "us.bls.eci", Rhythm::quarterly, 0, 0, 2},
    AgencySeries{"Productivity and Costs", "us.bls.prod2", Rhythm::twice_quarter, 0, 0, 2},
};
// The first of them must be there twelve times a year, give or take one, at the same time of day.
constexpr std::size_t k_guarded = 3;
constexpr int k_releases_a_year = 12;
constexpr int k_releases_slack = 1;
constexpr int k_releases_min = 10;  // of a year in which releases were cancelled
constexpr days k_wait_max{45};      // between two releases of a series, but for a shutdown
constexpr minutes k_release_time{8 * 60 + 30};

// Names under which files say New York: Olson's, the bureau's own, and Windows'.
bool is_eastern(std::string_view zone) {
    const auto slash = zone.rfind("America/New_York");
    constexpr std::array<std::string_view, 5> k_names{"US-Eastern", "US/Eastern", "Eastern Time",
                                                      "Eastern Standard Time", "EST5EDT"};
    return (slash != std::string_view::npos && slash + k_new_york.size() == zone.size()) ||
           std::find(k_names.begin(), k_names.end(), zone) != k_names.end();
}

class File {
  public:
    explicit File(const Context& context) : collector_("bls-ics", context) {}

    Parsed read(std::string_view body) {
        const auto file = read_ical(body);
        if (!file) {
            collector_.refuse(file.error().context());
            return collector_.finish();
        }
        if (file->errors > 0)
            collector_.refuse(std::to_string(file->errors) + " of its lines are damaged");
        for (const IcalEvent& event : file->events)
            read_event(event, file->zone);
        if (first_ <= last_)
            judge();
        for (auto& [name, releases] : releases_)
            add_series(collector_, k_series, "us.bls.", name, std::move(releases));
        return collector_.finish();
    }

  private:
    void read_event(const IcalEvent& event, const std::string& file_zone) {
        const std::string& zone = event.zone.empty() ? file_zone : event.zone;
        if (event.repeats)
            return collector_.refuse("'" + event.summary + "' repeats by a rule");
        if (event.summary.empty())
            return collector_.refuse("an event has no name: " + event.start);
        if (event.time && !event.utc && !is_eastern(zone))
            return collector_.refuse("'" + event.summary + "' is in the zone '" + zone +
                                     "', which is not known");
        Release release{event.day, std::nullopt, events::Status::published,
                        event.start + " " + event.summary};
        if (event.time && event.utc) {
            const UtcTime at(event.day + *event.time);
            const time::LocalTime local = collector_.context().zones->new_york().local(at);
            const auto day = floor<days>(local);
            release.day = events::Day(day.time_since_epoch());
            release.time = floor<minutes>(local - day);
        } else if (event.time) {
            release.time = floor<minutes>(*event.time);
        }
        if (event.cancelled)
            release.status = events::Status::cancelled;
        first_ = std::min(first_, release.day);
        last_ = std::max(last_, release.day);
        releases_[event.summary].push_back(std::move(release));
    }

    // Whether the file speaks for the whole of the year.
    [[nodiscard]] bool whole(int year) const {
        const bool begins =
            year > year_of(first_) || calendar_of(first_).month() == std::chrono::January;
        const bool ends =
            year < year_of(last_) || calendar_of(last_).month() == std::chrono::December;
        return begins && ends;
    }

    // How many months of the year the file speaks for.
    [[nodiscard]] int months_of(int year) const {
        const int january = year * k_releases_a_year;
        return std::min(month_index(last_), january + k_releases_a_year - 1) -
               std::max(month_index(first_), january) + 1;
    }

    void judge() {
        const int last_year = year_of(last_);
        if (last_year == collector_.context().year_now && !whole(last_year) &&
            calendar_of(last_).month() != std::chrono::December)
            collector_.refuse("the file ends in " + month_text(month_index(last_)) +
                              ", and it is of a whole year");
        for (std::size_t i = 0; i < k_guarded; ++i) {
            const AgencySeries& series = k_series.at(i);
            const auto found = releases_.find(series.name);
            if (found == releases_.end()) {
                collector_.refuse("there is no '" + std::string(series.name) + "' in it");
                continue;
            }
            judge_series(series, found->second);
        }
        for (const AgencySeries& series : k_series)
            cover(series);
    }

    void judge_series(const AgencySeries& series, const std::vector<Release>& releases) {
        std::map<int, int> a_year;
        for (const Release& release : releases) {
            ++a_year[year_of(release.day)];
            if (release.time != k_release_time && release.status != events::Status::cancelled)
                collector_.refuse("'" + std::string(series.name) + "' of " +
                                  events::format_day(release.day) + " is not at 08:30");
            if (is_weekend(release.day))
                collector_.refuse("'" + std::string(series.name) + "' of " +
                                  events::format_day(release.day) + " is at a weekend");
        }
        for (int year = year_of(first_); year <= year_of(last_); ++year) {
            const int count = a_year[year];
            // Where the file begins or ends within the month, one more may lie beyond its end.
            const int slack = k_releases_slack + (whole(year) ? 0 : 1);
            const bool few = count < months_of(year) - slack;
            const bool explained = few && lost_in_a_shutdown(releases, year, count);
            if (explained)
                collector_.note("'" + std::string(series.name) + "' is there " +
                                std::to_string(count) + " times in " + std::to_string(year) +
                                ": releases of it were cancelled");
            if ((few && !explained) || count > k_releases_a_year + k_releases_slack)
                collector_.refuse("'" + std::string(series.name) + "' is there " +
                                  std::to_string(count) + " times in " + std::to_string(year) +
                                  ", and it comes out every month");
        }
    }

    // A shutdown of the government takes releases away for good: in 2025 producer prices came out
    // ten times. All agencies fall silent then, so the other series have a gap at the same time;
    // and it is believed of months that are over only: those to come must all be there.
    [[nodiscard]] bool lost_in_a_shutdown(const std::vector<Release>& releases, int year,
                                          int count) const {
        const Context& context = collector_.context();
        if (count < k_releases_min || year > context.year_now || !silent(year))
            return false;
        const auto today = floor<days>(context.fetched);
        if (year != year_of(today))
            return true;
        const int this_month = month_index(today);
        const auto listed =
            std::count_if(releases.begin(), releases.end(), [&](const Release& release) {
                return year_of(release.day) == year && month_index(release.day) > this_month;
            });
        return listed >= year * 12 + 11 - this_month - k_releases_slack;
    }

    // Whether there is a time of the year in which each guarded series waited too long.
    [[nodiscard]] bool silent(int year) const {
        std::map<events::Day, std::size_t> waiting;  // how many series wait on that day
        for (std::size_t i = 0; i < k_guarded; ++i) {
            const auto found = releases_.find(k_series.at(i).name);
            if (found == releases_.end())
                return false;
            std::vector<events::Day> on;
            for (const Release& release : found->second)
                on.push_back(release.day);
            std::sort(on.begin(), on.end());
            for (std::size_t j = 1; j < on.size(); ++j) {
                if (on[j] - on[j - 1] <= k_wait_max)
                    continue;
                for (events::Day day = on[j - 1]; day < on[j] && year_of(day) <= year;
                     day += days(1))
                    waiting[day] += year_of(day) == year ? 1U : 0U;
            }
        }
        return std::any_of(waiting.begin(), waiting.end(),
                           [](const auto& entry) { return entry.second == k_guarded; });
    }

    // A series begins and ends with its own releases, as in the December whose file lacks the next
    // January; but one of a quarter with the file's, in whose months nothing may be due.
    void cover(const AgencySeries& series) {
        const auto found = releases_.find(series.name);
        if (found == releases_.end())
            return;
        const auto on = days_of(found->second);
        const auto [first, last] = std::minmax_element(on.begin(), on.end());
        const bool monthly = series.rhythm == Rhythm::monthly;
        collector_.cover_releases(series.prefix, on, first_of_month(monthly ? *first : first_),
                                  last_of_month(monthly ? *last : last_), wait_max(series.rhythm));
    }

    Collector collector_;
    Releases releases_;
    events::Day first_ = events::Day::max();
    events::Day last_ = events::Day::min();
};

}  // namespace

Parsed parse_bls_ics(std::string_view body, const Context& context) {
    return File(context).read(body);
}

}  // namespace bullpen::calendar
