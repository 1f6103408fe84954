// HolidayTable: the days on which a market does not keep its regular hours, as plain data. The
// built-in table covers 2024 to 2027 (NSE: to 2026); etc/holidays.toml has the same as a file. What
// is not sourced is marked as assumed. docs/sessions.md tells where each date is from.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "common/time/futures_session.hpp"
#include "common/time/market.hpp"

namespace bullpen::time {

// A stretch of trading on the market's wall clock, in minutes from midnight of the trading day;
// below zero on the day before: -360 is 18:00 of the evening before.
struct Block {
    std::int32_t opens = 0;
    std::int32_t closes = 0;
    friend bool operator==(const Block&, const Block&) = default;
};

enum class HolidayKind : std::uint8_t {
    closed,
    early_close,  // from the regular opening to `closes`
    special,      // just the blocks given, on any day of the week
};

struct Holiday {
    static constexpr std::size_t k_blocks_max = 2;

    TradingDay day{};
    HolidayKind kind = HolidayKind::closed;
    std::int32_t closes = 0;  // of an early close: minutes from midnight of the day
    std::uint8_t count = 0;   // blocks of a special day
    std::array<Block, k_blocks_max> blocks{};
    bool assumed = false;  // not from a source: the earlier of what is likely, and not known
    std::string name;
    friend bool operator==(const Holiday&, const Holiday&) = default;
};

// The days that a table speaks for, both included. Outside of it nobody knows of holidays.
struct Coverage {
    TradingDay from{};
    TradingDay to{};
    [[nodiscard]] bool holds(TradingDay day) const { return from <= day && day <= to; }
    friend bool operator==(const Coverage&, const Coverage&) = default;
};

struct MarketHolidays {
    Coverage coverage;
    std::vector<Holiday> days;  // by day, each once
    friend bool operator==(const MarketHolidays&, const MarketHolidays&) = default;
};

struct HolidayTable {
    std::string revision;  // for people: the day on which it was written
    std::array<MarketHolidays, k_markets> markets;

    [[nodiscard]] const MarketHolidays& of(Market market) const {
        return markets[static_cast<std::size_t>(market)];
    }
    static const HolidayTable& built_in();
    friend bool operator==(const HolidayTable&, const HolidayTable&) = default;
};

}  // namespace bullpen::time
