#include "common/events/overrides.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/events/calendars.hpp"

namespace bullpen::events {

using namespace std::chrono_literals;
using namespace test;

namespace {

const UtcTime k_now = utc("2026-12-03T15:00:00Z");

Override entry(OverrideKind kind) {
    Override made;
    made.kind = kind;
    made.by = "anna";
    made.reason = "the agency's page of today";
    made.at = k_now;
    made.expires = k_now + 240h;
    switch (kind) {
        case OverrideKind::add:
            made.id = "us.fed.fomc.statement:x:2026-12-06";
            made.title = "FOMC Statement";
            made.currency = "USD";
            [[fallthrough]];
        case OverrideKind::move:
            if (made.id.empty())
                made.id = "us.bls.cpi:2026-11";
            made.local = *parse_local("2026-12-06T17:00");
            made.zone = "America/New_York";
            made.utc = ny("2026-12-06T17:00");
            break;
        case OverrideKind::cancel: made.id = "us.bls.cpi:2026-11"; break;
        case OverrideKind::set_importance:
            made.id = "us.bls.cpi:2026-11";
            made.importance = 1;
            break;
        case OverrideKind::acknowledge: break;
        default:
            made.market = time::Market::cme_equity_index;
            made.day = *parse_day("2026-12-08");
            made.closes = 9 * 60 + 30;
            made.blocks = {{9 * 60 + 15, 10 * 60}, {11 * 60 + 30, 12 * 60 + 30}};
    }
    if (kind != OverrideKind::early_close)
        made.closes = 0;
    if (kind != OverrideKind::special_session)
        made.blocks.clear();
    return made;
}

constexpr std::array k_kinds{OverrideKind::add,
                             OverrideKind::move,
                             OverrideKind::cancel,
                             OverrideKind::set_importance,
                             OverrideKind::market_closed,
                             OverrideKind::early_close,
                             OverrideKind::special_session,
                             OverrideKind::acknowledge};

std::vector<Event> some_events() {
    return {event("us.bls.empsit", "2026-11", "2026-12-04T08:30"),
            event("us.bls.cpi", "2026-11", "2026-12-10T08:30")};
}

}  // namespace

TEST_CASE("an override file is read back as it was written, of every kind") {
    Overrides overrides;
    for (const OverrideKind kind : k_kinds) {
        CHECK(override_kind_from(code(kind)) == kind);
        overrides.entries.push_back(entry(kind));
    }
    const auto read = decode_overrides(encode(overrides));
    REQUIRE_MESSAGE(read, read.error().message());
    CHECK(*read == overrides);
    CHECK(decode_overrides(encode(Overrides{}))->empty());
}

TEST_CASE("an entry that breaks a rule is refused with its number and its field") {
    const std::string good =
        encode(Overrides{{entry(OverrideKind::cancel), entry(OverrideKind::add)}});
    const auto refusal = [&](std::string_view what, std::string_view instead) {
        std::string text = good;
        const auto at = text.rfind(what);
        REQUIRE(at != std::string::npos);
        text.replace(at, what.size(), instead);
        const auto read = decode_overrides(text);
        REQUIRE_FALSE(read);
        CHECK(read.error().context().find("entry 2") != std::string::npos);
        return read.error().context();
    };
    const auto names = [](const std::string& text, std::string_view field) {
        return text.find(field) != std::string::npos;
    };
    CHECK(names(refusal(R"("kind":"add")", R"("kind":"ad")"), "'kind'"));
    CHECK(names(refusal(R"("by":"anna")", R"("by":"")"), "'by'"));
    CHECK(names(refusal(R"("by":"anna",)", ""), "'by'"));
    CHECK(names(refusal(R"("reason":"the)", R"("reason":"\u001bthe)"), "'reason'"));
    CHECK(names(refusal(R"("importance":3)", R"("importance":4)"), "'importance'"));
    CHECK(names(refusal(R"("importance":3)", R"("importance":-1)"), "'importance'"));
    CHECK(names(refusal("2026-12-06T17:00\"", "2026-12-06T25:00\""), "'local'"));
    CHECK(names(refusal("2026-12-06T22:00:00Z", "2026-12-08T22:00:00Z"), "different times"));
    CHECK(names(refusal("2026-12-13T15:00:00Z", "2026-12-03T15:00:00Z"), "'expires'"));
    CHECK(names(refusal("fomc.statement:x", "fomc.statement x"), "series"));
    CHECK_FALSE(decode_overrides(""));
    CHECK_FALSE(decode_overrides("[]"));
    CHECK_FALSE(decode_overrides(R"({"version":1})"));
    CHECK(decode_overrides(R"({"version":2,"entries":[]})").error().code() == Errc::newer_version);
    CHECK_FALSE(decode_overrides(std::string(100'000, '[')));
}

TEST_CASE("sessions of a day must follow each other on a clock") {
    const std::string good = encode(Overrides{{entry(OverrideKind::special_session)}});
    for (const char* bad :
         {"[]", R"([["09:15"]])", R"([["10:00","09:15"]])",
          R"([["09:15","10:00"],["09:30","11:00"]])", R"([["09:15","24:00"]])",
          R"([["9:15","10:00"]])", R"([["09:15","10:00"],["11:00","12:00"],["13:00","14:00"]])"}) {
        std::string text = good;
        const auto from = text.find("\"sessions\":") + 11;
        text.replace(from, text.find("]]", from) + 2 - from, bad);
        CHECK_FALSE_MESSAGE(decode_overrides(text), bad);
    }
}

TEST_CASE("taking a near event of high importance away needs force") {
    const auto events = some_events();
    auto cancel = entry(OverrideKind::cancel);
    CHECK(check_new(cancel, events, k_now));
    cancel.id = "us.bls.empsit:2026-11";
    CHECK(check_new(cancel, events, k_now).error().code() == Errc::refused);
    cancel.force = true;
    CHECK(check_new(cancel, events, k_now));
    auto move = entry(OverrideKind::move);
    move.id = "us.bls.empsit:2026-11";
    CHECK(check_new(move, events, k_now).error().code() == Errc::refused);
    auto lower = entry(OverrideKind::set_importance);
    lower.id = "us.bls.empsit:2026-11";
    CHECK(check_new(lower, events, k_now).error().code() == Errc::refused);
    lower.importance = 3;
    CHECK(check_new(lower, events, k_now));
    // A day and a minute before it is not near yet.
    CHECK(check_new(move, events, ny("2026-12-03T08:29")));
}

TEST_CASE("an event of which one of two times is near is near") {
    auto events = some_events();
    auto& cpi = *std::find_if(events.begin(), events.end(),
                              [](const Event& event) { return event.id == "us.bls.cpi:2026-11"; });
    auto cancel = entry(OverrideKind::cancel);
    cancel.id = cpi.id;
    CHECK(check_new(cancel, events, k_now));
    cpi.other_times = {{cpi.local, cpi.zone, k_now + 2h, "bea-html"}};
    CHECK(check_new(cancel, events, k_now).error().code() == Errc::refused);
}

TEST_CASE("an event to come is not moved into the past by a slip of the pen") {
    const auto events = some_events();
    auto move = entry(OverrideKind::move);
    const auto to = [&](const char* local) {
        move.local = *parse_local(local);
        move.utc = ny(local);
    };
    CHECK(check_new(move, events, k_now));
    to("2025-12-11T08:30");
    const auto refused = check_new(move, events, k_now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Errc::refused);
    CHECK(refused.error().message().find("is over") != std::string::npos);
    move.force = true;
    CHECK(check_new(move, events, k_now));
    move.force = false;
    // What was this morning may have been moved there.
    to("2026-12-03T08:30");
    CHECK(check_new(move, events, ny("2026-12-03T12:00")));
    // A market of another time has its events in the past.
    to("2025-12-11T08:30");
    move.expires = k_now + 5000 * 24h;
    CHECK(check_new(move, events, k_now + 4000 * 24h));
}

TEST_CASE("an entry that an editor wrote without force takes no near event away either") {
    auto cancel = entry(OverrideKind::cancel);
    cancel.id = "us.bls.empsit:2026-11";
    auto events = some_events();
    apply(Overrides{{cancel}}, k_now, events);
    CHECK_FALSE(events.front().cancelled());
    CHECK(not_applied(Overrides{{cancel}}, k_now, some_events()) ==
          std::vector<std::string>{"us.bls.empsit:2026-11"});
    // One that was made in time stays in force when the event comes near.
    cancel.at = k_now - 48h;
    apply(Overrides{{cancel}}, k_now, events);
    CHECK(events.front().cancelled());
    CHECK(not_applied(Overrides{{cancel}}, k_now, some_events()).empty());
    // One that says it was made later than now was made now.
    events = some_events();
    cancel.at = k_now + 480h;
    cancel.expires = k_now + 600h;
    apply(Overrides{{cancel}}, k_now, events);
    CHECK_FALSE(events.front().cancelled());
    cancel.force = true;
    apply(Overrides{{cancel}}, k_now, events);
    CHECK(events.front().cancelled());
}

TEST_CASE("an event whose window may be open needs force, too") {
    auto cancel = entry(OverrideKind::cancel);
    cancel.id = "us.bls.empsit:2026-11";
    cancel.at = ny("2026-12-04T09:00");
    CHECK(check_new(cancel, some_events(), cancel.at).error().code() == Errc::refused);
    cancel.force = true;
    CHECK(check_new(cancel, some_events(), cancel.at));
    cancel.force = false;
    cancel.at = ny("2026-12-05T08:30");
    CHECK(check_new(cancel, some_events(), cancel.at));
}

TEST_CASE("a wall clock and an instant that the zone does not match are refused, as a day alone") {
    auto add = entry(OverrideKind::add);
    CHECK(decode_overrides(encode(Overrides{{add}})));
    add.utc += 3h;
    const auto read = decode_overrides(encode(Overrides{{add}}));
    REQUIRE_FALSE(read);
    CHECK(read.error().context().find("2026-12-06T22:00:00Z") != std::string::npos);
    // Both readings of an hour that comes twice.
    add.local = *parse_local("2026-11-01T01:30");
    add.utc = utc("2026-11-01T05:30:00Z");
    CHECK(decode_overrides(encode(Overrides{{add}})));
    add.utc = utc("2026-11-01T06:30:00Z");
    CHECK(decode_overrides(encode(Overrides{{add}})));
    std::string text = encode(Overrides{{entry(OverrideKind::add)}});
    text.replace(text.find("2026-12-06T17:00\""), 17, "2026-12-06\"");
    CHECK_FALSE(decode_overrides(text));
}

TEST_CASE("an instant that newer time zones move goes by its wall clock, and is told") {
    auto add = entry(OverrideKind::add);
    const UtcTime meant = add.utc;
    add.utc -= 1h;
    const auto read = decode_overrides(encode(Overrides{{add}}));
    REQUIRE(read);
    CHECK(read->entries.front().utc == meant);
    CHECK(read->entries.front().stated == add.utc);
    const auto told = reckoned_anew(*read, k_now);
    REQUIRE(told.size() == 1);
    CHECK(told.front().find(add.id) != std::string::npos);
    CHECK(told.front().find("2026-12-06T21:00:00Z") != std::string::npos);
    CHECK(told.front().find("2026-12-06T22:00:00Z") != std::string::npos);
    CHECK(reckoned_anew(*read, meant).empty());
    // Whoever writes the file next writes what counts.
    CHECK(decode_overrides(encode(*read))->entries.front() == entry(OverrideKind::add));
}

TEST_CASE("an entry must name an event that is there, or one that is not") {
    const auto events = some_events();
    auto cancel = entry(OverrideKind::cancel);
    cancel.id = "us.bls.ppi:2026-11";
    CHECK(check_new(cancel, events, k_now).error().code() == Errc::not_found);
    auto add = entry(OverrideKind::add);
    CHECK(check_new(add, events, k_now));
    add.id = "us.bls.cpi:2026-11";
    CHECK(check_new(add, events, k_now).error().code() == Errc::invalid);
    add = entry(OverrideKind::add);
    add.expires = k_now;
    add.at = k_now - 1h;
    CHECK_FALSE(check_new(add, events, k_now));
}

TEST_CASE("a moved event keeps its name, says where it was and counts one change more") {
    auto events = some_events();
    apply(Overrides{{entry(OverrideKind::move)}}, k_now, events);
    const Event& moved = events.back();
    CHECK(moved.id == "us.bls.cpi:2026-11");
    CHECK(moved.status == Status::moved);
    CHECK(*moved.previous_local == *parse_local("2026-12-10T08:30"));
    CHECK(moved.revision == 1);
    REQUIRE(moved.override_mark);
    CHECK(moved.override_mark->by == "anna");
    // Laid over twice it is the same but for the count.
    const auto once = events;
    apply(Overrides{{entry(OverrideKind::move)}}, k_now, events);
    CHECK(events.back().utc == once.back().utc);
    CHECK(*events.back().previous_local == *parse_local("2026-12-10T08:30"));
}

TEST_CASE("what an operator says of a market's day is laid over the table of holidays") {
    time::HolidayTable table = time::HolidayTable::built_in();
    Overrides overrides{{entry(OverrideKind::early_close)}};
    apply(overrides, k_now, table);
    const auto& days = table.of(time::Market::cme_equity_index).days;
    const auto found = std::find_if(days.begin(), days.end(), [](const time::Holiday& day) {
        return day.day == *parse_day("2026-12-08");
    });
    REQUIRE(found != days.end());
    CHECK(found->kind == time::HolidayKind::early_close);
    CHECK(found->closes == 9 * 60 + 30);
    CHECK(std::is_sorted(days.begin(), days.end(),
                         [](const auto& a, const auto& b) { return a.day < b.day; }));
    overrides.entries[0] = entry(OverrideKind::market_closed);
    apply(overrides, k_now, table);
    CHECK(std::count_if(days.begin(), days.end(), [](const time::Holiday& day) {
              return day.day == *parse_day("2026-12-08");
          }) == 1);
    time::HolidayTable untouched = time::HolidayTable::built_in();
    apply(overrides, overrides.entries[0].expires, untouched);
    CHECK(untouched == time::HolidayTable::built_in());
}

TEST_CASE("an operator's word lasts until it expires") {
    const Overrides overrides{{entry(OverrideKind::acknowledge)}};
    CHECK(overrides.acknowledged(k_now) == k_now + 240h);
    CHECK_FALSE(overrides.acknowledged(k_now - 1ns));
    CHECK_FALSE(overrides.acknowledged(k_now + 240h));
    CHECK(next_expiry(overrides, k_now) == k_now + 240h);
    CHECK_FALSE(next_expiry(overrides, k_now + 240h));
}

TEST_CASE("a file that others may write is not believed, and one that is missing is empty") {
    bullpen::test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    const std::string path = directory.path() + "/calendar.override.json";
    CHECK(load_overrides(files, path)->empty());
    const Overrides overrides{{entry(OverrideKind::add)}};
    REQUIRE(write_overrides(files, path, overrides, k_now));
    CHECK(*load_overrides(files, path) == overrides);
    struct ::stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0737) == 0600);
    REQUIRE(::chmod(path.c_str(), 0620) == 0);
    CHECK(load_overrides(files, path).error().code() == Errc::refused);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    // A pipe has no end; nobody waits for it.
    const std::string pipe = directory.path() + "/pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(load_overrides(files, pipe).error().message().find("not a regular file") !=
          std::string::npos);
    CHECK(load_snapshot(files, pipe).trouble.find("not a regular file") != std::string::npos);
    // What expired long ago is dropped when the file is written the next time.
    REQUIRE(write_overrides(files, path, overrides, k_now + 240h + k_keep_expired));
    CHECK(load_overrides(files, path)->empty());
}

}  // namespace bullpen::events
