#include "common/base/ids.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/base/errc.hpp"

namespace bullpen {
namespace {

TEST_CASE("an account id is lower-case letters, digits, '_' and '-', at most 32 of them") {
    for (const char* good : {"a", "0", "paper-1", "apex_22", "x0123456789012345678901234567890"})
        CHECK_MESSAGE(AccountId::parse(good).has_value(), good);
    CHECK(AccountId::parse(std::string(32, 'a')).has_value());
    CHECK_FALSE(AccountId::parse(std::string(33, 'a')).has_value());
}

TEST_CASE("a text that could leave a directory, differ by case only or be empty is no account id") {
    for (const char* bad :
         {"", "-a", "_a", "A", "aB", ".", "..", "a/b", "a.b", "a b", "a\n", "\xc3\xa4"})
        CHECK_MESSAGE(!AccountId::parse(bad).has_value(), bad);
    CHECK_FALSE(AccountId::valid(std::string_view("a\0b", 3)));
    CHECK_FALSE(AccountId::valid("all"));
    CHECK(AccountId::valid("all1"));
}

TEST_CASE("a nonce survives its text and refuses any other") {
    const auto nonce = Nonce::parse("000102030405060708090a0b0c0d0eff");
    REQUIRE(nonce.has_value());
    CHECK(nonce->hex() == "000102030405060708090a0b0c0d0eff");
    CHECK_FALSE(Nonce::parse("000102030405060708090a0b0c0d0ef").has_value());
    CHECK_FALSE(Nonce::parse("000102030405060708090a0b0c0d0eff0").has_value());
    CHECK_FALSE(Nonce::parse("000102030405060708090a0b0c0d0efg").has_value());
}

TEST_CASE("a launch token is a number, a dot and a nonce") {
    const auto token = LaunchToken::parse("42.000102030405060708090a0b0c0d0eff");
    REQUIRE(token.has_value());
    CHECK(token->number.value == 42);
    CHECK(token->str() == "42.000102030405060708090a0b0c0d0eff");
    for (const char* bad : {"", "42", "42.", ".000102030405060708090a0b0c0d0eff",
                            "-1.000102030405060708090a0b0c0d0eff",
                            "18446744073709551616.000102030405060708090a0b0c0d0eff",
                            "4x.000102030405060708090a0b0c0d0eff"})
        CHECK_MESSAGE(!LaunchToken::parse(bad).has_value(), bad);
}

}  // namespace
}  // namespace bullpen
