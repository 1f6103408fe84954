#include "common/time/holiday_rules.hpp"

#include <algorithm>
#include <array>

namespace bullpen::time {

namespace {

using namespace std::chrono;

constexpr std::int32_t at(std::int32_t hours, std::int32_t minutes) {
    return hours * 60 + minutes;
}
constexpr std::int32_t k_shut = -1;     // all day
constexpr std::int32_t k_regular = -2;  // as on any other day

// When a market closes on a kind of day, and whether a source says so.
struct Close {
    std::int32_t at;
    bool assumed = false;
};

struct Rule {
    Market market;
    year from;
    Close monday;        // holidays that are always a Monday, but for the next
    Close first_monday;  // Martin Luther King Jr. Day
    Close holiday;       // Juneteenth and Independence Day
    Close thanksgiving;
    Close eve;  // 3 July and 24 December
    Close after_thanksgiving;
    Close report_friday;  // Good Friday with the employment report
    Close good_friday;
};

constexpr std::array k_rules{
    Rule{.market = Market::cme_equity_index,
         .from = year(2019),
         .monday = {at(13, 0)},
         .first_monday = {at(13, 0)},
         .holiday = {at(13, 0)},
         .thanksgiving = {at(13, 0)},
         .eve = {at(13, 15)},
         .after_thanksgiving = {at(13, 15)},
         .report_friday = {at(9, 15)},
         .good_friday = {k_shut}},
    Rule{.market = Market::cme_fx,
         .from = year(2024),
         .monday = {k_regular},
         .first_monday = {k_regular},
         .holiday = {at(13, 0), true},
         .thanksgiving = {at(13, 0), true},
         .eve = {at(13, 15), true},
         .after_thanksgiving = {at(14, 45)},
         .report_friday = {at(9, 15), true},
         .good_friday = {k_shut, true}},
    Rule{.market = Market::cme_metals,
         .from = year(2024),
         .monday = {at(14, 30), true},
         .first_monday = {at(14, 30)},
         .holiday = {at(14, 30), true},
         .thanksgiving = {at(14, 30), true},
         .eve = {at(13, 45), true},
         .after_thanksgiving = {at(13, 45), true},
         .report_friday = {k_shut, true},
         .good_friday = {k_shut, true}},
    Rule{.market = Market::cme_energy,
         .from = year(2024),
         .monday = {at(14, 30)},
         .first_monday = {at(14, 30)},
         .holiday = {at(14, 30)},
         .thanksgiving = {at(14, 30)},
         .eve = {at(13, 45), true},
         .after_thanksgiving = {at(13, 45), true},
         .report_friday = {k_shut, true},
         .good_friday = {k_shut, true}},
    Rule{.market = Market::cme_rates,
         .from = year(2024),
         .monday = {at(13, 0), true},
         .first_monday = {at(13, 0), true},
         .holiday = {at(13, 0), true},
         .thanksgiving = {at(13, 0), true},
         .eve = {at(13, 15), true},
         .after_thanksgiving = {at(13, 15), true},
         .report_friday = {at(9, 15), true},
         .good_friday = {k_shut, true}},
    Rule{.market = Market::nyse,
         .from = year(2015),
         .monday = {k_shut},
         .first_monday = {k_shut},
         .holiday = {k_shut},
         .thanksgiving = {k_shut},
         .eve = {at(13, 0)},
         .after_thanksgiving = {at(13, 0)},
         .report_friday = {k_shut},
         .good_friday = {k_shut}},
};

struct Mourning {
    Market market;
    int year;
    unsigned month;
    unsigned day;
    std::int32_t closes;
    const char* name;
    bool assumed = false;
};
constexpr std::array k_mourning{
    Mourning{Market::nyse, 2018, 12, 5, k_shut, "Day of Mourning for George H. W. Bush"},
    Mourning{Market::nyse, 2025, 1, 9, k_shut, "Day of Mourning for Jimmy Carter"},
    Mourning{Market::cme_equity_index, 2025, 1, 9, at(9, 30), "Day of Mourning for Jimmy Carter"},
    Mourning{Market::cme_rates, 2025, 1, 9, at(13, 15), "Day of Mourning for Jimmy Carter", true},
};

const Rule* rule_of(Market market) {
    const auto* const found = std::find_if(k_rules.begin(), k_rules.end(),
                                           [&](const Rule& rule) { return rule.market == market; });
    return found == k_rules.end() ? nullptr : found;
}

// A holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after.
TradingDay observed(TradingDay day) {
    const weekday on(day);
    return on == Saturday ? day - days(1) : on == Sunday ? day + days(1) : day;
}

bool is_monday_to_thursday(TradingDay day) {
    const weekday on(day);
    return on != Friday && on != Saturday && on != Sunday;
}

class Year {
  public:
    Year(const Rule& rule, year y) : rule_(rule), year_(y) {}

