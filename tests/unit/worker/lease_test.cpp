#include "worker/lease.hpp"

#include <doctest/doctest.h>

namespace bullpen::worker {

namespace {

using namespace std::chrono_literals;

struct Fixture {
    FakeClock clock;
    Lease lease{clock.mono(), 1s};

    ipc::Welcome welcome(std::uint64_t fence = 7) const {
        ipc::Welcome message;
        message.fence = Fence{fence};
        message.utc = clock.utc();
        message.beat_interval = 2s;
        message.ping_interval = 2s;
        message.clock_skew_max = 2s;
        return message;
    }
    ipc::Ping ping(Nanos ahead = 0s) const {
        ipc::Ping message;
        message.utc = clock.utc() + ahead;
        return message;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a worker says hello when it is connected, and again without an answer") {
    CHECK(!lease.hello_due(clock.mono()));
    lease.on_connection(true, clock.mono());
    CHECK(lease.hello_due(clock.mono()));
    lease.on_hello_sent(clock.mono());
    CHECK(!lease.hello_due(clock.mono()));
    clock.advance(Lease::k_hello_retry);
    CHECK(lease.hello_due(clock.mono()));
    CHECK(lease.on_welcome(welcome(), clock.now()));
    CHECK(!lease.hello_due(clock.mono()));
    CHECK(lease.fence().value == 7);
    // A new connection may be to a new daemon.
    lease.on_connection(false, clock.mono());
    lease.on_connection(true, clock.mono());
    CHECK(lease.hello_due(clock.mono()));
    CHECK(lease.welcomed_ever());
}

TEST_CASE_FIXTURE(Fixture, "a lease that was given for a time lapses, unless it is given again") {
    lease.on_connection(true, clock.mono());
    lease.on_welcome(welcome(), clock.now());
    clock.advance(24h);
    CHECK(!lease.lapsed(clock.mono()));
    auto limited = welcome();
    // The daemon's clock is an hour ahead: only the difference of its own times counts.
    limited.utc = clock.utc() + 1h;
    limited.expires = limited.utc + 10s;
    lease.on_welcome(limited, clock.now());
    clock.advance(10s - 1ns);
    CHECK(!lease.lapsed(clock.mono()));
    clock.advance(1ns);
    CHECK(lease.lapsed(clock.mono()));
    lease.on_welcome(limited, clock.now());
    CHECK(!lease.lapsed(clock.mono()));
}

TEST_CASE_FIXTURE(Fixture, "beats begin with the welcome and keep the interval that it names") {
    lease.on_connection(true, clock.mono());
    CHECK(!lease.beat_due(clock.mono()));
    lease.on_welcome(welcome(), clock.now());
    CHECK(lease.beat_due(clock.mono()));
    lease.on_beat_sent(clock.mono());
    clock.advance(2s - 1ns);
    CHECK(!lease.beat_due(clock.mono()));
    CHECK(lease.next_deadline(clock.mono()) == clock.mono() + 1ns);
    clock.advance(1ns);
    CHECK(lease.beat_due(clock.mono()));
    // A loop that was late does not catch up with a burst.
    clock.advance(1h);
    lease.on_beat_sent(clock.mono());
    CHECK(!lease.beat_due(clock.mono()));
    lease.on_connection(false, clock.mono());
    clock.advance(1h);
    CHECK(!lease.beat_due(clock.mono()));
}

TEST_CASE_FIXTURE(Fixture, "beats before their time put off none of those that are expected") {
    lease.on_connection(true, clock.mono());
    lease.on_welcome(welcome(), clock.now());
    lease.on_beat_sent(clock.mono());
    for (int i = 0; i < 19; ++i) {
        clock.advance(100ms);
        lease.on_beat_sent(clock.mono());
        CHECK(!lease.beat_due(clock.mono()));
    }
    clock.advance(100ms);
    CHECK(lease.beat_due(clock.mono()));
}

TEST_CASE_FIXTURE(Fixture,
                  "new terms come with another welcome, and the beats keep their own time") {
    lease.on_connection(true, clock.mono());
    lease.on_welcome(welcome(), clock.now());
    lease.on_beat_sent(clock.mono());
    clock.advance(1s);
    auto slower = welcome();
    slower.ping_interval = 30s;
    lease.on_welcome(slower, clock.now());
    CHECK(!lease.beat_due(clock.mono()));
    clock.advance(1s);
    CHECK(lease.beat_due(clock.mono()));
    // The daemon that pings less often is not called absent for it.
    clock.advance(60s);
    CHECK(!lease.daemon_absent(clock.mono()));
}

TEST_CASE_FIXTURE(Fixture, "a daemon that never came is absent after a grace") {
    CHECK(!lease.daemon_absent(clock.mono()));
    clock.advance(Lease::k_connection_grace);
    CHECK(lease.daemon_absent(clock.mono()));
    // A connection alone is no daemon.
    lease.on_connection(true, clock.mono());
    CHECK(lease.daemon_absent(clock.mono()));
    lease.on_welcome(welcome(), clock.now());
    CHECK(!lease.daemon_absent(clock.mono()));
}

TEST_CASE_FIXTURE(Fixture, "a daemon that fell silent is absent, and back with its next word") {
    lease.on_connection(true, clock.mono());
    lease.on_welcome(welcome(), clock.now());
    clock.advance(6s - 1ns);
    CHECK(!lease.daemon_absent(clock.mono()));
    clock.advance(1ns);
    CHECK(lease.daemon_absent(clock.mono()));
    lease.on_ping(ping(), clock.now());
    CHECK(!lease.daemon_absent(clock.mono()));
    lease.on_connection(false, clock.mono());
    CHECK(!lease.daemon_absent(clock.mono()));
    clock.advance(1s);
    CHECK(lease.daemon_absent(clock.mono()));
}

TEST_CASE_FIXTURE(Fixture, "a daemon that does not know the worker is told hello again") {
    lease.on_connection(true, clock.mono());
    lease.on_hello_sent(clock.mono());
    lease.on_welcome(welcome(), clock.now());
    auto message = ping();
    message.hello = true;
    lease.on_ping(message, clock.now());
    CHECK(lease.hello_due(clock.mono()));
    CHECK(!lease.beat_due(clock.mono()));
}

TEST_CASE_FIXTURE(Fixture, "clock skew above the limit is seen both ways and lifted by itself") {
    lease.on_connection(true, clock.mono());
    lease.on_welcome(welcome(), clock.now());
    CHECK(!lease.clock_skewed());
    for (const auto ahead : {Nanos(2s + 1ns), Nanos(-2s - 1ns)}) {
        lease.on_ping(ping(ahead), clock.now());
        CHECK(lease.clock_skewed());
        CHECK(*lease.skew() == -ahead);
        lease.on_ping(ping(2s), clock.now());
        CHECK(!lease.clock_skewed());
    }
}

TEST_CASE_FIXTURE(Fixture, "a fence never falls") {
    lease.on_connection(true, clock.mono());
    lease.on_welcome(welcome(9), clock.now());
    lease.on_welcome(welcome(8), clock.now());
    CHECK(lease.fence().value == 9);
}

TEST_CASE_FIXTURE(Fixture, "a daemon that speaks none of our versions counts as absent") {
    lease.on_connection(true, clock.mono());
    for (const int protocol : {ipc::k_protocol + 1, ipc::k_protocol_min - 1}) {
        auto message = welcome();
        message.protocol = protocol;
        CHECK(!lease.on_welcome(message, clock.now()));
    }
    clock.advance(2s);
    CHECK(lease.daemon_absent(clock.mono()));
    CHECK(!lease.beat_due(clock.mono()));
}

}  // namespace bullpen::worker
