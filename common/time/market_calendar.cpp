#include "common/time/market_calendar.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace bullpen::time {

namespace {

using std::chrono::days;
using std::chrono::minutes;

// No table shuts a market for longer; a search beyond it is a programmer's error.
constexpr int k_shut_days_max = 4000;
constexpr std::int32_t k_midnight = 0;
constexpr std::int32_t k_no_early_close = 48 * 60;

// The hours that count from a day on. The second block is empty where there is one.
struct Regular {
    TradingDay from;
    Block block;
    Block second;
};

constexpr TradingDay date(int year, unsigned month, unsigned day) {
    return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
}

constexpr TradingDay k_ever = date(1970, 1, 1);

// 18:00 of the evening before to 17:00. Equity index futures halted from 16:15 to 16:30 until June
// 2021.
constexpr std::array k_cme_regular = {Regular{k_ever, {-6 * 60, 17 * 60}, {}}};
constexpr std::array k_equity_index_regular = {
    Regular{k_ever, {-6 * 60, 16 * 60 + 15}, {16 * 60 + 30, 17 * 60}},
    Regular{date(2021, 6, 28), {-6 * 60, 17 * 60}, {}},
};
// From 2026-08-03 continuous trading of the shares that have futures ends at 15:15, before a
// closing auction, and their futures and options trade until 15:40.
constexpr std::array k_nse_regular = {
    Regular{k_ever, {9 * 60 + 15, 15 * 60 + 30}, {}},
    Regular{date(2026, 8, 3), {9 * 60 + 15, 15 * 60 + 15}, {}},
};
constexpr std::array k_nse_derivatives_regular = {
    Regular{k_ever, {9 * 60 + 15, 15 * 60 + 30}, {}},
    Regular{date(2026, 8, 3), {9 * 60 + 15, 15 * 60 + 40}, {}},
};
constexpr std::array k_nyse_regular = {Regular{k_ever, {9 * 60 + 30, 16 * 60}, {}}};

std::span<const Regular> all_regular(Market market) {
    switch (market) {
        case Market::cme_equity_index: return k_equity_index_regular;
        case Market::nse_cash: return k_nse_regular;
        case Market::nse_derivatives: return k_nse_derivatives_regular;
        case Market::nyse: return k_nyse_regular;
        default: return k_cme_regular;
    }
}

const Regular& regular_hours(Market market, TradingDay day) {
    const auto all = all_regular(market);
    const Regular* found = &all.front();
    for (const Regular& regular : all) {
        if (regular.from <= day)
            found = &regular;
    }
    return *found;
}

TradingDay date_of(LocalTime local) {
    return TradingDay(std::chrono::floor<days>(local.time_since_epoch()));
}

}  // namespace

std::string_view code(Shut shut) {
    switch (shut) {
        case Shut::open: return "open";
        case Shut::maintenance: return "maintenance";
        case Shut::weekend: return "weekend";
        case Shut::holiday: return "holiday";
        case Shut::overnight: return "overnight";
    }
    return "";
}

Result<MarketCalendar> MarketCalendar::load(Market market, const HolidayTable& table) {
    BULLPEN_TRY(Zone zone, Zone::load(zone_name(market)));
    return MarketCalendar(market, std::move(zone), table.of(market));
}

MarketCalendar::MarketCalendar(Market market, Zone zone, MarketHolidays holidays)
    : market_(market), zone_(std::move(zone)), holidays_(std::move(holidays)) {}

UtcTime MarketCalendar::instant(TradingDay day, std::int32_t minutes_from_midnight) const {
    const Nanos local = Nanos(day.time_since_epoch()) + minutes(minutes_from_midnight);
    // Far from any change of the clocks the wall clock means one instant; asking the zone for all
    // that it may mean takes four times as long.
    constexpr days k_far{2};
    const OffsetSpan offset = zone_.span(UtcTime(local));
    const UtcTime plain(local - offset.offset);
    if (offset.begin < plain - k_far && plain + k_far < offset.end)
        return plain;
    return zone_.read(LocalTime(local)).earliest;
}

const Holiday* MarketCalendar::find(TradingDay day) const {
    const auto found =
        std::lower_bound(holidays_.days.begin(), holidays_.days.end(), day,
                         [](const Holiday& holiday, TradingDay d) { return holiday.day < d; });
    return found == holidays_.days.end() || found->day != day ? nullptr : &*found;
}

