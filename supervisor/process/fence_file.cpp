#include "supervisor/process/fence_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include "common/base/assert.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"

namespace bullpen::process {
namespace {

constexpr std::size_t k_size_max = 4096;
constexpr mode_t k_mode = 0600;
// Added when both copies are lost and only the fences in use are known: more than any block that
// could have been reserved above them.
constexpr std::uint64_t k_gap = 1'000'000;
constexpr std::string_view k_head = "bullpen-fences 1 ";

std::string copy_of(const std::string& path) {
    return path + ".copy";
}

std::string line_for(Fence fence) {
    std::string line = std::string(k_head) + std::to_string(fence.value);
    const auto sum =
        ::crc32(0, reinterpret_cast<const Bytef*>(line.data()), static_cast<uInt>(line.size()));
    std::array<char, 16> hex{};
    std::snprintf(hex.data(), hex.size(), " %08lx\n", sum);
    // Always of one length, so that it is overwritten in place and in one sector.
    std::string padded = line + hex.data();
    padded.insert(padded.size() - 1, 64 - padded.size(), ' ');
    return padded;
}

std::optional<Fence> parse(const std::string& text) {
    if (!text.starts_with(k_head))
        return std::nullopt;
    Fence fence;
    const char* begin = text.data() + k_head.size();
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), fence.value);
    if (error != std::errc() || text != line_for(fence))
        return std::nullopt;
    return fence;
}

struct Copy {
    bool exists = false;
    std::optional<Fence> fence;
};

Copy read_copy(const std::string& path) {
    const auto text = read_file(path, k_size_max);
    if (!text)
        return {text.error().code() != std::errc::no_such_file_or_directory, std::nullopt};
    return {true, parse(*text)};
}

Result<void> write_copy(const std::string& path, const std::string& line) {
    const bool fresh = ::access(path.c_str(), F_OK) != 0;
    BULLPEN_TRY(const Descriptor file, open_file(path, O_WRONLY | O_CREAT | O_NOFOLLOW, k_mode));
    BULLPEN_CHECK(write_all(file.get(), line));
    if (::ftruncate(file.get(), static_cast<off_t>(line.size())) != 0 ||
        ::fdatasync(file.get()) != 0)
        return fail_errno("cannot sync " + path);
    if (!fresh)
        return {};
    BULLPEN_TRY(const Descriptor directory, open_directory(path.substr(0, path.rfind('/'))));
    if (::fsync(directory.get()) != 0)
        return fail_errno("cannot sync the directory of " + path);
    return {};
}

}  // namespace

Result<FenceFile> FenceFile::open(const std::string& path, Fence at_least) {
    const Copy one = read_copy(path);
    const Copy two = read_copy(copy_of(path));
    const bool intact = one.fence && two.fence && *one.fence == *two.fence;
    if (one.fence || two.fence) {
        const Fence reserved = std::max(one.fence.value_or(Fence{}), two.fence.value_or(Fence{}));
        return FenceFile(path, std::max(reserved, at_least), intact);
    }
    if (one.exists || two.exists) {
        if (at_least.value == 0)
            return fail(Errc::corrupt, "neither " + path + " nor its copy can be read");
        return FenceFile(path, Fence{at_least.value + k_gap}, false);
    }
    if (at_least.value != 0)
        return FenceFile(path, Fence{at_least.value + k_gap}, false);
    return FenceFile(path, Fence{}, true);
}

Result<void> FenceFile::reserve(Fence up_to) {
    BULLPEN_ASSERT(up_to >= reserved_, "fences only grow");
    const std::string line = line_for(up_to);
    // One after the other, each synced: at any instant one of them is whole.
    BULLPEN_CHECK(write_copy(path_, line));
    BULLPEN_CHECK(write_copy(copy_of(path_), line));
    reserved_ = up_to;
    intact_ = true;
    return {};
}

}  // namespace bullpen::process
