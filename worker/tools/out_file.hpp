// OutFile: text to a file that has its name only when it is whole: written beside it and renamed by
// finish(). "-" is stdout. One thread.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen::tools {

class OutFile {
  public:
    static Result<OutFile> open(const std::string& path);
    OutFile(OutFile&& other) noexcept;
    OutFile& operator=(OutFile&&) = delete;
    OutFile(const OutFile&) = delete;
    OutFile& operator=(const OutFile&) = delete;
    // What was not finished is removed.
    ~OutFile();

    // Buffered; an error is told by finish().
    void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), file_); }
    Result<void> finish();

  private:
    OutFile(std::string path, std::string temporary, std::FILE* file)
        : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}
    std::string path_;
    std::string temporary_;  // empty: stdout
    std::FILE* file_;        // null when it was finished
};

// All of a file at once.
Result<void> write_file(const std::string& path, std::string_view text);

}  // namespace bullpen::tools
