#include "common/vault/derivation.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cerrno>

#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "tests/unit/vault/support.hpp"

using namespace bullpen;
using namespace bullpen::vault;

namespace {

// The least work that is taken, so that the test costs milliseconds.
Derivation cheap() {
    Derivation how;
    how.passes = 2;
    how.memory = std::size_t{8} << 20;
    how.salt = bytes_from_hex("000102030405060708090a0b0c0d0e0f").value();
    return how;
}

}  // namespace

TEST_CASE("a key is derived as Argon2id says, reckoned by another library") {
    const auto key = derive_in_child(test::secret("correct horse battery"), cheap());
    REQUIRE_MESSAGE(key.has_value(), key.error().message());
    CHECK(hex(key->bytes().reveal()) ==
          "f97de104d078d90af4b169643df66dc6126de8e01e79edfbc86bb4245ad8f87c");
    // The process that did it is gone, and waited for.
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
}

TEST_CASE("another passphrase and another salt are other keys") {
    auto how = cheap();
    const auto key = derive_in_child(test::secret("correct horse battery"), how).value();
    CHECK(derive_in_child(test::secret("correct horse batterx"), how)->id() != key.id());
    how.salt.back() = 'x';
    CHECK(derive_in_child(test::secret("correct horse battery"), how)->id() != key.id());
}

TEST_CASE("a passphrase is neither too short nor too long") {
    CHECK(derive_in_child(test::secret("seven77"), cheap()).error().code() == Errc::invalid);
    CHECK(derive_in_child(test::secret(std::string(1025, 'x')), cheap()).error().code() ==
          Errc::invalid);
}

TEST_CASE("every vault has a salt of its own") {
    CHECK(Derivation::fresh().salt != Derivation::fresh().salt);
    CHECK(Derivation::fresh().salt.size() == 16);
}

TEST_CASE("how keys are derived is read as it is written, and nothing else is taken") {
    auto one = cheap();
    one.key_id = "6bf4f009cc7bd825";
    auto two = Derivation::fresh();
    two.key_id = "0011223344556677";
    const auto text = format({one, two});
    CHECK(
        text.starts_with("bullpen-kdf 1 argon2id 2 8388608 000102030405060708090a0b0c0d0e0f "
                         "6bf4f009cc7bd825\n"));
    CHECK(parse_derivations(text).value() == std::vector{one, two});

    const std::string line = format({one});
    for (const std::string& wrong :
         {std::string(), std::string("\n"), line.substr(0, line.size() - 1), line + "\n",
          "bullpen-kdf 2" + line.substr(13), line + line + line + line + line,
          std::string("bullpen-kdf 1 argon2id 0 8388608 000102030405060708090a0b0c0d0e0f "
                      "6bf4f009cc7bd825\n"),
          std::string("bullpen-kdf 1 argon2id 17 8388608 000102030405060708090a0b0c0d0e0f "
                      "6bf4f009cc7bd825\n"),
          std::string("bullpen-kdf 1 argon2id 2 99999999999 000102030405060708090a0b0c0d0e0f "
                      "6bf4f009cc7bd825\n"),
          std::string("bullpen-kdf 1 argon2id 02 8388608 000102030405060708090a0b0c0d0e0f "
                      "6bf4f009cc7bd825\n"),
          std::string("bullpen-kdf 1 argon2id 2 8388608 0001 6bf4f009cc7bd825\n")}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_derivations(wrong).has_value());
    }
}
