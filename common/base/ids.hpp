// Identities. Each is a type of its own, so that an account can never be passed where a group is
// meant, and each can only be made from text that passed its rule.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen {

// The name of one trading account in this home: [a-z0-9][a-z0-9_-]{0,31}. It names files and
// directories, so nothing that could leave a directory, differ by case only, or be empty can be
// one.
class AccountId {
  public:
    static constexpr std::size_t k_length_max = 32;

    static Result<AccountId> parse(std::string_view text);
    // Whether `text` is a well-formed id; never allocates.
    static bool valid(std::string_view text);

    [[nodiscard]] const std::string& str() const { return text_; }
    friend auto operator<=>(const AccountId&, const AccountId&) = default;

  private:
    explicit AccountId(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// The fencing token of a lease: for one account every launch carries a greater one than any before,
// through crashes and restores. It goes into every order id, so that orders of an older launch can
// be told apart. Zero means none.
struct Fence {
    std::uint64_t value = 0;
    friend auto operator<=>(const Fence&, const Fence&) = default;
};

// The number of a launch within one home, counted up for ever; for people and logs.
struct LaunchNumber {
    std::uint64_t value = 0;
    friend auto operator<=>(const LaunchNumber&, const LaunchNumber&) = default;
};

// 128 random bits that a launched process must show, so that no other process can speak for it.
class Nonce {
  public:
    static constexpr std::size_t k_hex_length = 32;

    Nonce() = default;
    explicit Nonce(std::array<std::uint8_t, 16> bytes) : bytes_(bytes) {}
    static Result<Nonce> parse(std::string_view hex);

    [[nodiscard]] std::string hex() const;
    friend bool operator==(const Nonce&, const Nonce&) = default;

  private:
    std::array<std::uint8_t, 16> bytes_{};
};

// What BULLPEN_LAUNCH carries: "<launch number>.<nonce in hex>".
struct LaunchToken {
    LaunchNumber number;
    Nonce nonce;

    static Result<LaunchToken> parse(std::string_view text);
    [[nodiscard]] std::string str() const;
    friend bool operator==(const LaunchToken&, const LaunchToken&) = default;
};

}  // namespace bullpen

template <>
struct std::hash<bullpen::AccountId> {
    std::size_t operator()(const bullpen::AccountId& id) const noexcept {
        return std::hash<std::string>{}(id.str());
    }
};
