// Real files with real defects, and a real day with injected ones; skipped where they are not kept.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <ostream>
#include <set>
#include <string>

#include "common/base/errc.hpp"
#include "common/feed/feed.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/feed/csv_support.hpp"

namespace bullpen::feed {
namespace {

std::string market_file(const std::string& name) {
    return test::source_directory() + "/../shared/data/market/" + name;
}

bool present() {
    struct stat facts {};
    if (::stat(market_file("dirty/INDEX.json").c_str(), &facts) == 0)
        return true;
    test::skip("skipped: the real data of ../shared/data is not here");
    return false;
}

// One fault of the ledger: its name, the minute it hit, the clean row and, where there is one, the
// second row. The ledger is regular enough to be read by its labels.
struct Fault {
    std::string fault;
    std::string utc;
    std::string clean;
};

std::string value_after(const std::string& text, const std::string& label, std::size_t from) {
    const std::size_t at = text.find("\"" + label + "\": \"", from);
    if (at == std::string::npos)
        return "";
    const std::size_t begin = at + label.size() + 5;
    return text.substr(begin, text.find('"', begin) - begin);
}

std::vector<Fault> ledger() {
    const std::string text =
        test::read_text(market_file("dirty/ES_2025-04-07_injected_faults.ledger.json"));
    std::vector<Fault> faults;
    for (std::size_t at = text.find("\"index\""); at != std::string::npos;
         at = text.find("\"index\"", at + 1))
        faults.push_back({value_after(text, "fault", at), value_after(text, "utc", at),
                          value_after(text, "clean", at)});
    return faults;
}

// The lines of the damaged file, the first one being line 1.
std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines{""};
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

bool found(const Reading& reading, Defect defect, std::uint64_t line) {
    const auto& findings = reading.quality.findings();
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.defect == defect && finding.line == line;
    });
}

bool in_a_gap(const Reading& reading, UtcTime minute) {
    const auto& findings = reading.quality.findings();
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.defect == Defect::gap && *finding.start <= minute &&
               minute < *finding.start + std::chrono::minutes(finding.count);
    });
}

// What each kind of fault must be found as, and whether its minute must still have its clean bar.
struct Expectation {
    std::set<Defect> defects;
    bool bar_kept;
};
const std::map<std::string, Expectation>& expectations() {
    static const std::map<std::string, Expectation> all{
        {"missing", {{Defect::gap}, false}},
        {"conflicting_duplicate", {{Defect::conflicting_duplicate}, false}},
        {"exact_duplicate", {{Defect::exact_duplicate}, true}},
        {"swapped_with_next", {{Defect::reordered}, true}},
        {"zero_volume", {{Defect::zero_volume}, false}},
        {"off_tick", {{Defect::off_tick}, false}},
        {"high_below_low", {{Defect::broken_range}, false}},
        {"blank_line_before", {{Defect::blank_line}, true}},
        {"price_x10", {{Defect::price_jump}, false}},
        {"nan_close", {{Defect::not_a_number}, false}},
        {"zero_price", {{Defect::bad_price}, false}},
        {"us_date_format", {{Defect::bad_time}, false}},
        {"empty_field", {{Defect::empty_field}, false}},
        {"text_garbage", {{Defect::wrong_columns}, true}},
        {"extra_column", {{Defect::wrong_columns}, false}},
        {"crlf", {{Defect::crlf_line}, true}},
        {"late_by_90min", {{Defect::too_late}, false}},
        {"negative_volume", {{Defect::bad_volume}, false}},
        {"future_timestamp", {{Defect::future_time}, false}},
        {"comma_decimal", {{Defect::wrong_columns}, false}},
    };
    return all;
}

// The line at which a fault shows: of the damaged row itself, or the line before it where something
// was put in front.
std::uint64_t line_of(const Fault& fault, const std::vector<std::string>& lines) {
    std::string start = fault.utc;
    if (fault.fault == "us_date_format")
        start = fault.utc.substr(5, 2) + "/" + fault.utc.substr(8, 2) + "/" +
                fault.utc.substr(0, 4) + " " + fault.utc.substr(11, 8);
    if (fault.fault == "future_timestamp")
        start.replace(0, 4, "2035");
    std::uint64_t line = 0;
    for (std::uint64_t i = 1; i < lines.size(); ++i) {
        if (lines[i].starts_with(start))
            line = i;
    }
    const bool before = fault.fault == "blank_line_before" || fault.fault == "text_garbage";
    return before ? line - 1 : line;
}

TEST_CASE("every one of the 58 injected faults is found, as what it is and where it is") {
    if (!present())
        return;
    const std::string text =
        test::read_text(market_file("dirty/ES_2025-04-07_injected_faults.csv"));
    ReplayOptions options;
    options.instrument = "ES";
    options.not_after = *parse_utc("2026-01-01T00:00:00Z");
    const Reading reading = read_csv(text, options);
    REQUIRE_FALSE(reading.error.has_value());
    const auto lines = lines_of(text);
    const auto faults = ledger();
    REQUIRE(faults.size() == 58);

    std::map<std::string, model::Bar> bars;
    for (const model::Bar& bar : reading.bars)
        bars[format_utc(bar.start).substr(0, 19) + "Z"] = bar;
    for (const Fault& fault : faults) {
        CAPTURE(fault.fault);
        CAPTURE(fault.utc);
        REQUIRE(expectations().contains(fault.fault));
        const Expectation& expected = expectations().at(fault.fault);
        CHECK(bars.contains(fault.utc) == expected.bar_kept);
        if (!expected.bar_kept)
            CHECK(in_a_gap(reading, *parse_utc(fault.utc)));
        for (const Defect defect : expected.defects) {
            if (defect != Defect::gap)
                CHECK(found(reading, defect, line_of(fault, lines)));
        }
    }
}

