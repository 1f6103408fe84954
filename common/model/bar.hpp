// Bar: what was traded in [start, start + span). Labelled by its start, in UTC, whatever its source
// did. A span without a trade has no bar; nothing is filled in.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/clock.hpp"
#include "common/model/price.hpp"

namespace bullpen::model {

inline constexpr std::chrono::seconds k_minute{60};
inline constexpr std::chrono::seconds k_quarter_hour{900};
// Contracts in one bar; a greater volume is refused where bars are read.
inline constexpr std::int64_t k_volume_max = 1'000'000'000'000;

struct Bar {
    UtcTime start{};
    std::chrono::seconds span = k_minute;
    Price open;
    Price high;
    Price low;
    Price close;
    std::int64_t volume = 0;
    // One-minute bars in it: 1 for a minute, up to 15 for a quarter of an hour.
    std::int32_t minutes = 1;

    [[nodiscard]] UtcTime end() const { return start + span; }
    friend bool operator==(const Bar&, const Bar&) = default;
};

// Whether high and low enclose open and close, and the volume is not negative.
constexpr bool well_formed(const Bar& bar) {
    return bar.low <= bar.open && bar.open <= bar.high && bar.low <= bar.close &&
           bar.close <= bar.high && bar.volume >= 0;
}

}  // namespace bullpen::model
