#include "worker/jobs/rupees.hpp"

#include <cstdint>

namespace bullpen::jobs {

std::string rupees_text(model::Price paise) {
    constexpr std::int64_t k_hundred = 100;
    const auto part = std::to_string(k_hundred + paise.ticks % k_hundred);
    return std::to_string(paise.ticks / k_hundred) + "." + part.substr(1);
}

}  // namespace bullpen::jobs
