#include "common/alerts/expiry.hpp"

#include <doctest/doctest.h>

using namespace bullpen;
using namespace bullpen::alerts;
using namespace std::chrono_literals;

namespace {

const UtcTime k_end = parse_utc("2026-11-22T00:30:00.000Z").value();

}  // namespace

TEST_CASE("the end of a credential is told an hour before, and once") {
    ExpiryWatch watch;
    CHECK_FALSE(watch.take_news("nse01", k_end));
    watch.follow("access_token", k_end);
    CHECK_FALSE(watch.take_news("nse01", k_end - 1h - Millis(1)));
    CHECK(watch.take_news("nse01", k_end - 1h) ==
          "its access_token ends at 2026-11-22T00:30:00.000Z; bullpenctl credentials set nse01 "
          "access_token");
    CHECK_FALSE(watch.take_news("nse01", k_end - 30min));
    // The vault was read again.
    watch.follow("access_token", k_end);
    CHECK_FALSE(watch.take_news("nse01", k_end - 1min));
}

TEST_CASE("what is over is said until another credential is followed") {
    ExpiryWatch watch;
    watch.follow("access_token", k_end);
    CHECK(watch.take_news("nse01", k_end) == "");
    CHECK(watch.take_news("nse01", k_end + 1s) == "");
    watch.follow("", std::nullopt);
    CHECK_FALSE(watch.take_news("nse01", k_end + 2s));
    watch.follow("access_token", k_end + 24h);
    CHECK_FALSE(watch.take_news("nse01", k_end + 2s));
    CHECK(watch.take_news("nse01", k_end + 24h - 1h));
}

TEST_CASE("another end and another field are told anew, and one that begins late at once") {
    ExpiryWatch watch;
    watch.follow("access_token", k_end);
    CHECK(watch.take_news("nse01", k_end - 10min));
    watch.follow("access_token", k_end + 1min);
    CHECK(watch.take_news("nse01", k_end - 10min));
    watch.follow("password", k_end + 1min);
    CHECK(watch.take_news("nse01", k_end - 10min));
}

TEST_CASE("a sentence on an end to come is told from one on what is missing or over") {
    CHECK(is_expiry_sentence(expiry_sentence("a", "token", k_end)));
    CHECK_FALSE(is_expiry_sentence(
        "its access_token ended at 2026-11-22T00:30:00.000Z; bullpenctl credentials set a"));
    CHECK_FALSE(is_expiry_sentence("it has no access_token for kite"));
}
