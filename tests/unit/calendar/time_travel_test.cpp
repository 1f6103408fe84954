// The months in which calendars went wrong, walked through with bodies as the sources would have
// given them, read, merged day after day, and asked as a worker asks.
#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "calendar/changes.hpp"
#include "calendar/merge.hpp"
#include "calendar/text.hpp"
#include "common/events/nfp_rule.hpp"
#include "common/events/staleness.hpp"
#include "tests/unit/calendar/bodies.hpp"
#include "tests/unit/events/calendars.hpp"

namespace bullpen::calendar {
namespace {

using namespace std::chrono_literals;
using events::Day;
using events::Rung;
using events::test::ny;

// ---- bodies

using Dates = std::map<std::string, std::string>;  // a day as planned, and as it is; empty: never

// A year of the agency's releases, some of them elsewhere.
class Agency {
  public:
    Agency& year(int y, const Dates& changed = {}) {
        for (unsigned month = 1; month <= 12; ++month) {
            const Day first = *day_of(y, month, 1);
            const auto before = std::chrono::year_month_day(first - std::chrono::days(1));
            put(events::employment_situation(before.year() / before.month()),
                "Employment Situation", changed);
            // Wednesday and Thursday of a week in the middle.
            const Day wednesday =
                first + std::chrono::days(9) +
                (std::chrono::Wednesday - std::chrono::weekday(first + std::chrono::days(9)));
            put(wednesday, "Consumer Price Index", changed);
            put(wednesday + std::chrono::days(1), "Producer Price Index", changed);
        }
        return *this;
    }
    [[nodiscard]] std::string body() const {
        return "BEGIN:VCALENDAR\nPRODID:-//Example//EN\nX-WR-TIMEZONE:US-Eastern\n" + events_ +
               "END:VCALENDAR\n";
    }

