#include "calendar/merge.hpp"

#include <algorithm>

#include "calendar/changes.hpp"
#include "calendar/collector.hpp"
#include "calendar/text.hpp"
#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

using events::Status;

constexpr std::string_view k_cpi = "us.bls.cpi";

UtcTime at(std::string_view text) {
    return *parse_utc(text);
}

// A source's statement about consumer prices in 2026, made by hand.
class Says {
  public:
    explicit Says(std::string source) : collector_(context(), std::move(source)) {}
    Says& on(const std::string& period, const std::string& day, const std::string& time = "08:30",
             Status status = Status::published) {
        Row row;
        row.series = k_cpi;
        row.period = period;
        row.day = *iso_day(day);
        row.time = time_of_day(time);
        row.status = status;
        collector_.collector.add(std::move(row));
        return *this;
    }
    Says& covering(const std::string& from, const std::string& to) {
        collector_.collector.cover(k_cpi, *iso_day(from), *iso_day(to));
        return *this;
    }
    Parsed done() { return collector_.collector.finish(true); }

  private:
    static Context context() {
        Context made;
        made.zones = &zones();
        made.year_now = 2026;
        made.fetched = at("2026-03-01T12:00:00Z");
        return made;
    }
    struct Held {
        Held(Context made, std::string source)
            : context(std::move(made)), collector(source, context) {}
        Context context;
        Collector collector;
    };
    Held collector_;
};

const events::Event& only(const Merged& merged, std::string_view id) {
    const auto found = std::find_if(merged.calendar.events.begin(), merged.calendar.events.end(),
                                    [&](const auto& event) { return event.id == id; });
    REQUIRE(found != merged.calendar.events.end());
    return *found;
}
bool has(const Merged& merged, std::string_view id) {
    return std::any_of(merged.calendar.events.begin(), merged.calendar.events.end(),
                       [&](const auto& event) { return event.id == id; });
}

const UtcTime k_now = at("2026-03-01T12:00:00Z");

TEST_CASE("two official sources that agree confirm an event, one publishes it") {
    const Parsed feed =
        Says("bls-ics").on("2026-02", "2026-03-11").on("2026-03", "2026-04-10").done();
    const Parsed page = Says("bea-html").on("2026-02", "2026-03-11").done();
    const Merged merged = merge({}, {page, feed}, k_now);
    CHECK(only(merged, "us.bls.cpi:2026-02").status == Status::confirmed);
    CHECK(only(merged, "us.bls.cpi:2026-02").sources.size() == 2);
    CHECK(only(merged, "us.bls.cpi:2026-03").status == Status::published);
    CHECK(merged.alarms.empty());
}

TEST_CASE("two official sources that differ are both kept, and that is an alarm") {
    const Parsed feed = Says("bls-ics").on("2026-02", "2026-03-11").done();
    const Parsed page = Says("bea-html").on("2026-02", "2026-03-12").done();
    const Merged merged = merge({}, {page, feed}, k_now);
    const auto& event = only(merged, "us.bls.cpi:2026-02");
    CHECK(events::format_local(event.local) == "2026-03-11T08:30");
    REQUIRE(event.other_times.size() == 1);
    CHECK(events::format_local(event.other_times[0].local) == "2026-03-12T08:30");
    CHECK(event.other_times[0].source == "bea-html");
    REQUIRE(merged.alarms.size() == 1);
    CHECK(merged.alarms[0].kind == MergeAlarm::Kind::disagreement);
}

TEST_CASE("an event that one official source cancels and another one has still counts") {
    const Parsed feed =
        Says("bls-ics").on("2026-02", "2026-03-11", "08:30", Status::cancelled).done();
    const Parsed page = Says("bea-html").on("2026-02", "2026-03-11").done();
    const Merged merged = merge({}, {feed, page}, k_now);
    CHECK_FALSE(only(merged, "us.bls.cpi:2026-02").cancelled());
    CHECK(merged.alarms.size() == 1);
    CHECK(only(merge({}, {feed}, k_now), "us.bls.cpi:2026-02").cancelled());
}

TEST_CASE("an estimate counts only where nobody official lists the days") {
    const Parsed estimate = Says("bot-file")
                                .on("2026-02", "2026-03-13")
                                .on("2026-03", "2026-04-13")
                                .on("2026-04", "2026-05-13")
                                .done();
    const Parsed feed =
        Says("bls-ics").on("2026-02", "2026-03-11").covering("2026-01-01", "2026-04-30").done();
    const Merged merged = merge({}, {estimate, feed}, k_now);
    CHECK(merged.calendar.events.size() == 2);
    CHECK(only(merged, "us.bls.cpi:2026-02").status == Status::published);
    CHECK(only(merged, "us.bls.cpi:2026-04").status == Status::estimated);
    CHECK_FALSE(has(merged, "us.bls.cpi:2026-03"));
}

