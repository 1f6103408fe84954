#include "worker/strategy/management.hpp"

#include <algorithm>

namespace bullpen::strategy {

namespace {

// Contracts of one part; one stays for the last.
std::int64_t part(std::int64_t quantity, int percent, std::int64_t held) {
    if (percent == 0)
        return 0;
    return std::min(std::max<std::int64_t>(quantity * percent / 100, 1), held - 1);
}

}  // namespace

std::int64_t left_after(int stage, std::int64_t quantity, int percent_1, int percent_2) {
    std::int64_t held = quantity;
    if (stage >= 1)
        held -= part(quantity, percent_1, held);
    if (stage >= 2)
        held -= part(quantity, percent_2, held);
    return held;
}

}  // namespace bullpen::strategy
