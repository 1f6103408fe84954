#include "common/time/holiday_rules.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace bullpen::time {

namespace {

using namespace std::chrono;

TradingDay day(int y, unsigned m, unsigned d) {
    return TradingDay(year(y) / month(m) / std::chrono::day(d));
}

// The Good Fridays of the table's years on which the report came out.
bool report_on(TradingDay good_friday) {
    return good_friday == day(2026, 4, 3);
}

}  // namespace

TEST_CASE("the rules give every day of the built-in table") {
    for (const Market market : {Market::cme_equity_index, Market::cme_fx, Market::cme_metals,
                                Market::cme_energy, Market::cme_rates, Market::nyse}) {
        CAPTURE(code(market));
        const std::vector<Holiday>& table = HolidayTable::built_in().of(market).days;
        std::vector<Holiday> rule;
        for (int y = 2024; y <= 2027; ++y) {
            for (Holiday& row : holidays_by_rule(market, year(y), report_on))
                rule.push_back(std::move(row));
        }
        REQUIRE(rule.size() == table.size());
        for (std::size_t i = 0; i < rule.size(); ++i) {
            CAPTURE(table[i].name);
            CHECK(rule[i] == table[i]);
        }
    }
}

// What the exchange published for these years.
TEST_CASE("the New York Stock Exchange keeps to its rule from 2015 on") {
    const auto has = [](int y, TradingDay wanted, std::int32_t closes) {
        const auto all = holidays_by_rule(Market::nyse, year(y), report_on);
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](const Holiday& row) { return row.day == wanted; });
        if (found == all.end())
            return false;
        return closes == 0 ? found->kind == HolidayKind::closed : found->closes == closes;
    };
    constexpr std::int32_t k_half = 13 * 60;
    CHECK(has(2015, day(2015, 7, 3), 0));  // the 4th is a Saturday
    CHECK_FALSE(has(2015, day(2015, 7, 2), k_half));
    CHECK(has(2015, day(2015, 12, 24), k_half));
    CHECK(has(2016, day(2016, 12, 26), 0));
    CHECK(has(2017, day(2017, 1, 2), 0));
    CHECK(has(2017, day(2017, 7, 3), k_half));
    CHECK(has(2018, day(2018, 12, 5), 0));
    CHECK_FALSE(has(2020, day(2020, 6, 19), 0));
    CHECK(has(2020, day(2020, 7, 3), 0));
    CHECK(has(2021, day(2021, 12, 24), 0));
    CHECK_FALSE(has(2021, day(2021, 12, 31), 0));
    CHECK(has(2022, day(2022, 6, 20), 0));
    CHECK(has(2023, day(2023, 4, 7), 0));  // with the report, too
    CHECK(has(2023, day(2023, 11, 24), k_half));
    CHECK(has(2025, day(2025, 1, 9), 0));
    CHECK(has(2026, day(2026, 7, 3), 0));
    CHECK(holidays_by_rule(Market::nyse, year(2014), report_on).empty());
    CHECK(holidays_by_rule(Market::nse_cash, year(2026), report_on).empty());
}

TEST_CASE("Easter is where the church has it") {
    for (const auto& [y, m, d] : {std::tuple{2015, 4U, 5U},
                                  {2016, 3U, 27U},
                                  {2018, 4U, 1U},
                                  {2019, 4U, 21U},
                                  {2021, 4U, 4U},
                                  {2023, 4U, 9U},
                                  {2024, 3U, 31U},
                                  {2025, 4U, 20U},
                                  {2026, 4U, 5U},
                                  {2027, 3U, 28U},
                                  {2038, 4U, 25U},
                                  {2285, 3U, 22U}})
        CHECK(easter_sunday(year(y)) == day(y, m, d));
}

TEST_CASE("the report opens a Good Friday for some hours") {
    const auto on = [](bool report) {
        const auto all = holidays_by_rule(Market::cme_equity_index, year(2023),
                                          [&](TradingDay) { return report; });
        return *std::find_if(all.begin(), all.end(),
                             [](const Holiday& row) { return row.day == day(2023, 4, 7); });
    };
    CHECK(on(true).kind == HolidayKind::early_close);
    CHECK(on(true).closes == 9 * 60 + 15);
    CHECK(on(false).kind == HolidayKind::closed);
}

TEST_CASE("a table is extended by whole years, and what it says stays") {
    constexpr Market k_es = Market::cme_equity_index;
    MarketHolidays holidays = HolidayTable::built_in().of(k_es);
    const auto before = holidays;
    extend_by_rule(k_es, holidays, day(2029, 6, 1), report_on);
    CHECK(holidays.coverage.from == day(2019, 1, 1));
    CHECK(holidays.coverage.to == day(2029, 12, 31));
    CHECK(std::includes(holidays.days.begin(), holidays.days.end(), before.days.begin(),
                        before.days.end(),
                        [](const Holiday& a, const Holiday& b) { return a.day < b.day; }));
    CHECK(std::is_sorted(holidays.days.begin(), holidays.days.end(),
                         [](const Holiday& a, const Holiday& b) { return a.day < b.day; }));
    // Christmas of 2027 is a Saturday, New Year of 2028 as well: kept on the 24th, and not at all.
    const auto has = [&](TradingDay wanted) {
        return std::any_of(holidays.days.begin(), holidays.days.end(),
                           [&](const Holiday& row) { return row.day == wanted; });
    };
    CHECK(has(day(2027, 12, 24)));
    CHECK_FALSE(has(day(2027, 12, 31)));
    CHECK(has(day(2028, 7, 4)));
    const auto once = holidays;
    extend_by_rule(k_es, holidays, day(2028, 6, 1), report_on);
    CHECK(holidays == once);
}

TEST_CASE("a table without a market is filled where there is a rule, and stays empty else") {
    HolidayTable table;
    extend_by_rule(table, day(2026, 11, 21), report_on);
    CHECK(table.of(Market::nyse).coverage == Coverage{day(2015, 1, 1), day(2026, 12, 31)});
    CHECK(table.of(Market::cme_fx).coverage == Coverage{day(2024, 1, 1), day(2026, 12, 31)});
    CHECK(table.of(Market::nse_cash) == MarketHolidays{});
    CHECK_FALSE(table.of(Market::nse_cash).coverage.holds(day(2026, 11, 21)));
}

}  // namespace bullpen::time
