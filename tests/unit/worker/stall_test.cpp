#include "worker/stall.hpp"

#include <doctest/doctest.h>

namespace bullpen::worker {

namespace {

using namespace std::chrono_literals;

// A loop whose time and its shares a test sets by hand.
struct Fixture {
    StallWatch watch;
    MonoTime now{1h};
    TimeSpent spent;
    int asked = 0;

    Probe probe = [this] {
        ++asked;
        return spent;
    };
    std::optional<Stall> begin() { return watch.begin(now, probe); }
    std::optional<Stall> end(Nanos due_in = 0s) { return watch.end(now, now + due_in, probe); }
    // A turn that is long in `stage`, all of it in `share`.
    std::optional<Stall> turn(Stage stage, Nanos took, Nanos TimeSpent::*share) {
        (void)begin();
        watch.enter(stage, now);
        now += took;
        if (share != nullptr)
            spent.*share += took;
        watch.enter(Stage::report, now);
        return end();
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a turn shorter than the time between two beats is no stall") {
    CHECK_FALSE(turn(Stage::desk, StallWatch::k_limit - 1ns, &TimeSpent::ran));
    CHECK(watch.count() == 0);
    CHECK(watch.slowest_stage() == Stage::desk);
}

TEST_CASE_FIXTURE(Fixture, "work that came due hours ago is no wait between two turns") {
    (void)begin();
    now += 5ms;
    CHECK_FALSE(end(-9h));
    now += 10ms;
    CHECK_FALSE(begin());
    CHECK(watch.count() == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "where the kernel does not count waiting, what did not run may have waited") {
    spent.counts_starved = false;
    const auto stall = turn(Stage::desk, 2s, nullptr);
    REQUIRE(stall);
    CHECK(stall->cause == StallCause::stopped);
    CHECK(sentence(*stall) ==
          "stood still 2.0 s in desk: for 2.0 s it did not run: stopped or blocked, or others had "
          "the processor (this kernel does not count that)");
}

TEST_CASE_FIXTURE(Fixture, "each cause is told by what the time went into, in each stage") {
    struct Case {
        Nanos TimeSpent::*share;
        StallCause cause;
        const char* words;
    };
    const Case cases[] = {
        {&TimeSpent::ran, StallCause::own_work, "it worked for 2.0 s"},
        {&TimeSpent::disk, StallCause::disk, "it waited 2.0 s for the disk (sync state.json)"},
        {&TimeSpent::starved, StallCause::processor, "it waited 2.0 s for a processor"},
        {&TimeSpent::asleep, StallCause::machine_asleep, "the machine slept for 2.0 s"},
        {nullptr, StallCause::stopped, "for 2.0 s it did not run: stopped or blocked"},
    };
    spent.slowest = "sync state.json";
    std::uint64_t stalls = 0;
    for (const auto& one : cases) {
        for (const auto stage : {Stage::talk, Stage::connect, Stage::desk, Stage::judge,
                                 Stage::bars, Stage::jobs, Stage::checkpoint, Stage::report}) {
            const auto stall = turn(stage, 2s, one.share);
            REQUIRE(stall);
            CHECK(stall->stage == stage);
            CHECK(stall->cause == one.cause);
            CHECK(stall->took == 2s);
            CHECK(stall->in_stage == 2s);
            CHECK(stall->caused == 2s);
            CHECK(sentence(*stall) ==
                  "stood still 2.0 s in " + std::string(code(stage)) + ": " + one.words);
            CHECK(watch.count() == ++stalls);
        }
    }
}

TEST_CASE_FIXTURE(Fixture, "the longest stage and the largest share are named") {
    (void)begin();
    now += 300ms;
    watch.enter(Stage::bars, now);
    now += 900ms;
    watch.enter(Stage::checkpoint, now);
    now += 800ms;
    spent.ran += 700ms;
    spent.disk += 1100ms;
    const auto stall = end();
    REQUIRE(stall);
    CHECK(stall->took == 2s);
    CHECK(stall->stage == Stage::bars);
    CHECK(stall->in_stage == 900ms);
    CHECK(stall->cause == StallCause::disk);
    CHECK(stall->caused == 1100ms);
}

TEST_CASE_FIXTURE(Fixture, "a loop that is back late was kept while it waited") {
    (void)begin();
    CHECK_FALSE(end(500ms));
    now += 500ms + StallWatch::k_limit - 1ns;
    CHECK_FALSE(begin());
    CHECK_FALSE(end(500ms));
    now += 500ms + 3s;
    const auto stall = begin();
    REQUIRE(stall);
    CHECK(stall->stage == Stage::wait);
    CHECK(stall->took == 3s);
    CHECK(stall->cause == StallCause::stopped);
    CHECK(watch.worst() == 3s);
    // A wait that is as long as it was to be is none.
    CHECK_FALSE(end(1h));
    now += 1h;
    CHECK_FALSE(begin());
}

TEST_CASE_FIXTURE(Fixture, "a turn after a stall is not late because of it") {
    (void)begin();
    now += 5s;
    // It was to begin again long ago.
    CHECK(watch.end(now, now - 4s, probe));
    now += 10ms;
    CHECK_FALSE(begin());
    CHECK(watch.count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "turns in quick succession read what the kernel counts now and then") {
    for (int i = 0; i < 1000; ++i) {
        CHECK_FALSE(begin());
        now += 100us;
        CHECK_FALSE(end());
    }
    CHECK(asked <= 3);
    CHECK(asked >= 2);
}

TEST_CASE_FIXTURE(Fixture, "what stalls again and again is told once a minute and counted always") {
    int told = 0;
    for (int i = 0; i < 60; ++i) {
        const auto stall = turn(Stage::checkpoint, 2s, &TimeSpent::disk);
        REQUIRE(stall);
        told += watch.is_news(*stall, now) ? 1 : 0;
    }
    CHECK(told == 2);
    CHECK(watch.count() == 60);
    // Something else is news at once.
    const auto other = turn(Stage::checkpoint, 2s, &TimeSpent::starved);
    CHECK(watch.is_news(*other, now));
    const auto elsewhere = turn(Stage::bars, 2s, &TimeSpent::disk);
    CHECK(watch.is_news(*elsewhere, now));
}

}  // namespace bullpen::worker