DayHours MarketCalendar::hours(TradingDay day) const {
    DayHours hours;
    hours.day = day;
    hours.holiday = find(day);
    // A guess is no answer. The hours are still the earliest of what is likely, so that an account
    // is flat in time.
    hours.covered = holidays_.coverage.holds(day) && (!hours.holiday || !hours.holiday->assumed);
    const Regular& regular = regular_hours(market_, day);
    hours.begins = instant(day, trades_at_night(market_) ? regular.block.opens : k_midnight);
    const auto add = [&](Block block) {
        hours.blocks[hours.count++] = {instant(day, block.opens), instant(day, block.closes)};
    };
    const auto add_until = [&](std::int32_t closes) {
        for (const Block& block : {regular.block, regular.second}) {
            if (block.opens < std::min(block.closes, closes))
                add({block.opens, std::min(block.closes, closes)});
        }
    };
    if (hours.holiday == nullptr) {
        if (is_trading_day(day))
            add_until(k_no_early_close);
        return hours;
    }
    switch (hours.holiday->kind) {
        case HolidayKind::closed: break;
        case HolidayKind::early_close: add_until(hours.holiday->closes); break;
        case HolidayKind::special:
            for (std::size_t i = 0; i < hours.holiday->count; ++i)
                add(hours.holiday->blocks[i]);
            break;
    }
    return hours;
}

DayHours MarketCalendar::next_traded(TradingDay day) const {
    DayHours hours;
    for (int i = 1; i <= k_shut_days_max && hours.count == 0; ++i)
        hours = this->hours(day + days(i));
    return hours;
}

DayHours MarketCalendar::last_begun(UtcTime at) const {
    // A trading day may begin on the evening before its date, never earlier.
    TradingDay day = date_of(zone_.local(at)) + days(1);
    DayHours hours;
    for (int i = 0; i <= k_shut_days_max; ++i, day -= days(1)) {
        hours = this->hours(day);
        if (hours.count > 0 && hours.begins <= at)
            break;
    }
    return hours;
}

Shut MarketCalendar::why_shut(const DayHours& day, TradingDay next) const {
    // Whatever lies between the end of this day and the next one says it.
    if (day.early_close())
        return Shut::holiday;
    for (TradingDay between = day.day + days(1); between < next; between += days(1)) {
        const Holiday* holiday = find(between);
        if (holiday != nullptr && holiday->kind == HolidayKind::closed && is_trading_day(between))
            return Shut::holiday;
    }
    if (next - day.day > days(1))
        return Shut::weekend;
    return trades_at_night(market_) ? Shut::maintenance : Shut::overnight;
}

MarketSpan MarketCalendar::span(UtcTime at) const {
    const DayHours day = last_begun(at);
    MarketSpan span;
    span.day = day.day;
    span.covered = day.covered;
    span.early_close = day.early_close();
    span.assumed = day.holiday != nullptr && day.holiday->assumed;
    span.begin = day.begins;
    for (std::size_t i = 0; i < day.count; ++i) {
        const DayHours::Span& block = day.blocks[i];
        if (at < block.opens) {
            // Before the opening of a day that has begun, or between two of its blocks.
            const bool break_of_day = i > 0 && trades_at_night(market_);
            span.end = block.opens;
            span.next_open = block.opens;
            span.next_close = block.closes;
            span.shut = break_of_day ? Shut::maintenance : Shut::overnight;
            return span;
        }
        span.begin = block.opens;
        if (at < block.closes) {
            span.end = block.closes;
            span.next_close = block.closes;
            span.next_open =
                i + 1U < day.count ? day.blocks[i + 1].opens : next_traded(day.day).opens();
            return span;
        }
        span.begin = block.closes;
    }
    const DayHours next = next_traded(day.day);
    // The next day may begin, for counters, before it opens.
    span.end = std::min(next.begins, next.opens());
    span.next_open = next.opens();
    span.next_close = next.blocks[0].closes;
    span.shut = why_shut(day, next.day);
    return span;
}

UtcTime MarketCalendar::next_open(UtcTime at) const {
    const MarketSpan found = span(at);
    return found.open() ? at : found.next_open;
}

std::int64_t MarketCalendar::open_minutes(UtcTime from, UtcTime to) const {
    using std::chrono::minutes;
    std::int64_t count = 0;
    while (from < to) {
        const MarketSpan here = span(from);
        const UtcTime end = std::min(here.end, to);
        if (here.open())
            count += (std::chrono::ceil<minutes>(end) - std::chrono::ceil<minutes>(from)).count();
        from = end;
    }
    return count;
}

std::int64_t MarketCalendar::minutes_to_close(UtcTime at) const {
    const MarketSpan found = span(at);
    return found.open() ? (found.end - at) / minutes(1) : 0;
}

}  // namespace bullpen::time
