// How much memory this process has resident, as the kernel counts it.
#pragma once

#include <cstdint>

namespace bullpen::worker {

// 0 when it cannot be read.
std::uint64_t resident_bytes();

}  // namespace bullpen::worker
