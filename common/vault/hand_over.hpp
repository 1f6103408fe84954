// How credentials reach the one process that needs them: as a JSON object on a pipe that it
// inherits, read once to its end; and, for a program whose account file asks for it, as variables.
//
//   {"v":1,"account":"mes01","fields":{"api_key":"..."},"expires":{"access_token":"2026-...Z"}}
//
// docs/vault.md has it for those who write a worker of their own.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"
#include "common/base/secret.hpp"
#include "common/config/settings.hpp"
#include "common/vault/credentials.hpp"
#include "common/vault/sealed_file.hpp"

namespace bullpen::vault {

// Less than a pipe holds, so that writing it never waits for the reader.
inline constexpr std::size_t k_hand_over_max = std::size_t{48} << 10;  // bytes
// The variable that tells a worker the number of its descriptor, and nothing else.
inline constexpr const char* k_descriptor_variable = "BULLPEN_CREDENTIALS_FD";

Secret hand_over_text(const Credentials& credentials);
// Errc::wrong_account when they are another account's; Errc::corrupt.
Result<Credentials> parse_hand_over(const Secret& text, const AccountId& account);

// The end to read of a pipe that holds the text and that nobody can write to any more. Never waits;
// Errc::exhausted when the system gives its pipes too little room.
Result<Descriptor> pipe_with(const Secret& text);
// Reads to the end and closes it; Errc::timed_out when the other end stays open and silent.
Result<Secret> read_pipe(Descriptor pipe);

// "NAME=value" for each entry of credentials_environment. The caller wipes them.
std::vector<std::string> environment_with(const config::AccountSettings& settings,
                                          const Credentials& credentials);

// What a launch hands to its process: the descriptor, or variables in its place.
struct HandOver {
    Descriptor pipe;
    std::vector<std::string> variables;

    HandOver() = default;
    HandOver(HandOver&&) noexcept = default;
    HandOver& operator=(HandOver&&) noexcept = default;
    HandOver(const HandOver&) = delete;
    HandOver& operator=(const HandOver&) = delete;
    ~HandOver();
};
// Of what is sealed: nothing for an account that has nothing. `keys`: null when the vault is
// locked, which is an error then, with `locked` as its sentence.
Result<HandOver> hand_over(const config::AccountSettings& settings,
                           const Result<std::optional<SealedFile>>& file, const KeyRing* keys,
                           const std::string& locked);

}  // namespace bullpen::vault
