// The Bureau of Economic Analysis' release_dates.json: times in UTC by the long names of releases.
// It does not say which estimate of the GDP or which month a release is about.
#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "calendar/collector.hpp"
#include "calendar/sources/agency.hpp"
#include "calendar/sources/bea.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::calendar {

namespace {

using nlohmann::json;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

// The first two must be there.
constexpr std::array k_series{
    AgencySeries{k_bea_gdp, "us.bea.gdp", Rhythm::gdp, 0, 0, 3},
    AgencySeries{k_bea_income, "us.bea.pce", Rhythm::monthly, 0, 40, 3},
    AgencySeries{k_bea_trade, "us.bea.trade", Rhythm::monthly, 0, 40, 2},
    AgencySeries{"U.S. International Transactions", "us.bea.ita", Rhythm::quarterly, 0, 0, 1},
};
constexpr std::size_t k_guarded = 2;
constexpr std::size_t k_dates_max = 2000;  // of one name

class File {
  public:
    explicit File(const Context& context) : collector_("bea-json", context) {}

    Parsed read(std::string_view body) {
        if (!collector_.admits_json(body))
            return collector_.finish();
        const json document = documents::parse_json(body);
        if (!document.is_object()) {
            collector_.refuse("it is no JSON object");
            return collector_.finish();
        }
        for (const auto& [name, value] : document.items()) {
            if (value.is_object())
                read_series(squeezed(name), value);
        }
        judge();
        for (auto& [name, releases] : releases_)
            add_series(collector_, k_series, "us.bea.", name, std::move(releases));
        return collector_.finish();
    }

  private:
    void read_series(const std::string& name, const json& value) {
        const auto dates = value.find("release_dates");
        if (dates == value.end() || !dates->is_array() || dates->size() > k_dates_max ||
            name.empty())
            return collector_.refuse("'" + name + "' has no list of release dates");
        dates_ += dates->size();
        if (!collector_.has_room_for(dates_))
            return;
        for (const json& date : *dates) {
            const auto at =
                date.is_string() ? iso_instant(date.get_ref<const std::string&>()) : std::nullopt;
            if (!at) {
                collector_.refuse("'" + name + "' has a date that cannot be read");
                continue;
            }
            const time::LocalTime local = collector_.context().zones->new_york().local(*at);
            const auto day = floor<days>(local);
            Release release{events::Day(day.time_since_epoch()), floor<minutes>(local - day),
                            events::Status::published,
                            name + " " + date.get_ref<const std::string&>()};
            releases_[name].push_back(std::move(release));
        }
    }

    void judge() {
        for (std::size_t i = 0; i < k_guarded; ++i) {
            const auto found = releases_.find(k_series.at(i).name);
            if (found == releases_.end() || found->second.empty())
                collector_.refuse("there is no '" + std::string(k_series.at(i).name) + "' in it");
        }
        for (const AgencySeries& series : k_series) {
            const auto found = releases_.find(series.name);
            if (found == releases_.end() || found->second.empty())
                continue;
            const auto [first, last] =
                std::minmax_element(found->second.begin(), found->second.end());
            judge_days(series, found->second, first->day, last->day);
            for (const std::string_view name : bea_series(series.prefix))
                collector_.cover_releases(name, days_of(found->second), first_of_month(first->day),
                                          last_of_month(last->day), wait_max(series.rhythm));
        }
    }

    void judge_days(const AgencySeries& series, const std::vector<Release>& releases,
                    events::Day first, events::Day last) {
        const bool guarded = series.name == k_bea_gdp || series.name == k_bea_income;
        std::map<int, std::vector<events::Day>> years;
        for (const Release& release : releases) {
            years[year_of(release.day)].push_back(release.day);
            if (is_weekend(release.day) && guarded)
                collector_.refuse("'" + std::string(series.name) + "' of " +
                                  events::format_day(release.day) + " is at a weekend");
        }
        for (int year = year_of(first); year <= year_of(last); ++year) {
            std::vector<events::Day>& found = years[year];
            std::sort(found.begin(), found.end());
            const auto distinct =
                std::distance(found.begin(), std::unique(found.begin(), found.end()));
            const int months = std::min(month_index(last), year * 12 + 11) -
                               std::max(month_index(first), year * 12) + 1;
            if (guarded &&
                (distinct > k_bea_releases_max || distinct < months - k_bea_releases_lost_max))
                collector_.refuse("'" + std::string(series.name) + "' is there " +
                                  std::to_string(distinct) + " times in " + std::to_string(year) +
                                  ", and it comes out every month");
        }
    }

    Collector collector_;
    std::size_t dates_ = 0;  // of all names
    Releases releases_;
};

}  // namespace

Parsed parse_bea_json(std::string_view body, const Context& context) {
    return File(context).read(body);
}

}  // namespace bullpen::calendar
