// The few primitives of libsodium that the vault is made of, under names of ours; inside this
// library only. Any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "common/base/secret.hpp"

namespace bullpen::vault::sodium {

inline constexpr std::size_t k_key_bytes = 32;
inline constexpr std::size_t k_nonce_bytes = 24;
inline constexpr std::size_t k_tag_bytes = 16;
inline constexpr std::size_t k_hash_bytes = 32;
inline constexpr std::size_t k_salt_bytes = 16;

void fill_with_chance(std::span<char> bytes);

// XChaCha20-Poly1305 (IETF); what it gives is as long as `plain` and the tag.
std::string seal(std::string_view plain, std::string_view associated, std::string_view nonce,
                 const Secret& key);
// False when it was not sealed by this key with this nonce and associated data; `plain` has room
// for what `sealed` has without its tag.
bool open(std::string_view sealed, std::string_view associated, std::string_view nonce,
          const Secret& key, std::span<char> plain);

// BLAKE2b-256 with a key: as a secret, for keys that follow from others; as bytes that anybody may
// see, for what is written beside the text.
Secret keyed_hash(std::string_view text, const Secret& key);
std::string mac(std::string_view text, const Secret& key);
bool same(std::string_view a, std::string_view b);

// Argon2id; false when there is not enough memory.
bool derive(const Secret& passphrase, std::string_view salt, unsigned long long passes,
            std::size_t memory, std::span<char> key);

}  // namespace bullpen::vault::sodium
