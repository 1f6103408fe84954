#include "worker/calendar_watch.hpp"

#include <doctest/doctest.h>

#include "common/storage/atomic_file.hpp"
#include "tests/support/worker_home.hpp"

namespace bullpen::worker {

namespace {

using namespace std::chrono_literals;
using events::Standing;

struct Bench {
    test::TemporaryHome home;
    storage::SystemFileSystem files;
    FakeClock clock;
    std::unique_ptr<AccountContext> context;
    std::optional<CalendarWatch> watch;
    UtcTime release = *parse_utc("2026-01-09T13:30:00Z");

    explicit Bench(std::vector<std::string> windows = {
                       "nfp: 30 min before, 60 min after, flatten"}) {
        auto settings = test::synthetic_account("alpha");
        settings.events.edit().windows = std::move(windows);
        context = test::open_context(home.home(), settings, files, clock);
        auto opened = CalendarWatch::open(*context);
        REQUIRE(opened);
        watch.emplace(std::move(*opened));
    }
    [[nodiscard]] std::string path(std::string_view name) const {
        return home.home().shared() + "/" + std::string(name);
    }
    void write(bool covered = true) {
        events::Snapshot snapshot;
        events::Event event;
        event.id = "us.bls.empsit:2025-12";
        event.series = "us.bls.empsit";
        event.title = "Employment Situation";
        event.currency = "USD";
        event.importance = 3;
        event.local = *events::parse_local("2026-01-09T08:30");
        event.zone = "America/New_York";
        event.utc = release;
        snapshot.events = {event};
        if (covered)
            snapshot.coverage = {{"us.bls.empsit", *events::parse_day("2026-01-01"),
                                  *events::parse_day("2026-12-31"), "bls-ics", clock.utc(), true}};
        REQUIRE(events::write_snapshot(files, path(events::k_snapshot_name), snapshot));
    }
    Standing standing(UtcTime at) {
        clock.advance(CalendarWatch::k_look_interval);
        watch->look(clock.now(), at);
        return watch->query(at).standing;
    }
};

}  // namespace

TEST_CASE("a worker takes up a snapshot when it is there, and a later one, without being told") {
    Bench bench;
    CHECK(bench.standing(bench.release) == Standing::unknown);
    bench.write();
    CHECK(bench.standing(bench.release) == Standing::blocked);
    CHECK(bench.watch->query(bench.release).actions.flatten);
    CHECK(bench.standing(bench.release + 2h) == Standing::clear);
    CHECK(CalendarWatch::text(bench.watch->query(bench.release)) ==
          "Employment Situation, 2026-01-09T08:30 America/New_York, until 2026-01-09T14:30:00Z");
    bench.release += 48h;
    bench.write();
    CHECK(bench.watch->generation() == 1);
    CHECK(bench.standing(bench.release) == Standing::blocked);
    CHECK(bench.watch->generation() == 2);
    CHECK(bench.standing(bench.release - 48h) == Standing::clear);
}

TEST_CASE("a file is looked at twice a second at most, and read only when it changed") {
    Bench bench;
    bench.write();
    CHECK(bench.standing(bench.release) == Standing::blocked);
    CHECK(bench.watch->taken() == 1);
    for (int i = 0; i < 10; ++i)
        CHECK(bench.standing(bench.release) == Standing::blocked);
    CHECK(bench.watch->taken() == 1);
    bench.write();
    bench.watch->look(bench.clock.now(), bench.release);
    CHECK(bench.watch->taken() == 1);
    bench.clock.advance(CalendarWatch::k_look_interval);
    bench.watch->look(bench.clock.now(), bench.release);
    CHECK(bench.watch->taken() == 2);
}

TEST_CASE("a damaged or missing snapshot takes nothing away from a worker that has one") {
    Bench bench;
    bench.write();
    CHECK(bench.standing(bench.release) == Standing::blocked);
    REQUIRE(storage::replace_file(bench.files, bench.path(events::k_snapshot_name), "rubbish"));
    CHECK(bench.standing(bench.release) == Standing::blocked);
    CHECK(bench.standing(bench.release + 2h) == Standing::clear);
    REQUIRE(bench.files.remove(bench.path(events::k_snapshot_name)));
    CHECK(bench.standing(bench.release) == Standing::blocked);
    bench.write();
    CHECK(bench.standing(bench.release) == Standing::blocked);
    CHECK(bench.watch->generation() >= 1);
}

TEST_CASE(
    "an operator's word counts until it expires, and one that cannot be read changes nothing") {
    Bench bench;
    bench.write();
    CHECK(bench.standing(bench.release) == Standing::blocked);
    events::Override cancel;
    cancel.kind = events::OverrideKind::cancel;
    cancel.id = "us.bls.empsit:2025-12";
    cancel.by = "anna";
    cancel.reason = "a shutdown";
    cancel.at = bench.clock.utc();
    cancel.expires = cancel.at + 1h;
    const auto path = bench.path(events::k_overrides_name);
    REQUIRE(events::write_overrides(bench.files, path, {{cancel}}, bench.clock.utc()));
    CHECK(bench.standing(bench.release) == Standing::clear);
    test::write_text(path, "{");
    CHECK(bench.standing(bench.release) == Standing::clear);
    bench.clock.advance(1h);
    CHECK(bench.standing(bench.release) == Standing::blocked);
}

TEST_CASE("the timeline goes along with the account's time, forwards and backwards") {
    Bench bench;
    bench.write();
    for (const Nanos away : {Nanos(0), Nanos(24h * 30), Nanos(24h * 200), Nanos(-24h * 3)}) {
        const UtcTime at = bench.release + away;
        CHECK(bench.standing(at) == (away == Nanos(0) ? Standing::blocked : Standing::clear));
        CHECK(bench.watch->query(at).from <= at);
    }
    CHECK(bench.standing(bench.release + 24h * 400) == Standing::unknown);
}

}  // namespace bullpen::worker
