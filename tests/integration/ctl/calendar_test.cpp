#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "common/base/descriptor.hpp"
#include "common/events/overrides.hpp"
#include "common/events/snapshot.hpp"
#include "tests/integration/ctl/fake_daemon.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// The CPI of tomorrow at this minute, known from a source that is fresh.
struct Calendar {
    TemporaryHome home;
    storage::SystemFileSystem files;
    SystemClock clock;
    UtcTime now = std::chrono::floor<std::chrono::minutes>(clock.utc());
    events::Event event;

    Calendar() {
        event.id = "us.bls.cpi:2026-11";
        event.series = "us.bls.cpi";
        event.title = "Consumer Price Index";
        event.currency = "USD";
        event.importance = 3;
        event.zone = "UTC";
        event.utc = now + 12h;
        event.local = events::LocalMinute(
            std::chrono::floor<std::chrono::minutes>(event.utc.time_since_epoch()));
        event.sources = {{"bls-ics", now, std::string(64, 'a'), "", "DTSTART"}};
        events::Snapshot snapshot;
        snapshot.events = {event};
        const auto today = std::chrono::floor<std::chrono::days>(now);
        snapshot.coverage = {{"us.bls.cpi", today - std::chrono::days(10),
                              today + std::chrono::days(300), "bls-ics", now, true}};
        events::SourceStatus source;
        source.source = "bls-ics";
        source.accepted = now - 50h;
        source.attempted = now;
        source.failures = 2;
        source.error = "status 403";
        snapshot.sources = {source};
        REQUIRE(events::write_snapshot(files, path(events::k_snapshot_name), snapshot));
    }
    [[nodiscard]] std::string path(std::string_view name) const {
        return home.home().shared() + "/" + std::string(name);
    }
    [[nodiscard]] Outcome run(std::vector<std::string> words) const {
        words.insert(words.begin(), "calendar");
        return bullpenctl(home.home(), words);
    }
    [[nodiscard]] json document(std::vector<std::string> words, int code = 0) const {
        words.emplace_back("--json");
        const auto outcome = run(words);
        CHECK_MESSAGE(outcome.code == code, outcome.err);
        return json::parse(outcome.out, nullptr, false);
    }
};

}  // namespace

TEST_CASE("calendar list prints the events of the snapshot in the snapshot's own shape") {
    const Calendar calendar;
    calendar.home.settings("[calendar]\ncontact = \"ops@example.org\"\n");
    const auto list = calendar.document({"list", "--days", "3"});
    REQUIRE(list["events"].size() == 1);
    CHECK(list["generation"] == 1);
    CHECK(list["events"][0] == json::parse(events::encode(calendar.event)));
    CHECK(calendar.document({"next"})["event"]["id"] == "us.bls.cpi:2026-11");
    CHECK(calendar.document({"show", "us.bls.cpi:2026-11"})["sources"][0]["src"] == "bls-ics");
    CHECK(calendar.run({"show", "us.bls.ppi:2026-11"}).code == 1);
    const auto table = calendar.run({"list", "--days", "3"});
    CHECK(contains(table.out, "Consumer Price Index"));
    CHECK(contains(table.out, "bls-ics"));
    // What is missing is said beside what is there.
    CHECK(contains(table.err, "nobody says whether us.fed.fomc.statement is today"));
}

TEST_CASE("how an account stands now is told from its beginning to its end, whatever is shown") {
    Calendar calendar;
    events::Snapshot snapshot;
    snapshot.events = {calendar.event};
    snapshot.events[0].utc = calendar.now;
    snapshot.events[0].local -= 12h;
    REQUIRE(
        events::write_snapshot(calendar.files, calendar.path(events::k_snapshot_name), snapshot));
    calendar.home.account(account_id("anna"),
                          "events.windows = [\"cpi: 20 h before, 20 h after, reduce\"]\n");
    const auto now = calendar.document({"today", "--account", "anna"})["now"];
    CHECK(now["standing"] == "blocked");
    CHECK(now["from"] == events::format_instant(calendar.now - 20h));
    CHECK(now["to"] == events::format_instant(calendar.now + 20h));
}

