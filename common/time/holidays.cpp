// The built-in table of holidays: the same as etc/holidays.toml, which a test compares with it.
#include "common/time/holidays.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "common/time/holiday_rules.hpp"

namespace bullpen::time {

namespace {

constexpr std::int32_t k_closed = -1;

// A day as 20240115, and when it closes as 1300.
struct Row {
    std::int32_t date;
    std::int32_t closes;
    std::string_view name;
    bool assumed = false;
};
struct SpecialRow {
    std::int32_t date;
    std::array<std::int32_t, 4> hours;  // opens, closes, opens, closes; zero when there is no more
    std::string_view name;
    bool assumed = false;
};

constexpr std::array k_equity_index = {
    Row{20240101, k_closed, "New Year's Day"},
    Row{20240115, 1300, "Martin Luther King Jr. Day"},
    Row{20240219, 1300, "Presidents' Day"},
    Row{20240329, k_closed, "Good Friday"},
    Row{20240527, 1300, "Memorial Day"},
    Row{20240619, 1300, "Juneteenth"},
    Row{20240703, 1315, "Eve of Independence Day"},
    Row{20240704, 1300, "Independence Day"},
    Row{20240902, 1300, "Labor Day"},
    Row{20241128, 1300, "Thanksgiving Day"},
    Row{20241129, 1315, "Day after Thanksgiving"},
    Row{20241224, 1315, "Christmas Eve"},
    Row{20241225, k_closed, "Christmas Day"},
    Row{20250101, k_closed, "New Year's Day"},
    Row{20250109, 930, "Day of Mourning for Jimmy Carter"},
    Row{20250120, 1300, "Martin Luther King Jr. Day"},
    Row{20250217, 1300, "Presidents' Day"},
    Row{20250418, k_closed, "Good Friday"},
    Row{20250526, 1300, "Memorial Day"},
    Row{20250619, 1300, "Juneteenth"},
    Row{20250703, 1315, "Eve of Independence Day"},
    Row{20250704, 1300, "Independence Day"},
    Row{20250901, 1300, "Labor Day"},
    Row{20251127, 1300, "Thanksgiving Day"},
    Row{20251128, 1315, "Day after Thanksgiving"},
    Row{20251224, 1315, "Christmas Eve"},
    Row{20251225, k_closed, "Christmas Day"},
    Row{20260101, k_closed, "New Year's Day"},
    Row{20260119, 1300, "Martin Luther King Jr. Day"},
    Row{20260216, 1300, "Presidents' Day"},
    Row{20260403, 915, "Good Friday, with the Employment Situation"},
    Row{20260525, 1300, "Memorial Day"},
    Row{20260619, 1300, "Juneteenth"},
    Row{20260703, 1300, "Independence Day"},
    Row{20260907, 1300, "Labor Day"},
    Row{20261126, 1300, "Thanksgiving Day"},
    Row{20261127, 1315, "Day after Thanksgiving"},
    Row{20261224, 1315, "Christmas Eve"},
    Row{20261225, k_closed, "Christmas Day"},
    Row{20270101, k_closed, "New Year's Day"},
    Row{20270118, 1300, "Martin Luther King Jr. Day"},
    Row{20270215, 1300, "Presidents' Day"},
    Row{20270326, k_closed, "Good Friday"},
    Row{20270531, 1300, "Memorial Day"},
    Row{20270618, 1300, "Juneteenth"},
    Row{20270705, 1300, "Independence Day"},
    Row{20270906, 1300, "Labor Day"},
    Row{20271125, 1300, "Thanksgiving Day"},
    Row{20271126, 1315, "Day after Thanksgiving"},
    Row{20271224, k_closed, "Christmas Day"},
};
constexpr std::array k_fx = {
    Row{20240101, k_closed, "New Year's Day"},
    Row{20240329, k_closed, "Good Friday", true},
    Row{20240619, 1300, "Juneteenth", true},
    Row{20240703, 1315, "Eve of Independence Day", true},
    Row{20240704, 1300, "Independence Day", true},
    Row{20241128, 1300, "Thanksgiving Day", true},
    Row{20241129, 1445, "Day after Thanksgiving"},
    Row{20241224, 1315, "Christmas Eve", true},
    Row{20241225, k_closed, "Christmas Day"},
    Row{20250101, k_closed, "New Year's Day"},
    Row{20250418, k_closed, "Good Friday", true},
    Row{20250619, 1300, "Juneteenth", true},
    Row{20250703, 1315, "Eve of Independence Day", true},
    Row{20250704, 1300, "Independence Day", true},
    Row{20251127, 1300, "Thanksgiving Day", true},
    Row{20251128, 1445, "Day after Thanksgiving"},
    Row{20251224, 1315, "Christmas Eve", true},
    Row{20251225, k_closed, "Christmas Day"},
    Row{20260101, k_closed, "New Year's Day"},
    Row{20260403, 915, "Good Friday, with the Employment Situation", true},
    Row{20260619, 1300, "Juneteenth", true},
    Row{20260703, 1300, "Independence Day", true},
    Row{20261126, 1300, "Thanksgiving Day", true},
    Row{20261127, 1445, "Day after Thanksgiving"},
    Row{20261224, 1315, "Christmas Eve", true},
    Row{20261225, k_closed, "Christmas Day"},
    Row{20270101, k_closed, "New Year's Day"},
    Row{20270326, k_closed, "Good Friday", true},
    Row{20270618, 1300, "Juneteenth", true},
    Row{20271125, 1300, "Thanksgiving Day", true},
    Row{20271126, 1445, "Day after Thanksgiving"},
    Row{20271224, k_closed, "Christmas Day"},
};
constexpr std::array k_metals = {
    Row{20240101, k_closed, "New Year's Day"},
    Row{20240115, 1430, "Martin Luther King Jr. Day"},
    Row{20240219, 1430, "Presidents' Day", true},
    Row{20240329, k_closed, "Good Friday", true},
    Row{20240527, 1430, "Memorial Day", true},
    Row{20240619, 1430, "Juneteenth", true},
    Row{20240703, 1345, "Eve of Independence Day", true},
    Row{20240704, 1430, "Independence Day", true},
    Row{20240902, 1430, "Labor Day", true},
    Row{20241128, 1430, "Thanksgiving Day", true},
    Row{20241129, 1345, "Day after Thanksgiving", true},
    Row{20241224, 1345, "Christmas Eve", true},
    Row{20241225, k_closed, "Christmas Day"},
    Row{20250101, k_closed, "New Year's Day"},
    Row{20250120, 1430, "Martin Luther King Jr. Day"},
    Row{20250217, 1430, "Presidents' Day", true},
    Row{20250418, k_closed, "Good Friday", true},
    Row{20250526, 1430, "Memorial Day", true},
    Row{20250619, 1430, "Juneteenth", true},
    Row{20250703, 1345, "Eve of Independence Day", true},
    Row{20250704, 1430, "Independence Day", true},
    Row{20250901, 1430, "Labor Day", true},
    Row{20251127, 1430, "Thanksgiving Day", true},
    Row{20251128, 1345, "Day after Thanksgiving", true},
    Row{20251224, 1345, "Christmas Eve", true},
    Row{20251225, k_closed, "Christmas Day"},
    Row{20260101, k_closed, "New Year's Day"},
    Row{20260119, 1430, "Martin Luther King Jr. Day"},
    Row{20260216, 1430, "Presidents' Day", true},
    Row{20260403, k_closed, "Good Friday", true},
    Row{20260525, 1430, "Memorial Day", true},
    Row{20260619, 1430, "Juneteenth", true},
    Row{20260703, 1430, "Independence Day", true},
    Row{20260907, 1430, "Labor Day", true},
    Row{20261126, 1430, "Thanksgiving Day", true},
    Row{20261127, 1345, "Day after Thanksgiving", true},
    Row{20261224, 1345, "Christmas Eve", true},
    Row{20261225, k_closed, "Christmas Day"},
    Row{20270101, k_closed, "New Year's Day"},
    Row{20270118, 1430, "Martin Luther King Jr. Day"},
    Row{20270215, 1430, "Presidents' Day", true},
    Row{20270326, k_closed, "Good Friday", true},
    Row{20270531, 1430, "Memorial Day", true},
    Row{20270618, 1430, "Juneteenth", true},
    Row{20270705, 1430, "Independence Day", true},
    Row{20270906, 1430, "Labor Day", true},
    Row{20271125, 1430, "Thanksgiving Day", true},
    Row{20271126, 1345, "Day after Thanksgiving", true},
    Row{20271224, k_closed, "Christmas Day"},
};
constexpr std::array k_energy = {
    Row{20240101, k_closed, "New Year's Day"},
    Row{20240115, 1430, "Martin Luther King Jr. Day"},
    Row{20240219, 1430, "Presidents' Day"},
    Row{20240329, k_closed, "Good Friday", true},
    Row{20240527, 1430, "Memorial Day"},
    Row{20240619, 1430, "Juneteenth"},
    Row{20240703, 1345, "Eve of Independence Day", true},
    Row{20240704, 1430, "Independence Day"},
    Row{20240902, 1430, "Labor Day"},
    Row{20241128, 1430, "Thanksgiving Day"},
    Row{20241129, 1345, "Day after Thanksgiving", true},
    Row{20241224, 1345, "Christmas Eve", true},
    Row{20241225, k_closed, "Christmas Day"},
    Row{20250101, k_closed, "New Year's Day"},
    Row{20250120, 1430, "Martin Luther King Jr. Day"},
    Row{20250217, 1430, "Presidents' Day"},
    Row{20250418, k_closed, "Good Friday", true},
    Row{20250526, 1430, "Memorial Day"},
    Row{20250619, 1430, "Juneteenth"},
    Row{20250703, 1345, "Eve of Independence Day", true},
    Row{20250704, 1430, "Independence Day"},
    Row{20250901, 1430, "Labor Day"},
    Row{20251127, 1430, "Thanksgiving Day"},
    Row{20251128, 1345, "Day after Thanksgiving", true},
    Row{20251224, 1345, "Christmas Eve", true},
    Row{20251225, k_closed, "Christmas Day"},
    Row{20260101, k_closed, "New Year's Day"},
    Row{20260119, 1430, "Martin Luther King Jr. Day"},
    Row{20260216, 1430, "Presidents' Day"},
    Row{20260403, k_closed, "Good Friday", true},
    Row{20260525, 1430, "Memorial Day"},
    Row{20260619, 1430, "Juneteenth"},
    Row{20260703, 1430, "Independence Day"},
    Row{20260907, 1430, "Labor Day"},
    Row{20261126, 1430, "Thanksgiving Day"},
    Row{20261127, 1345, "Day after Thanksgiving", true},
    Row{20261224, 1345, "Christmas Eve", true},
    Row{20261225, k_closed, "Christmas Day"},
    Row{20270101, k_closed, "New Year's Day"},
    Row{20270118, 1430, "Martin Luther King Jr. Day"},
    Row{20270215, 1430, "Presidents' Day"},
    Row{20270326, k_closed, "Good Friday", true},
    Row{20270531, 1430, "Memorial Day"},
    Row{20270618, 1430, "Juneteenth"},
    Row{20270705, 1430, "Independence Day"},
    Row{20270906, 1430, "Labor Day"},
    Row{20271125, 1430, "Thanksgiving Day"},
    Row{20271126, 1345, "Day after Thanksgiving", true},
    Row{20271224, k_closed, "Christmas Day"},
};
constexpr std::array k_rates = {
    Row{20240101, k_closed, "New Year's Day"},
    Row{20240115, 1300, "Martin Luther King Jr. Day", true},
    Row{20240219, 1300, "Presidents' Day", true},
    Row{20240329, k_closed, "Good Friday", true},
    Row{20240527, 1300, "Memorial Day", true},
    Row{20240619, 1300, "Juneteenth", true},
    Row{20240703, 1315, "Eve of Independence Day", true},
    Row{20240704, 1300, "Independence Day", true},
    Row{20240902, 1300, "Labor Day", true},
    Row{20241128, 1300, "Thanksgiving Day", true},
    Row{20241129, 1315, "Day after Thanksgiving", true},
    Row{20241224, 1315, "Christmas Eve", true},
    Row{20241225, k_closed, "Christmas Day"},
    Row{20250101, k_closed, "New Year's Day"},
    Row{20250109, 1315, "Day of Mourning for Jimmy Carter", true},
    Row{20250120, 1300, "Martin Luther King Jr. Day", true},
    Row{20250217, 1300, "Presidents' Day", true},
    Row{20250418, k_closed, "Good Friday", true},
    Row{20250526, 1300, "Memorial Day", true},
    Row{20250619, 1300, "Juneteenth", true},
    Row{20250703, 1315, "Eve of Independence Day", true},
    Row{20250704, 1300, "Independence Day", true},
    Row{20250901, 1300, "Labor Day", true},
    Row{20251127, 1300, "Thanksgiving Day", true},
    Row{20251128, 1315, "Day after Thanksgiving", true},
    Row{20251224, 1315, "Christmas Eve", true},
    Row{20251225, k_closed, "Christmas Day"},
    Row{20260101, k_closed, "New Year's Day"},
    Row{20260119, 1300, "Martin Luther King Jr. Day", true},
    Row{20260216, 1300, "Presidents' Day", true},
    Row{20260403, 915, "Good Friday, with the Employment Situation", true},
    Row{20260525, 1300, "Memorial Day", true},
    Row{20260619, 1300, "Juneteenth", true},
    Row{20260703, 1300, "Independence Day", true},
    Row{20260907, 1300, "Labor Day", true},
    Row{20261126, 1300, "Thanksgiving Day", true},
    Row{20261127, 1315, "Day after Thanksgiving", true},
    Row{20261224, 1315, "Christmas Eve", true},
    Row{20261225, k_closed, "Christmas Day"},
    Row{20270101, k_closed, "New Year's Day"},
    Row{20270118, 1300, "Martin Luther King Jr. Day", true},
    Row{20270215, 1300, "Presidents' Day", true},
    Row{20270326, k_closed, "Good Friday", true},
    Row{20270531, 1300, "Memorial Day", true},
    Row{20270618, 1300, "Juneteenth", true},
    Row{20270705, 1300, "Independence Day", true},
    Row{20270906, 1300, "Labor Day", true},
    Row{20271125, 1300, "Thanksgiving Day", true},
    Row{20271126, 1315, "Day after Thanksgiving", true},
    Row{20271224, k_closed, "Christmas Day"},
};
constexpr std::array k_nse = {
    Row{20240122, k_closed, "Exchange holiday"},
    Row{20240126, k_closed, "Exchange holiday"},
    Row{20240308, k_closed, "Exchange holiday"},
    Row{20240325, k_closed, "Exchange holiday"},
    Row{20240329, k_closed, "Exchange holiday"},
    Row{20240411, k_closed, "Exchange holiday"},
    Row{20240417, k_closed, "Exchange holiday"},
    Row{20240501, k_closed, "Exchange holiday"},
    Row{20240520, k_closed, "Exchange holiday"},
    Row{20240617, k_closed, "Exchange holiday"},
    Row{20240717, k_closed, "Exchange holiday"},
    Row{20240815, k_closed, "Exchange holiday"},
    Row{20241002, k_closed, "Exchange holiday"},
    Row{20241115, k_closed, "Exchange holiday"},
    Row{20241120, k_closed, "Exchange holiday"},
    Row{20241225, k_closed, "Exchange holiday"},
    Row{20250226, k_closed, "Exchange holiday"},
    Row{20250314, k_closed, "Exchange holiday"},
    Row{20250331, k_closed, "Exchange holiday"},
    Row{20250410, k_closed, "Exchange holiday"},
    Row{20250414, k_closed, "Exchange holiday"},
    Row{20250418, k_closed, "Exchange holiday"},
    Row{20250501, k_closed, "Exchange holiday"},
    Row{20250815, k_closed, "Exchange holiday"},
    Row{20250827, k_closed, "Exchange holiday"},
    Row{20251002, k_closed, "Exchange holiday"},
    Row{20251022, k_closed, "Exchange holiday"},
    Row{20251105, k_closed, "Exchange holiday"},
    Row{20251225, k_closed, "Exchange holiday"},
    Row{20260115, k_closed, "Exchange holiday"},
    Row{20260126, k_closed, "Exchange holiday"},
    Row{20260303, k_closed, "Exchange holiday"},
    Row{20260326, k_closed, "Exchange holiday"},
    Row{20260331, k_closed, "Exchange holiday"},
    Row{20260403, k_closed, "Exchange holiday"},
    Row{20260414, k_closed, "Exchange holiday"},
    Row{20260501, k_closed, "Exchange holiday"},
    Row{20260528, k_closed, "Exchange holiday"},
    Row{20260626, k_closed, "Exchange holiday"},
    Row{20260914, k_closed, "Exchange holiday"},
    Row{20261002, k_closed, "Exchange holiday"},
    Row{20261020, k_closed, "Exchange holiday"},
    Row{20261108, k_closed, "Muhurat trading, hours not known", true},
    Row{20261110, k_closed, "Exchange holiday"},
    Row{20261124, k_closed, "Exchange holiday"},
    Row{20261225, k_closed, "Exchange holiday"},
};
constexpr std::array k_nse_special = {
    SpecialRow{20240120, {915, 1530, 0, 0}, "Special session", true},
    SpecialRow{20240302, {915, 1000, 1130, 1230}, "Special session"},
    SpecialRow{20240518, {915, 1000, 1130, 1230}, "Special session"},
    SpecialRow{20241101, {1800, 1900, 0, 0}, "Muhurat trading"},
    SpecialRow{20250201, {915, 1530, 0, 0}, "Union Budget"},
    SpecialRow{20251021, {1345, 1445, 0, 0}, "Muhurat trading"},
    SpecialRow{20260201, {915, 1530, 0, 0}, "Union Budget"},
};

TradingDay day_of(std::int32_t date) {
    return std::chrono::year(date / 10000) /
           std::chrono::month(static_cast<unsigned>(date / 100 % 100)) /
           std::chrono::day(static_cast<unsigned>(date % 100));
}

std::int32_t minutes_of(std::int32_t hours_and_minutes) {
    return hours_and_minutes / 100 * 60 + hours_and_minutes % 100;
}

MarketHolidays make(std::span<const Row> rows, std::span<const SpecialRow> special,
                    std::int32_t covered_to) {
    MarketHolidays made;
    made.coverage = {day_of(20240101), day_of(covered_to)};
    for (const Row& row : rows) {
        Holiday& day = made.days.emplace_back();
        day.day = day_of(row.date);
        day.name = row.name;
        day.assumed = row.assumed;
        if (row.closes != k_closed) {
            day.kind = HolidayKind::early_close;
            day.closes = minutes_of(row.closes);
        }
    }
    for (const SpecialRow& row : special) {
        Holiday& day = made.days.emplace_back();
        day.day = day_of(row.date);
        day.name = row.name;
        day.assumed = row.assumed;
        day.kind = HolidayKind::special;
        for (std::size_t i = 0; i < row.hours.size() && row.hours[i] != 0; i += 2)
            day.blocks[day.count++] = {minutes_of(row.hours[i]), minutes_of(row.hours[i + 1])};
    }
    std::sort(made.days.begin(), made.days.end(),
              [](const Holiday& a, const Holiday& b) { return a.day < b.day; });
    return made;
}

// Good Friday is one whether the report comes out on it or not.
MarketHolidays make_by_rule(Market market, std::int32_t from, std::int32_t to) {
    MarketHolidays made;
    made.coverage = {day_of(from), day_of(to)};
    for (int year = from / 10000; year <= to / 10000; ++year) {
        for (Holiday& day :
             holidays_by_rule(market, std::chrono::year(year), [](TradingDay) { return false; }))
            made.days.push_back(std::move(day));
    }
    return made;
}

HolidayTable make_table() {
    HolidayTable table;
    table.revision = "2026-11-21";
    constexpr std::int32_t k_cme_to = 20271231;
    const auto put = [&](Market market, MarketHolidays holidays) {
        table.markets[static_cast<std::size_t>(market)] = std::move(holidays);
    };
    put(Market::cme_equity_index, make(k_equity_index, {}, k_cme_to));
    put(Market::cme_fx, make(k_fx, {}, k_cme_to));
    put(Market::cme_metals, make(k_metals, {}, k_cme_to));
    put(Market::cme_energy, make(k_energy, {}, k_cme_to));
    put(Market::cme_rates, make(k_rates, {}, k_cme_to));
    put(Market::nse_cash, make(k_nse, k_nse_special, 20261231));
    put(Market::nse_derivatives, make(k_nse, k_nse_special, 20261231));
    put(Market::nyse, make_by_rule(Market::nyse, 20240101, k_cme_to));
    return table;
}

}  // namespace

const HolidayTable& HolidayTable::built_in() {
    static const HolidayTable table = make_table();
    return table;
}

}  // namespace bullpen::time
