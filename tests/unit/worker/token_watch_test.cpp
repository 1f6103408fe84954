#include "worker/token_watch.hpp"

#include <doctest/doctest.h>

using namespace bullpen;
using namespace bullpen::worker;
using namespace std::chrono_literals;

namespace {

const UtcTime k_now = parse_utc("2026-11-22T00:00:00.000Z").value();

vault::Credentials credentials() {
    vault::Credentials made(AccountId::parse("nse01").value());
    REQUIRE(made.put({"api_key", Secret(std::string("k")), {}, {}}));
    return made;
}

}  // namespace

TEST_CASE("what never ends is not counted down") {
    const TokenWatch watch(credentials(), k_now);
    CHECK_FALSE(watch.ends());
    CHECK_FALSE(watch.is_to_rest(k_now + 10000h));
    CHECK_FALSE(watch.is_over(k_now + 10000h));
    CHECK_FALSE(watch.use(k_now));
}

TEST_CASE("of several that end the first counts, to the second") {
    auto made = credentials();
    REQUIRE(made.put({"access_token", Secret(std::string("t")), {}, k_now + 2h}));
    REQUIRE(made.put({"password", Secret(std::string("p")), {}, k_now + 30min}));
    REQUIRE(made.put({"zone_key", Secret(std::string("z")), {}, k_now + 3h}));
    const TokenWatch watch(made, k_now);
    CHECK(watch.field() == "password");
    CHECK(watch.ends() == k_now + 30min);
    const auto use = watch.use(k_now + 10min).value();
    CHECK(use.name == "password");
    CHECK(use.unit == "seconds");
    CHECK(use.limit - use.used == 20 * 60);
}

TEST_CASE("it is to rest some seconds before the end, and over at that very instant") {
    auto made = credentials();
    REQUIRE(made.put({"access_token", Secret(std::string("t")), {}, k_now + 1min}));
    const TokenWatch watch(made, k_now);
    const auto end = k_now + 1min;
    CHECK_FALSE(watch.is_to_rest(end - TokenWatch::k_rest - Millis(1)));
    CHECK(watch.is_to_rest(end - TokenWatch::k_rest));
    CHECK_FALSE(watch.is_over(end - Millis(1)));
    CHECK(watch.is_over(end));
    // A clock that was set back, and one that handed over what is over already.
    CHECK(watch.use(k_now - 1h).value().used == 0);
    CHECK(TokenWatch(made, end + 1h).use(end + 1h).value().limit == 0);
}
