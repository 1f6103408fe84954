#include "common/feed/csv_format.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "common/base/errc.hpp"
#include "tests/unit/feed/csv_support.hpp"

namespace bullpen::feed {
namespace {

ReplayOptions in_zone(const char* zone) {
    ReplayOptions options;
    options.time_zone = zone;
    return options;
}

// What went wrong with opening, or "" .
std::string refusal(const std::string& text, const ReplayOptions& options = {}) {
    const Reading reading = read_csv(text, options);
    if (!reading.error)
        return "";
    CHECK(reading.error->code() == Errc::invalid);
    return reading.error->context();
}

bool mentions(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("headers, delimiters and column orders of many sources give the same bars") {
    const Reading plain = read_csv(
        "ts,open,high,low,close,volume\n"
        "1736424000,6000,6002,5999,6001,10\n"
        "1736424060,6001,6003,6000,6002,11\n");
    REQUIRE(plain.bars.size() == 2);
    CHECK(format_utc(plain.bars[0].start) == "2025-01-09T12:00:00.000Z");
    CHECK(plain.bars[0].open == model::Price{24000});
    CHECK(plain.bars[0].high == model::Price{24008});
    CHECK(plain.bars[0].low == model::Price{23996});
    CHECK(plain.bars[0].close == model::Price{24004});
    CHECK(plain.bars[0].volume == 10);

    const char* const same[] = {
        // Both an epoch and a text: the epoch counts.
        "ts,utc,open,high,low,close,volume,contract\n"
        "1736424000,nonsense,6000,6002,5999,6001,10,ESH5\n"
        "1736424060,nonsense,6001,6003,6000,6002,11,ESH5\n",
        "\xEF\xBB\xBFUTC;Open;High;Low;Close;Volume\r\n"
        "2025-01-09T12:00:00Z;6000;6002;5999;6001;10\r\n"
        "2025-01-09T12:01:00Z;6001;6003;6000;6002;11\r\n",
        "volume\tclose\tlow\thigh\topen\ttimestamp\n"
        "10\t6001\t5999\t6002\t6000\t1736424000000\n"
        "11\t6002\t6000\t6003\t6001\t1736424060000\n",
        "\"Date\",\"Time\",\"O\",\"H\",\"L\",\"C\",\"Vol\"\n"
        "\"2025-01-09\",\"12:00\",\"6000.00\",\"6002.00\",\"5999.00\",\"6001.00\",\"10.0\"\n"
        "\"2025-01-09\",\"12:01\",\"6001.00\",\"6003.00\",\"6000.00\",\"6002.00\",\"11.0\"\n",
        "1736424000,6000,6002,5999,6001,10\n"
        "1736424060,6001,6003,6000,6002,11\n",
        "20250109,12:00,6000,6002,5999,6001,10\n"
        "20250109,12:01,6001,6003,6000,6002,11\n",
    };
    for (const char* text : same) {
        CAPTURE(text);
        const Reading reading = read_csv(text, in_zone("UTC"));
        CHECK_FALSE(reading.error.has_value());
        CHECK(reading.bars == plain.bars);
    }
    CHECK(read_csv(gzipped(same[0]), in_zone("UTC")).bars == plain.bars);
}

TEST_CASE("stamps without a zone are refused unless the zone is stated or the column says UTC") {
    const std::string rows =
        "2025-07-09 12:00:00,6000,6002,5999,6001,10\n"
        "2025-07-09 12:01:00,6001,6003,6000,6002,11\n";
    const std::string naive = "datetime,open,high,low,close,volume\n" + rows;
    CHECK(mentions(refusal(naive), "state the time zone"));
    CHECK(read_csv(naive, in_zone("UTC")).starts() == "12:00 12:01");
    CHECK(read_csv(naive, in_zone("America/New_York")).starts() == "16:00 16:01");
    CHECK(read_csv(naive, in_zone("Asia/Kolkata")).starts() == "06:30 06:31");
    CHECK(read_csv("utc,open,high,low,close,volume\n" + rows).starts() == "12:00 12:01");
    CHECK(read_csv(naive, in_zone("Mars/Olympus")).error->code() == Errc::not_found);
}

TEST_CASE("labels at the end of a bar are taken back to its start when stated") {
    ReplayOptions options = in_zone("UTC");
    options.labels = BarLabels::end;
    const std::string text =
        "datetime,open,high,low,close,volume\n"
        "2025-07-09 12:01:00,6000,6002,5999,6001,10\n"
        "2025-07-09 12:02:00,6001,6003,6000,6002,11\n";
    CHECK(read_csv(text, options).starts() == "12:00 12:01");
}

TEST_CASE("US and day-first dates are read when stated or proven, never guessed") {
    const auto file = [](const char* first, const char* second) {
        return std::string("date,open,high,low,close,volume\n") + first +
               " 12:00,6000,6002,5999,6001,10\n" + second + " 12:00,6001,6003,6000,6002,11\n";
    };
    const auto day = [](const Reading& reading) {
        return reading.bars.empty() ? "" : format_utc(reading.bars[0].start).substr(0, 10);
    };
    CHECK(mentions(refusal(file("04/07/2025", "04/08/2025"), in_zone("UTC")), "year first"));
    CHECK(day(read_csv(file("04/12/2025", "04/13/2025"), in_zone("UTC"))) == "2025-04-12");
    CHECK(day(read_csv(file("12/04/2025", "13/04/2025"), in_zone("UTC"))) == "2025-04-12");
    CHECK(mentions(refusal(file("04/14/2025", "14/04/2025"), in_zone("UTC")), "some day-first"));
    ReplayOptions stated = in_zone("UTC");
    stated.date_order = DateOrder::us;
    CHECK(day(read_csv(file("04/07/2025", "04/08/2025"), stated)) == "2025-04-07");
    stated.date_order = DateOrder::day_first;
    CHECK(day(read_csv(file("04/07/2025", "05/07/2025"), stated)) == "2025-07-04");
}

TEST_CASE("a file that runs backwards is refused as a whole") {
    auto rows = clean_rows(50);
    std::reverse(rows.begin() + 1, rows.end());
    CHECK(mentions(refusal(joined(rows)), "backwards"));
}

TEST_CASE("what is no table of bars is refused with the reason") {
    CHECK(mentions(refusal(""), "empty"));
    CHECK(mentions(refusal("\n\n\n"), "empty"));
    CHECK(mentions(refusal("ts,open,high,low,close,volume\n"), "no row"));
    CHECK(mentions(refusal("open,high,low,close,volume\n1,1,1,1,1\n"), "time"));
    CHECK(mentions(refusal("ts,open,high,low,volume\n1736424000,1,1,1,1\n"), "'close'"));
    CHECK(mentions(refusal("timestamp,ltp,volume\n2021-04-16 09:15:05,1933,1\n"), "'open'"));
    CHECK(mentions(refusal("ts,open,high,low,close,volume\nx,1,1,1,1,1\n"), "time"));
    CHECK(mentions(refusal("1,2,3\n"), "time"));
    CHECK(mentions(refusal(std::string(200, ',')), "columns"));
    // Seconds apart, and a week apart.
    CHECK(mentions(refusal("1736424000,1,1,1,1,1\n1736424010,1,1,1,1,1\n"), "seconds apart"));
    CHECK(mentions(refusal("1736424000,1,1,1,1,1\n1737028800,1,1,1,1,1\n"), "seconds apart"));
}

TEST_CASE("the length of a bar is the most frequent distance, or what is stated") {
    const std::string text =
        "1736424000,6000,6002,5999,6001,10\n"
        "1736424900,6000,6002,5999,6001,10\n"
        "1736425800,6000,6002,5999,6001,10\n"
        "1736429400,6000,6002,5999,6001,10\n";
    const Reading reading = read_csv(text);
    REQUIRE(reading.bars.size() == 4);
    CHECK(reading.bars[0].span == model::k_quarter_hour);
    CHECK(reading.count(Defect::gap) == 3);
    ReplayOptions options;
    options.span = std::chrono::seconds(300);
    CHECK(read_csv(text, options).bars[0].span == std::chrono::seconds(300));
    CHECK(read_csv("1736424000,6000,6002,5999,6001,10\n").bars[0].span == model::k_minute);
}

TEST_CASE("of a file with several contracts the stated one is read") {
    const std::string text =
        "ts,open,high,low,close,volume,contract\n"
        "1736424000,6000,6002,5999,6001,10,ESZ4\n"
        "1736424000,6070,6072,6069,6071,3,ESH5\n"
        "1736424060,6001,6003,6000,6002,11,ESZ4\n"
        "1736424060,6071,6073,6070,6072,4,ESH5\n";
    ReplayOptions options;
    options.only_symbol = "ESH5";
    const Reading reading = read_csv(text, options);
    REQUIRE(reading.bars.size() == 2);
    CHECK(reading.bars[0].volume == 3);
    CHECK(reading.count(Defect::other_symbol) == 2);
    // Unstated, two contracts are conflicting rows and none is used.
    CHECK(read_csv(text).bars.empty());
    CHECK(read_csv(text).count(Defect::conflicting_duplicate) == 4);
}

}  // namespace
}  // namespace bullpen::feed
