// One case for each defect: what is reported, and what becomes of the row.
#include "common/feed/csv_bars.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/unit/feed/csv_support.hpp"

namespace bullpen::feed {
namespace {

constexpr int k_rows = 40;
// The row that is damaged: line 21 of the file, the minute 12:19.
constexpr std::size_t k_row = 20;
constexpr std::uint64_t k_line = 21;

// A clean file in which one row reads differently.
Reading with_row(const std::string& row, const ReplayOptions& options = {}) {
    auto rows = clean_rows(k_rows);
    rows[k_row] = row;
    return read_csv(joined(rows), options);
}

bool has_bar_at(const Reading& reading, const char* clock) {
    return reading.starts().find(clock) != std::string::npos;
}

// The row is refused for that reason, at its line, and for no other; its minute becomes a gap.
void check_refused(const Reading& reading, Defect defect) {
    CAPTURE(code(defect));
    CHECK_FALSE(reading.error.has_value());
    CHECK(reading.bars.size() == k_rows - 1);
    CHECK_FALSE(has_bar_at(reading, "12:19"));
    CHECK(reading.count(defect) == 1);
    CHECK(reading.quality.refused() == 1);
    CHECK(reading.count(Defect::gap) == 1);
    REQUIRE(reading.quality.findings().size() == 2);
    CHECK(reading.quality.findings()[0].defect == defect);
    CHECK(reading.quality.findings()[0].line == k_line);
    CHECK(reading.quality.rows() == k_rows);
    CHECK(reading.quality.bars() == k_rows - 1);
}

TEST_CASE("a clean file has no findings and every row is a bar") {
    const Reading reading = read_csv(joined(clean_rows(k_rows)));
    CHECK(reading.bars.size() == k_rows);
    CHECK(reading.quality.findings().empty());
    CHECK(reading.quality.summary() == "40 rows, 40 bars");
}

TEST_CASE("rows whose columns do not fit the header are refused") {
    for (const char* row : {"#### reconnect ####", "2025-01-09T12:19:00Z,6000,6001,5999,6000",
                            "2025-01-09T12:19:00Z,6000,6001,5999,6000,7,junk",
                            "2025-01-09T12:19:00Z,6000,25,6001,5999,75,6000,7"})
        check_refused(with_row(row), Defect::wrong_columns);
}

TEST_CASE("times that cannot be read in the form of the file are refused") {
    for (const char* time : {"04/07/2025 12:19:00", "2025-01-09T12:61:00Z", "reconnect", "",
                             "1736425140", "2025-01-09 12:19:00"})
        check_refused(with_row(std::string(time) + ",6000,6001,5999,6000,7"), Defect::bad_time);
}

TEST_CASE("a bar that starts between two minutes is refused") {
    check_refused(with_row("2025-01-09T12:19:30Z,6000,6001,5999,6000,7"), Defect::off_grid_time);
}

TEST_CASE("a bar from after the present is refused") {
    ReplayOptions options;
    options.not_after = *parse_utc("2025-01-10T00:00:00Z");
    check_refused(with_row("2035-01-09T12:19:00Z,6000,6001,5999,6000,7", options),
                  Defect::future_time);
}

TEST_CASE("a stamp far ahead that could be the past is refused when the rows go on before it") {
    check_refused(with_row("2025-02-09T23:19:00Z,6000,6001,5999,6000,7"), Defect::too_early);
    auto rows = clean_rows(k_rows);
    // Near the end of the file as well.
    rows[k_rows - 10] = "2025-02-09T23:19:00Z,6000,6001,5999,6000,7";
    const Reading reading = read_csv(joined(rows));
    CHECK(reading.count(Defect::too_early) == 1);
    CHECK(reading.bars.size() == k_rows - 1);
}

TEST_CASE("two stray rows that contradict each other are refused once each") {
    auto rows = clean_rows(k_rows);
    rows[k_row] = "2025-02-09T23:19:00Z,6000,6001,5999,6000,7";
    rows[k_row + 1] = "2025-02-09T23:19:00Z,6000,6001,5999,6000,8";
    const Reading reading = read_csv(joined(rows));
    CHECK(reading.count(Defect::conflicting_duplicate) == 2);
    CHECK(reading.count(Defect::too_early) == 0);
    CHECK(reading.quality.rows() == reading.quality.bars() + reading.quality.refused());
}

TEST_CASE("empty fields, words and numbers in another notation are refused") {
    check_refused(with_row("2025-01-09T12:19:00Z,,6001,5999,6000,7"), Defect::empty_field);
    check_refused(with_row("2025-01-09T12:19:00Z,6000,6001,5999,6000,"), Defect::empty_field);
    for (const char* word : {"nan", "NaN", "inf", "6e3", "abc", "60O0"})
        check_refused(with_row("2025-01-09T12:19:00Z,6000,6001,5999," + std::string(word) + ",7"),
                      Defect::not_a_number);
    check_refused(with_row("2025-01-09T12:19:00Z,6000,6001,5999,6000,many"), Defect::not_a_number);
}

TEST_CASE("prices of zero and below are refused, but for instruments that had them") {
    check_refused(with_row("2025-01-09T12:19:00Z,6000,6001,0,6000,7"), Defect::bad_price);
    check_refused(with_row("2025-01-09T12:19:00Z,6000,6001,-5999,6000,7"), Defect::bad_price);
    check_refused(with_row("2025-01-09T12:19:00Z,6000,999999999999,5999,6000,7"),
                  Defect::bad_price);
    ReplayOptions oil;
    oil.instrument = "CL";
    const Reading reading = read_csv(
        "ts,open,high,low,close,volume\n"
        "1587406800,0.5,0.75,-1.25,-1.00,900\n"
        "1587406860,-1.00,-0.50,-2.00,-1.50,900\n",
        oil);
    CHECK(reading.bars.size() == 2);
    CHECK(reading.bars[1].close == model::Price{-150});
}

TEST_CASE("prices off the tick are refused, never rounded") {
    check_refused(with_row("2025-01-09T12:19:00Z,6000,6001,5999,6000.10,7"), Defect::off_tick);
    check_refused(with_row("2025-01-09T12:19:00Z,6000.2500000001,6001,5999,6000,7"),
                  Defect::off_tick);
}

TEST_CASE("a high and low that do not enclose open and close are refused") {
    check_refused(with_row("2025-01-09T12:19:00Z,6000,5999,6001,6000,7"), Defect::broken_range);
    check_refused(with_row("2025-01-09T12:19:00Z,6002,6001,5999,6000,7"), Defect::broken_range);
    check_refused(with_row("2025-01-09T12:19:00Z,6000,6001,5999,5998,7"), Defect::broken_range);
}

TEST_CASE("volumes that nobody can trade are refused, and bars without any unless allowed") {
    for (const char* volume : {"-7", "7.5", "1000000000001", "99999999999999999999"})
        check_refused(with_row("2025-01-09T12:19:00Z,6000,6001,5999,6000," + std::string(volume)),
                      Defect::bad_volume);
    check_refused(with_row("2025-01-09T12:19:00Z,6000,6001,5999,6000,0"), Defect::zero_volume);
    ReplayOptions index;
    index.zero_volume_is_used = true;
    CHECK(with_row("2025-01-09T12:19:00Z,6000,6001,5999,6000,0", index).bars.size() == k_rows);
}

TEST_CASE("a price ten times too high is refused") {
    check_refused(with_row("2025-01-09T12:19:00Z,6000,60010.00,5999,60010.00,7"),
                  Defect::price_jump);
    check_refused(with_row("2025-01-09T12:19:00Z,600,600.25,599.75,600,7"), Defect::price_jump);
}

TEST_CASE("prices that stay elsewhere are believed at the fifth bar") {
    auto rows = clean_rows(k_rows);
    for (std::size_t i = k_row; i < rows.size(); ++i)
        rows[i] = rows[i].substr(0, 20) + ",9000,9001,8999,9000,7";
    const Reading reading = read_csv(joined(rows));
    CHECK(reading.count(Defect::price_jump) == BarFilter::k_jumps_to_believe - 1);
    CHECK(reading.bars.size() == k_rows - 4);
    CHECK(reading.bars.back().close == model::Price{36000});
}

TEST_CASE("a blank line and a CR LF among LF lines are counted and harm nothing") {
    auto rows = clean_rows(k_rows);
    rows[k_row] += "\r";
    rows.insert(rows.begin() + 10, "  ");
    const Reading reading = read_csv(joined(rows));
    CHECK(reading.bars.size() == k_rows);
    CHECK(reading.count(Defect::blank_line) == 1);
    CHECK(reading.count(Defect::crlf_line) == 1);
    CHECK(reading.quality.refused() == 0);
    // In a file of CR LF lines there is nothing to report.
    std::string all;
    for (const std::string& row : clean_rows(k_rows))
        all += row + "\r\n";
    CHECK(read_csv(all).quality.findings().empty());
    CHECK(read_csv(all).bars.size() == k_rows);
}

TEST_CASE("a line over the limit is refused") {
    check_refused(with_row(std::string(5000, '7')), Defect::line_too_long);
}

TEST_CASE("a repeated row is used once, also when its numbers are written differently") {
    auto rows = clean_rows(k_rows);
    rows.insert(rows.begin() + k_row, rows[k_row]);
    rows.insert(rows.begin() + 5, "2025-01-09T12:04:00Z,6000.250,6001.50,5999.00,6000.75,104.0");
    const Reading reading = read_csv(joined(rows));
    CHECK(reading.bars.size() == k_rows);
    CHECK(reading.count(Defect::exact_duplicate) == 2);
    CHECK(reading.count(Defect::gap) == 0);
}

TEST_CASE("rows of one minute with different values are all refused") {
    auto rows = clean_rows(k_rows);
    const std::string other = "2025-01-09T12:19:00Z,6000.25,6001.5,5999,6001,119";
    rows.insert(rows.begin() + k_row, other);
    Reading reading = read_csv(joined(rows));
    CHECK(reading.bars.size() == k_rows - 1);
    CHECK_FALSE(has_bar_at(reading, "12:19"));
    CHECK(reading.count(Defect::conflicting_duplicate) == 2);
    // A third one, though it repeats the first.
    rows.insert(rows.begin() + k_row, other);
    reading = read_csv(joined(rows));
    CHECK_FALSE(has_bar_at(reading, "12:19"));
    CHECK(reading.quality.refused() == 3);
}

TEST_CASE("a row that comes a few rows late is put in its place, later ones are refused") {
    for (std::size_t late = 1; late <= BarFilter::k_rows_held; ++late) {
        auto rows = clean_rows(k_rows);
        std::rotate(rows.begin() + k_row, rows.begin() + k_row + 1,
                    rows.begin() + static_cast<std::ptrdiff_t>(k_row + late + 1));
        const Reading reading = read_csv(joined(rows));
        CAPTURE(late);
        CHECK(reading.bars == read_csv(joined(clean_rows(k_rows))).bars);
        CHECK(reading.count(Defect::reordered) == 1);
        CHECK(reading.quality.refused() == 0);
    }
    auto rows = clean_rows(k_rows);
    std::rotate(rows.begin() + k_row, rows.begin() + k_row + 1, rows.begin() + k_row + 10);
    const Reading reading = read_csv(joined(rows));
    CHECK(reading.count(Defect::too_late) == 1);
    CHECK(reading.bars.size() == k_rows - 1);
    CHECK_FALSE(has_bar_at(reading, "12:19"));
}

TEST_CASE("bars of volume 1 with several prices are refused, and those around them") {
    auto rows = clean_rows(k_rows);
    rows[k_row - 1] = "2025-01-09T12:18:00Z,6000,6000,6000,6000,1";
    rows[k_row] = "2025-01-09T12:19:00Z,6000,6000.25,6000,6000.25,1";
    rows[k_row + 1] = "2025-01-09T12:20:00Z,6000,6000,6000,6000,1";
    const Reading reading = read_csv(joined(rows));
    CHECK(reading.count(Defect::interpolated) == 3);
    CHECK(reading.bars.size() == k_rows - 3);
    CHECK(reading.count(Defect::gap) == 3);
}

TEST_CASE("five bars of volume 1 in even steps are refused, uneven ones are trades") {
    auto rows = clean_rows(k_rows);
    const auto put = [&](std::size_t row, const char* price) {
        const std::string p = price;
        rows[row] = rows[row].substr(0, 20) + "," + p + "," + p + "," + p + "," + p + ",1";
    };
    put(k_row, "6000.25");
    put(k_row + 1, "6000.50");
    put(k_row + 2, "6000.75");
    put(k_row + 3, "6001");
    CHECK(read_csv(joined(rows)).bars.size() == k_rows);
    put(k_row + 4, "6001.25");
    const Reading reading = read_csv(joined(rows));
    CHECK(reading.count(Defect::interpolated) == 5);
    CHECK(reading.bars.size() == k_rows - 5);
    put(k_row + 4, "6001.50");
    CHECK(read_csv(joined(rows)).count(Defect::interpolated) == 0);
    CHECK(read_csv(joined(rows)).bars.size() == k_rows);
    // Steps of nothing are a quiet market.
    for (std::size_t i = 0; i < 5; ++i)
        put(k_row + i, "6000.50");
    CHECK(read_csv(joined(rows)).bars.size() == k_rows);
}

TEST_CASE("missing minutes are counted in trading hours and not in the daily break") {
    auto rows = clean_rows(k_rows);
    rows.erase(rows.begin() + k_row, rows.begin() + k_row + 3);
    Reading reading = read_csv(joined(rows));
    CHECK(reading.count(Defect::gap) == 3);
    REQUIRE(reading.quality.findings().size() == 1);
    CHECK(reading.quality.findings()[0].count == 3);
    CHECK(format_utc(*reading.quality.findings()[0].start) == "2025-01-09T12:19:00.000Z");
    reading = read_csv(
        "2025-01-09T21:58:00Z,6000,6001,5999,6000,7\n"
        "2025-01-09T21:59:00Z,6000,6001,5999,6000,7\n"
        "2025-01-09T23:00:00Z,6000,6001,5999,6000,7\n"
        "2025-01-09T23:01:00Z,6000,6001,5999,6000,7\n");
    CHECK(reading.bars.size() == 4);
    CHECK(reading.quality.findings().empty());
}

TEST_CASE("a file that breaks off gives what was readable and says so") {
    const std::string packed = gzipped(joined(clean_rows(3000)));
    const Reading reading = read_csv(packed.substr(0, packed.size() / 2));
    CHECK_FALSE(reading.error.has_value());
    CHECK(reading.count(Defect::truncated) == 1);
    CHECK(reading.bars.size() > 100);
    CHECK(reading.bars.size() < 3000);
    // With nothing readable there is nothing to use.
    CHECK(read_csv(packed.substr(0, 12)).error.has_value());
}

TEST_CASE("every defect has a code and a rule of its own, and the rules have a case here") {
    std::string codes;
    for (const DefectRule& rule : defect_rules()) {
        CHECK_FALSE(rule.rule.empty());
        CHECK(codes.find("|" + std::string(rule.code) + "|") == std::string::npos);
        codes += "|" + std::string(rule.code) + "|";
    }
    CHECK(defect_rules().size() == k_defects);
}

TEST_CASE("the first row that is refused is known, whatever was found before it and kept") {
    Quality quality(2);
    for (std::uint64_t line = 1; line <= 3; ++line)
        quality.report(Defect::gap, line, std::nullopt, 30);
    CHECK_FALSE(quality.first_refused());
    quality.report(Defect::off_tick, 7);
    quality.report(Defect::off_tick, 9);
    REQUIRE(quality.first_refused());
    CHECK(quality.first_refused()->defect == Defect::off_tick);
    CHECK(quality.first_refused()->line == 7);
}

TEST_CASE("findings beyond the number kept are counted") {
    Quality quality(2);
    for (std::uint64_t line = 1; line <= 5; ++line)
        quality.report(Defect::off_tick, line);
    quality.report(Defect::gap, 9, std::nullopt, 30);
    CHECK(quality.findings().size() == 2);
    CHECK(quality.count(Defect::off_tick) == 5);
    CHECK(quality.count(Defect::gap) == 30);
    CHECK(quality.refused() == 5);
    quality.rows_read(6);
    CHECK(quality.summary() == "6 rows, 0 bars; off_tick 5, gap 30");
}

}  // namespace
}  // namespace bullpen::feed
