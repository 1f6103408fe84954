// The page of pattern_daily: every share with its pictures, in the style of the tear sheet.
// Self-contained: it has no script and loads nothing. The same candles give the same page. Pure.
#pragma once

#include <string>
#include <vector>

#include "worker/equity/pattern.hpp"

namespace bullpen::equity {

// Days that a picture shows.
inline constexpr std::size_t k_pictured_days = 250;

struct PageEntry {
    std::string symbol;
    Analysis analysis;
    std::string section;  // see pattern_section()
};

// One share's part of the page.
std::string pattern_section(const std::string& symbol, const Analysis& analysis,
                            std::span<const model::Bar> candles, std::span<const DayValues> values);

struct PageHead {
    std::string account;
    std::string day;                    // the trading day: "2026-11-20"
    std::vector<std::string> left_out;  // "TCS: row 3: ..."
    std::vector<std::string> stale;     // "TCS: its last candle is of 2026-11-02"
};
std::string pattern_page(const PageHead& head, const std::vector<PageEntry>& entries);

}  // namespace bullpen::equity
