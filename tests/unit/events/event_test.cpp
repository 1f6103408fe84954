#include "common/events/event.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "common/events/series.hpp"

namespace bullpen::events {

namespace {

Event payrolls() {
    Event event;
    event.id = "us.bls.empsit:2026-11";
    event.series = "us.bls.empsit";
    event.title = "Employment Situation";
    event.country = "US";
    event.currency = "USD";
    event.importance = 3;
    event.tags = {"nfp", "important"};
    event.local = *parse_local("2026-12-04T08:30");
    event.zone = "America/New_York";
    event.utc = *parse_utc("2026-12-04T13:30:00Z");
    event.status = Status::moved;
    event.previous_local = *parse_local("2026-12-03T08:30");
    event.revision = 2;
    event.first_seen = *parse_utc("2026-01-02T22:00:00Z");
    event.last_seen = *parse_utc("2026-11-20T22:00:00Z");
    event.last_changed = *parse_utc("2026-11-19T22:00:01.250Z");
    event.sources = {{"bls-ics", *parse_utc("2026-11-20T22:00:00Z"), std::string(64, 'a'),
                      "\"etag\"", "DTSTART;TZID=US-Eastern:20261204T083000"}};
    event.other_times = {{*parse_local("2026-12-04T10:00"), "America/New_York",
                          *parse_utc("2026-12-04T15:00:00Z"), "bls-html"}};
    event.override_mark = OverrideMark{"anna", *parse_utc("2026-11-20T10:00:00Z"),
                                       "checked by hand", *parse_utc("2026-12-05T00:00:00Z")};
    return event;
}

}  // namespace

TEST_CASE("an event is read back from its line as it was written") {
    const Event event = payrolls();
    const std::string line = encode(event);
    const auto read = decode_event(line);
    REQUIRE_MESSAGE(read, read.error().message());
    CHECK(*read == event);
    CHECK(encode(*read) == line);
    CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE("the line of an event has the shape that the page on the calendar shows") {
    Event event = payrolls();
    event.override_mark.reset();
    event.other_times.clear();
    event.sources.clear();
    CHECK(encode(event) ==
          R"({"schema":1,"id":"us.bls.empsit:2026-11","series":"us.bls.empsit",)"
          R"("title":"Employment Situation","country":"US","currency":"USD","importance":3,)"
          R"("tags":["nfp","important"],"local":"2026-12-04T08:30","tz":"America/New_York",)"
          R"("utc":"2026-12-04T13:30:00Z","precision":"exact","status":"moved",)"
          R"("prev_local":"2026-12-03T08:30","revision":2,"first_seen":"2026-01-02T22:00:00Z",)"
          R"("last_seen":"2026-11-20T22:00:00Z","last_changed":"2026-11-19T22:00:01.250Z",)"
          R"("sources":[]})");
}

TEST_CASE("an event of which only the day is known is written as a day") {
    Event event = payrolls();
    event.local = *parse_local("2026-12-04");
    event.precision = Precision::date;
    const std::string line = encode(event);
    CHECK(line.find(R"("local":"2026-12-04",)") != std::string::npos);
    CHECK(*decode_event(line) == event);
}

TEST_CASE("an event of which everything is too long or no text is cut and can be read") {
    Event event = payrolls();
    const std::string bad(5000, '\xFF');
    event.title = bad;
    event.tags.assign(40, bad);
    event.sources.assign(40, {bad, event.utc, bad, bad, bad});
    event.other_times.assign(40, {event.local, bad, event.utc, bad});
    event.override_mark->reason = bad;
    const std::string line = encode(event);
    CHECK(line.size() <= k_event_line_max);
    const auto read = decode_event(line);
    REQUIRE_MESSAGE(read, read.error().message());
    CHECK(read->sources.size() == 8);
    CHECK(decode_event(encode(*read)));

    event.title = std::string(5000, '\x01');
    event.tags.assign(40, event.title);
    event.sources.assign(40, {event.title, event.utc, event.title, event.title, event.title});
    CHECK(encode(event).size() <= k_event_line_max);
    CHECK(decode_event(encode(event)));
}

TEST_CASE("a line that breaks a rule is refused by the name of its field") {
    const auto refusal = [](std::string line, std::string_view what, std::string_view instead) {
        const auto at = line.find(what);
        REQUIRE(at != std::string::npos);
        line.replace(at, what.size(), instead);
        const auto read = decode_event(line);
        REQUIRE_FALSE(read);
        return read.error().context();
    };
    const std::string line = encode(payrolls());
    const auto has = [](const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos;
    };
    CHECK(has(refusal(line, R"("importance":3)", R"("importance":4)"), "'importance'"));
    CHECK(has(refusal(line, R"("importance":3)", R"("importance":1e40)"), "'importance'"));
    CHECK(has(refusal(line, R"("importance":3)", R"("importance":"3")"), "'importance'"));
    CHECK(has(refusal(line, R"("status":"moved")", R"("status":"gone")"), "'status'"));
    CHECK(has(refusal(line, R"("status":"moved",)", ""), "'status'"));
    CHECK(has(refusal(line, R"("local":"2026-12-04T08:30")", R"("local":"2026-12-04T24:30")"),
              "'local'"));
    CHECK(has(refusal(line, R"("utc":"2026-12-04T13:30:00Z")", R"("utc":"2026-02-30T13:30:00Z")"),
              "'utc'"));
    CHECK(has(refusal(line, R"("id":"us.bls.empsit:2026-11")", R"("id":"us.bls.cpi:2026-11")"),
              "series:period"));
    CHECK(has(refusal(line, R"("tz":"America/New_York")", R"("tz":"../../etc/passwd")"), "zone"));
    CHECK(has(refusal(line, R"("sources":[{)", R"("sources":[[],{)"), "'sources'"));
    const auto newer = decode_event(R"({"schema":2,"id":"a:b"})");
    REQUIRE_FALSE(newer);
    CHECK(newer.error().code() == Errc::newer_version);
    CHECK_FALSE(decode_event(""));
    CHECK_FALSE(decode_event("[]"));
    CHECK_FALSE(decode_event(std::string(10'000, '[')));
    CHECK_FALSE(decode_event(line + line));
}

TEST_CASE("fields that nobody knows yet are ignored") {
    std::string line = encode(payrolls());
    line.insert(1, R"("forecast":{"value":"0.3"},)");
    CHECK(*decode_event(line) == payrolls());
}

TEST_CASE("an event's instant follows its wall clock through clock changes") {
    const auto zone = time::Zone::load("America/New_York");
    REQUIRE(zone);
    Event event = payrolls();
    CHECK_FALSE(resolve(event, *zone));
    event.local = *parse_local("2026-07-02T08:30");
    CHECK(resolve(event, *zone));
    CHECK(format_instant(event.utc) == "2026-07-02T12:30:00Z");
    // Skipped by the clocks: the instant at which they changed.
    event.local = *parse_local("2026-03-08T02:30");
    resolve(event, *zone);
    CHECK(format_instant(event.utc) == "2026-03-08T07:00:00Z");
    // Shown twice: the first time.
    event.local = *parse_local("2026-11-01T01:30");
    resolve(event, *zone);
    CHECK(format_instant(event.utc) == "2026-11-01T05:30:00Z");
}

TEST_CASE("days and wall clocks are read only as they are written") {
    CHECK(format_local(*parse_local("2026-12-04T08:30")) == "2026-12-04T08:30");
    CHECK(format_day(*parse_day("2028-02-29")) == "2028-02-29");
    for (const char* bad :
         {"", "2026-12-4", "2026-12-04 08:30", "2026-12-04T8:30", "2026-02-29", "2026-12-04T08:60",
          "2026-12-04T08:30:00", "1800-01-01", "2026-13-01", "20a6-12-04", "2026-12-04T08:30Z"})
        CHECK_FALSE_MESSAGE(parse_local(bad), bad);
    CHECK_FALSE(parse_day("2026-12-04T08:30"));
}

TEST_CASE("every known series can be found, and has a class") {
    for (const Series& series : all_series()) {
        CHECK(find_series(series.name) == &series);
        CHECK(class_of(series.name) == series.event_class);
    }
    CHECK(find_series("us.bls") == nullptr);
    CHECK(class_of("ff.usd.anything") == "other");
}

}  // namespace bullpen::events
