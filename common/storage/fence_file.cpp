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

Result<FenceFile> FenceFile::open(const std::string& path, const std::string& copy,
                                  Fence greatest_used) {
    FenceFile file;
    file.path_ = path;
    file.copy_ = copy;
    bool exists = false;
    const auto one = read_copy(path, exists);
    const auto two = read_copy(copy, exists);
    const Fence after_used{greatest_used.value == 0 ? 0 : greatest_used.value + 1};
    if (one || two) {
        file.reserved_ = std::max({one.value_or(Fence{}), two.value_or(Fence{}), after_used});
        file.intact_ = one == two;
        return file;
    }
    if (greatest_used.value == 0 && exists) {
        return fail(Errc::corrupt, "neither " + path + " nor " + copy +
                                       " can be read, and no other file says which fences were "
                                       "used: restore one of the two from a backup");
    }
    if (greatest_used.value != 0)
        file.reserved_ = {greatest_used.value + k_gap};
    return file;
}

Result<void> FenceFile::reserve(Fence up_to) {
    BULLPEN_ASSERT(up_to >= reserved_, "fences only grow");
    SystemFileSystem files;
    for (const std::string& path : {path_, copy_})
        BULLPEN_CHECK(replace_file(files, path, line_for(up_to)));
    reserved_ = up_to;
    intact_ = true;
    return {};
}

}  // namespace bullpen::storage
