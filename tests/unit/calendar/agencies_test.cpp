#include <algorithm>
#include <string>
#include <vector>

#include "calendar/parse_report.hpp"
#include "calendar/sources/reference.hpp"
#include "calendar/text.hpp"
#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

Parsed bls(const std::string& text, int year_now = 2026) {
    return parse_as("bls-ics", text, year_now);
}

// Every line of an event longer than 20 bytes is folded there, as the format allows.
std::string folded(const std::string& text) {
    std::string out;
    std::size_t column = 0;
    for (const char c : text) {
        if (c != '\n' && column == 20) {
            out += "\n ";
            column = 1;
        }
        out += c;
        column = c == '\n' ? 0 : column + 1;
    }
    return out;
}

TEST_CASE("folded lines, a DTSTAMP that is there, and other names of the zone change nothing") {
    const std::string whole = golden("bls.ics");
    const std::string expected = golden("bls.ics.expected");
    CHECK(text_report(bls(replaced(folded(whole), "\n", "\r\n"))) == expected);
    CHECK(text_report(bls(replaced(whole, "SEQUENCE:1", "SEQUENCE:1\nDTSTAMP:20250101T000000Z"))) ==
          expected);
    for (const char* const zone : {"America/New_York", "US/Eastern", "Eastern Standard Time",
                                   "/freeassociation.sourceforge.net/America/New_York"}) {
        CAPTURE(zone);
        CHECK(text_report(bls(replaced(whole, "US-Eastern", zone))) == expected);
    }
    // Without a zone of its own an event is in the zone of the file.
    CHECK(text_report(bls(replaced(whole, "DTSTART;TZID=US-Eastern:", "DTSTART:"))) == expected);
}

TEST_CASE("a time in UTC is read as New York's wall clock") {
    const Parsed parsed = bls(replaced_once(
        golden("bls.ics"), "DTSTART;TZID=US-Eastern:20250110T083000", "DTSTART:20250110T133000Z"));
    CHECK(parsed.accepted);
    const auto* const event = find_event(parsed, "us.bls.empsit:2024-12");
    REQUIRE(event != nullptr);
    CHECK(events::format_local(event->local) == "2025-01-10T08:30");
}

TEST_CASE("a zone that nobody knows, a rule of repetition, or another time refuses the file") {
    const std::string whole = golden("bls.ics");
    CHECK(refused_for(bls(replaced(whole, "US-Eastern", "Mars-Central")), "which is not known"));
    CHECK(refused_for(bls(replaced_once(whole, "DURATION:PT0M", "RRULE:FREQ=MONTHLY")), "repeats"));
    CHECK(refused_for(bls(replaced_once(whole, ":20250110T083000", ":20250110T093000")),
                      "is not at 08:30"));
    CHECK(refused_for(bls(replaced_once(whole, ":20250110T083000", ":20250111T083000")),
                      "at a weekend"));
}

TEST_CASE("a year with two payrolls too few or too many refuses the file, one too few does not") {
    const std::string whole = golden("bls.ics");
    const auto renamed = [](std::string text, int count) {
        for (int i = 0; i < count; ++i)
            text = replaced_once(text, "SUMMARY:Employment Situation", "SUMMARY:Something Else");
        return text;
    };
    CHECK(bls(renamed(whole, 1)).accepted);
    CHECK(refused_for(bls(renamed(whole, 2)), "10 times in 2025"));
    CHECK(refused_for(bls(replaced(whole, "SUMMARY:Consumer Price Index", "SUMMARY:CPI")),
                      "no 'Consumer Price Index'"));
    CHECK(refused_for(
        bls(replaced(whole, "SUMMARY:Consumer Price Index", "SUMMARY:Producer Price Index")),
        "24 times in 2025"));
}

// Takes the event at that time out of the file.
std::string without(std::string text, std::string_view at) {
    const auto found = text.find(at);
    REQUIRE_MESSAGE(found != std::string::npos, at);
    const auto from = text.rfind("BEGIN:VEVENT", found);
    const auto to = text.find("BEGIN:VEVENT", found);
    return text.erase(from, to - from);
}