  private:
    void put(Day day, const std::string& name, const Dates& changed) {
        std::string on = events::format_day(day);
        const auto found = changed.find(name.substr(0, 1) + " " + on);
        if (found != changed.end())
            on = found->second;
        if (on.empty())
            return;
        std::erase(on, '-');
        events_ += "BEGIN:VEVENT\nSEQUENCE:1\nDTSTART;TZID=US-Eastern:" + on +
                   "T083000\nSUMMARY:" + name + "\nEND:VEVENT\n";
    }
    std::string events_;
};

// The feed of the Bureau of Economic Analysis: dates without a word about their periods.
std::string bureau(const std::map<std::string, std::vector<std::string>>& releases) {
    std::string text = "{";
    for (const auto& [name, times] : releases) {
        text += "\"" + name + "\":{\"release_dates\":[";
        for (const std::string& time : times) {
            const std::string utc = events::format_instant(ny(time));
            text += (time == times.front() ? "\"" : ",\"") + utc.substr(0, 19) + "+00:00\"";
        }
        text += "]},\n";
    }
    return text + "\"file_last_updated\":\"2025-09-30T12:30:00+00:00\"}";
}

struct Meeting {
    const char* month;
    const char* days;
};

std::string fomc_page(const std::vector<std::pair<int, std::vector<Meeting>>>& years) {
    std::string page = "<!DOCTYPE html><html><body><!--" + std::string(2048, '-') + "->";
    for (const auto& [year, meetings] : years) {
        page += "<div class=\"panel-heading\">" + std::to_string(year) + " FOMC Meetings</div>\n";
        for (const Meeting& meeting : meetings)
            page +=
                "<div class=\"fomc-meeting--shaded row fomc-meeting\" \">"
                "<div class=\"fomc-meeting__month\">" +
                std::string(meeting.month) + "</div><div class=\"fomc-meeting__date\">" +
                meeting.days + "</div></div>\n";
    }
    return page + "Last Update: today</body></html>\n";
}

std::string press(const std::vector<std::pair<std::string, std::string>>& items) {
    std::string feed = "<?xml version=\"1.0\"?><rss><channel><!--" + std::string(2048, '.') + "-->";
    for (const auto& [title, date] : items)
        feed += "<item><title>" + title + "</title><pubDate>" + date + "</pubDate></item>";
    return feed + "</channel></rss>";
}

// ---- the daemon's runs

class Home {
  public:
    // A run at that time of New York; the sources without a body do not answer.
    void run(std::string_view at, const std::map<std::string, std::string>& bodies = {}) {
        run(ny(at), bodies);
    }
    void run(UtcTime now, const std::map<std::string, std::string>& bodies = {}) {
        now_ = now;
        for (const auto& [source, body] : bodies)
            take(source, body);
        std::vector<Parsed> statements{employment_estimates(zones(), now)};
        for (const auto& [source, statement] : said_)
            statements.push_back(statement);
        const Calendar before{snapshot_.events, snapshot_.coverage};
        Merged merged = merge(before, statements, now);
        changed_ = changes(before, merged.calendar, now);
        alarms_ = merged.alarms;
        snapshot_.events = merged.calendar.events;
        snapshot_.coverage = merged.calendar.coverage;
        // What was merged is what is read back from the disk.
        const auto read = events::decode_snapshot(events::encode(snapshot_));
        REQUIRE(read);
        CHECK(read->events == snapshot_.events);
    }
    // What an account is told that minds these classes.
    [[nodiscard]] std::string told(std::string_view at,
                                   const std::vector<std::string>& classes) const {
        return told(ny(at), classes);
    }
    [[nodiscard]] std::string told(UtcTime at, const std::vector<std::string>& classes) const {
        config::EventSettings settings;
        settings.windows.clear();
        for (const std::string& one : classes)
            settings.windows.push_back(one + ": 30 min before, 60 min after, block_entries");
        const auto line = events::test::timeline(&snapshot_, settings, std::max(now_, at - 24h * 3),
                                                 std::max(now_, at) + 48h);
        const auto answer = line.query(at);
        std::string text(events::code(answer.standing));
        if (answer.event != nullptr)
            text += " " + answer.event->id;
        return text;
    }
    [[nodiscard]] bool alarmed(events::CalendarAlarm::Kind kind, std::string_view subject) const {
        const auto ages = events::alarms(snapshot_.sources, snapshot_.coverage, now_,
                                         std::chrono::floor<std::chrono::days>(now_ - 5h));
        const auto is = [&](const events::CalendarAlarm& alarm) {
            return alarm.kind == kind && alarm.subject == subject;
        };
        return std::any_of(ages.begin(), ages.end(), is) ||
               std::any_of(alarms_.begin(), alarms_.end(), is);
    }
    [[nodiscard]] const events::Event* find(std::string_view id) const {
        for (const auto& event : snapshot_.events) {
            if (event.id == id)
                return &event;
        }
        return nullptr;
    }
    [[nodiscard]] const Change* change(std::string_view id) const {
        for (const Change& one : changed_) {
            if (one.id == id)
                return &one;
        }
        return nullptr;
    }
    [[nodiscard]] Rung rung(std::string_view source) const {
        for (const auto& status : snapshot_.sources) {
            if (status.source == source)
                return events::rung_of(status, now_);
        }
        return Rung::never;
    }

  private:
    void take(const std::string& source, const std::string& body) {
        Context context;
        context.zones = &zones();
        context.fetched = now_;
        context.year_now = year_of(std::chrono::floor<std::chrono::days>(now_));
        Parsed parsed = parse(*find_source(source), body, context);
        REQUIRE_MESSAGE(parsed.accepted, parsed.reasons.front());
        const auto why = vanished_too_many({snapshot_.events, snapshot_.coverage}, parsed, now_);
        REQUIRE_MESSAGE(why.empty(), why);
        said_.insert_or_assign(source, std::move(parsed));
        auto status = std::find_if(snapshot_.sources.begin(), snapshot_.sources.end(),
                                   [&](const auto& one) { return one.source == source; });
        if (status == snapshot_.sources.end())
            status = snapshot_.sources.insert(status, events::SourceStatus{});
        status->source = source;
        status->accepted = now_;
    }