TEST_CASE("a date that takes the place of an estimate is no move of something published") {
    const Parsed estimate = Says("bot-file").on("2026-02", "2026-03-13").done();
    const Calendar last = merge({}, {estimate}, k_now).calendar;
    const Parsed feed = Says("bls-ics").on("2026-02", "2026-03-11").done();
    const Merged merged = merge(last, {estimate, feed}, k_now);
    const auto& event = only(merged, "us.bls.cpi:2026-02");
    CHECK(event.status == Status::published);
    CHECK(event.revision == 1);
    CHECK(merged.alarms.empty());
}

TEST_CASE("a published event that moves keeps its id and the time it had") {
    const Calendar last =
        merge({}, {Says("bls-ics").on("2026-01", "2026-03-02").done()}, k_now).calendar;
    const Parsed moved = Says("bls-ics").on("2026-01", "2026-03-13", "10:00").done();
    const Merged merged = merge(last, {moved}, k_now);
    const auto& event = only(merged, "us.bls.cpi:2026-01");
    CHECK(event.status == Status::moved);
    CHECK(event.revision == 1);
    CHECK(events::format_local(*event.previous_local) == "2026-03-02T08:30");
    const auto found = changes(last, merged.calendar, at("2026-03-01T20:00:00Z"));
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Change::Kind::moved);
    CHECK(found[0].urgent);
    CHECK(found[0].sentence.find("2026-03-02T08:30 America/New_York (2026-03-02T13:30:00Z) to "
                                 "2026-03-13T10:00 America/New_York (2026-03-13T14:00:00Z), by "
                                 "bls-ics") != std::string::npos);
    CHECK(merge(merged.calendar, {moved}, k_now) == merged);
}

TEST_CASE("an event that is missing is cancelled by a complete source, otherwise unconfirmed") {
    Says whole("bls-ics");
    for (int month = 2; month <= 11; ++month)
        whole.on(month_text(2026 * 12 + month - 1), month_text(2026 * 12 + month) + "-11", "08:30");
    const Calendar last =
        merge({}, {whole.covering("2026-01-01", "2026-12-31").done()}, k_now).calendar;
    const auto without_first = [](const std::string& to) {
        Says part("bls-ics");
        for (int month = 3; month <= 11; ++month)
            part.on(month_text(2026 * 12 + month - 1), month_text(2026 * 12 + month) + "-11");
        return part.covering("2026-04-01", to).done();
    };
    // The day of the lost event is outside of what the source lists now.
    const Merged partial = merge(last, {without_first("2026-12-31")}, k_now);
    CHECK(only(partial, "us.bls.cpi:2026-02").status == Status::unconfirmed);
    REQUIRE(partial.alarms.size() == 1);
    CHECK(partial.alarms[0].kind == MergeAlarm::Kind::vanished);
    CHECK(merge(partial.calendar, {without_first("2026-12-31")}, k_now).alarms.empty());

    Says complete("bls-ics");
    for (int month = 3; month <= 11; ++month)
        complete.on(month_text(2026 * 12 + month - 1), month_text(2026 * 12 + month) + "-11");
    const Merged cancelled =
        merge(last, {complete.covering("2026-01-01", "2026-12-31").done()}, k_now);
    CHECK(only(cancelled, "us.bls.cpi:2026-02").status == Status::cancelled);
    CHECK(cancelled.alarms.size() == 1);
    const auto found = changes(last, cancelled.calendar, k_now);
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Change::Kind::cancelled);
}

TEST_CASE("a body that lacks many announced events is not believed") {
    const Calendar last = merge({},
                                {Says("bls-ics")
                                     .on("2026-02", "2026-03-11")
                                     .on("2026-03", "2026-04-10")
                                     .on("2026-04", "2026-05-12")
                                     .on("2026-05", "2026-06-10")
                                     .done()},
                                k_now)
                              .calendar;
    const Parsed one = Says("bls-ics")
                           .on("2026-02", "2026-03-11")
                           .on("2026-03", "2026-04-10")
                           .on("2026-04", "2026-05-12")
                           .done();
    CHECK(vanished_too_many(last, one, k_now).empty());
    const Parsed two =
        Says("bls-ics").on("2026-02", "2026-03-11").on("2026-03", "2026-04-10").done();
    CHECK(vanished_too_many(last, two, k_now) ==
          "2 of 4 events that were announced for the future are missing");
    // What another source says is its own business, and what is over may go.
    CHECK(vanished_too_many(last, Says("bea-html").done(), k_now).empty());
    CHECK(vanished_too_many(last, two, at("2026-06-11T12:00:00Z")).empty());
}