TEST_CASE("days for which nobody states a series are told as unknown, never as empty") {
    const Calendar calendar;
    const auto list = calendar.document({"list", "--days", "400"});
    const auto of = [&](const std::string& series) {
        json found = json::array();
        for (const auto& one : list["unknown"]) {
            if (one["series"] == series)
                found.push_back(one);
        }
        return found;
    };
    // Prices are known for 300 days from today on, payrolls for none.
    REQUIRE(of("us.bls.cpi").size() == 1);
    REQUIRE(of("us.bls.empsit").size() == 1);
    CHECK(of("us.bls.cpi")[0]["from"] > of("us.bls.empsit")[0]["from"]);
    CHECK(of("us.bls.cpi")[0]["to"] == of("us.bls.empsit")[0]["to"]);
    const auto text = calendar.run({"list", "--days", "30"}).out;
    CHECK(contains(text, "unknown from "));
    CHECK(contains(text, "us.bls.empsit"));
    CHECK_FALSE(contains(text.substr(text.find("unknown from ")), "us.bls.cpi"));
    // What an account does not mind need not be known.
    calendar.home.account(account_id("anna"),
                          "events.windows = [\"cpi: 5 min before, 5 min after, reduce\"]\n");
    CHECK(calendar.document({"list", "--account", "anna"})["unknown"].empty());
    calendar.home.account(account_id("ben"),
                          "events.windows = [\"nfp: 5 min before, 5 min after, reduce\"]\n");
    const auto ben = calendar.document({"list", "--account", "ben"})["unknown"];
    REQUIRE(ben.size() == 1);
    CHECK(ben[0]["series"] == "us.bls.empsit");
    // Something unknown may come before what is next.
    CHECK(contains(calendar.run({"next"}).out, "us.bls.empsit"));
    CHECK_FALSE(calendar.document({"next"})["unknown"].empty());
}

TEST_CASE("an event of which two times are said is shown, and next, at both") {
    Calendar calendar;
    calendar.event.other_times = {
        {calendar.event.local - 2h, "UTC", calendar.event.utc - 2h, "bea-html"}};
    events::Snapshot snapshot;
    snapshot.events = {calendar.event};
    snapshot.alarms = {
        {calendar.now,
         {events::CalendarAlarm::Kind::disagreement, calendar.event.id, "both times count"}}};
    REQUIRE(
        events::write_snapshot(calendar.files, calendar.path(events::k_snapshot_name), snapshot));
    const auto hour = [](events::LocalMinute local) {
        return events::format_local(local).substr(11);
    };
    const auto list = calendar.run({"list"});
    CHECK(contains(list.out, hour(calendar.event.local) + " UTC or "));
    CHECK(contains(list.err, "! us.bls.cpi:2026-11: both times count"));
    const auto next = calendar.run({"next"}).out;
    CHECK(contains(next, hour(calendar.event.local - 2h) + " UTC, says bea-html, in "));
    // Taking it away takes the nearer of the two away.
    calendar.event.utc += 48h;
    calendar.event.local += 48h;
    snapshot.events = {calendar.event};
    REQUIRE(
        events::write_snapshot(calendar.files, calendar.path(events::k_snapshot_name), snapshot));
    CHECK(calendar.run({"cancel", calendar.event.id, "--reason", "x"}).code == 1);
    CHECK(calendar.run({"cancel", calendar.event.id, "--reason", "x", "--force"}).code == 0);
}

TEST_CASE("sources and coverage say how old and how far everything is") {
    const Calendar calendar;
    calendar.home.settings("[calendar]\ncontact = \"ops@example.org\"\n");
    const auto sources = calendar.document({"sources"});
    CHECK(sources["sources"][0]["rung"] == "warning");
    CHECK(sources["sources"][0]["failures"] == 2);
    CHECK(sources["sources"][0]["error"] == "status 403");
    CHECK(sources["tzdata"].is_string());
    CHECK(contains(calendar.run({"sources"}).out, "status 403"));
    const auto coverage = calendar.document({"coverage"});
    CHECK(coverage["coverage"][0]["series"] == "us.bls.cpi");
    CHECK(coverage["alarms"].size() >= 6);
}

TEST_CASE("an account's list has what it minds, when it stands aside, and how it stands now") {
    const Calendar calendar;
    calendar.home.account(account_id("alpha"),
                          "[events]\nwindows = [\"cpi: 20 h before, 1 h after, flatten\"]\n");
    calendar.home.account(account_id("beta"),
                          "[events]\nwindows = [\"fomc: 20 h before, 1 h "
                          "after, flatten\"]\non_unknown = \"block\"\n");
    const auto alpha = calendar.document({"list", "--account", "alpha"});
    CHECK(alpha["events"].size() == 1);
    CHECK(alpha["now"]["standing"] == "blocked");
    CHECK(alpha["now"]["entries"] == false);
    CHECK(alpha["now"]["event"] == "us.bls.cpi:2026-11");
    const auto beta = calendar.document({"list", "--account", "beta"});
    CHECK(beta["events"].empty());
    CHECK(beta["now"]["standing"] == "unknown");
    CHECK(beta["now"]["entries"] == false);
    CHECK(contains(calendar.run({"list", "--account", "alpha"}).out, "flatten"));
    CHECK(calendar.run({"list", "--account", "nobody"}).code != 0);
}