    UtcTime now_{};
    events::Snapshot snapshot_;
    std::map<std::string, Parsed> said_;
    std::vector<Change> changed_;
    std::vector<MergeAlarm> alarms_;
};

using Kind = events::CalendarAlarm::Kind;

TEST_CASE("October 2013, merged: a silent agency, and reports that come two weeks later") {
    Home home;
    home.run("2013-09-30T17:00", {{"bls-ics", Agency().year(2013).body()}});
    REQUIRE(home.find("us.bls.empsit:2013-09") != nullptr);
    CHECK(home.told("2013-10-04T08:30", {"nfp"}) == "blocked us.bls.empsit:2013-09");
    // Day after day nobody answers; what was published stays, and its age is told.
    for (int day = 1; day <= 16; ++day)
        home.run(ny("2013-10-01T17:00") + 24h * (day - 1));
    CHECK(home.rung("bls-ics") == Rung::alarm);
    CHECK(home.alarmed(Kind::source_old, "bls-ics"));
    CHECK(home.told("2013-10-18T08:30", {"nfp"}) == "clear");
    home.run("2013-10-17T17:00", {{"bls-ics", Agency()
                                                  .year(2013, {{"E 2013-10-04", "2013-10-22"},
                                                               {"C 2013-10-16", "2013-10-30"},
                                                               {"P 2013-10-17", "2013-10-29"},
                                                               {"E 2013-11-01", "2013-11-08"},
                                                               {"C 2013-11-13", "2013-11-20"},
                                                               {"P 2013-11-14", "2013-11-21"}})
                                                  .body()}});
    CHECK_FALSE(home.alarmed(Kind::source_old, "bls-ics"));
    REQUIRE(home.change("us.bls.empsit:2013-09") != nullptr);
    CHECK(home.change("us.bls.empsit:2013-09")->kind == Change::Kind::moved);
    CHECK(home.find("us.bls.empsit:2013-09")->status == events::Status::moved);
    CHECK(home.told("2013-10-22T08:30", {"nfp", "cpi"}) == "blocked us.bls.empsit:2013-09");
    CHECK(home.told("2013-10-30T08:30", {"nfp", "cpi"}) == "blocked us.bls.cpi:2013-09");
    CHECK(home.told("2013-10-29T08:30", {"nfp", "cpi"}) == "clear");
    // The report of October is off its rule, and that is said.
    CHECK(home.told("2013-11-08T08:30", {"nfp"}) == "blocked us.bls.empsit:2013-10");
    CHECK(home.alarmed(Kind::odd_date, "us.bls.empsit:2013-10"));
}

TEST_CASE("October 2025 to February 2026, merged: releases that move, and some that never come") {
    Home home;
    const std::vector<std::string> minds{"nfp", "cpi"};
    home.run("2025-09-30T17:00", {{"bls-ics", Agency().year(2025).body()}});
    CHECK(home.told("2025-10-03T08:30", minds) == "blocked us.bls.empsit:2025-09");
    const auto cpi_september = home.find("us.bls.cpi:2025-09")->local;
    // The tenth: consumer prices will come in spite of all, on the 24th.
    Dates changed{{"C " + events::format_local(cpi_september).substr(0, 10), "2025-10-24"}};
    home.run("2025-10-10T17:00", {{"bls-ics", Agency().year(2025, changed).body()}});
    REQUIRE(home.change("us.bls.cpi:2025-09") != nullptr);
    CHECK(home.told("2025-10-24T08:30", minds) == "blocked us.bls.cpi:2025-09");
    CHECK(home.told(ny(events::format_local(cpi_september)), minds) == "clear");
    // 34 days of silence.
    for (int day = 1; day <= 34; ++day)
        home.run(ny("2025-10-10T17:00") + 24h * day);
    CHECK(home.rung("bls-ics") == Rung::degraded);
    // The fourteenth of November: September's report on the 20th, October's never.
    changed.insert(
        {{"E 2025-10-03", "2025-11-20"}, {"E 2025-11-07", ""}, {"E 2025-12-05", "2025-12-16"}});
    home.run("2025-11-14T17:00", {{"bls-ics", Agency().year(2025, changed).body()}});
    CHECK(home.rung("bls-ics") == Rung::fresh);
    CHECK(home.told("2025-11-20T08:30", minds).starts_with("blocked us.bls.empsit:"));
    CHECK(home.told("2025-12-16T08:30", minds).starts_with("blocked us.bls.empsit:"));
    CHECK(home.told("2025-12-05T08:30", minds) == "clear");
    // The next year is not there: told in time, and in January nobody knows of prices.
    home.run("2025-12-01T17:00");
    CHECK(home.alarmed(Kind::coverage_ends, "us.bls.cpi"));
    home.run("2026-01-05T17:00");
    CHECK(home.told("2026-01-06T12:00", {"cpi"}) == "unknown");
    CHECK(home.alarmed(Kind::coverage_lacks, "us.bls.cpi"));
    // Payrolls are estimated by their rule for as long; that it is one is said.
    REQUIRE(home.find("us.bls.empsit:2025-12") != nullptr);
    CHECK(home.find("us.bls.empsit:2025-12")->status == events::Status::estimated);
    home.run("2026-01-07T17:00", {{"bls-ics", Agency().year(2025, changed).year(2026).body()}});
    CHECK(home.find("us.bls.empsit:2025-12")->status == events::Status::published);
    CHECK(home.told("2026-01-08T12:00", {"cpi"}) == "clear");
    // The second of February: January's report moves from the 6th to the 11th.
    const auto january = Dates{{"E 2026-02-06", "2026-02-11"}};
    home.run("2026-02-02T17:00",
             {{"bls-ics", Agency().year(2025, changed).year(2026, january).body()}});
    CHECK(home.change("us.bls.empsit:2026-01")->kind == Change::Kind::moved);
    CHECK(home.told("2026-02-06T08:30", {"nfp"}) == "clear");
    CHECK(home.told("2026-02-11T08:30", {"nfp"}) == "blocked us.bls.empsit:2026-01");
}

TEST_CASE("the autumn of 2025 at the Bureau of Economic Analysis, merged: late, and at ten") {
    const std::vector<std::string> income{
        "2025-01-31T08:30", "2025-02-28T08:30", "2025-03-28T08:30",
        "2025-04-30T08:30", "2025-05-30T08:30", "2025-06-27T08:30",
        "2025-07-31T08:30", "2025-08-29T08:30", "2025-09-26T08:30"};
    const std::vector<std::string> product{
        "2025-01-30T08:30", "2025-02-27T08:30", "2025-03-27T08:30",
        "2025-04-30T08:30", "2025-05-29T08:30", "2025-06-26T08:30",
        "2025-07-30T08:30", "2025-08-28T08:30", "2025-09-25T08:30"};
    const auto with = [](std::vector<std::string> times, std::vector<std::string> more) {
        times.insert(times.end(), more.begin(), more.end());
        return times;
    };
    std::map<std::string, std::vector<std::string>> planned{
        {"Personal Income and Outlays",
         with(income, {"2025-10-31T08:30", "2025-11-26T08:30", "2025-12-19T08:30"})},
        {"Gross Domestic Product",
         with(product, {"2025-10-30T08:30", "2025-11-26T08:30", "2025-12-19T08:30"})}};
    std::map<std::string, std::vector<std::string>> late{
        {"Personal Income and Outlays", with(income, {"2025-12-05T10:00"})},
        {"Gross Domestic Product", with(product, {"2025-12-23T08:30"})}};
    // Of a dozen others each comes a few weeks later, too, and has a name of its day's month.
    for (int number = 0; number < 12; ++number) {
        const std::string name = "Industry Table " + std::to_string(number);
        planned[name] = {"2025-08-20T08:30", "2025-11-25T08:30", "2025-12-17T08:30"};
        late[name] = {"2025-08-20T08:30", "2025-12-11T08:30", "2026-01-14T08:30"};
    }
    Home home;
    const std::vector<std::string> minds{"pce", "gdp"};
    home.run("2025-09-30T17:00", {{"bea-json", bureau(planned)}});
    CHECK(home.told("2025-10-31T08:30", minds) == "blocked us.bea.pce:2025-09");
    // Nothing comes out, and the feed stands still.
    for (int day = 1; day <= 50; ++day)
        home.run(ny("2025-09-30T17:00") + 24h * day);
    CHECK(home.rung("bea-json") == Rung::degraded);
    CHECK(home.alarmed(Kind::source_old, "bea-json"));
    // Until the feed is two months old it is believed; then nobody knows.
    CHECK(home.told("2025-11-28T10:00", minds) == "clear");
    CHECK(home.told("2025-12-05T10:00", minds) == "unknown");
    // The new dates: September's income at another time of day, of the product one estimate.
    home.run("2025-11-20T17:00", {{"bea-json", bureau(late)}});
    CHECK(home.rung("bea-json") == Rung::fresh);
    REQUIRE(home.change("us.bea.pce:2025-09") != nullptr);
    CHECK(home.change("us.bea.pce:2025-09")->kind == Change::Kind::moved);
    CHECK(events::format_local(home.find("us.bea.pce:2025-09")->local) == "2025-12-05T10:00");
    CHECK(home.told("2025-12-05T09:29", minds) == "clear");
    CHECK(home.told("2025-12-05T09:30", minds) == "blocked us.bea.pce:2025-09");
    CHECK(home.told("2025-12-05T10:59", minds) == "blocked us.bea.pce:2025-09");
    CHECK(home.told("2025-12-05T11:00", minds) == "clear");
    CHECK(home.told("2025-12-23T08:30", minds) == "blocked us.bea.gdp.third:2025-q3");
    // What no date is given for goes on blocking where the feed has its hole, and that is said; in
    // a month that it lists in full it is off.
    CHECK(home.find("us.bea.gdp.second:2025-q3")->status == events::Status::unconfirmed);
    CHECK(home.alarmed(Kind::vanished, "us.bea.gdp.second:2025-q3"));
    CHECK(home.told("2025-11-26T08:30", minds) == "blocked us.bea.gdp.second:2025-q3");
    CHECK(home.find("us.bea.pce:2025-11")->cancelled());
    CHECK(home.alarmed(Kind::vanished, "us.bea.pce:2025-11"));
    CHECK(home.told("2025-12-19T08:30", minds) == "clear");
    // Between the two nobody says that there is nothing.
    CHECK(home.told("2025-11-24T12:00", minds) == "unknown");
}

const std::vector<Meeting> k_2020{
    {"January", "28-29"}, {"March", "17-18*"},     {"April", "28-29"},  {"June", "9-10*"},
    {"July", "28-29"},    {"September", "15-16*"}, {"November", "4-5"}, {"December", "15-16*"}};
const std::vector<Meeting> k_2021{
    {"January", "26-27"}, {"March", "16-17*"},     {"April", "27-28"},  {"June", "15-16*"},
    {"July", "27-28"},    {"September", "21-22*"}, {"November", "2-3"}, {"December", "14-15*"}};

TEST_CASE(
    "March 2020, merged: two statements on no schedule, and a meeting that does not take place") {
    Home home;
    const std::vector<std::string> minds{"fomc"};
    std::vector<std::pair<std::string, std::string>> items{
        {"Federal Reserve issues FOMC statement", "Wed, 29 Jan 2020 19:00:00 GMT"}};
    home.run("2020-03-02T17:00", {{"fomc-html", fomc_page({{2020, k_2020}, {2021, k_2021}})},
                                  {"fed-rss", press(items)}});
    CHECK(home.told("2020-03-03T10:00", minds) == "clear");
    CHECK(home.told("2020-03-18T14:00", minds).starts_with("blocked us.fed.fomc."));
    // A Tuesday morning, within two minutes of the release.
    items.insert(items.begin(),
                 {"Federal Reserve issues FOMC statement", "Tue, 03 Mar 2020 15:00:00 GMT"});
    home.run("2020-03-03T10:01", {{"fed-rss", press(items)}});
    CHECK(home.told("2020-03-03T10:01", minds) == "blocked us.fed.fomc.statement:x:2020-03-03");
    CHECK(home.alarmed(Kind::emergency, "us.fed.fomc.statement:x:2020-03-03"));
    // A Sunday evening, as the market is about to open.
    items.insert(items.begin(),
                 {"Federal Reserve issues FOMC statement", "Sun, 15 Mar 2020 21:00:00 GMT"});
    home.run("2020-03-15T17:01", {{"fed-rss", press(items)}});
    CHECK(home.told("2020-03-15T17:30", minds) == "blocked us.fed.fomc.statement:x:2020-03-15");
    CHECK_FALSE(home.alarmed(Kind::emergency, "us.fed.fomc.statement:x:2020-03-03"));
    // The page knows the next day: the meeting of that week is off.
    std::vector<Meeting> known = k_2020;
    known[1].days = "17-18* (cancelled)";
    known.insert(known.begin() + 1, {{"March", "2 (unscheduled)"}, {"March", "15 (unscheduled)"}});
    home.run("2020-03-16T17:00", {{"fomc-html", fomc_page({{2020, known}, {2021, k_2021}})}});
    CHECK(home.find("us.fed.fomc.statement:2020-03-17")->cancelled());
    CHECK(home.told("2020-03-18T14:00", minds) == "clear");
    CHECK(home.told("2020-04-29T14:00", minds).starts_with("blocked us.fed.fomc."));
}

TEST_CASE("each clock change of ten years: what comes out the day after blocks at its own time") {
    for (int year = 2017; year <= 2026; ++year) {
        const Day march = *day_of(year, 3, 8);
        const Day november = *day_of(year, 11, 1);
        const Day spring = march + (std::chrono::Sunday - std::chrono::weekday(march));
        const Day autumn = november + (std::chrono::Sunday - std::chrono::weekday(november));
        // The prices of those months come out on the Mondays after.
        Dates changed;
        for (const Day sunday : {spring, autumn}) {
            const Day tenth = first_of_month(sunday) + std::chrono::days(9);
            const Day planned = tenth + (std::chrono::Wednesday - std::chrono::weekday(tenth));
            changed["C " + events::format_day(planned)] =
                events::format_day(sunday + std::chrono::days(1));
        }
        Home home;
        const std::string body = Agency().year(year, changed).body();
        for (const auto& change : {std::tuple(spring, 13h, 12h), std::tuple(autumn, 12h, 13h)}) {
            const Day sunday = std::get<0>(change);
            const auto before_utc = std::get<1>(change);
            const auto after_utc = std::get<2>(change);
            CAPTURE(events::format_day(sunday));
            // Of the Thursday before.
            home.run(UtcTime(sunday - std::chrono::days(3)), {{"bls-ics", body}});
            const UtcTime monday{sunday + std::chrono::days(1)};
            const UtcTime released = monday + after_utc + 30min;
            CHECK(home.told(released, {"cpi"}).starts_with("blocked us.bls.cpi:"));
            CHECK(home.told(released - 30min, {"cpi"}).starts_with("blocked us.bls.cpi:"));
            CHECK(home.told(released - 30min - 1s, {"cpi"}) == "clear");
            CHECK(home.told(released + 60min - 1s, {"cpi"}).starts_with("blocked us.bls.cpi:"));
            CHECK(home.told(released + 60min, {"cpi"}) == "clear");
            // The Friday before, the clock was another one.
            const auto* const jobs =
                home.find("us.bls.empsit:" + month_text(month_index(sunday) - 1));
            REQUIRE(jobs != nullptr);
            const Day on = std::chrono::floor<std::chrono::days>(jobs->utc);
            CHECK(jobs->utc - UtcTime(on) == (on < sunday ? before_utc : after_utc) + 30min);
        }
    }
}

TEST_CASE(
    "61 days without a network, merged every day: what is known ages, and nothing is made up") {
    Home home;
    const UtcTime last = ny("2021-03-01T17:00");
    home.run(last, {{"bls-ics", Agency().year(2021).body()},
                    {"fomc-html", fomc_page({{2020, k_2020}, {2021, k_2021}, {2022, k_2021}})}});
    std::vector<std::string> story;
    for (int day = 1; day <= 61; ++day) {
        const UtcTime now = last + 24h * day;
        home.run(now);
        CHECK(home.change("us.bls.cpi:2021-04") == nullptr);
        const std::string line = std::string(events::code(home.rung("bls-ics"))) +
                                 (home.alarmed(Kind::source_old, "bls-ics") ? " alarm" : "") +
                                 ", prices " + home.told(now, {"cpi"}) + ", Fed " +
                                 home.told(now, {"fomc"});
        if (story.empty() || !story.back().ends_with(line))
            story.push_back(std::to_string(day) + " " + line);
    }
    CHECK(story == std::vector<std::string>{"1 fresh, prices clear, Fed clear",
                                            "2 warning, prices clear, Fed clear",
                                            "7 alarm alarm, prices clear, Fed clear",
                                            "30 degraded alarm, prices clear, Fed clear",
                                            "60 expired alarm, prices unknown, Fed clear"});
    // What was published still blocks, and the dates of the FOMC are believed.
    CHECK(home.told("2021-05-12T08:30", {"cpi"}).starts_with("blocked us.bls.cpi:"));
    CHECK(home.told("2021-06-16T14:00", {"fomc"}).starts_with("blocked us.fed.fomc."));
    CHECK(home.told("2021-06-15T14:00", {"fomc"}) == "clear");
}

}  // namespace
}  // namespace bullpen::calendar
