// What `strategy.name` may name, for who checks settings and has no strategies. The workers'
// registry makes sure at compile time that it has the same.
#pragma once

#include <array>
#include <string_view>

namespace bullpen::config {

inline constexpr std::array<std::string_view, 1> k_strategy_names = {"vwap_bounce"};

}  // namespace bullpen::config
