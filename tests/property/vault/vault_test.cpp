#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "common/vault/hand_over.hpp"
#include "common/vault/sealed_file.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::vault;

namespace {

const AccountId k_account = test::account_id("anna");

// Any credentials that an account can have.
Credentials any_credentials() {
    Credentials credentials(k_account);
    credentials.set_generation(*rc::gen::arbitrary<std::uint64_t>());
    const auto count = *rc::gen::inRange(0, 8);
    for (int i = 0; i < count; ++i) {
        const auto name =
            *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcxyz")));
        auto value = *rc::gen::container<std::string>(
            rc::gen::elementOf(std::string("aB3 \"\\\n\r\t{}:,/~")));
        const auto millis = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000);
        std::optional<UtcTime> expires;
        if (*rc::gen::arbitrary<bool>())
            expires = utc_from_nanos(millis * 1'000'000);
        // What cannot be a field is not put; that is told by a test of its own.
        static_cast<void>(credentials.put({name.substr(0, 32), Secret(std::move(value)),
                                           utc_from_nanos(millis * 1'000'000), expires}));
    }
    return credentials;
}

bool same(const Credentials& a, const Credentials& b, bool with_times) {
    if (a.account() != b.account() || a.fields().size() != b.fields().size())
        return false;
    for (std::size_t i = 0; i < a.fields().size(); ++i) {
        const auto& left = a.fields()[i];
        const auto& right = b.fields()[i];
        if (left.name != right.name || !same_bytes(left.value, right.value) ||
            left.expires != right.expires || (with_times && left.set != right.set))
            return false;
    }
    return true;
}

}  // namespace

TEST_CASE("whatever is sealed opens to the same, through its text, for its account alone") {
    CHECK(rc::check("sealed, written, read and opened", [] {
        const auto credentials = any_credentials();
        const KeyRing ring(VaultKey::random());
        const auto file = seal(credentials, ring.current());
        const auto read = parse_sealed(format(file));
        RC_ASSERT(read.has_value());
        RC_ASSERT(*read == file);
        const auto opened = open(*read, ring, k_account);
        RC_ASSERT(opened.has_value());
        RC_ASSERT(opened->generation() == credentials.generation());
        RC_ASSERT(same(*opened, credentials, true));
        RC_ASSERT_FALSE(open(*read, ring, test::account_id("ben")).has_value());
        RC_ASSERT_FALSE(open(*read, KeyRing(VaultKey::random()), k_account).has_value());
    }));
}

TEST_CASE("whatever is handed over arrives as it was") {
    CHECK(rc::check("handed over and read", [] {
        const auto credentials = any_credentials();
        const auto read = parse_hand_over(hand_over_text(credentials), k_account);
        RC_ASSERT(read.has_value());
        RC_ASSERT(same(*read, credentials, false));
    }));
}