TEST_CASE("of the day with injected faults nothing but clean rows is passed on") {
    if (!present())
        return;
    ReplayOptions options;
    options.instrument = "ES";
    options.not_after = *parse_utc("2026-01-01T00:00:00Z");
    const std::string path = market_file("ES_1m_front_20240829_20250828.csv.gz");
    options.path = path;
    auto clean = open_replay(options).value();
    std::map<UtcTime, model::Bar> truth;
    const UtcTime first = *parse_utc("2025-04-06T22:00:00Z");
    const UtcTime last = *parse_utc("2025-04-07T20:59:00Z");
    while (true) {
        const Next next = clean->next({});
        const auto* bar = std::get_if<model::Bar>(&next);
        if (bar == nullptr || bar->start > last)
            break;
        if (bar->start >= first)
            truth[bar->start] = *bar;
    }
    REQUIRE(truth.size() == 1380);

    const Reading reading =
        read_csv(test::read_text(market_file("dirty/ES_2025-04-07_injected_faults.csv")), options);
    std::set<UtcTime> faulty;
    for (const Fault& fault : ledger()) {
        if (!expectations().at(fault.fault).bar_kept)
            faulty.insert(*parse_utc(fault.utc));
    }
    CHECK(reading.bars.size() == 1380 - faulty.size());
    for (const model::Bar& bar : reading.bars) {
        CHECK(truth.at(bar.start) == bar);
        CHECK_FALSE(faulty.contains(bar.start));
    }
    CHECK(reading.count(Defect::gap) == faulty.size());
    CHECK(std::is_sorted(reading.bars.begin(), reading.bars.end(),
                         [](const auto& a, const auto& b) { return a.start < b.start; }));
}

TEST_CASE("a year of clean bars is read whole: its quiet minutes are gaps, its holidays none") {
    if (!present())
        return;
    ReplayOptions options;
    options.instrument = "ES";
    options.path = market_file("ES_1m_front_20240829_20250828.csv.gz");
    auto feed = open_replay(options).value();
    while (std::holds_alternative<model::Bar>(feed->next({}))) {
    }
    CHECK(feed->position() == 353'172);
    CHECK(feed->quality().rows() == 353'172);
    CHECK(feed->quality().refused() == 0);
    CHECK(feed->quality().count(Defect::reordered) == 0);
    CHECK(feed->quality().count(Defect::gap) == 63);
}

Reading read_dirty(const char* name, const char* zone) {
    ReplayOptions options;
    options.instrument = "ES";
    options.time_zone = zone;
    return read_csv(test::read_text(market_file(std::string("dirty/") + name)), options);
}

TEST_CASE("bars saved while they were forming conflict, and none of them is used") {
    if (!present())
        return;
    const Reading reading = read_dirty("tv_conflicting_duplicates_MES_15m.csv", "UTC");
    REQUIRE_FALSE(reading.error.has_value());
    CHECK(reading.quality.rows() == 46);
    CHECK(reading.count(Defect::conflicting_duplicate) == 10);
    CHECK(reading.bars.size() == 36);
    CHECK(reading.bars.front().span == model::k_quarter_hour);
}

TEST_CASE("a ladder of volume 1 in a thin month is not taken for a market") {
    if (!present())
        return;
    const Reading reading = read_dirty("es_1m_interpolated_volume1.csv", "UTC");
    REQUIRE_FALSE(reading.error.has_value());
    CHECK(reading.quality.rows() == 399);
    CHECK(reading.count(Defect::interpolated) > 300);
    for (const model::Bar& bar : reading.bars)
        CHECK((bar.volume > 1 || bar.high == bar.low));
}

TEST_CASE("files that are no bars in time order are refused with the reason") {
    if (!present())
        return;
    const Reading descending = read_dirty("spy_1m_descending.csv", "America/New_York");
    REQUIRE(descending.error.has_value());
    CHECK(descending.error->context().find("backwards") != std::string::npos);
    const Reading ticks = read_dirty("nse_ticks_epoch0_out_of_order_RELIANCE.csv", "Asia/Kolkata");
    REQUIRE(ticks.error.has_value());
    CHECK(ticks.error->context().find("'open'") != std::string::npos);
    CHECK(read_dirty("tv_conflicting_duplicates_MES_15m.csv", "")
              .error->context()
              .find("time zone") != std::string::npos);
}

TEST_CASE("of two contracts through a roll the stated one is read") {
    if (!present())
        return;
    ReplayOptions options;
    options.instrument = "ES";
    options.path = market_file("ES_1m_two_contracts_rollwindow_20241208_20241220.csv.gz");
    std::uint64_t total = 0;
    for (const char* contract : {"ESZ4", "ESH5"}) {
        options.only_symbol = contract;
        auto feed = open_replay(options).value();
        while (std::holds_alternative<model::Bar>(feed->next({}))) {
        }
        CHECK(feed->quality().refused() == feed->quality().count(Defect::other_symbol));
        CHECK(feed->quality().rows() == 25'829);
        total += feed->position();
    }
    CHECK(total == 25'829);
}

}  // namespace
}  // namespace bullpen::feed
