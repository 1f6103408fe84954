// Takes a text apart from its beginning, word by word. For files that are read just as they were
// written. Does not own the text.
#pragma once

#include <optional>
#include <string_view>

namespace bullpen::vault {

class WordReader {
  public:
    explicit WordReader(std::string_view rest) : rest_(rest) {}

    // Whether the next thing is `word`; it is taken then.
    bool take(std::string_view word) {
        if (!rest_.starts_with(word))
            return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    // Up to the next `end`, which is taken too; none when there is no end.
    std::optional<std::string_view> until(char end) {
        const auto at = rest_.find(end);
        if (at == std::string_view::npos)
            return std::nullopt;
        const auto word = rest_.substr(0, at);
        rest_.remove_prefix(at + 1);
        return word;
    }
    // What is left, and to go on behind so much of it.
    [[nodiscard]] std::string_view rest() const { return rest_; }
    void skip(std::size_t size) { rest_.remove_prefix(size); }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

}  // namespace bullpen::vault
