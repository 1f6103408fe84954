// How many connections a session of processes has: what is let in, what is refused, and what of it
// is told when.
#include "ipc/connection_table.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace bullpen;
using namespace bullpen::ipc;
using namespace std::chrono_literals;

namespace {

constexpr auto k_most = k_connections_of_one_max;
const MonoTime k_start{1h};

// The table, and which of the connections in it are open.
struct Door {
    ConnectionTable table;
    std::set<int> open;
    MonoTime now = k_start;
    int next = 10;

    bool come(pid_t session, const std::string& socket = "lease") {
        const Connection one{next++, static_cast<ino_t>(next) + 1000};
        const bool in = table.admit(socket, session, one, now, [this](const Connection& other) {
            return open.contains(other.fd);
        });
        if (in)
            open.insert(one.fd);
        return in;
    }
    // How many of so many tries are let in.
    std::size_t crowd(pid_t session, std::size_t tries, const std::string& socket = "lease") {
        std::size_t in = 0;
        for (std::size_t i = 0; i < tries; ++i)
            in += come(session, socket) ? 1U : 0U;
        return in;
    }
    // Session and number of each that is told.
    std::map<pid_t, std::uint64_t> told() {
        std::map<pid_t, std::uint64_t> all;
        for (const auto& crowd : table.take(now))
            all[crowd.session] = crowd.refused;
        return all;
    }
};

using Told = std::map<pid_t, std::uint64_t>;

}  // namespace

TEST_CASE("who asks for more than anybody may have is refused, at this socket and by its session") {
    struct Row {
        const char* who;
        pid_t session;
        const char* socket;
        std::size_t tries;
        std::size_t in;
    };
    // In this order, at one door.
    const Row rows[] = {
        {"as many as it may", 7, "lease", k_most, k_most},
        {"and more", 7, "lease", 100, 0},
        {"the same at another socket", 7, "control", k_most + 5, k_most},
        {"somebody else", 8, "lease", k_most + 1, k_most},
        {"processes that have ended, together", 0, "lease", k_most + 3, k_most},
    };
    Door door;
    for (const auto& row : rows) {
        CAPTURE(row.who);
        CHECK(door.crowd(row.session, row.tries, row.socket) == row.in);
    }
    CHECK(door.told() == Told{{7, 105}, {8, 1}, {0, 3}});
}

TEST_CASE("what was closed makes room, but is looked for only now and then") {
    Door door;
    CHECK(door.crowd(7, k_most + 1) == k_most);
    door.open.clear();
    CHECK_FALSE(door.come(7));
    door.now += ConnectionTable::k_recount_interval - 1ns;
    CHECK_FALSE(door.come(7));
    door.now += 1ns;
    CHECK(door.crowd(7, k_most + 1) == k_most);
    // Who comes and goes one at a time is never refused.
    for (std::size_t i = 0; i < 2 * k_most; ++i) {
        door.now += 5ms;
        CHECK(door.come(8));
        door.open.clear();
    }
}

TEST_CASE("a crowd is told at once, then once in a while, with all that was refused meanwhile") {
    Door door;
    CHECK(door.told().empty());
    door.crowd(7, k_most + 2);
    CHECK(door.told() == Told{{7, 2}});
    door.crowd(7, 5);
    door.now += ConnectionTable::k_tell_interval - 1ns;
    CHECK(door.told().empty());
    door.now += 1ns;
    CHECK(door.told() == Told{{7, 5}});
    // It gave up, and comes back as if it were new.
    door.now += ConnectionTable::k_tell_interval;
    CHECK(door.told().empty());
    door.table.refused(7);
    CHECK(door.told() == Told{{7, 1}});
}

TEST_CASE("whoever makes many sessions makes no list without end") {
    Door door;
    for (pid_t session = 1; session < 5000; ++session) {
        CHECK(door.come(session));
        door.open.clear();
        door.table.refused(session);
    }
    CHECK(door.table.size() < 1100);
    CHECK(door.told().size() == ConnectionTable::k_crowds_max);
}

TEST_CASE("sessions that all have a connection are all remembered") {
    Door door;
    for (pid_t session = 1; session <= 3000; ++session)
        CHECK(door.come(session));
    CHECK(door.table.size() == 3000);
}

TEST_CASE("the sentence of a crowd has the numbers") {
    const auto said = text(Crowd{7, 130});
    CHECK(said.find("130 connections") != std::string::npos);
    CHECK(said.find(std::to_string(k_most)) != std::string::npos);
}