TEST_CASE("an operator adds, moves and cancels; what takes a near event away needs force") {
    const Calendar calendar;
    const auto at = [&](Nanos later) { return events::format_instant(calendar.now + later); };
    const auto added = calendar.document({"add", "us.fed.fomc.statement:x:soon", at(30h),
                                          "--reason", "a press release", "--by", "anna"});
    CHECK(added["kind"] == "add");
    CHECK(added["utc"] == at(30h));
    CHECK(added["expires"] == at(54h));
    CHECK(calendar.document({"show", "us.fed.fomc.statement:x:soon"})["override"]["by"] == "anna");
    const auto refused = calendar.run({"cancel", "us.bls.cpi:2026-11", "--reason", "a shutdown"});
    CHECK(refused.code == 1);
    CHECK(contains(refused.err, "--force"));
    CHECK(calendar.document({"show", "us.bls.cpi:2026-11"})["status"] == "published");
    CHECK(calendar.run({"move", "us.bls.cpi:2026-11", at(60h), "--reason", "the agency", "--force"})
              .code == 0);
    const auto moved = calendar.document({"show", "us.bls.cpi:2026-11"});
    CHECK(moved["status"] == "moved");
    CHECK(moved["utc"] == at(60h));
    CHECK(moved["override"]["reason"] == "the agency");
    CHECK(calendar.run({"cancel", "us.bls.cpi:2026-11", "--reason", "again"}).code == 0);
    CHECK(calendar.document({"show", "us.bls.cpi:2026-11"})["status"] == "cancelled");
    CHECK(calendar.run({"cancel", "us.bls.cpi:2026-11"}).code == 64);
    CHECK(calendar.run({"move", "us.bls.cpi:2026-11", "soon", "--reason", "x"}).code == 64);
    CHECK(calendar.run({"cancel", "us.bls.ppi:2026-11", "--reason", "x"}).code == 1);
    CHECK(calendar.run({"ack", "--reason", "looked it up"}).code == 64);
    CHECK(calendar.run({"ack", "--reason", "looked it up", "--until", at(20h)}).code == 0);
}

TEST_CASE("a day alone is no time, and a time in UTC may have minutes only") {
    const Calendar calendar;
    const auto refused =
        calendar.run({"move", "us.bls.cpi:2026-11", "2099-12-14", "--reason", "x", "--force"});
    CHECK(refused.code == 64);
    CHECK(contains(refused.err, "a day only"));
    CHECK(calendar.run({"add", "us.bls.ppi:x", "2099-12-14", "--reason", "x"}).code == 64);
    const auto added = calendar.document({"add", "us.bls.ppi:x", "2099-12-14T09:30Z", "--reason",
                                          "x", "--expires", "2099-12-15T09:30Z"});
    CHECK(added["utc"] == "2099-12-14T09:30:00Z");
    CHECK(added["expires"] == "2099-12-15T09:30:00Z");
    CHECK(calendar
              .run({"add", "us.bls.ppi:y", "2099-12-14T09:30Z", "--reason", "x", "--currency",
                    "EURO"})
              .code == 64);
}

