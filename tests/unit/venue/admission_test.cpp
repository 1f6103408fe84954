// Who may speak for an account at the exchange, case by case.
#include "venue/admission.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/errc.hpp"
#include "ipc/cookie.hpp"
#include "ipc/identity.hpp"
#include "ipc/venue_message.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::venue;

namespace {

constexpr const char* k_boot = "boot";
const std::string k_trades = "broker = \"paper\"\ntrading = \"on\"\n";

ipc::LockFacts facts(pid_t pid, std::uint64_t start_time = 77) {
    ipc::LockFacts facts;
    facts.pid = pid;
    facts.start_time = start_time;
    facts.boot_id = k_boot;
    return facts;
}

bool admitted(const Peer& peer, const Result<ipc::LockFacts>& facts,
              ipc::LockProbe lock = ipc::LockProbe::held) {
    return !objection(peer, facts, lock, k_boot);
}

Peer this_process() {
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    const auto peer = peer_of(pair[0]);
    ::close(pair[0]);
    ::close(pair[1]);
    return peer;
}

}  // namespace

TEST_CASE("the process that a held lock names speaks for its account, and those of its session") {
    CHECK(admitted({40, 12, 77}, facts(40)));
    CHECK(admitted({41, 40, 90}, facts(40)));
    // Written by a child before its launcher knew when it started.
    CHECK(admitted({40, 40, 77}, facts(40, 0)));
}

TEST_CASE("nobody else does") {
    CHECK_FALSE(admitted({50, 50, 77}, facts(40)));
    CHECK_FALSE(admitted({50, 12, 77}, facts(40)));
    // Its number, used again.
    CHECK_FALSE(admitted({40, 12, 78}, facts(40)));
    CHECK_FALSE(admitted({40, 12, 77}, facts(40), ipc::LockProbe::free));
    CHECK_FALSE(admitted({40, 12, 77}, fail(Errc::not_found, "no file")));
    // Ended before it was looked at; not known at all; of a launch that is not there yet.
    CHECK_FALSE(admitted({40, 40, 0}, facts(40)));
    CHECK_FALSE(admitted({0, 0, 0}, facts(0)));
    CHECK_FALSE(admitted({40, 0, 77}, facts(0)));
    auto earlier = facts(40);
    earlier.boot_id = "another";
    CHECK_FALSE(admitted({40, 40, 77}, earlier));
}

TEST_CASE("a name is its account's in the roster, and stays so when the roster has it no more") {
    const test::TemporaryHome home;
    const auto anna = *AccountId::parse("anna");
    const auto ben = *AccountId::parse("ben");
    home.account(anna, k_trades);
    home.account(ben, k_trades + "broker_account = \"U1\"\n");
    REQUIRE(make_directories(home.home().locks(), 0700));
    FakeClock clock;
    auto admission = *Admission::open(home.home());
    const auto me = this_process();
    REQUIRE(me.pid == ::getpid());
    CHECK(admission.objection_to(me, "anna", clock.now()) == "no process holds the account's lock");

    const SystemClock real;
    const auto lock =
        ipc::AccountLock::acquire(home.home().account(ben).lock, ipc::facts_of_this_process(real));
    REQUIRE(lock.has_value());
    CHECK_FALSE(admission.objection_to(me, "U1", clock.now()));
    CHECK(admission.objection_to(me, "anna", clock.now()));
    // Its id is not what the exchange calls it.
    CHECK(admission.objection_to(me, "ben", clock.now()));

    ::unlink(home.home().account(ben).roster_file.c_str());
    clock.advance(std::chrono::minutes(1));
    CHECK(admission.objection_to(me, "new", clock.now()));
    CHECK_FALSE(admission.objection_to(me, "U1", clock.now()));

    // Another's by now.
    home.account(anna, k_trades + "broker_account = \"U1\"\n");
    clock.advance(std::chrono::minutes(1));
    CHECK(admission.objection_to(me, "newer", clock.now()));
    CHECK(admission.objection_to(me, "U1", clock.now()));
}

TEST_CASE("an operator shows the home's cookie, and no other text will do") {
    const test::TemporaryHome home;
    const auto admission = *Admission::open(home.home());
    const auto cookie = ipc::read_cookie(ipc::venue_socket(home.home()));
    CHECK(admission.is_operator(cookie));
    CHECK_FALSE(admission.is_operator(""));
    CHECK_FALSE(admission.is_operator(cookie.substr(1)));
    CHECK_FALSE(admission.is_operator(std::string(cookie.size(), '0')));
    ::unlink(ipc::cookie_path(ipc::venue_socket(home.home())).c_str());
    CHECK_FALSE(admission.is_operator(""));
    CHECK_FALSE(admission.is_operator(cookie));
}
