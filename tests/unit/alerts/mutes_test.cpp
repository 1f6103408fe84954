#include "common/alerts/mutes.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"

namespace bullpen::alerts {
namespace {

using std::chrono::hours;

const UtcTime k_now = parse_utc("2026-11-22T12:00:00Z").value();

Mute mute(std::optional<Kind> kind, std::string account, Nanos length) {
    return {kind, std::move(account), k_now, k_now + length, "because"};
}

TEST_CASE("a mute covers its alert and its account, or all, until its end") {
    const auto one = mute(Kind::entry, "mes01", hours(1));
    CHECK(covers(one, Kind::entry, "mes01", k_now));
    CHECK_FALSE(covers(one, Kind::exit, "mes01", k_now));
    CHECK_FALSE(covers(one, Kind::entry, "mes02", k_now));
    CHECK_FALSE(covers(one, Kind::entry, "", k_now));
    CHECK(covers(one, Kind::entry, "mes01", k_now + hours(1) - Nanos(1)));
    CHECK_FALSE(covers(one, Kind::entry, "mes01", k_now + hours(1)));
    const auto all = mute(std::nullopt, "", hours(1));
    CHECK(covers(all, Kind::fatal, "", k_now));
    CHECK(covers(all, Kind::entry, "mes02", k_now));
}

TEST_CASE("a clock that was set back makes no mute longer than one may be") {
    const auto one = mute(Kind::entry, "", hours(1));
    CHECK_FALSE(covers(one, Kind::entry, "", k_now - k_mute_max));
    CHECK(current({one}, k_now - k_mute_max).empty());
}

TEST_CASE("the same alert and account again replaces what was said before") {
    std::vector<Mute> mutes;
    add(mutes, mute(Kind::entry, "a", hours(1)));
    add(mutes, mute(Kind::entry, "", hours(2)));
    add(mutes, mute(Kind::entry, "a", hours(3)));
    REQUIRE(mutes.size() == 2);
    CHECK(current(mutes, k_now + hours(2)).size() == 1);
    CHECK(remove(mutes, Kind::entry, "b") == 0);
    CHECK(remove(mutes, Kind::entry, "a") == 1);
    CHECK(is_muted(mutes, Kind::entry, "a", k_now));  // by the one of every account
}

TEST_CASE("the file of mutes is read as it was written, and nothing else is") {
    const std::vector<Mute> mutes = {mute(Kind::crash_loop, "a", hours(1)),
                                     mute(std::nullopt, "", hours(5))};
    const auto read = parse_mutes(to_text(mutes));
    REQUIRE(read.has_value());
    CHECK(*read == mutes);
    for (const auto* text :
         {"", "{", "[]", "{\"v\":1}", "{\"v\":1,\"mutes\":[1]}", "{\"v\":1,\"mutes\":[{}]}",
          R"({"v":1,"mutes":[{"alert":"nothing","account":"","since":"2026-11-22T12:00:00Z",)"
          R"("until":"2026-11-22T13:00:00Z","reason":""}]})",
          R"({"v":1,"mutes":[{"alert":"all","account":"","since":"now","until":"",)"
          R"("reason":""}]})"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_mutes(text).has_value());
    }
    const auto newer = parse_mutes("{\"v\":2,\"mutes\":[]}");
    REQUIRE_FALSE(newer.has_value());
    CHECK(newer.error().code() == Errc::newer_version);
}

}  // namespace
}  // namespace bullpen::alerts
