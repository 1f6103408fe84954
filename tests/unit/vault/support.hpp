// Credentials and keys that tests of the vault know.
#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "common/vault/credentials.hpp"
#include "common/vault/key.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::test {

inline Secret secret(std::string_view text) {
    return Secret(std::string(text));
}

// The bytes first, first + 1, ...
inline vault::VaultKey key_from(unsigned char first) {
    std::string bytes(vault::VaultKey::k_bytes, '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(first++);
    return vault::VaultKey::of(Secret(std::move(bytes))).value();
}

inline vault::KeyRing ring_of(unsigned char first) {
    return vault::KeyRing(key_from(first));
}

// For what a test knows to succeed.
inline void must(const Result<void>& done) {
    REQUIRE_MESSAGE(done.has_value(), done.error().message());
}

inline vault::Credentials credentials_of(
    std::string_view account,
    std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    vault::Credentials credentials(account_id(account));
    credentials.set_generation(1);
    for (const auto& [name, value] : fields)
        must(credentials.put({std::string(name), secret(value), {}, {}}));
    return credentials;
}

}  // namespace bullpen::test
