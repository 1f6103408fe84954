// Text out of a file or a piece of memory, unpacked if it is gzip, in pieces of bounded size: a
// file of any length takes the same memory.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen::feed {

class ByteSource {
  public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;
    // Fills at most `size` bytes; 0 only at the end.
    virtual Result<std::size_t> read(char* out, std::size_t size) = 0;
    // Why the text broke off before its end; empty while it did not.
    [[nodiscard]] virtual std::string_view damage() const { return {}; }
};

// Makes the same bytes again from the start, which a seek needs.
using OpenSource = std::function<Result<std::unique_ptr<ByteSource>>()>;

// The file as it is.
Result<std::unique_ptr<ByteSource>> open_file_source(const std::string& path);
// Keeps no copy: the memory outlives the source.
std::unique_ptr<ByteSource> memory_source(std::string_view bytes);

// Unpacks gzip (any number of members) when the first two bytes say so, and passes anything else
// on. Where the compression breaks off or is damaged, what was readable is given, then the end, and
// damage() says what happened.
Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> packed);

}  // namespace bullpen::feed