TEST_CASE("an entry is taken back by its event, its market, or as ack") {
    const Calendar calendar;
    const std::string later = events::format_instant(calendar.now + 40h);
    REQUIRE(calendar.run({"add", "us.bls.ppi:x", later, "--reason", "x"}).code == 0);
    REQUIRE(calendar.run({"set-importance", "us.bls.ppi:x", "1", "--reason", "x"}).code == 0);
    CHECK(calendar.document({"show", "us.bls.ppi:x"})["importance"] == 1);
    CHECK(calendar.document({"undo", "us.bls.ppi:x"})["undone"] == "set_importance");
    CHECK(calendar.document({"show", "us.bls.ppi:x"})["importance"] == 3);
    CHECK(calendar.run({"undo", "us.bls.ppi:x"}).code == 0);
    CHECK(calendar.run({"show", "us.bls.ppi:x"}).code == 1);
    CHECK(calendar.run({"undo", "us.bls.ppi:x"}).code == 1);
    REQUIRE(calendar.run({"market-closed", "ES", "2099-12-14", "--reason", "x"}).code == 0);
    CHECK(calendar.document({"undo", "cme_equity_index"})["market"] == "cme_equity_index");
    REQUIRE(calendar.run({"ack", "--reason", "x", "--until", later}).code == 0);
    CHECK(calendar.document({"undo", "ack"})["undone"] == "acknowledge");
    REQUIRE(calendar
                .run({"add", "us.bls.ppi:y", events::format_instant(calendar.now + 2h), "--reason",
                      "x"})
                .code == 0);
    CHECK(calendar.run({"undo", "us.bls.ppi:y"}).code == 1);
    CHECK(calendar.run({"undo", "us.bls.ppi:y", "--force"}).code == 0);
}

