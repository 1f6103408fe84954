#include "common/tables/holiday_file.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/time/session_clock.hpp"

namespace bullpen::tables {

namespace {

using time::Holiday;
using time::HolidayKind;
using time::Market;

std::int32_t minutes_of(Nanos time_of_day) {
    return static_cast<std::int32_t>(time_of_day / std::chrono::minutes(1));
}

// "09:15-10:00".
Result<time::Block> parse_block(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos)
        return fail(Errc::invalid, "must be hours as in 09:15-10:00");
    BULLPEN_TRY(const Nanos opens, time::parse_time_of_day(text.substr(0, dash)));
    BULLPEN_TRY(const Nanos closes, time::parse_time_of_day(text.substr(dash + 1)));
    if (opens >= closes)
        return fail(Errc::invalid, "closes before it opens");
    return time::Block{minutes_of(opens), minutes_of(closes)};
}

void read_hours(Table& table, const std::string& day, Holiday& holiday) {
    const std::string key = day + ".hours";
    holiday.kind = HolidayKind::special;
    const auto texts = table.texts_or(key);
    if (texts.empty() || texts.size() > Holiday::k_blocks_max) {
        table.wrong(key, "must list one or two stretches of hours");
        return;
    }
    for (const std::string& text : texts) {
        const auto block = parse_block(text);
        if (!block) {
            table.wrong(key, block.error().message());
            return;
        }
        if (holiday.count > 0 && holiday.blocks[holiday.count - 1U].closes >= block->opens) {
            table.wrong(key, "must be in order and apart");
            return;
        }
        holiday.blocks[holiday.count++] = *block;
    }
}

Holiday read_day(Table& table, const std::string& name) {
    const std::string day = "days." + name;
    Holiday holiday;
    const auto date = parse_date(name);
    if (!date)
        table.wrong(day + ".name", date.error().message());
    else
        holiday.day = *date;
    holiday.name = table.text(day + ".name");
    holiday.assumed = table.flag_or(day + ".assumed", false);
    const bool closed = table.flag_or(day + ".closed", false);
    const auto closes = table.time_of_day_if(day + ".closes");
    const bool special = table.has(day + ".hours");
    if ((closed ? 1 : 0) + (closes ? 1 : 0) + (special ? 1 : 0) != 1) {
        table.wrong(day + ".name", "must say one of: closed = true, closes, hours");
    } else if (closes) {
        holiday.kind = HolidayKind::early_close;
        holiday.closes = minutes_of(*closes);
    } else if (special) {
        read_hours(table, day, holiday);
    }
    return holiday;
}

// An early close is one only on a day that trades, and after its opening.
void check_day(Table& table, Market market, const Holiday& holiday) {
    if (holiday.kind != HolidayKind::early_close)
        return;
    const std::string key =
        "days." + format_utc(UtcTime(holiday.day.time_since_epoch())).substr(0, 10) + ".closes";
    const time::MarketCalendar regular(market, time::Zone::utc(), {});
    const auto hours = regular.hours(holiday.day);
    const UtcTime closes =
        UtcTime(holiday.day.time_since_epoch()) + std::chrono::minutes(holiday.closes);
    if (hours.count == 0)
        table.wrong(key, "is a weekend, which has no early close");
    else if (closes <= hours.opens() || closes >= hours.closes())
        table.wrong(key, "is not within the regular hours");
}

Reading<time::HolidayTable> holidays_from(const std::string& name, std::string_view text) {
    TableFile file(name, text);
    time::HolidayTable made;
    made.revision = file.revision();
    for (const std::string& section : file.tables()) {
        Table table = file.table(section);
        const auto market = time::market_from(section);
        if (!market) {
            table.wrong("", "'" + section + "' is no market that Bullpen knows",
                        nearest_market(section));
            table.pass_over();
            continue;
        }
        auto& holidays = made.markets[static_cast<std::size_t>(*market)];
        holidays.coverage = {table.date("covered_from"), table.date("covered_to")};
        if (holidays.coverage.from > holidays.coverage.to)
            table.wrong("covered_to", "is before covered_from");
        for (const std::string& day : table.tables_below("days")) {
            const std::size_t before = file.issues().size();
            holidays.days.push_back(read_day(table, day));
            if (file.issues().size() == before)
                check_day(table, *market, holidays.days.back());
        }
        std::sort(holidays.days.begin(), holidays.days.end(),
                  [](const Holiday& a, const Holiday& b) { return a.day < b.day; });
    }
    return file.finish(std::move(made));
}

time::HolidayTable built_in_holidays() {
    return time::HolidayTable::built_in();
}

}  // namespace

std::string holidays_path(const Home& home) {
    return home.shared() + "/holidays.toml";
}

Result<time::HolidayTable> parse_holidays(const std::string& name, std::string_view text) {
    return holidays_from(name, text).table;
}

Reading<time::HolidayTable> read_holidays(const Home& home) {
    return read_home_table<time::HolidayTable>(holidays_path(home), "shared/holidays.toml",
                                               &holidays_from, &built_in_holidays);
}

Result<time::HolidayTable> load_holidays(const Home& home) {
    return read_holidays(home).table;
}

}  // namespace bullpen::tables
