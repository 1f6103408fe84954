#include "supervisor/lease/fence_allocator.hpp"

#include <algorithm>

#include "supervisor/fleet/planted.hpp"

namespace bullpen::lease {

using fleet::Defect;
using fleet::planted;

FenceAllocator::FenceAllocator(std::optional<Fence> reserved, Fence greatest_known)
    : next_(greatest_known.value + 1), reserved_(0) {
    if (planted(Defect::fence_block_forgotten))
        next_ = reserved ? reserved->value - std::min(reserved->value - 1, k_block) : next_;
    else if (reserved)
        next_ = std::max(next_, reserved->value);
    else
        next_ += k_block;
    // Nothing is given before the first reservation of this run is durable.
    reserved_ = next_;
}

std::optional<Fence> FenceAllocator::take() {
    if (next_ >= reserved_)
        return std::nullopt;
    const Fence fence{next_};
    if (!planted(Defect::fence_reused) || next_ % 7 != 0)
        ++next_;
    return fence;
}

void FenceAllocator::observe(Fence seen) {
    next_ = std::max(next_, seen.value + 1);
}

std::optional<Fence> FenceAllocator::due() const {
    if (next_ + k_block / 2 <= reserved_)
        return std::nullopt;
    return Fence{next_ + k_block};
}

void FenceAllocator::reserved(Fence upto) {
    reserved_ = std::max(reserved_, upto.value);
}

}  // namespace bullpen::lease
