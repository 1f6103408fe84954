#include "worker/own_memory.hpp"

#include <unistd.h>

#include <array>
#include <charconv>

#include "common/base/descriptor.hpp"

namespace bullpen::worker {

std::uint64_t resident_bytes() {
    // "<size> <resident> ..." in pages.
    const auto file = open_file("/proc/self/statm", O_RDONLY);
    if (!file)
        return 0;
    std::array<char, 128> text{};
    const auto size = ::read(file->get(), text.data(), text.size());
    if (size <= 0)
        return 0;
    const char* end = text.data() + size;
    const char* at = text.data();
    while (at < end && *at != ' ')
        ++at;
    std::uint64_t pages = 0;
    if (at == end || std::from_chars(at + 1, end, pages).ec != std::errc())
        return 0;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace bullpen::worker
