#include "common/vault/sealed_file.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "common/vault/sodium.hpp"
#include "tests/support/programs.hpp"
#include "tests/unit/vault/support.hpp"

using namespace bullpen;
using namespace bullpen::vault;

namespace {

std::string known_text() {
    const auto text = test::read_text(test::source_directory() + "/tests/golden/vault/anna.txt");
    REQUIRE_FALSE(text.empty());
    return text;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    const auto at = text.find(what);
    REQUIRE_MESSAGE(at != std::string::npos, what);
    return text.replace(at, what.size(), with);
}

std::error_code code_of_opening(const std::string& text, const char* account) {
    const auto file = parse_sealed(text);
    if (!file)
        return file.error().code();
    const auto checked = check(*file, test::ring_of(1), test::account_id(account));
    const auto opened = open(*file, test::ring_of(1), test::account_id(account));
    // What is not as it was sealed is found without opening anything.
    CHECK(checked.has_value() == opened.has_value());
    return opened ? std::error_code() : opened.error().code();
}

// The file of `account` with the same key as the known one.
std::string sealed_text(const char* account, std::string_view value) {
    return format(seal(test::credentials_of(account, {{"api_key", value}}), test::key_from(1)));
}

}  // namespace

TEST_SUITE("critical") {
    // HChaCha20 by hand, ChaCha20-Poly1305 and BLAKE2b of other libraries: docs/vault.md says how.
    TEST_CASE("a file that another program sealed by the description opens") {
        const auto file = parse_sealed(known_text());
        REQUIRE(file.has_value());
        const auto credentials = open(*file, test::ring_of(1), test::account_id("anna"));
        REQUIRE_MESSAGE(credentials.has_value(), credentials.error().message());
        CHECK(credentials->generation() == 3);
        REQUIRE(credentials->fields().size() == 2);
        const auto* token = credentials->find("access_token");
        CHECK(token->value.reveal() == "tok-8f2a");
        CHECK(format_utc(token->set) == "2026-11-21T03:15:00.250Z");
        CHECK(format_utc(token->expires.value()) == "2026-11-22T00:30:00.000Z");
        const auto* key = credentials->find("api_key");
        CHECK(key->value.reveal() == "k\xC3\xA9y \"with\" \\ both");
        CHECK_FALSE(key->expires.has_value());
    }

    TEST_CASE("a sealed file that was swapped with another account's does not open") {
        const auto of_ben = sealed_text("ben", "key-of-ben");
        CHECK(code_of_opening(of_ben, "ben") == std::error_code());
        CHECK(code_of_opening(of_ben, "anna") == Errc::wrong_account);
        // Nor when the name in it is changed as well.
        const auto renamed = replaced(of_ben, "account ben ", "account anna ");
        CHECK(code_of_opening(renamed, "anna") == Errc::corrupt);
    }

    TEST_CASE("a field that was moved between accounts, or between fields, does not open") {
        const auto key = test::key_from(1);
        auto anna = seal(test::credentials_of("anna", {{"api_key", "a1"}, {"secret", "a2"}}), key);
        const auto ben =
            seal(test::credentials_of("ben", {{"api_key", "b1"}, {"secret", "b2"}}), key);
        const auto ring = test::ring_of(1);
        const auto id = test::account_id("anna");
        REQUIRE(open(anna, ring, id).has_value());
        // With the hash over the file made right again, as only a holder of the key could.
        const auto hash_again = [&](SealedFile file) {
            const auto text = format(file);
            const auto last_line = text.rfind('\n', text.size() - 2) + 1;
            file.mac = sodium::mac(text.substr(0, last_line), key.for_files());
            return file;
        };
        CHECK(hash_again(anna) == anna);
        auto from_ben = anna;
        from_ben.fields[0] = ben.fields[0];
        const auto foreign = open(hash_again(from_ben), ring, id);
        REQUIRE_FALSE(foreign.has_value());
        CHECK(foreign.error().message().find("api_key does not open") != std::string::npos);
        auto swapped = anna;
        std::swap(swapped.fields[0].sealed, swapped.fields[1].sealed);
        std::swap(swapped.fields[0].nonce, swapped.fields[1].nonce);
        CHECK_FALSE(open(hash_again(swapped), ring, id).has_value());
    }

    TEST_CASE("every byte of a sealed file counts") {
        const auto text = known_text();
        for (std::size_t at = 0; at < text.size(); ++at) {
            auto changed = text;
            changed[at] = static_cast<char>(changed[at] ^ 1);
            CAPTURE(at);
            CHECK(code_of_opening(changed, "anna"));
        }
    }

    TEST_CASE("a file that was cut short or lost a line does not open, wherever it was") {
        const auto text = known_text();
        for (std::size_t size = 0; size < text.size(); ++size) {
            CAPTURE(size);
            CHECK(code_of_opening(text.substr(0, size), "anna"));
        }
        for (std::size_t at = 0; at < text.size();) {
            const auto end = text.find('\n', at) + 1;
            CHECK(code_of_opening(text.substr(0, at) + text.substr(end), "anna"));
            at = end;
        }
    }
}