TEST_CASE("an official source that lists a day in full and lacks an event is an alarm") {
    const Parsed page = Says("bea-html").on("2026-02", "2026-03-11").done();
    const auto feed = [](const std::string& to) {
        return Says("bls-ics").on("2026-01", "2026-02-11").covering("2026-01-01", to).done();
    };
    const Merged merged = merge({}, {page, feed("2026-12-31")}, k_now);
    CHECK(only(merged, "us.bls.cpi:2026-02").status == Status::published);
    REQUIRE(merged.alarms.size() == 1);
    CHECK(merged.alarms[0].kind == MergeAlarm::Kind::disagreement);
    CHECK(merged.alarms[0].subject == "us.bls.cpi:2026-02");
    CHECK(merge({}, {page, feed("2026-03-10")}, k_now).alarms.empty());
    CHECK(merge({}, {page, feed("2026-12-31")}, at("2026-03-12T12:00:00Z")).alarms.empty());
}

TEST_CASE("two sources that differ about a meeting's days have one meeting, at both times") {
    const auto meeting = [](const char* source, const char* period, const char* day) {
        Context context;
        context.zones = &zones();
        context.year_now = 2026;
        context.fetched = k_now;
        Collector collector(source, context);
        Row row;
        row.series = "us.fed.fomc.statement";
        row.period = period;
        row.day = *iso_day(day);
        row.time = time_of_day("14:00");
        collector.add(std::move(row));
        collector.cover("us.fed.fomc.statement", *iso_day("2026-01-01"), *iso_day("2026-12-31"));
        return collector.finish();
    };
    const Parsed page = meeting("fomc-html", "2026-12-09", "2026-12-10");
    const Parsed feed = meeting("fed-json", "2026-12-08", "2026-12-09");
    const Merged merged = merge({}, {page, feed}, k_now);
    REQUIRE(merged.calendar.events.size() == 1);
    const auto& event = merged.calendar.events.front();
    CHECK(event.id == "us.fed.fomc.statement:2026-12-08");
    REQUIRE(event.other_times.size() == 1);
    CHECK(events::format_local(event.other_times[0].local) == "2026-12-10T14:00");
    REQUIRE(merged.alarms.size() == 1);
    CHECK(merged.alarms[0].kind == MergeAlarm::Kind::disagreement);
    // Also where the page was there first.
    const Calendar before = merge({}, {page}, k_now).calendar;
    CHECK(merge(before, {feed, page}, k_now).calendar.events.size() == 1);
    CHECK(merge({}, {meeting("fomc-html", "2026-12-11", "2026-12-12"), feed}, k_now)
              .calendar.events.size() == 2);
}

TEST_CASE("a source that was not heard takes nothing away") {
    const Calendar last =
        merge({}, {Says("bls-ics").on("2026-02", "2026-03-11").done()}, k_now).calendar;
    const Merged merged = merge(last, {}, k_now);
    CHECK(merged.calendar.events == last.events);
    CHECK(merged.alarms.empty());
}

TEST_CASE("changes of what is over are no news, but a release put off into the future is") {
    const Calendar last =
        merge({}, {Says("bls-ics").on("2026-01", "2026-02-11").done()}, k_now).calendar;
    CHECK(only({last, {}}, "us.bls.cpi:2026-01").status == Status::released);
    const Merged rewritten =
        merge(last, {Says("bls-ics").on("2026-01", "2026-02-11", "08:32").done()}, k_now);
    CHECK(changes(last, rewritten.calendar, k_now).empty());
    CHECK(events::format_local(only(rewritten, "us.bls.cpi:2026-01").local) == "2026-02-11T08:30");
    const Merged put_off = merge(last, {Says("bls-ics").on("2026-01", "2026-03-20").done()}, k_now);
    CHECK(only(put_off, "us.bls.cpi:2026-01").status == Status::moved);
    CHECK(changes(last, put_off.calendar, k_now).size() == 1);
}

TEST_CASE("an event that newer time zones put at another instant is reckoned anew, and told") {
    const Parsed said =
        Says("bls-ics").on("2026-02", "2026-03-11").on("2026-03", "2026-04-10").done();
    Calendar before = merge({}, {said}, k_now).calendar;
    before.events[0].utc += std::chrono::hours(1);
    // Its source is silent, or states the same wall clock again.
    for (const std::vector<Parsed>& heard : {std::vector<Parsed>{}, {said}}) {
        Calendar fresh = merge(before, heard, k_now).calendar;
        const auto alarms = reckon_again(before, fresh, zones(), k_now);
        CHECK(fresh.events[0].utc == at("2026-03-11T12:30:00Z"));
        REQUIRE(alarms.size() == 1);
        CHECK(alarms[0].subject == "us.bls.cpi:2026-02");
        CHECK(alarms[0].sentence.find("as 2026-03-11T13:30:00Z before") != std::string::npos);
        CHECK(reckon_again(fresh, fresh, zones(), k_now).empty());
    }
}

