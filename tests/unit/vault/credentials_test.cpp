#include "common/vault/credentials.hpp"

#include <doctest/doctest.h>

#include <concepts>

#include "common/base/errc.hpp"
#include "common/vault/broker_fields.hpp"
#include "tests/unit/vault/support.hpp"

using namespace bullpen;
using namespace bullpen::vault;

TEST_SUITE("critical") {
    TEST_CASE("credentials cannot be copied") {
        static_assert(!std::copy_constructible<Credentials>);
        static_assert(!std::copy_constructible<VaultKey>);
        static_assert(!std::copy_constructible<KeyRing>);
        CHECK(std::movable<Credentials>);
    }
}

TEST_CASE("fields are kept by name, and a field of the same name takes the other's place") {
    auto credentials = test::credentials_of("anna", {{"b", "1"}, {"a", "2"}, {"c", "3"}});
    REQUIRE(credentials.put({"b", test::secret("new"), {}, {}}).has_value());
    REQUIRE(credentials.fields().size() == 3);
    CHECK(credentials.fields()[0].name == "a");
    CHECK(credentials.fields()[2].name == "c");
    CHECK(credentials.find("b")->value.reveal() == "new");
    CHECK(credentials.remove("a"));
    CHECK_FALSE(credentials.remove("a"));
    CHECK(credentials.find("a") == nullptr);
}

TEST_CASE("what is no name and what is no value is refused, and the value is not told") {
    Credentials credentials(test::account_id("anna"));
    for (const std::string name : {"", "A", "1a", "_a", "a-b", "a b", "\xC3\xA4"})
        CHECK_FALSE(credentials.put({name, test::secret("v"), {}, {}}).has_value());
    CHECK_FALSE(credentials.put({std::string(33, 'a'), test::secret("v"), {}, {}}).has_value());
    using namespace std::string_literals;
    for (const std::string& value : {""s, "a\0b"s, "esc\x1b"s, "\x7f"s, "\xff\xfe"s, "\xc3"s,
                                     std::string(k_value_max + 1, 'v')}) {
        const auto put = credentials.put({"key", test::secret(value), {}, {}});
        REQUIRE_FALSE(put.has_value());
        CHECK(put.error().code() == Errc::invalid);
        CHECK(put.error().message().find("esc") == std::string::npos);
    }
    CHECK(credentials.put({"pem", test::secret("-----BEGIN\r\n\tabc\n"), {}, {}}).has_value());
}

TEST_CASE("an account has 16 fields and 16 KiB at most") {
    Credentials many(test::account_id("anna"));
    for (char c = 'a'; c < 'a' + 16; ++c)
        REQUIRE(many.put({std::string(1, c), test::secret("v"), {}, {}}).has_value());
    CHECK(many.put({"z", test::secret("v"), {}, {}}).error().code() == Errc::exhausted);
    CHECK(many.put({"a", test::secret("other"), {}, {}}).has_value());

    Credentials large(test::account_id("anna"));
    for (const char* name : {"a", "b", "c", "d"})
        REQUIRE(large.put({name, test::secret(std::string(k_value_max, 'v')), {}, {}}));
    CHECK(large.put({"e", test::secret("v"), {}, {}}).error().code() == Errc::exhausted);
    CHECK(large.put({"d", test::secret("v"), {}, {}}).has_value());
    CHECK(large.put({"e", test::secret("v"), {}, {}}).has_value());
}

TEST_CASE("a token that ends at six in the morning in India ends at the next 00:30 UTC") {
    const std::pair<const char*, const char*> all[] = {
        {"2026-11-21T00:29:59.999Z", "2026-11-21T00:30:00.000Z"},
        {"2026-11-21T00:30:00.000Z", "2026-11-22T00:30:00.000Z"},
        {"2026-11-21T03:15:00.000Z", "2026-11-22T00:30:00.000Z"},
        {"2026-12-31T23:59:59.000Z", "2027-01-01T00:30:00.000Z"},
        {"2028-02-28T12:00:00.000Z", "2028-02-29T00:30:00.000Z"},
    };
    for (const auto& [now, ends] : all) {
        const auto expiry = default_expiry(Lifetime::until_six_ist, parse_utc(now).value());
        REQUIRE(expiry.has_value());
        CHECK(format_utc(*expiry) == ends);
    }
    CHECK_FALSE(default_expiry(Lifetime::lasting, UtcTime{}).has_value());
}

TEST_CASE("the table of brokers is in order, and its fields are names of fields") {
    std::string_view before;
    for (const auto& rule : broker_rules()) {
        CHECK(before < rule.broker);
        before = rule.broker;
        CHECK(find_broker(rule.broker) == &rule);
        std::string_view field_before;
        for (const auto& field : rule.fields) {
            CHECK(field_before < field.name);
            field_before = field.name;
            CHECK(is_field_name(field.name));
            CHECK_FALSE(field.text.empty());
        }
        CHECK(rule.fields.size() <= k_fields_max);
    }
    CHECK(find_broker("elsewhere") == nullptr);
    for (const auto& field : find_broker("paper")->fields)
        CHECK_FALSE(field.required);
    CHECK(find_field(*find_broker("kite"), "access_token")->lifetime == Lifetime::until_six_ist);
}