TEST_CASE("the key that sealed a file is asked for by name when it is not there") {
    const auto file = parse_sealed(known_text()).value();
    const auto opened = open(file, test::ring_of(9), test::account_id("anna"));
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code() == Errc::not_found);
    CHECK(opened.error().message().find("6bf4f009cc7bd825") != std::string::npos);
}

TEST_CASE("a file sealed by the key before opens while both are in the ring") {
    auto ring = test::ring_of(1);
    REQUIRE(ring.put_first(test::key_from(5)).has_value());
    const auto before = parse_sealed(known_text()).value();
    auto opened = open(before, ring, test::account_id("anna"));
    REQUIRE(opened.has_value());
    const auto after = seal(*opened, ring.current());
    CHECK(after.key_id == test::key_from(5).id());
    ring.drop_older();
    CHECK(open(after, ring, test::account_id("anna")).has_value());
    CHECK_FALSE(open(before, ring, test::account_id("anna")).has_value());
}

TEST_CASE("the same credentials sealed twice share no nonce and no byte of what is sealed") {
    const auto credentials = test::credentials_of("anna", {{"api_key", "the same"}});
    const auto one = seal(credentials, test::key_from(1));
    const auto two = seal(credentials, test::key_from(1));
    CHECK(one.fields[0].nonce != two.fields[0].nonce);
    CHECK(one.fields[0].sealed != two.fields[0].sealed);
    CHECK(format(one).find("the same") == std::string::npos);
}

TEST_CASE("names and times are read without a key") {
    const auto file = parse_sealed(known_text()).value();
    CHECK(file.account.str() == "anna");
    CHECK(file.find("api_key") != nullptr);
    CHECK(file.find("nothing") == nullptr);
}

TEST_CASE("what is not as it is written is refused") {
    const auto text = known_text();
    CHECK(parse_sealed(replaced(text, "sealed 1\n", "sealed 2\n")).error().code() ==
          Errc::newer_version);
    CHECK(parse_sealed(std::string(k_sealed_file_max + 1, 'x')).error().code() == Errc::too_large);
    const std::pair<const char*, const char*> all[] = {
        {"account anna", "account Anna"},
        {"generation 3", "generation 03"},
        {"generation 3", "generation -3"},
        {"generation 3", "generation 99999999999999999999"},
        {"expires never", "expires 2026-11-22T00:30:00Z"},
        {"expires never", "expires soon"},
        {"set 2026-11-20T18:00:00.000Z", "set 2026-13-20T18:00:00.000Z"},
        {"field api_key", "field access_token"},
        {"field api_key", "field aaa"},
        {"nonce 60", "nonce "},
        {"nonce 6061", "nonce 60G1"},
        {"nonce 606162", "nonce 60 6162"},
        {"mac ", "mac 00"},
        {"\nmac ", "\n\nmac "},
    };
    for (const auto& [what, with] : all) {
        CAPTURE(what);
        CAPTURE(with);
        CHECK_FALSE(parse_sealed(replaced(text, what, with)).has_value());
    }
    CHECK_FALSE(parse_sealed(text + "\n").has_value());
    CHECK_FALSE(parse_sealed(text + text).has_value());
}