// As the autumn of 2025 went: nothing in October but consumer prices, and in December not all.
std::string shutdown_of_2025() {
    std::string text = golden("bls.ics");
    std::vector<std::string> gone;
    for (const events::Event& event : bls(text).events) {
        const std::string at = events::format_local(event.local);
        const bool guarded = event.importance == 3;
        if (guarded && (at.starts_with("2025-10") ||
                        (at.starts_with("2025-12") && event.series == "us.bls.ppi")))
            gone.push_back(at);
    }
    for (std::string at : gone) {
        std::erase_if(at, [](char c) { return c == '-' || c == ':'; });
        text = without(text, ":" + at + "00");
    }
    return replaced_once(text, ":20251107T083000", ":20251120T083000");
}

TEST_CASE("a year in which a shutdown took releases away is believed when it is over") {
    const std::string text = shutdown_of_2025();
    const Parsed parsed = bls(text, 2025);
    CHECK(parsed.reasons == std::vector<std::string>{});
    CHECK(parsed.accepted);
    CHECK(std::any_of(parsed.notes.begin(), parsed.notes.end(), [](const std::string& note) {
        return note.find("'Producer Price Index' is there 10 times in 2025") == 0;
    }));
    CHECK(bls(text, 2026).accepted);
    // Of a year that is to come nobody knows that.
    CHECK(refused_for(bls(text, 2024), "10 times in 2025"));
    // Fetched in November 2025, the file must have December, but for one release.
    Context context;
    context.zones = &zones();
    context.year_now = 2025;
    context.fetched = *parse_utc("2025-11-21T22:00:00Z");
    CHECK(parse(*find_source("bls-ics"), text, context).accepted);
    context.fetched = *parse_utc("2025-08-21T22:00:00Z");
    CHECK(refused_for(parse(*find_source("bls-ics"), text, context), "10 times in 2025"));
    // Where the others came out nobody was silent.
    CHECK(refused_for(
        bls(without(without(golden("bls.ics"), ":20251009T083000"), ":20251113T083000"), 2026),
        "10 times in 2025"));
}

TEST_CASE("a file that ends within the year in which it is fetched is refused") {
    std::string text = golden("bls.ics");
    const auto cut = text.find("BEGIN:VEVENT", text.find("20260804T100000"));
    text = text.substr(0, cut) + "END:VCALENDAR\n";
    CHECK(refused_for(bls(text), "ends in 2026-08"));
    // A year later it is only old.
    const Parsed next_year = bls(text, 2025);
    CHECK(next_year.accepted);
    CHECK(events::format_day(*next_year.covered_to) == "2026-08-31");
}

TEST_CASE("each series is covered to the end of the month of its own last release") {
    std::string text = golden("bls.ics");
    const auto last = text.rfind("SUMMARY:Consumer Price Index");
    text.replace(last, 28, "SUMMARY:Something Else Again");
    for (const auto& coverage : bls(text).coverage) {
        CAPTURE(coverage.series);
        if (coverage.series == "us.bls.cpi")
            CHECK(events::format_day(coverage.to) == "2026-11-30");
        if (coverage.series == "us.bls.empsit")
            CHECK(events::format_day(coverage.to) == "2026-12-31");
    }
}

// ---- what a file leaves out

bool covered(const Parsed& parsed, std::string_view series, std::string_view day) {
    return events::covers(parsed.coverage, series, *iso_day(day), *iso_day(day));
}

TEST_CASE("a month in which a file lacks a release is not covered, and the rest of the year is") {
    const Parsed parsed = bls(without(golden("bls.ics"), ":20261106T083000"));
    REQUIRE(parsed.accepted);
    CHECK(covered(parsed, "us.bls.empsit", "2026-10-31"));
    CHECK_FALSE(covered(parsed, "us.bls.empsit", "2026-11-01"));
    CHECK_FALSE(covered(parsed, "us.bls.empsit", "2026-11-30"));
    CHECK(covered(parsed, "us.bls.empsit", "2026-12-01"));
    CHECK(covered(parsed, "us.bls.cpi", "2026-11-15"));
    // Also where it is the first one of the file.
    const Parsed first = bls(without(golden("bls.ics"), ":20250110T083000"));
    REQUIRE(first.accepted);
    CHECK_FALSE(covered(first, "us.bls.empsit", "2025-01-10"));
    CHECK(covered(first, "us.bls.cpi", "2025-01-10"));
}

