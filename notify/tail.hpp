// LogTail: the lines of a log that another process writes and rotates, each once, from where an
// earlier process of ours left off. Waits for nothing and locks nothing: who writes the log does
// not notice.
//
// One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::notify {

// A place in a file that may have been rotated since. The checksum is of the file's beginning: the
// number of a removed file is given to a new one.
struct Cursor {
    std::uint64_t inode = 0;
    std::uint64_t offset = 0;  // of the first byte that was not read
    std::uint32_t head = 0;    // of the first k_head bytes, or as many as `offset` says
    friend bool operator==(const Cursor&, const Cursor&) = default;
};

class LogTail {
  public:
    static constexpr std::size_t k_head = 128;                // bytes
    static constexpr std::size_t k_chunk = 256 * 1024;        // bytes of one read
    static constexpr std::size_t k_line_max = 64 * 1024;      // bytes; a longer one is passed over
    static constexpr std::uint64_t k_primed_max = 16 * 1024;  // bytes before the place

    // Where to begin without a cursor.
    enum class Begin : std::uint8_t {
        first,  // with the oldest file there is
        end,    // with what is written from now on
    };
    LogTail(std::string path, std::optional<Cursor> cursor, Begin begin)
        : path_(std::move(path)), cursor_(cursor), begin_(begin) {}

    using Line = std::function<void(std::string_view line)>;
    // Hands over whole lines that are new, of at most `most` bytes and a chunk. `primed` gets the
    // lines before the place, once, when there is one. Returns how many bytes it went on; a log
    // that is not there has none.
    std::size_t read(std::size_t most, const Line& primed, const Line& line);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const std::optional<Cursor>& cursor() const { return cursor_; }

  private:
    bool open_place(const Line& primed);
    bool open_at(const std::string& path, std::uint64_t offset);
    // The file after the open one, when that was rotated and read to its end.
    bool open_next();
    std::size_t read_open(const Line& line);
    void prime(const Line& primed);
    void set_place(std::uint64_t offset);

    std::string path_;
    std::optional<Cursor> cursor_;
    Begin begin_;
    Descriptor file_;
    bool skipping_ = false;  // the rest of a line that is too long
};

}  // namespace bullpen::notify