TEST_CASE("an entry is there for workers that are other users, whatever the operator's umask") {
    Calendar calendar;
    const auto before = ::umask(0077);
    const auto added =
        calendar.run({"add", "us.bls.ppi:x", events::format_instant(calendar.now + 2h), "--reason",
                      "x", "--currency", "USD", "--importance", "3"});
    ::umask(before);
    REQUIRE_MESSAGE(added.code == 0, added.err);
    struct stat facts {};
    REQUIRE(::stat(calendar.path(events::k_overrides_name).c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0640);
}

TEST_CASE("an event known by its day is of that day, and stands aside for all of it") {
    Calendar calendar;
    const auto zone = time::Zone::load("America/New_York");
    REQUIRE(zone);
    const auto today = std::chrono::floor<std::chrono::days>(zone->local(calendar.now));
    events::Snapshot snapshot;
    calendar.event.precision = events::Precision::date;
    calendar.event.local = events::LocalMinute(today.time_since_epoch());
    calendar.event.zone = "Asia/Kolkata";
    calendar.event.utc = UtcTime(Nanos(today.time_since_epoch()) - 5h - 30min);
    snapshot.events = {calendar.event};
    REQUIRE(
        events::write_snapshot(calendar.files, calendar.path(events::k_snapshot_name), snapshot));
    CHECK(calendar.document({"today"})["events"].size() == 1);
    calendar.home.account(account_id("alpha"),
                          "[events]\nwindows = [\"cpi: 1 h before, 1 h after, flatten\"]\n");
    CHECK(contains(calendar.run({"today", "--account", "alpha"}).out, "all day block_entries"));
}

TEST_CASE("a file of the calendar that is not used is told with every word that only looks") {
    const Calendar calendar;
    write_text(calendar.path(events::k_overrides_name), "{");
    for (const char* const word : {"list", "today", "next", "sources", "coverage"}) {
        CAPTURE(word);
        CHECK(contains(calendar.run({word}).err, "the override file is not used"));
        CHECK(contains(calendar.document({word})["alarms"].dump(), "snapshot_bad"));
    }
}

TEST_CASE("operators who write at once lose nothing") {
    const Calendar calendar;
    std::vector<std::thread> operators;
    for (int i = 0; i < 4; ++i)
        operators.emplace_back([&, i] {
            (void)calendar.run({"add", "us.fed.speech:x:" + std::to_string(i),
                                events::format_instant(calendar.now + 40h), "--reason", "x"});
        });
    for (auto& one : operators)
        one.join();
    CHECK(calendar.document({"list", "--days", "4"})["events"].size() == 5);
}

TEST_CASE("who locks what workers may read keeps no operator from writing") {
    const Calendar calendar;
    const auto file = calendar.path(events::k_overrides_name);
    std::vector<Descriptor> held;
    for (const auto& path : {file, file + ".lock"}) {
        held.push_back(open_file(path, O_RDONLY | O_CREAT, 0600).value());
        REQUIRE(::flock(held.back().get(), LOCK_SH) == 0);
    }
    ::unlink(file.c_str());
    CHECK(calendar
              .run({"add", "us.fed.speech:x:1", events::format_instant(calendar.now + 40h),
                    "--reason", "x"})
              .code == 0);
    CHECK(std::filesystem::exists(file));
    CHECK_FALSE(std::filesystem::exists(file + ".lock"));
}

TEST_CASE("a damaged override file is told and never overwritten") {
    const Calendar calendar;
    write_text(calendar.path(events::k_overrides_name), "{\"version\":1,");
    const auto list = calendar.run({"list"});
    CHECK(list.code == 0);
    CHECK(contains(list.err, "the override file is not used"));
    CHECK(calendar.run({"ack", "--reason", "x", "--until", "2099-01-01"}).code == 1);
    CHECK(read_text(calendar.path(events::k_overrides_name)) == "{\"version\":1,");
}

TEST_CASE("the hours of a market are told in its time and in UTC, and unknown is not open") {
    const Calendar calendar;
    const auto friday = calendar.document({"hours", "cme_equity_index", "2026-11-27"});
    CHECK(friday["kind"] == "early_close");
    REQUIRE(friday["sessions"].size() == 1);
    CHECK(friday["sessions"][0]["opens_utc"] == "2026-11-26T23:00:00Z");
    CHECK(friday["sessions"][0]["closes_utc"] == "2026-11-27T18:15:00Z");
    CHECK(friday["sessions"][0]["closes"] == "2026-11-27 13:15");
    const auto later = calendar.run({"hours", "cme_equity_index", "2040-03-05"});
    CHECK(contains(later.out, "unknown"));
    CHECK(calendar.document({"hours", "MES", "2026-11-27"})["sessions"] == friday["sessions"]);
    CHECK(calendar.document({"hours", "CME", "2026-11-27"})["sessions"] == friday["sessions"]);
    CHECK(calendar.document({"hours", "CME-Equity-Index", "2026-11-27"})["sessions"] ==
          friday["sessions"]);
    CHECK(calendar.document({"hours", "NSE", "2026-11-27"})["sessions"] ==
          calendar.document({"hours", "nse_cash", "2026-11-27"})["sessions"]);
    CHECK(calendar.run({"hours", "nowhere"}).code == 64);
    CHECK(contains(calendar.run({"hours", "nowhere"}).err, "'nowhere'"));
    const auto closed = calendar.run({"market-closed", "nowhere", "2026-12-14", "--reason", "x"});
    CHECK(contains(closed.err, "nse_cash"));
    CHECK(calendar.run({"hours", "nse_cash", "2026-13-01"}).code == 64);
}

TEST_CASE("the exported file has an entry for each event") {
    const Calendar calendar;
    const auto exported = calendar.run({"export", "--ics"});
    CHECK(exported.code == 0);
    CHECK(exported.out.starts_with("BEGIN:VCALENDAR\r\n"));
    CHECK(contains(exported.out, "UID:us.bls.cpi:2026-11@bullpen\r\n"));
    CHECK(calendar.run({"export"}).code == 64);
}

TEST_CASE("without a calendar the answer is that there is none") {
    const TemporaryHome home;
    const auto list = bullpenctl(home.home(), {"calendar", "list"});
    CHECK(list.code == 0);
    CHECK(contains(list.err, "there is no calendar"));
    CHECK(contains(list.err, "calendar.contact is not set"));
    CHECK(bullpenctl(home.home(), {"calendar", "next"}).code == 1);
    CHECK(bullpenctl(home.home(), {"calendar", "nonsense"}).code == 64);
}

TEST_CASE(
    "without a contact one line says so, and what to type, instead of one a source and series") {
    const Calendar calendar;
    const auto lines = [&](std::string_view words) {
        const std::string err = calendar.run({"list"}).err;
        std::size_t count = 0;
        for (auto at = err.find(words); at != std::string::npos; at = err.find(words, at + 1))
            ++count;
        return count;
    };
    CHECK(lines("calendar.contact is not set") == 1);
    CHECK(lines("under [calendar] in HOME/bullpen.toml") == 1);
    CHECK(lines("nobody says whether") == 0);
    CHECK(lines("was accepted last") == 0);
    CHECK(calendar.document({"list"})["alarms"][0]["code"] == "nobody_asked");
    calendar.home.settings("[calendar]\ncontact = \"ops@example.org\"\n");
    CHECK(lines("calendar.contact is not set") == 0);
    CHECK(lines("nobody says whether") > 1);
}

TEST_CASE("refresh is done by the program that fetches, which asks nobody without a contact") {
    const Calendar calendar;
    const auto refreshed = calendar.run({"refresh", "--dry-run", "--json"});
    const auto report = json::parse(refreshed.out, nullptr, false);
    REQUIRE_MESSAGE(report.is_object(), refreshed.err);
    CHECK(report["dry_run"] == true);
    CHECK(report["generation"] == 1);
}