TEST_CASE("a file that begins in February is counted from there on") {
    std::string kept = "BEGIN:VCALENDAR\nPRODID:-//Example//EN\nX-WR-TIMEZONE:US-Eastern\n";
    std::string few = kept;
    for (const char* const name :
         {"Employment Situation", "Consumer Price Index", "Producer Price Index"}) {
        for (int month = 2; month <= 12; ++month) {
            const auto day = *day_of(2026, static_cast<unsigned>(month), 10) +
                             std::chrono::days(2 * static_cast<int>(month == 10));
            std::string on = events::format_day(is_weekend(day) ? day + std::chrono::days(2) : day);
            std::erase(on, '-');
            const std::string event = "BEGIN:VEVENT\nDTSTART;TZID=US-Eastern:" + on +
                                      "T083000\nDESCRIPTION:" + std::string(80, 'x') +
                                      "\nSUMMARY:" + name + "\nEND:VEVENT\n";
            kept += event;
            if (month == 2 || month == 12)
                few += event;
        }
    }
    CHECK(bls(kept + "END:VCALENDAR\n").reasons == std::vector<std::string>{});
    CHECK(refused_for(bls(few + "END:VCALENDAR\n"), "2 times in 2026"));
}

// The body of a feed with both chief series on these days.
std::string bea_body(const std::vector<std::string>& days) {
    std::string list;
    for (const std::string& day : days)
        list += (list.empty() ? "\"" : ",\"") + day + "T13:30:00+00:00\"";
    return R"({"Gross Domestic Product":{"release_dates":[)" + list +
           R"(]},"Personal Income and Outlays":{"release_dates":[)" + list + R"(]},"note":")" +
           std::string(2048, 'x') + "\"}";
}

TEST_CASE("a feed of the bureau that lacks most months is refused, in any year of it") {
    CHECK(refused_for(parse_as("bea-json", bea_body({"2026-01-29", "2026-12-23"}), 2026),
                      "2 times in 2026"));
    CHECK(refused_for(
        parse_as("bea-json", bea_body({"2026-01-29", "2026-12-23", "2027-12-23"}), 2026),
        "1 times in 2027"));
}

TEST_CASE("a month that the bureau's feed leaves out is not covered") {
    const Parsed whole = parse_as("bea-json", golden("bea.json"), 2026);
    CHECK(covered(whole, "us.bea.pce", "2026-10-15"));
    const std::string text = golden("bea.json");
    const Parsed parsed = parse_as(
        "bea-json",
        replaced(text, "\"2026-10-23T12:30:00+00:00\"", "\"2026-09-25T14:00:00+00:00\""), 2026);
    REQUIRE(parsed.accepted);
    CHECK_FALSE(covered(parsed, "us.bea.pce", "2026-10-15"));
    CHECK(covered(parsed, "us.bea.pce", "2026-09-30"));
    CHECK(covered(parsed, "us.bea.pce", "2026-11-01"));
    CHECK(covered(parsed, "us.bea.gdp.adv", "2026-10-15"));
}

TEST_CASE("income of September 2025 came in December, and has the name that its title gives") {
    const Parsed feed = parse_as("bea-json",
                                 bea_body({"2025-01-31", "2025-02-28", "2025-03-28", "2025-04-30",
                                           "2025-05-30", "2025-06-27", "2025-07-31", "2025-08-29",
                                           "2025-09-26", "2025-12-05", "2026-01-22", "2026-02-20",
                                           "2026-03-13", "2026-04-09", "2026-04-30", "2026-05-28"}),
                                 2026);
    REQUIRE(feed.accepted);
    for (const auto& [period, day] : {std::pair("2025-08", "2025-09-26"),
                                      {"2025-09", "2025-12-05"},
                                      {"2025-11", "2026-01-22"},
                                      {"2025-12", "2026-02-20"},
                                      {"2026-01", "2026-03-13"},
                                      {"2026-03", "2026-04-30"}}) {
        CAPTURE(period);
        const auto* const event = find_event(feed, std::string("us.bea.pce:") + period);
        REQUIRE(event != nullptr);
        CHECK(events::format_local(event->local).substr(0, 10) == day);
    }
    // Nobody states the autumn of that year; the months before and after it are stated.
    CHECK(covered(feed, "us.bea.pce", "2025-09-30"));
    CHECK_FALSE(covered(feed, "us.bea.pce", "2025-10-31"));
    CHECK(covered(feed, "us.bea.pce", "2025-12-05"));
}

