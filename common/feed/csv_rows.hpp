// Lines of a text and fields of a line, in bounded memory.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/feed/byte_source.hpp"

namespace bullpen::feed {

struct Line {
    std::string_view text;     // without its ending; valid until the next call
    std::uint64_t number = 0;  // the first line is 1
    bool crlf = false;
    bool too_long = false;  // text is then empty
};

class LineReader {
  public:
    static constexpr std::size_t k_line_length_max = 4096;

    explicit LineReader(std::unique_ptr<ByteSource> source);
    // The next line, the last one with or without an ending; nullopt at the end. A byte-order mark
    // before the first line is skipped.
    Result<std::optional<Line>> next();
    [[nodiscard]] std::string_view damage() const { return source_->damage(); }

  private:
    static constexpr std::size_t k_buffer_size = 64 * 1024;
    Result<void> fill();

    std::unique_ptr<ByteSource> source_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t number_ = 0;
    bool at_end_ = false;
};

// The fields of one line: split at the delimiter, blanks around and quotes about a field removed.
// A quoted field may contain the delimiter.
class Fields {
  public:
    static constexpr std::size_t k_fields_max = 64;

    void split(std::string_view line, char delimiter);
    // k_fields_max + 1 when there are more.
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const { return fields_[i]; }

  private:
    std::array<std::string_view, k_fields_max> fields_;
    std::size_t size_ = 0;
};

}  // namespace bullpen::feed
