#include "common/storage/fence_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "common/base/assert.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/checksum.hpp"

namespace bullpen::storage {
namespace {

constexpr std::size_t k_size_max = 4096;
// Added when both copies are lost and only the fences in use are known: more than any block that
// could have been reserved above them.
constexpr std::uint64_t k_gap = 1'000'000;
constexpr std::string_view k_head = "bullpen-fences 1 ";

std::string copy_of(const std::string& path) {
    return path + ".copy";
}
std::string line_for(Fence fence) {
    const std::string line = std::string(k_head) + std::to_string(fence.value);
    return line + " " + checksum_text(crc32c(line)) + "\n";
}

// `exists` becomes true when there is a file, whatever is in it.
std::optional<Fence> read_copy(const std::string& path, bool& exists) {
    const auto text = read_file(path, k_size_max);
    exists = exists || text || text.error().code() != std::errc::no_such_file_or_directory;
    if (!text || !text->starts_with(k_head))
        return std::nullopt;
    const Fence fence{std::strtoull(text->c_str() + k_head.size(), nullptr, 10)};
    return *text == line_for(fence) ? std::optional(fence) : std::nullopt;
}

}  // namespace

Result<FenceFile> FenceFile::open(const std::string& path, Fence at_least) {
    FenceFile file;
    file.path_ = path;
    bool exists = false;
    const auto one = read_copy(path, exists);
    const auto two = read_copy(copy_of(path), exists);
    if (one || two) {
        file.reserved_ = std::max({one.value_or(Fence{}), two.value_or(Fence{}), at_least});
        file.intact_ = one == two;
        return file;
    }
    if (at_least.value == 0 && exists)
        return fail(Errc::corrupt, "neither " + path + " nor its copy can be read");
    file.intact_ = at_least.value == 0;
    if (!file.intact_)
        file.reserved_ = {at_least.value + k_gap};
    return file;
}

Result<void> FenceFile::reserve(Fence up_to) {
    BULLPEN_ASSERT(up_to >= reserved_, "fences only grow");
    SystemFileSystem files;
    for (const std::string& path : {path_, copy_of(path_)})
        BULLPEN_CHECK(replace_file(files, path, line_for(up_to)));
    reserved_ = up_to;
    intact_ = true;
    return {};
}

}  // namespace bullpen::storage