// ---- the Federal Reserve

Parsed press_at(std::string_view mail_time) {
    std::string text = golden("press_rss2.xml");
    text = replaced_once(text, "Tue, 03 Mar 2020 15:00:00 GMT", mail_time);
    return parse_as("fed-rss", text, 2026);
}

TEST_CASE("a press release at the time of a scheduled statement is that statement") {
    const Parsed table = parse_as("fomc-table", "", 2026);
    const Merged merged =
        merge({}, {press_at("Wed, 18 Mar 2026 18:04:00 GMT"), table}, at("2026-03-18T18:05:00Z"));
    CHECK_FALSE(has(merged, "us.fed.fomc.statement:x:2026-03-18"));
    CHECK(merged.alarms.empty());
}

TEST_CASE("a statement that was on no schedule is an emergency, once") {
    const Parsed table = parse_as("fomc-table", "", 2026);
    const Parsed press = press_at("Sun, 15 Mar 2026 21:00:00 GMT");
    const UtcTime now = at("2026-03-15T21:01:00Z");
    const Merged merged = merge({}, {press, table}, now);
    CHECK(has(merged, "us.fed.fomc.statement:x:2026-03-15"));
    REQUIRE(merged.alarms.size() == 1);
    CHECK(merged.alarms[0].kind == MergeAlarm::Kind::emergency);
    CHECK(merge(merged.calendar, {press, table}, now).alarms.empty());
    // Days later it is in the past of whoever starts then, and no news.
    CHECK(merge({}, {press, table}, at("2026-03-20T12:00:00Z")).alarms.empty());
}

TEST_CASE("a page without times and a feed with them agree about a meeting's day") {
    const Parsed feed = parse_as("fed-json", golden("fed.json"), 2026);
    const Parsed table = parse_as("fomc-table", "", 2026);
    const Merged merged = merge({}, {table, feed}, at("2026-01-02T12:00:00Z"));
    const auto& event = only(merged, "us.fed.fomc.statement:2026-01-27");
    CHECK(event.tags.empty());
    CHECK(event.sources.front().source == "fed-json");
    CHECK(has(merged, "us.fed.fomc.statement:2026-12-08"));
    CHECK(merged.alarms.empty());
}

TEST_CASE("the employment report is estimated where no schedule reaches") {
    const UtcTime now = at("2026-11-21T12:00:00Z");
    const Parsed rule = employment_estimates(zones(), now);
    const Parsed file = parse_as("bls-ics", golden("bls.ics"), 2026);
    const Merged merged = merge({}, {rule, file}, now);
    CHECK(only(merged, "us.bls.empsit:2026-11").status == Status::published);
    const auto& january = only(merged, "us.bls.empsit:2026-12");
    CHECK(january.status == Status::estimated);
    CHECK(events::format_local(january.local) == "2027-01-08T08:30");
    CHECK(has(merged, "us.bls.empsit:2027-10"));
}

TEST_CASE("an employment report that is off its rule counts, is marked, and is an alarm") {
    const auto payrolls = [](std::string_view day) {
        Context context;
        context.zones = &zones();
        context.year_now = 2026;
        context.fetched = k_now;
        Collector collector("bls-ics", context);
        Row row;
        row.series = "us.bls.empsit";
        row.period = "2026-02";
        row.day = *iso_day(day);
        row.time = time_of_day("08:30");
        collector.add(std::move(row));
        return collector.finish(true);
    };
    CHECK(merge({}, {payrolls("2026-03-06")}, k_now).alarms.empty());
    const Merged odd = merge({}, {payrolls("2026-03-13")}, k_now);
    REQUIRE(odd.alarms.size() == 1);
    CHECK(odd.alarms[0].kind == MergeAlarm::Kind::odd_date);
    CHECK(odd.alarms[0].subject == "us.bls.empsit:2026-02");
    CHECK(odd.alarms[0].sentence ==
          "it is at 2026-03-13T08:30 (2026-03-13T12:30:00Z), and by its rule it would be on "
          "2026-03-06");
    const auto& event = only(odd, "us.bls.empsit:2026-02");
    CHECK(events::format_local(event.local) == "2026-03-13T08:30");
    CHECK(event.status == Status::published);
    CHECK(event.tags == std::vector<std::string>{"off_rule"});
    // What is over is no news.
    const auto later = at("2026-03-14T12:00:00Z");
    CHECK(merge(odd.calendar, {payrolls("2026-03-13")}, later).alarms.empty());
}

}  // namespace
}  // namespace bullpen::calendar
