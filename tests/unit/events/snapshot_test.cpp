#include "common/events/snapshot.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/events/calendars.hpp"

namespace bullpen::events {

using namespace test;

namespace {

Snapshot some_snapshot() {
    Snapshot snapshot;
    snapshot.written = utc("2026-11-20T22:00:03.250Z");
    snapshot.program = "bullpen-calendar";
    snapshot.tzdata = "2026a";
    cover_all(snapshot, "2026-01-01", "2026-12-31");
    accepted(snapshot, "bls-ics", utc("2026-11-20T22:00:00Z"));
    snapshot.events = {event("us.bls.empsit", "2026-11", "2026-12-04T08:30"),
                       event("us.fed.fomc.statement", "2026-12-08", "2026-12-09T14:00")};
    return snapshot;
}

struct Home {
    bullpen::test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    std::string path = directory.path() + "/calendar.snapshot";
};

}  // namespace

TEST_CASE("a snapshot is read back as it was written, one generation after the other") {
    Home home;
    auto snapshot = some_snapshot();
    std::swap(snapshot.events[0], snapshot.events[1]);
    REQUIRE(write_snapshot(home.files, home.path, snapshot));
    CHECK(snapshot.generation == 1);
    CHECK(snapshot.events[0].series == "us.bls.empsit");
    auto loaded = load_snapshot(home.files, home.path);
    REQUIRE(loaded.snapshot);
    CHECK(*loaded.snapshot == snapshot);
    CHECK(loaded.from == LoadedSnapshot::From::current);
    CHECK(loaded.trouble.empty());
    REQUIRE(write_snapshot(home.files, home.path, snapshot));
    CHECK(load_snapshot(home.files, home.path).snapshot->generation == 2);
}

TEST_CASE("where there never was a snapshot is none, and no trouble") {
    Home home;
    const auto loaded = load_snapshot(home.files, home.path);
    CHECK_FALSE(loaded.snapshot);
    CHECK(loaded.trouble.empty());
}

TEST_CASE("any changed or missing byte of a snapshot is found") {
    const std::string text = encode(some_snapshot());
    REQUIRE(decode_snapshot(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string damaged = text;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x01);
        CHECK_FALSE_MESSAGE(decode_snapshot(damaged), i);
        CHECK_FALSE_MESSAGE(decode_snapshot(text.substr(0, i)), i);
    }
    CHECK_FALSE(decode_snapshot(text + "\n"));
    CHECK_FALSE(decode_snapshot(text + text));
}

TEST_CASE("a damaged snapshot falls back to the one before, which no later writing takes away") {
    Home home;
    auto snapshot = some_snapshot();
    REQUIRE(write_snapshot(home.files, home.path, snapshot));
    snapshot.events.pop_back();
    REQUIRE(write_snapshot(home.files, home.path, snapshot));
    REQUIRE(storage::replace_file(home.files, home.path, "garbage"));
    auto loaded = load_snapshot(home.files, home.path);
    REQUIRE(loaded.snapshot);
    CHECK(loaded.from == LoadedSnapshot::From::previous);
    CHECK(loaded.snapshot->generation == 1);
    CHECK(loaded.snapshot->events.size() == 2);
    CHECK(loaded.trouble.find("no header") != std::string::npos);
    // The good one before is not overwritten by the damaged one.
    REQUIRE(write_snapshot(home.files, home.path, snapshot));
    REQUIRE(storage::replace_file(home.files, home.path, "garbage"));
    loaded = load_snapshot(home.files, home.path);
    REQUIRE(loaded.snapshot);
    CHECK(loaded.snapshot->generation == 1);
    REQUIRE(home.files.remove(home.path));
    loaded = load_snapshot(home.files, home.path);
    CHECK(loaded.snapshot);
    CHECK_FALSE(loaded.trouble.empty());
}

TEST_CASE("a snapshot of a later version is told apart from a damaged one") {
    std::string text = encode(some_snapshot());
    text.replace(text.find("\"version\":1"), 11, "\"version\":2");
    // The checksum is that of version 1: a header that was changed by hand is damaged.
    CHECK(decode_snapshot(text).error().code() == Errc::corrupt);
}

TEST_CASE("two events with one id are no calendar") {
    Home home;
    auto snapshot = some_snapshot();
    snapshot.events.push_back(snapshot.events[0]);
    CHECK(write_snapshot(home.files, home.path, snapshot).error().code() == Errc::invalid);
    CHECK_FALSE(decode_snapshot(encode(snapshot)));
}

TEST_CASE("a power cut while a snapshot is written leaves a whole one") {
    for (int step = 0; step < 40; ++step) {
        bullpen::test::SimulatedDisk disk;
        REQUIRE(disk.make_directories("/home/shared", 0700));
        auto snapshot = some_snapshot();
        REQUIRE(write_snapshot(disk, "/home/shared/calendar.snapshot", snapshot));
        snapshot.events.pop_back();
        disk.cut_power_at(disk.steps() + static_cast<std::uint64_t>(step));
        bool cut = false;
        try {
            (void)write_snapshot(disk, "/home/shared/calendar.snapshot", snapshot);
        } catch (const bullpen::test::PowerCut&) {
            cut = true;
        }
        if (cut)
            disk.restart(static_cast<std::uint64_t>(step));
        const auto loaded = load_snapshot(disk, "/home/shared/calendar.snapshot");
        REQUIRE(loaded.snapshot);
        CHECK((loaded.snapshot->generation == 1 || loaded.snapshot->generation == 2));
        CHECK(loaded.snapshot->events.size() == 3 - loaded.snapshot->generation);
        if (!cut)
            return;
    }
    FAIL("the writing never came to an end");
}

}  // namespace bullpen::events