// ---- which month a release is about

std::string months(const std::vector<std::string>& days, int lag) {
    std::vector<events::Day> releases;
    for (const std::string& day : days)
        releases.push_back(*iso_day(day));
    std::string out;
    for (const Reference& reference : reference_months(releases, lag))
        out += (out.empty() ? "" : " ") + month_text(reference.month) +
               (reference.uncertain ? "?" : "");
    return out;
}

TEST_CASE("a release is about the month before it") {
    CHECK(months({"2025-01-10", "2025-02-07", "2025-03-07"}, 1) == "2024-12 2025-01 2025-02");
}

TEST_CASE("payrolls of the autumn of 2025 came late, and October's never") {
    CHECK(months({"2025-07-03", "2025-08-01", "2025-09-05", "2025-11-20", "2025-12-16",
                  "2026-01-09", "2026-02-11", "2026-03-06"},
                 1) == "2025-06 2025-07 2025-08 2025-09? 2025-11? 2025-12 2026-01 2026-02");
}

TEST_CASE("consumer prices of that autumn, with October left out") {
    CHECK(months({"2025-08-12", "2025-09-11", "2025-10-24", "2025-12-18", "2026-01-13"}, 1) ==
          "2025-07 2025-08 2025-09 2025-11? 2025-12");
}

TEST_CASE("of two releases in one month the earlier is about the month before") {
    CHECK(
        months({"2025-08-14", "2025-09-10", "2025-11-25", "2026-01-14", "2026-01-30", "2026-02-27"},
               1) == "2025-07 2025-08 2025-09? 2025-11? 2025-12 2026-01");
}

TEST_CASE("estimates that a shutdown pushed back keep their order") {
    CHECK(months({"2026-02-20", "2026-03-13", "2026-04-09", "2026-04-30"}, 0) ==
          "2026-01? 2026-02? 2026-03? 2026-04");
}

// ---- the Bureau of Economic Analysis

TEST_CASE("a release of the Bureau of Economic Analysis that moved keeps its own time of day") {
    const Parsed parsed = parse_as("bea-json", golden("bea.json"), 2026);
    const auto* const event = find_event(parsed, "us.bea.pce:2026-08");
    REQUIRE(event != nullptr);
    CHECK(events::format_local(event->local) == "2026-09-25T10:00");
    CHECK(events::format_instant(event->utc) == "2026-09-25T14:00:00Z");
}

TEST_CASE("the bureau's two sources give the same events the same ids") {
    const Parsed feed = parse_as("bea-json", golden("bea.json"), 2026);
    const Parsed page = parse_as("bea-html", golden("bea.html"), 2026);
    std::size_t common = 0;
    for (const auto& event : page.events) {
        const auto* const other = find_event(feed, event.id);
        if (other != nullptr)
            common += event.utc == other->utc ? 1 : 0;
    }
    CHECK(common == page.events.size() - 1);  // all but the one that the feed has moved
}

TEST_CASE("a feed of the bureau without its chief series, or with other dates, is refused") {
    const std::string whole = golden("bea.json");
    CHECK(refused_for(parse_as("bea-json", replaced(whole, "Gross Domestic Product", "GDP"), 2026),
                      "no 'Gross Domestic Product'"));
    CHECK(refused_for(
        parse_as("bea-json", replaced_once(whole, "2026-01-22T13:30:00+00:00", "soon"), 2026),
        "a date that cannot be read"));
    CHECK(refused_for(
        parse_as("bea-json", replaced_once(whole, "2026-01-22T13:30:00", "2026-01-24T13:30:00"),
                 2026),
        "at a weekend"));
}

TEST_CASE("a page of the bureau whose rows lost their dates is refused") {
    const std::string whole = golden("bea.html");
    CHECK(refused_for(parse_as("bea-html", replaced(whole, "release-date", "date"), 2026),
                      "the layout changed"));
    CHECK(refused_for(parse_as("bea-html", replaced(whole, "release-title", "title"), 2026),
                      "the layout changed"));
}

}  // namespace
}  // namespace bullpen::calendar
