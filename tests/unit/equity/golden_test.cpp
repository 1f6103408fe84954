// Against tests/golden/equity, which an independent program computed with exact fractions.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/equity/table.hpp"
#include "worker/equity/day_candles.hpp"
#include "worker/equity/exit_rules.hpp"
#include "worker/equity/pattern.hpp"

namespace bullpen::equity {
namespace {

using test_table::number;
using test_table::rows_of;

constexpr double k_tolerance = 1e-9;

std::string golden(const std::string& name) {
    return test::read_text(test::source_directory() + "/tests/golden/equity/" + name);
}

bool same(const std::optional<double>& ours, const std::string& expected) {
    const auto value = number(expected);
    if (!ours || !value)
        return ours.has_value() == value.has_value();
    return std::abs(*ours - *value) <= k_tolerance * std::max(1.0, std::abs(*value));
}

std::vector<model::Bar> candles() {
    auto all = read_day_candles(golden("candles.csv"), 1000);
    REQUIRE(all.has_value());
    return *all;
}

TEST_CASE("averages, bands and slope equal the golden files on every day") {
    const auto bars = candles();
    const auto values = day_values(bars);
    const auto expected = rows_of(golden("expected.csv"), ',');
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        CAPTURE(expected[i].at("date"));
        CHECK(same(values[i].sma20, expected[i].at("sma20")));
        CHECK(same(values[i].ema21, expected[i].at("ema21")));
        CHECK(same(values[i].ema50, expected[i].at("ema50")));
        CHECK(same(values[i].atr14, expected[i].at("atr14")));
        CHECK(same(values[i].upper, expected[i].at("upper")));
        CHECK(same(values[i].lower, expected[i].at("lower")));
        CHECK(same(values[i].slope, expected[i].at("slope")));
    }
}

TEST_CASE("range and trailing stops equal the golden files on every day") {
    const auto bars = candles();
    const auto expected = rows_of(golden("expected.csv"), ',');
    TrailingStop trail;
    int stops = 0;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        CAPTURE(expected[i].at("date"));
        const auto range = daily_range(bars, std::chrono::floor<std::chrono::days>(bars[i].start));
        CHECK(same(range ? std::optional(range->atr) : std::nullopt, expected[i].at("atr20")));
        CHECK(
            same(range ? std::optional(range->percent) : std::nullopt, expected[i].at("percent")));
        trail.raise(bars[i].high, range, {5});
        const auto in_paise = [](const std::optional<model::Price>& price) {
            return price ? std::optional(static_cast<double>(price->ticks)) : std::nullopt;
        };
        CHECK(same(in_paise(trail.stop), expected[i].at("stop")));
        CHECK(same(in_paise(trail.rest), expected[i].at("rest")));
        stops += trail.stop ? 1 : 0;
    }
    CHECK(stops > 300);
}

TEST_CASE("pattern, suggested stop and what followed similar slopes equal the golden files") {
    const auto bars = candles();
    const auto all = day_values(bars);
    std::set<Pattern> seen;
    for (const auto& row : rows_of(golden("analysis.csv"), ',')) {
        CAPTURE(row.at("candles"));
        const auto count = static_cast<std::size_t>(std::stoi(row.at("candles")));
        const auto analysis = analyse(std::span(bars).first(count), std::span(all).first(count));
        REQUIRE(analysis);
        CHECK(analysis->counts.above_upper == std::stoi(row.at("above_upper")));
        CHECK(analysis->counts.above_sma == std::stoi(row.at("above_sma")));
        CHECK(analysis->counts.below_lower == std::stoi(row.at("below_lower")));
        CHECK(analysis->counts.crossings == std::stoi(row.at("crossings")));
        CHECK(same(analysis->stop, row.at("stop")));
        CHECK(analysis->similar.days == std::stoi(row.at("days")));
        CHECK(same(analysis->similar.mean_percent, row.at("mean")));
        CHECK(same(analysis->similar.median_percent, row.at("median")));
        CHECK(same(analysis->similar.rose_percent, row.at("rose")));
        CHECK(same(analysis->similar.worst_percent, row.at("worst")));
        CHECK(same(analysis->similar.best_percent, row.at("best")));
        seen.insert(analysis->pattern);
    }
    // The generator's market shows all of them.
    CHECK(seen.size() == k_patterns);
}

}  // namespace
}  // namespace bullpen::equity
