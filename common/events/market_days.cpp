#include "common/events/market_days.hpp"

#include <algorithm>

#include "common/events/nfp_rule.hpp"
#include "common/time/holiday_rules.hpp"

namespace bullpen::events {

namespace {

using std::chrono::days;
using std::chrono::floor;
using time::Market;

constexpr std::string_view k_nse = "in.nse.holiday";
constexpr std::chrono::years k_years_ahead{5};

void add_closed(time::MarketHolidays& holidays, Day day, const std::string& name) {
    const auto at =
        std::lower_bound(holidays.days.begin(), holidays.days.end(), day,
                         [](const time::Holiday& row, Day wanted) { return row.day < wanted; });
    if (at != holidays.days.end() && at->day == day)
        return;
    time::Holiday holiday;
    holiday.day = day;
    holiday.name = name;
    holidays.days.insert(at, std::move(holiday));
}

// `segment`: "cm" or "fo", as the exchange tags its lists.
void add_exchange_list(time::MarketHolidays& holidays, const Snapshot& snapshot,
                       std::string_view segment) {
    for (const Event& event : snapshot.events) {
        const bool counts =
            event.series == k_nse && !event.cancelled() &&
            std::find(event.tags.begin(), event.tags.end(), segment) != event.tags.end();
        if (counts)
            add_closed(holidays, Day(floor<days>(event.local.time_since_epoch())), event.title);
    }
    const auto next = holidays.coverage.to + days(1);
    if (const auto to = covered_to(snapshot.coverage, k_nse, next))
        holidays.coverage.to = *to;
}

// Days to come that only the built-in table shuts, and that the exchange's list of their year does
// not have: the list is the exchange's later word.
void take_away(time::MarketHolidays& holidays, const time::MarketHolidays& built_in,
               const Snapshot& snapshot, std::string_view segment, Day today) {
    std::erase_if(holidays.days, [&](const time::Holiday& holiday) {
        const bool own =
            holiday.kind != time::HolidayKind::closed || holiday.day < today ||
            std::find(built_in.days.begin(), built_in.days.end(), holiday) == built_in.days.end();
        return !own && covers(snapshot.coverage, k_nse, holiday.day, holiday.day) &&
               std::none_of(
                   snapshot.events.begin(), snapshot.events.end(), [&](const Event& event) {
                       return event.series == k_nse && !event.cancelled() &&
                              Day(floor<days>(event.local.time_since_epoch())) == holiday.day &&
                              std::find(event.tags.begin(), event.tags.end(), segment) !=
                                  event.tags.end();
                   });
    });
}

// Whether a market trades on Good Friday depends on the employment report, which may move after the
// table was written. A row that says something else than the rule could say is an operator's own.
void follow_report(time::HolidayTable& table, Day today, const time::ReportOn& report_on) {
    for (std::size_t i = 0; i < time::k_markets; ++i) {
        auto& rows = table.markets.at(i).days;
        const auto this_year = std::chrono::year_month_day(today).year();
        for (auto year = this_year; year <= this_year + k_years_ahead; ++year) {
            const Day friday = time::easter_sunday(year) - days(2);
            const auto by_rule = [&](const time::ReportOn& report) {
                const auto all = time::holidays_by_rule(static_cast<Market>(i), year, report);
                const auto found = std::find_if(all.begin(), all.end(),
                                                [&](const auto& row) { return row.day == friday; });
                return found != all.end() ? std::optional(*found) : std::nullopt;
            };
            const auto row = std::find_if(rows.begin(), rows.end(),
                                          [&](const auto& other) { return other.day == friday; });
            const auto meant = by_rule(report_on);
            const auto other = by_rule([&](Day day) { return !report_on(day); });
            if (row != rows.end() && meant && other && *row == *other)
                *row = *meant;
        }
    }
}

}  // namespace

void complete(time::HolidayTable& table, const Snapshot* snapshot, const Overrides& overrides,
              UtcTime now) {
    std::vector<Event> events;
    if (snapshot != nullptr)
        events = snapshot->events;
    apply(overrides, now, events);
    const auto report_on = [&](time::TradingDay day) {
        return employment_situation_on(day, events);
    };
    time::extend_by_rule(table, floor<days>(now) + k_market_days_ahead, report_on);
    follow_report(table, floor<days>(now), report_on);
    if (snapshot != nullptr) {
        const auto built_in = time::HolidayTable::built_in();
        take_away(table.markets.at(static_cast<std::size_t>(Market::nse_cash)),
                  built_in.of(Market::nse_cash), *snapshot, "cm", floor<days>(now));
        take_away(table.markets.at(static_cast<std::size_t>(Market::nse_derivatives)),
                  built_in.of(Market::nse_derivatives), *snapshot, "fo", floor<days>(now));
        const auto of = [&](Market market) -> time::MarketHolidays& {
            return table.markets.at(static_cast<std::size_t>(market));
        };
        add_exchange_list(of(Market::nse_cash), *snapshot, "cm");
        add_exchange_list(of(Market::nse_derivatives), *snapshot, "fo");
    }
    apply(overrides, now, table);
}

void complete(time::HolidayTable& table, storage::FileSystem& files, const std::string& shared,
              UtcTime now) {
    const auto loaded = load_snapshot(files, shared + "/" + std::string(k_snapshot_name));
    const auto overrides = load_overrides(files, shared + "/" + std::string(k_overrides_name));
    complete(table, loaded.snapshot ? &*loaded.snapshot : nullptr, overrides.value_or(Overrides{}),
             now);
}

}  // namespace bullpen::events
