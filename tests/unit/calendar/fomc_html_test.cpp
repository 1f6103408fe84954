#include "calendar/text.hpp"
#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

Parsed page(const std::string& text) {
    return parse_as("fomc-html", text, 2022);
}

TEST_CASE("a panel without one of its eight meetings refuses the whole page") {
    const std::string whole = golden("fomc_new.html");
    const Parsed renamed = page(replaced_once(whole, ">26-27<", "><"));
    CHECK_FALSE(renamed.accepted);
    const Parsed voted = page(replaced_once(whole, ">26-27<", ">26-27 (notation vote)<"));
    CHECK(refused_for(voted, "2022 has 7 scheduled meetings"));
}

TEST_CASE("a year after the next one may be there in part, and is not covered") {
    const Parsed parsed = parse_as(
        "fomc-html", replaced_once(golden("fomc_new.html"), ">12-13*<", ">12-13 (notation vote)<"),
        2021);
    CHECK(parsed.accepted);
    CHECK(parsed.covered_to == day_of(2022, 12, 31));
}

TEST_CASE("the layout that changed is an alarm, not an empty calendar") {
    const std::string whole = golden("fomc_new.html");
    CHECK(refused_for(page(replaced(whole, "fomc-meeting__date", "fomc-event__day")),
                      "the layout changed"));
    CHECK(refused_for(page(replaced(whole, "fomc-meeting__month", "fomc-event__month")),
                      "the layout changed"));
    CHECK(refused_for(page(replaced(whole, "FOMC Meetings", "Gatherings")), "the layout changed"));
    CHECK(refused_for(page(replaced(whole, "Last Update", "Updated")), "not complete"));
    CHECK(refused_for(page(replaced(whole, "panel-heading", "panel-title")), "the layout changed"));
}

TEST_CASE("a year that is missing between two others refuses the page") {
    const std::string whole = golden("fomc_new.html");
    CHECK(refused_for(page(replaced_once(whole, "2021 FOMC Meetings", "2024 FOMC Meetings")),
                      "the year 2021 is missing"));
    CHECK(refused_for(page(replaced_once(whole, "2021 FOMC Meetings", "2020 FOMC Meetings")),
                      "two panels of the year 2020"));
    CHECK(refused_for(page(replaced_once(whole, "2021 FOMC Meetings", "2071 FOMC Meetings")),
                      "of the year 2071"));
}

TEST_CASE("a scheduled decision at a weekend, or on no day at all, refuses the page") {
    const std::string whole = golden("fomc_new.html");
    CHECK(refused_for(page(replaced_once(whole, ">14-15*<", ">17-18*<")), "at a weekend"));
    CHECK(refused_for(page(replaced_once(whole, ">14-15*<", ">31-32*<")), "no date of a meeting"));
    CHECK(refused_for(page(replaced_once(whole, ">14-15*<", ">soon<")), "no date of a meeting"));
    CHECK(refused_for(page(replaced_once(whole, ">14-15*<", ">1-15*<")), "14 days after"));
}

TEST_CASE("a cancelled meeting is there as cancelled, an unscheduled one without a time") {
    const Parsed parsed = page(golden("fomc_new.html"));
    const auto* const cancelled = find_event(parsed, "us.fed.fomc.statement:2020-03-17");
    REQUIRE(cancelled != nullptr);
    CHECK(cancelled->status == events::Status::cancelled);
    CHECK(cancelled->tags.front() == "projections");
    const auto* const unscheduled = find_event(parsed, "us.fed.fomc.statement:x:2020-03-15");
    REQUIRE(unscheduled != nullptr);
    CHECK(unscheduled->precision == events::Precision::date);
    CHECK(find_event(parsed, "us.fed.fomc.presser:x:2020-03-15") == nullptr);
    CHECK(find_event(parsed, "us.fed.fomc.statement:2020-03-23") == nullptr);
}

TEST_CASE("a meeting over the turn of the year decides in the next one") {
    const Parsed parsed =
        page(replaced_once(replaced_once(golden("fomc_new.html"),
                                         ">December</strong></div>\n  "
                                         "<div class=\"fomc-meeting__date col-xs-4 col-lg-1\">13",
                                         ">Dec/Jan</strong></div>\n  "
                                         "<div class=\"fomc-meeting__date col-xs-4 col-lg-1\">13"),
                           ">13&ndash;14*<", ">31-3*<"));
    const auto* const event = find_event(parsed, "us.fed.fomc.statement:2022-12-31");
    REQUIRE(event != nullptr);
    CHECK(events::format_local(event->local) == "2023-01-03T14:00");
}

}  // namespace
}  // namespace bullpen::calendar
