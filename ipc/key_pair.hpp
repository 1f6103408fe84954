// The keys with which both ends of a connection over TCP prove who they are (CURVE): a public one,
// which may be shown to anybody, and a secret one, which is in a file of its owner alone and
// nowhere else. Both are written as 64 hexadecimal digits. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/base/secret.hpp"

namespace bullpen::ipc {

inline constexpr std::size_t k_key_digits = 64;

bool is_public_key(std::string_view text);

struct KeyPair {
    std::string public_key;
    Secret secret;  // its digits
};
Result<KeyPair> make_key_pair();
// Errc::refused for a file that somebody else could have read; Errc::invalid for one without a key.
Result<KeyPair> read_key_pair(const std::string& path);
// Makes the file, mode 0600; an error where there is one: what others know a key by is not replaced
// by accident.
Result<void> write_secret_key(const std::string& path, const KeyPair& pair);

// As the messaging library takes a key; to be wiped by who asks.
std::string key_bytes(std::string_view digits);

}  // namespace bullpen::ipc
