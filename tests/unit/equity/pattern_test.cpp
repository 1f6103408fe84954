#include "worker/equity/pattern.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/equity/table.hpp"
#include "worker/equity/day_candles.hpp"
#include "worker/equity/pattern_page.hpp"

namespace bullpen::equity {
namespace {

TEST_CASE("the pattern of forty days: a table of its limits") {
    const auto rows = test_table::rows_of(R"(
#   above_upper  above_sma  below_lower  crossings  pattern
1   10           40         0            0          momentum
2   10           25         0            5          momentum
3    9           30         0            4          consistent_trend
4    9           30         0            5          break_and_base
5    9           29         0            4          mixed
6    0           25         0            5          break_and_base
7    0           24         0            5          mixed
8    0           25         0            4          mixed
9    0           25         8            5          break_and_base
10   0            0         8            0          oversold
11   0            0         7            0          mixed
)");
    REQUIRE(rows.size() == 11);
    for (const auto& row : rows) {
        CAPTURE(row.at("#"));
        auto name = std::string(
            code(pattern_of({std::stoi(row.at("above_upper")), std::stoi(row.at("above_sma")),
                             std::stoi(row.at("below_lower")), std::stoi(row.at("crossings"))})));
        std::replace(name.begin(), name.end(), ' ', '_');
        CHECK(name == row.at("pattern"));
    }
}

std::vector<model::Bar> straight(std::size_t count, std::int64_t first, std::int64_t step) {
    std::vector<model::Bar> bars;
    for (std::size_t i = 0; i < count; ++i) {
        const auto close = first + static_cast<std::int64_t>(i) * step;
        model::Bar bar;
        bar.start = UtcTime(std::chrono::days(20'000 + static_cast<int>(i)));
        bar.span = std::chrono::days(1);
        bar.open = bar.close = {close};
        bar.high = {close + 100};
        bar.low = {close - 100};
        bars.push_back(bar);
    }
    return bars;
}

TEST_CASE("with less than sixty candles nothing is said") {
    const auto bars = straight(60, 100'000, 500);
    const auto values = day_values(bars);
    CHECK_FALSE(analyse(std::span(bars).first(59), std::span(values).first(59)));
    const auto analysis = analyse(bars, values);
    REQUIRE(analysis);
    CHECK(analysis->trend == Trend::sideways);
    // A rise of 5.00 a day on 1200 or so is 0.4 %.
    CHECK(*analysis->values.slope == doctest::Approx(500.0 / 1247.5).epsilon(1e-9));
}

TEST_CASE("the trend turns at half a percent a day") {
    const auto up = straight(60, 100'000, 1'500);
    CHECK(analyse(up, day_values(up))->trend == Trend::up);
    const auto down = straight(60, 200'000, -1'500);
    CHECK(analyse(down, day_values(down))->trend == Trend::down);
}

TEST_CASE("a stop that is not below the price is none") {
    const auto down = straight(80, 200'000, -1'500);
    const auto analysis = analyse(down, day_values(down));
    CHECK(*analysis->values.upper > analysis->close);
    CHECK_FALSE(analysis->stop);
}

TEST_CASE("candles are read by their names, and a row that makes no sense refuses the file") {
    const auto read = read_day_candles(
        "ticker,volume,close,low,high,open,date\r\n"
        "INFY,5,101.005,99.5,102,100,2026-11-19 00:00:00+05:30\r\n\n"
        "INFY,7,103,101,104,102,2026-11-20\n",
        1);
    REQUIRE(read.has_value());
    REQUIRE(read->size() == 1);
    CHECK(read->front().close.ticks == 10'300);
    CHECK(format_utc(read->front().start).substr(0, 10) == "2026-11-20");
    const auto rounded =
        read_day_candles("date,open,high,low,close\n2026-11-19,1,1.005,0.994,1.001\n", 9);
    REQUIRE(rounded.has_value());
    CHECK(rounded->front().high.ticks == 101);
    CHECK(rounded->front().low.ticks == 99);

    const std::string head = "date,open,high,low,close\n2026-11-19,100,102,99,101\n";
    for (const auto* bad : {"2026-11-19,100,102,99,101\n", "2026-11-18,100,102,99,101\n",
                            "2026-11-20,100,98,99,101\n", "2026-11-20,100,102,99\n",
                            "2026-11-20,-1,102,-2,101\n", "20.11.2026,100,102,99,101\n",
                            "2026-11-20,1e3,102,99,101\n", "2026-13-20,100,102,99,101\n"}) {
        CAPTURE(bad);
        const auto refused = read_day_candles(head + bad, 9);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().message().find("row 3") != std::string::npos);
    }
    const auto lacking = read_day_candles("date,open,high,low\n", 9);
    REQUIRE_FALSE(lacking.has_value());
    CHECK(lacking.error().message().find("'close'") != std::string::npos);
    CHECK(read_day_candles("date,open,high,low,close\n", 9)->empty());
    // As spreadsheets and yfinance write it.
    const auto capital = read_day_candles(
        "\xEF\xBB\xBF"
        "Date, Open,High ,Low,Close,Adj Close,Volume\n"
        "2026-11-19,100,102,99,101,100.5,7\n",
        9);
    REQUIRE(capital.has_value());
    CHECK(capital->at(0).high.ticks == 10'200);
    CHECK(capital->at(0).volume == 7);
    CHECK_FALSE(read_day_candles("Date, ,,High,Low,Closed\n", 9).has_value());
}

TEST_CASE(
    "the page has every share with its pictures, loads nothing, and escapes what it is told") {
    const auto bars = straight(300, 100'000, 30);
    const auto values = day_values(bars);
    const auto analysis = analyse(bars, values);
    REQUIRE(analysis);
    std::vector<PageEntry> entries;
    for (const auto* symbol : {"INFY", "M&M"})
        entries.push_back({symbol, *analysis, pattern_section(symbol, *analysis, bars, values)});
    const PageHead head{"anna", "2026-11-20", {"<b>: row 3"}, {}};
    const auto page = pattern_page(head, entries);
    CHECK(page.starts_with("<!DOCTYPE html>"));
    for (const auto* part :
         {"<section id=\"INFY\">", "<section id=\"M&amp;M\">", "default-src 'none'", "&lt;b&gt;",
          "consistent trend", "class=\"line sma20\"", "class=\"line band\"", "class=\"line close\"",
          "class=\"line slope\"", "20 days later"})
        CHECK_MESSAGE(page.find(part) != std::string::npos, std::string(part));
    for (const auto* part : {"<script", "http:", "https:", "<b>", ">nan", "inf<"})
        CHECK_MESSAGE(page.find(part) == std::string::npos, std::string(part));
    CHECK(page == pattern_page(head, entries));
}

}  // namespace
}  // namespace bullpen::equity
