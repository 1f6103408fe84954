// LineFile: a file of lines that are only ever appended, each in one write. It must outlive the
// process that writes it, not the kernel, so nothing is synced and an append takes microseconds. A
// line that a death in mid-write cut off stays a line of its own: the next one never runs into it.
// One that has grown is replaced whole, so that its name shows the old lines or the new ones.
//
// One writer per path, who holds the lock that makes it so. Not to be shared between threads.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::storage {

struct LineFileSettings {
    mode_t mode = 0600;
    std::size_t read_max = 256UL * 1024 * 1024;  // bytes; a larger one is not opened
    // To be replaced once it is this large and this many times what it need be.
    std::uint64_t overgrown_at = 1024UL * 1024;  // bytes
    std::uint64_t growth_max = 4;
};

class LineFile {
  public:
    // `files` outlives it.
    LineFile(FileSystem& files, std::string path, const LineFileSettings& settings = {})
        : files_(&files), path_(std::move(path)), settings_(settings) {}

    // What is there, and open for appending from now on; empty without a file, which is then made
    // by replace().
    Result<std::string> open();
    // Whether the file is open.
    [[nodiscard]] bool is_open() const { return file_ != nullptr; }
    // It ends in the middle of a line.
    [[nodiscard]] bool torn() const { return torn_; }
    // Worth replacing; after a replacement that failed, once it has grown again.
    [[nodiscard]] bool overgrown() const { return size_ > replace_at_; }

    // `line` ends in a newline and has no other. In the kernel's hands when it returns; when it
    // fails, the file has the lines that it had.
    Result<void> append(std::string_view line);
    // `content`, whole lines, in the place of all; also where somebody removed the file.
    Result<void> replace(std::string_view content);

  private:
    void grown_from(std::uint64_t size);

    FileSystem* files_;
    std::string path_;
    LineFileSettings settings_;
    std::unique_ptr<AppendFile> file_;
    std::uint64_t size_ = 0;
    std::uint64_t replace_at_ = 0;
    bool torn_ = false;
};

// The lines of a text, without their ends; empty ones are none.
std::vector<std::string_view> lines_of(std::string_view text);

// The text in parts of at most `size_max` bytes, cut behind a line where there is one to cut
// behind.
std::vector<std::string> parts_of(std::string_view text, std::size_t size_max);

}  // namespace bullpen::storage
