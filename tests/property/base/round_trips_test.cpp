#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/base/random.hpp"

namespace bullpen {
namespace {

TEST_CASE("what is written can be read back") {
    CHECK(rc::check("a time survives its text to the nanosecond", [] {
        const auto nanos = *rc::gen::inRange<std::int64_t>(0, 7'000'000'000'000'000'000);
        RC_ASSERT(parse_utc(format_utc_nanos(utc_from_nanos(nanos))).value() ==
                  utc_from_nanos(nanos));
    }));
    CHECK(rc::check("a time's text sorts as the time does", [] {
        const auto a = *rc::gen::inRange<std::int64_t>(0, 7'000'000'000'000'000'000);
        const auto b = *rc::gen::inRange<std::int64_t>(0, 7'000'000'000'000'000'000);
        RC_ASSERT((format_utc_nanos(utc_from_nanos(a)) < format_utc_nanos(utc_from_nanos(b))) ==
                  (a < b));
    }));
    CHECK(rc::check("a launch token survives its text", [](std::uint64_t number) {
        const LaunchToken token{{number}, Nonce(system_random())};
        RC_ASSERT(LaunchToken::parse(token.str()).value() == token);
    }));
}

TEST_CASE("no text breaks a parser") {
    CHECK(rc::check("an account id is accepted if and only if it is valid",
                    [](const std::string& text) {
                        const auto id = AccountId::parse(text);
                        RC_ASSERT(id.has_value() == AccountId::valid(text));
                        if (id)
                            RC_ASSERT(id->str() == text);
                    }));
    CHECK(rc::check("an account that was accepted stays in its directory", [] {
        const auto text =
            *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abz09_-./A \n")));
        const auto id = AccountId::parse(text);
        if (!id)
            return;
        const auto paths = Home::at("/h").value().account(*id);
        RC_ASSERT(paths.directory == "/h/accounts/" + text);
        RC_ASSERT(text.find('/') == std::string::npos);
        RC_ASSERT(text.find('.') == std::string::npos);
    }));
    CHECK(rc::check("a time is refused or has a normal form", [](const std::string& text) {
        const auto time = parse_utc(text);
        if (time)
            RC_ASSERT(parse_utc(format_utc_nanos(*time)).value() == *time);
    }));
}

TEST_CASE("chance keeps to its range") {
    CHECK(rc::check("between() never leaves its ends",
                    [](std::uint64_t seed, std::int64_t a, std::int64_t b) {
                        SeededRandom random(seed);
                        const auto [low, high] = std::minmax(a, b);
                        const auto value = random.between(low, high);
                        RC_ASSERT(value >= low);
                        RC_ASSERT(value <= high);
                    }));
}

}  // namespace
}  // namespace bullpen