    std::vector<Holiday> days_off(const ReportOn& report_on) {
        add_winter();
        add_mondays();
        add_summer();
        const TradingDay thanksgiving(year_ / November / Thursday[4]);
        add(thanksgiving, rule_.thanksgiving, "Thanksgiving Day");
        add(thanksgiving + days(1), rule_.after_thanksgiving, "Day after Thanksgiving");
        const TradingDay good_friday = easter_sunday(year_) - days(2);
        const bool report = rule_.report_friday.at != k_shut && report_on(good_friday);
        add(good_friday, report ? rule_.report_friday : rule_.good_friday,
            report ? "Good Friday, with the Employment Situation" : "Good Friday");
        for (const Mourning& mourning : k_mourning) {
            if (mourning.market == rule_.market && year(mourning.year) == year_)
                add(TradingDay(year_ / month(mourning.month) / day(mourning.day)),
                    {mourning.closes, mourning.assumed}, mourning.name);
        }
        std::sort(all_.begin(), all_.end(),
                  [](const Holiday& a, const Holiday& b) { return a.day < b.day; });
        return std::move(all_);
    }

  private:
    void add(TradingDay on, const Close& close, const char* name) {
        if (close.at == k_regular)
            return;
        Holiday holiday;
        holiday.day = on;
        holiday.name = name;
        holiday.assumed = close.assumed;
        if (close.at != k_shut) {
            holiday.kind = HolidayKind::early_close;
            holiday.closes = close.at;
        }
        all_.push_back(std::move(holiday));
    }

    // Juneteenth and Independence Day may be a Monday, too.
    void add_dated(TradingDay on, const char* name) {
        add(on, weekday(on) == Monday ? rule_.monday : rule_.holiday, name);
    }

    void add_winter() {
        const TradingDay new_year(year_ / January / 1);
        // One on a Saturday is not made up for.
        if (weekday(new_year) != Saturday)
            add(observed(new_year), {k_shut}, "New Year's Day");
        const TradingDay christmas = observed(TradingDay(year_ / December / 25));
        add(christmas, {k_shut}, "Christmas Day");
        const TradingDay eve(year_ / December / 24);
        if (is_monday_to_thursday(eve) && eve != christmas)
            add(eve, rule_.eve, "Christmas Eve");
    }

    void add_mondays() {
        add(TradingDay(year_ / January / Monday[3]), rule_.first_monday,
            "Martin Luther King Jr. Day");
        add(TradingDay(year_ / February / Monday[3]), rule_.monday, "Presidents' Day");
        add(TradingDay(year_ / May / Monday[last]), rule_.monday, "Memorial Day");
        add(TradingDay(year_ / September / Monday[1]), rule_.monday, "Labor Day");
    }

    void add_summer() {
        if (year_ >= year(2022))
            add_dated(observed(TradingDay(year_ / June / 19)), "Juneteenth");
        const TradingDay independence = observed(TradingDay(year_ / July / 4));
        add_dated(independence, "Independence Day");
        const TradingDay third(year_ / July / 3);
        if (is_monday_to_thursday(third) && third != independence)
            add(third, rule_.eve, "Eve of Independence Day");
    }

    const Rule& rule_;
    year year_;
    std::vector<Holiday> all_;
};

year year_of(TradingDay day) {
    return year_month_day(day).year();
}

}  // namespace

// The Gregorian computus: golden number, century, corrections, epact, days to the Sunday after.
TradingDay easter_sunday(year y) {
    const int n = static_cast<int>(y);
    const int a = n % 19;
    const int b = n / 100;
    const int c = n % 100;
    const int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    const int m = (a + 11 * h + 22 * l) / 451;
    const int whole = h + l - 7 * m + 114;
    return y / month(static_cast<unsigned>(whole / 31)) /
           day(static_cast<unsigned>(whole % 31 + 1));
}

bool follows_rule(Market market) {
    return rule_of(market) != nullptr;
}

std::vector<Holiday> holidays_by_rule(Market market, year y, const ReportOn& report_on) {
    const Rule* const rule = rule_of(market);
    if (rule == nullptr || y < rule->from)
        return {};
    return Year(*rule, y).days_off(report_on);
}

void extend_by_rule(Market market, MarketHolidays& holidays, TradingDay to,
                    const ReportOn& report_on) {
    const Rule* const rule = rule_of(market);
    if (rule == nullptr)
        return;
    const Coverage had = holidays.coverage;
    // A table without the market speaks for no day.
    const bool none = holidays.days.empty();
    const year last = std::max(year_of(to), none ? rule->from : year_of(had.to));
    const year first = none ? rule->from : std::min(rule->from, year_of(had.from));
    for (year y = first; y <= last; ++y) {
        if (y < rule->from)
            continue;
        for (Holiday& holiday : holidays_by_rule(market, y, report_on)) {
            if (none || !had.holds(holiday.day))
                holidays.days.push_back(std::move(holiday));
        }
    }
    std::sort(holidays.days.begin(), holidays.days.end(),
              [](const Holiday& a, const Holiday& b) { return a.day < b.day; });
    const TradingDay begin(rule->from / January / 1);
    const TradingDay end(last / December / 31);
    holidays.coverage = {none ? begin : std::min(begin, had.from), end};
}

void extend_by_rule(HolidayTable& table, TradingDay to, const ReportOn& report_on) {
    for (std::size_t i = 0; i < k_markets; ++i)
        extend_by_rule(static_cast<Market>(i), table.markets[i], to, report_on);
}

}  // namespace bullpen::time
