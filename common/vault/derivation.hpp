// Keys from passphrases: Argon2id, which takes a quarter of a gigabyte and half a second on
// purpose, in a child process that ends with it. How a key is derived is in HOME/secrets/vault.kdf:
// no secret, and of no use without the passphrase. Never called by the daemon.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/base/secret.hpp"
#include "common/vault/key.hpp"

namespace bullpen::vault {

inline constexpr std::size_t k_passphrase_min = 8;     // bytes
inline constexpr std::size_t k_passphrase_max = 1024;  // bytes

// One way to derive a key, and the id of the key that comes out.
struct Derivation {
    static constexpr std::uint64_t k_passes_max = 16;
    static constexpr std::size_t k_memory_min = std::size_t{8} << 10;  // bytes
    static constexpr std::size_t k_memory_max = std::size_t{1} << 30;  // bytes

    std::uint64_t passes = 3;
    std::size_t memory = std::size_t{256} << 20;  // bytes
    std::string salt;                             // 16 bytes
    std::string key_id;
    friend bool operator==(const Derivation&, const Derivation&) = default;

    // With a salt of its own and no key yet.
    static Derivation fresh();
};

// Lines of a vault.kdf; the one in use first. Errc::corrupt with what is wrong.
Result<std::vector<Derivation>> parse_derivations(std::string_view text);
std::string format(const std::vector<Derivation>& derivations);

// In a child process: Errc::exhausted when there is not enough memory for it, Errc::timed_out.
// Not from a process with threads.
inline constexpr Nanos k_derivation_wait = std::chrono::seconds(60);
Result<VaultKey> derive_in_child(const Secret& passphrase, const Derivation& how);

}  // namespace bullpen::vault
