// The sealed credentials of one account: HOME/secrets/<account>.sealed, as docs/vault.md describes
// it. Each field is sealed by XChaCha20-Poly1305 with its account, its name and its times as
// associated data, so that a field or a file in the wrong place does not open; a keyed hash over
// the whole file finds a field that was taken away. Names and times can be read without the key.
// Pure but for the chance in a nonce; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/vault/credentials.hpp"
#include "common/vault/key.hpp"

namespace bullpen::vault {

inline constexpr std::size_t k_sealed_file_max = std::size_t{64} << 10;  // bytes

struct SealedField {
    std::string name;
    UtcTime set{};
    std::optional<UtcTime> expires;
    std::string nonce;   // 24 bytes
    std::string sealed;  // as many bytes as the value, and 16
    friend bool operator==(const SealedField&, const SealedField&) = default;
};

struct SealedFile {
    AccountId account;
    std::uint64_t generation = 0;
    std::string key_id;
    std::vector<SealedField> fields;  // by name, in order
    std::string mac;                  // 32 bytes
    friend bool operator==(const SealedFile&, const SealedFile&) = default;

    [[nodiscard]] const SealedField* find(std::string_view name) const;
};

// Errc::newer_version, Errc::corrupt. What it takes is what format() writes, to the byte.
Result<SealedFile> parse_sealed(std::string_view text);
std::string format(const SealedFile& file);

SealedFile seal(const Credentials& credentials, const VaultKey& key);
// Whether it is as it was sealed, for this account and by a key of the ring; opens no value, and
// costs some microseconds. Its errors are those of open().
Result<void> check(const SealedFile& file, const KeyRing& keys, const AccountId& account);
// Errc::wrong_account when it names another account than `account`; Errc::not_found when the ring
// has not the key; Errc::corrupt when it does not open, which is also how a file is found that was
// moved from one account to another and had its name changed.
Result<Credentials> open(const SealedFile& file, const KeyRing& keys, const AccountId& account);

}  // namespace bullpen::vault
