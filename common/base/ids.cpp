#include "common/base/ids.hpp"

#include <charconv>

#include "common/base/errc.hpp"

namespace bullpen {

namespace {

bool is_lower_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// What commands call every account; none is called so.
constexpr std::string_view k_every = "all";

int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

}  // namespace

bool AccountId::valid(std::string_view text) {
    if (text == k_every || text.empty() || text.size() > k_length_max ||
        !is_lower_alnum(text.front()))
        return false;
    for (const char c : text.substr(1)) {
        if (!is_lower_alnum(c) && c != '_' && c != '-')
            return false;
    }
    return true;
}

Result<AccountId> AccountId::parse(std::string_view text) {
    if (!valid(text)) {
        return fail(
            Errc::invalid,
            "account id '" + std::string(text.substr(0, 2 * k_length_max)) +
                "': 1 to 32 characters of a-z, 0-9, '_' and '-', the first a letter or digit, "
                "and not 'all'");
    }
    return AccountId(std::string(text));
}

Result<Nonce> Nonce::parse(std::string_view hex) {
    if (hex.size() != k_hex_length)
        return fail(Errc::invalid, "a nonce is 32 hex digits");
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = hex_value(hex[2 * i]);
        const int low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return fail(Errc::invalid, "a nonce is 32 lower-case hex digits");
        bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return Nonce(bytes);
}

std::string Nonce::hex() const {
    static constexpr char k_digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(k_hex_length);
    for (const auto byte : bytes_) {
        text += k_digits[byte >> 4];
        text += k_digits[byte & 15];
    }
    return text;
}

Result<LaunchToken> LaunchToken::parse(std::string_view text) {
    const auto dot = text.find('.');
    LaunchToken token;
    if (dot == std::string_view::npos) {
        return fail(Errc::invalid, "a launch token is <number>.<nonce>");
    }
    const auto digits = text.substr(0, dot);
    const auto [end, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), token.number.value);
    if (code != std::errc() || end != digits.data() + digits.size()) {
        return fail(Errc::invalid, "a launch token starts with a number");
    }
    BULLPEN_TRY(token.nonce, Nonce::parse(text.substr(dot + 1)));
    return token;
}

std::string LaunchToken::str() const {
    return std::to_string(number.value) + "." + nonce.hex();
}

}  // namespace bullpen
