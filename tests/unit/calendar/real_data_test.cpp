// The parsers over pages as they were published, where ../shared/data is there.
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "calendar/text.hpp"
#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

std::string real_file(const std::string& name) {
    return test::source_directory() + "/../shared/data/calendar/" + name;
}

bool present() {
    struct stat facts {};
    if (::stat(real_file("session_hours.csv").c_str(), &facts) == 0)
        return true;
    test::skip("skipped: the real data of ../shared/data is not here");
    return false;
}

Parsed real(const std::string& source, const std::string& name, int year_now) {
    return parse_as(source, test::read_text(real_file(name)), year_now);
}

std::vector<std::string> days_of(const Parsed& parsed, std::string_view series) {
    std::vector<std::string> days;
    for (const auto& event : parsed.events) {
        if (event.series == series)
            days.push_back(events::format_local(event.local).substr(0, 10));
    }
    return days;
}

TEST_CASE("the real page of meetings has eight decisions a year, those of the table among them") {
    if (!present())
        return;
    const Parsed page = real("fomc-html", "fomccalendars_2026-04.htm", 2026);
    CHECK(page.accepted);
    CHECK(page.notes.empty());
    CHECK(events::format_day(*page.covered_from) == "2021-01-01");
    CHECK(events::format_day(*page.covered_to) == "2027-12-31");
    CHECK(page.events.size() == 112);
    const auto days = days_of(page, "us.fed.fomc.statement");
    CHECK(days.size() == 56);
    for (const auto& event : parse_as("fomc-table", "", 2026).events) {
        CAPTURE(event.id);
        const auto* const there = find_event(page, event.id);
        if (year_of(std::chrono::floor<std::chrono::days>(events::Day{} +
                                                          event.local.time_since_epoch())) > 2027)
            continue;
        REQUIRE(there != nullptr);
        CHECK(there->local == event.local);
        CHECK(there->tags == event.tags);
    }
    // Over months' ends, as far as the page has them.
    for (const char* const day : {"2023-02-01", "2023-11-01", "2024-05-01", "2024-11-07"})
        CHECK_MESSAGE(std::count(days.begin(), days.end(), day) == 1, day);
}

TEST_CASE("the real page of meetings, cut off at any KiB, is refused") {
    if (!present())
        return;
    const std::string whole = test::read_text(real_file("fomccalendars_2026-04.htm"));
    for (std::size_t size = 0; size < whole.size(); size += 1024) {
        CAPTURE(size);
        CHECK_FALSE(parse_as("fomc-html", std::string_view(whole).substr(0, size), 2026).accepted);
    }
}

TEST_CASE("the real release schedule has every event, and payrolls where the rule has them") {
    if (!present())
        return;
    const Parsed file = real("bls-ics", "bls_2023-2024.ics", 2024);
    CHECK(file.accepted);
    CHECK(file.notes.empty());
    CHECK(file.events.size() == 321);
    CHECK(events::format_day(*file.covered_from) == "2023-01-01");
    CHECK(events::format_day(*file.covered_to) == "2024-12-31");
    for (const char* const series : {"us.bls.empsit", "us.bls.cpi", "us.bls.ppi", "us.bls.jolts"}) {
        CAPTURE(series);
        // Every month from one to the other, each once.
        int month = 2022 * 12 + (series == std::string("us.bls.jolts") ? 10 : 11);
        for (const auto& event : file.events) {
            if (event.series == series) {
                CHECK(event.period() == month_text(month++));
            }
        }
        CHECK(days_of(file, series).size() == 24);
    }
}

TEST_CASE("the real excerpt of the calendar feed is read whole") {
    if (!present())
        return;
    const Parsed feed = real("fed-json", "fed_calendar_2026-10_excerpt_with_BOM.json", 2026);
    CHECK(feed.accepted);
    CHECK(feed.notes.empty());
    CHECK(feed.events.size() == 17);
    CHECK(days_of(feed, "us.fed.fomc.statement") ==
          std::vector<std::string>{"2026-09-16", "2026-10-28"});
    const auto* const minutes = find_event(feed, "us.fed.fomc.minutes:2026-09-15");
    REQUIRE(minutes != nullptr);
    CHECK(events::format_local(minutes->local) == "2026-10-07T14:00");
}

TEST_CASE("the real press feed has its statements and minutes") {
    if (!present())
        return;
    const Parsed feed = real("fed-rss", "press_monetary_2016-08.xml", 2016);
    CHECK(feed.accepted);
    CHECK(days_of(feed, "us.fed.fomc.statement") ==
          std::vector<std::string>{"2016-04-27", "2016-06-15", "2016-07-27"});
    CHECK(days_of(feed, "us.fed.fomc.minutes") ==
          std::vector<std::string>{"2016-04-06", "2016-05-18", "2016-07-06"});
}

TEST_CASE("the real schedule page names the estimates of the product and the months of income") {
    if (!present())
        return;
    const Parsed page = real("bea-html", "bea_schedule_2026.html", 2026);
    CHECK(page.accepted);
    CHECK(page.events.size() == 20);
    std::set<std::string> ids;
    for (const auto& event : page.events)
        ids.insert(event.id);
    for (const char* const id :
         {"us.bea.gdp.second:2026-q2", "us.bea.gdp.third:2026-q2", "us.bea.gdp.adv:2026-q3",
          "us.bea.gdp.second:2026-q3", "us.bea.gdp.third:2026-q3", "us.bea.pce:2026-07",
          "us.bea.pce:2026-11", "us.bea.trade:2026-10"})
        CHECK_MESSAGE(ids.contains(id), id);
}

TEST_CASE("every page that is known to be broken is refused") {
    if (!present())
        return;
    CHECK_FALSE(real("fomc-html", "synthetic/fomc_class_renamed.htm", 2026).accepted);
    CHECK_FALSE(real("fomc-html", "synthetic/fomc_truncated_half.htm", 2026).accepted);
    CHECK_FALSE(real("fomc-html", "synthetic/fomc_2020_panel_modern_layout.html", 2020).accepted);
    CHECK_FALSE(real("fomc-html", "synthetic/akamai_access_denied_200.html", 2026).accepted);
    CHECK_FALSE(real("bls-ics", "synthetic/akamai_access_denied_200.html", 2026).accepted);
    CHECK_FALSE(real("bls-ics", "synthetic/bls_truncated.ics", 2024).accepted);
}

}  // namespace
}  // namespace bullpen::calendar
