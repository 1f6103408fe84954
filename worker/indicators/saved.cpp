#include "worker/indicators/saved.hpp"

#include <charconv>

#include "common/base/errc.hpp"

namespace bullpen::indicators {

namespace {

constexpr std::size_t k_hex_digits = 16;

void append_hex(std::uint64_t word, std::string* text) {
    constexpr std::string_view k_digits = "0123456789abcdef";
    for (int shift = 60; shift >= 0; shift -= 4)
        text->push_back(k_digits[word >> shift & 0xF]);
}

}  // namespace

void RunHash::add(std::uint64_t word) {
    // The finalizer of splitmix64 over the running value: every bit of the word reaches every bit
    // of the result, and the order of words matters.
    value_ = (value_ ^ word) + 0x9e3779b97f4a7c15;
    value_ = (value_ ^ (value_ >> 30)) * 0xbf58476d1ce4e5b9;
    value_ = (value_ ^ (value_ >> 27)) * 0x94d049bb133111eb;
    value_ ^= value_ >> 31;
}

std::string RunHash::hex() const {
    std::string text;
    append_hex(value_, &text);
    return text;
}

std::uint64_t WordReader::take() {
    if (at_ == words_.size()) {
        short_ = true;
        return 0;
    }
    return words_[at_++];
}

std::string words_to_text(const std::vector<std::uint64_t>& words) {
    std::string text;
    text.reserve(words.size() * (k_hex_digits + 1));
    for (const std::uint64_t word : words) {
        if (!text.empty())
            text.push_back('.');
        append_hex(word, &text);
    }
    return text;
}

Result<std::vector<std::uint64_t>> words_from_text(std::string_view text, std::size_t words_max) {
    std::vector<std::uint64_t> words;
    if (text.empty())
        return words;
    const std::size_t count = (text.size() + 1) / (k_hex_digits + 1);
    if (count > words_max)
        return fail(Errc::too_large,
                    "saved indicator state has more than " + std::to_string(words_max) + " words");
    words.reserve(count);
    for (std::size_t at = 0; at <= text.size(); at += k_hex_digits + 1) {
        const std::string_view hex = text.substr(at, k_hex_digits);
        std::uint64_t word = 0;
        const auto parsed = std::from_chars(hex.data(), hex.data() + hex.size(), word, 16);
        const std::size_t end = at + k_hex_digits;
        if (hex.size() != k_hex_digits || parsed.ec != std::errc() ||
            parsed.ptr != hex.data() + hex.size() || (end < text.size() && text[end] != '.'))
            return fail(Errc::corrupt, "saved indicator state is not a row of words");
        words.push_back(word);
    }
    return words;
}

}  // namespace bullpen::indicators
