// How indicator state is kept: every field of every state is a 64-bit word, a double as its bits,
// so that saving and restoring changes nothing, not even the last bit. Words are written as hex in
// a string, which state.json carries as it is.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::indicators {

// A running hash over exact bits: of bars, values and counters, in the order they are added. Its
// value is all its state, so it too is saved and restored.
class RunHash {
  public:
    RunHash() = default;
    explicit RunHash(std::uint64_t value) : value_(value) {}
    void add(std::uint64_t word);
    void add(std::int64_t word) { add(static_cast<std::uint64_t>(word)); }
    void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
    [[nodiscard]] std::uint64_t value() const { return value_; }
    [[nodiscard]] std::string hex() const;

  private:
    std::uint64_t value_ = 0x42756c6c70656e31;  // "Bullpen1"
};

class WordWriter {
  public:
    void operator()(std::uint64_t word) { words_.push_back(word); }
    void operator()(std::int64_t word) { words_.push_back(static_cast<std::uint64_t>(word)); }
    void operator()(double number) { words_.push_back(std::bit_cast<std::uint64_t>(number)); }
    [[nodiscard]] const std::vector<std::uint64_t>& words() const { return words_; }

  private:
    std::vector<std::uint64_t> words_;
};

// Reads words back; asked for more than there are, it gives zeros and complete() is false.
class WordReader {
  public:
    explicit WordReader(std::vector<std::uint64_t> words) : words_(std::move(words)) {}
    void operator()(std::uint64_t& word) { word = take(); }
    void operator()(std::int64_t& word) { word = static_cast<std::int64_t>(take()); }
    void operator()(double& number) { number = std::bit_cast<double>(take()); }
    [[nodiscard]] bool complete() const { return at_ == words_.size() && !short_; }

  private:
    std::uint64_t take();
    std::vector<std::uint64_t> words_;
    std::size_t at_ = 0;
    bool short_ = false;
};

// "0000000000000001.3ff0000000000000"; the empty string is no word.
std::string words_to_text(const std::vector<std::uint64_t>& words);
// Errc::corrupt, Errc::too_large beyond `words_max`.
Result<std::vector<std::uint64_t>> words_from_text(std::string_view text, std::size_t words_max);

}  // namespace bullpen::indicators
