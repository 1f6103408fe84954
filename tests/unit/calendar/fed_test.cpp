#include "calendar/text.hpp"
#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

Parsed feed(const std::string& text) {
    return parse_as("fed-json", text, 2026);
}

TEST_CASE("a row of the FOMC that cannot be read refuses the feed, another one is noted") {
    const std::string whole = golden("fed.json");
    const Parsed meeting = feed(replaced_once(whole, "\"days\": \"27, 28\"", "\"days\": \"soon\""));
    CHECK(refused_for(meeting, "'FOMC Meeting' has no date"));
    const Parsed many = feed(replaced(whole, "\"type\": \"Speeches\"",
                                      "\"type\": \"Speeches\", "
                                      "\"month\": \"x\""));
    CHECK(refused_for(many, "3 of 16 rows"));
}

TEST_CASE("a decision at a weekend refuses the feed") {
    CHECK(
        refused_for(feed(replaced_once(golden("fed.json"), "\"days\": \"17\"", "\"days\": \"20\"")),
                    "at a weekend"));
}

TEST_CASE("only what follows the last great gap between meetings is covered") {
    const std::string text =
        replaced_once(golden("fed.json"), "\"days\": \"27, 28\"", "\"days\": \"4, 5\"");
    const Parsed parsed =
        feed(replaced_once(text, "\"month\": \"2026-01\"", "\"month\": \"2022-05\""));
    CHECK(parsed.accepted);
    for (const auto& coverage : parsed.coverage) {
        if (coverage.series == "us.fed.fomc.statement")
            CHECK(events::format_day(coverage.from) == "2026-03-01");
    }
}

// A feed with meetings that end on these days.
Parsed meetings(const std::vector<std::string>& days) {
    std::string list;
    for (const std::string& day : days)
        list += R"({"title":"FOMC Meeting","type":"FOMC","time":"2:00 p.m.","month":")" +
                day.substr(0, 7) + R"(","days":")" + day.substr(8) + R"(","description":")" +
                std::string(500, 'x') + "\"},";
    return parse_as("fed-json", "{\"events\":[" + list + "{}]}", 2026);
}

TEST_CASE("a year of the feed with half of its meetings is refused, one that is missing a hole") {
    const std::vector<std::string> all{"2026-01-28", "2026-03-18", "2026-04-29", "2026-06-17",
                                       "2026-07-29", "2026-09-16", "2026-10-28", "2026-12-09",
                                       "2027-01-27", "2027-03-17", "2027-04-28", "2027-06-09"};
    const auto covered = [](const Parsed& parsed, std::string_view text) {
        const auto day = *iso_day(text);
        return events::covers(parsed.coverage, "us.fed.fomc.statement", day, day);
    };
    const Parsed whole = meetings(all);
    REQUIRE(whole.accepted);
    CHECK(covered(whole, "2026-09-01"));
    auto lacks = all;
    lacks.erase(lacks.begin() + 5);
    const Parsed hole = meetings(lacks);
    REQUIRE(hole.accepted);
    CHECK(covered(hole, "2026-07-31"));
    CHECK_FALSE(covered(hole, "2026-08-01"));
    CHECK_FALSE(covered(hole, "2026-09-16"));
    CHECK(covered(hole, "2026-10-01"));
    CHECK(refused_for(
        meetings({"2026-01-28", "2026-04-29", "2026-07-29", "2026-10-28", "2027-01-27"}),
        "2026 has 4 scheduled meetings"));
}

TEST_CASE("a speech of the chair matters more, whatever the chair is called") {
    const auto importance = [](const std::string& title) {
        const Parsed parsed = parse_as("fed-json",
                                       R"({"events":[{"title":")" + title +
                                           R"(","type":"Speeches","time":"9:00 a.m.","month":)" +
                                           R"("2026-10","days":"20","description":")" +
                                           std::string(2048, 'x') + "\"}]}",
                                       2026);
        REQUIRE(parsed.events.size() == 1);
        return parsed.events.front().importance;
    };
    CHECK(importance("Speech - Chair Example") == 2);
    CHECK(importance("Speech - Chairman Example") == 2);
    CHECK(importance("Speech - Chairwoman Example") == 2);
    CHECK(importance("Speech - Vice Chairman Example") == 1);
    CHECK(importance("Speech - Vice Chair for Supervision Example") == 1);
    CHECK(importance("Speech - Governor Example") == 1);
}

TEST_CASE("a meeting in two months is named after its first day in the words of its description") {
    const Parsed parsed = feed(golden("fed.json"));
    const auto* const event = find_event(parsed, "us.fed.fomc.statement:2026-04-30");
    REQUIRE(event != nullptr);
    CHECK(events::format_local(event->local) == "2026-05-01T14:00");
    CHECK(events::format_instant(event->utc) == "2026-05-01T18:00:00Z");
}

TEST_CASE("both forms of the feed of press releases say the same") {
    const Parsed first = parse_as("fed-rss", golden("press_rss1.xml"), 2020);
    const Parsed second = parse_as("fed-rss", golden("press_rss2.xml"), 2020);
    REQUIRE(first.events.size() == second.events.size());
    for (std::size_t i = 0; i < first.events.size(); ++i) {
        CHECK(first.events[i].id == second.events[i].id);
        CHECK(first.events[i].utc == second.events[i].utc);
        CHECK(first.events[i].title == second.events[i].title);
    }
}

TEST_CASE("a press feed with entities of its own, without a time, or of another kind is refused") {
    const std::string whole = golden("press_rss2.xml");
    const std::string bomb = replaced_once(
        whole, "<rss ", "<!DOCTYPE rss [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<rss ");
    CHECK(refused_for(parse_as("fed-rss", bomb, 2020), "document type of its own"));
    CHECK(refused_for(parse_as("fed-rss", replaced_once(whole, " GMT</", " MARS</"), 2020),
                      "no time that can be read"));
    CHECK(refused_for(
        parse_as("fed-rss",
                 replaced_once(replaced_once(whole, "<rss ", "<feed "), "</rss>", "</feed>"), 2020),
        "no RSS feed"));
    CHECK(refused_for(parse_as("fed-rss", replaced(whole, "item>", "entry>"), 2020),
                      "no press release"));
}

TEST_CASE("the built-in table has the published decisions and is below official sources") {
    const Parsed table = parse_as("fomc-table", "", 2026);
    CHECK(table.accepted);
    CHECK(table.events.size() == 34);
    const auto* const first = find_event(table, "us.fed.fomc.statement:2026-01-27");
    REQUIRE(first != nullptr);
    CHECK(events::format_local(first->local) == "2026-01-28T14:00");
    CHECK(find_event(table, "us.fed.fomc.presser:2028-01-25") != nullptr);
    CHECK_FALSE(is_official(find_source("fomc-table")->rank));
}

}  // namespace
}  // namespace bullpen::calendar
