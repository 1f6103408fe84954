#include "common/vault/key.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "tests/unit/vault/support.hpp"

using namespace bullpen;
using namespace bullpen::vault;

TEST_CASE("the id of a key is what BLAKE2b says, reckoned by another program") {
    CHECK(test::key_from(1).id() == "6bf4f009cc7bd825");
}

TEST_CASE("a random key is another one each time") {
    CHECK(VaultKey::random().id() != VaultKey::random().id());
}

TEST_CASE("a key of another size, or of one byte over and over, is none") {
    for (const std::size_t size : {0U, 31U, 33U})
        CHECK_FALSE(VaultKey::of(Secret::of_size(size)).has_value());
    CHECK_FALSE(VaultKey::of(Secret::of_size(32)).has_value());
    CHECK_FALSE(VaultKey::of(Secret(std::string(32, 'k'))).has_value());
}

TEST_CASE("a ring is read as it is written, the key in use first") {
    auto ring = test::ring_of(1);
    REQUIRE(ring.put_first(test::key_from(7)).has_value());
    REQUIRE(ring.put_last(test::key_from(9)).has_value());
    const auto again = KeyRing::parse(ring.text());
    REQUIRE(again.has_value());
    CHECK(again->size() == 3);
    CHECK(again->current().id() == test::key_from(7).id());
    CHECK(again->find(test::key_from(1).id()) != nullptr);
    CHECK(again->find(test::key_from(9).id()) != nullptr);
    CHECK(again->find(test::key_from(2).id()) == nullptr);
    CHECK(same_bytes(again->text(), ring.text()));
}

TEST_CASE("a key file may have comments, blank lines, capital digits and no last line end") {
    const auto ring = KeyRing::parse(
        test::secret("# of the home on host seven\n\n"
                     "  0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20\r"));
    REQUIRE(ring.has_value());
    CHECK(ring->current().id() == "6bf4f009cc7bd825");
}

TEST_CASE("what is no ring is refused with the line, and never with what is in it") {
    const std::string key = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
    std::string five;
    for (const char* first : {"11", "12", "13", "14", "15"})
        five += first + key.substr(2) + "\n";
    const std::pair<std::string, std::string> all[] = {
        {"", "no key"},
        {"# nothing\n", "no key"},
        {key.substr(2) + "\n", "line 1"},
        {key + "0\n", "line 1"},
        {"\n" + key.substr(0, 63) + "g\n", "line 2"},
        {key + "\n" + key + "\n", "line 2"},
        {std::string(64, '0') + "\n", "line 1"},
        {five, "line 5"},
        {std::string(KeyRing::k_text_max + 1, '#'), "4096"},
    };
    for (const auto& [text, said] : all) {
        CAPTURE(text.substr(0, 80));
        const auto ring = KeyRing::parse(test::secret(text));
        REQUIRE_FALSE(ring.has_value());
        CHECK(ring.error().message().find(said) != std::string::npos);
        CHECK(ring.error().message().find("0607") == std::string::npos);
    }
}

TEST_CASE("a ring takes four keys, each once, and forgets the older ones when told") {
    auto ring = test::ring_of(1);
    CHECK_FALSE(ring.put_first(test::key_from(1)).has_value());
    for (const unsigned char first : {2, 3, 4})
        REQUIRE(ring.put_first(test::key_from(first)).has_value());
    const auto full = ring.put_first(test::key_from(5));
    REQUIRE_FALSE(full.has_value());
    CHECK(full.error().code() == Errc::exhausted);
    ring.drop_older();
    CHECK(ring.size() == 1);
    CHECK(ring.current().id() == test::key_from(4).id());
}
