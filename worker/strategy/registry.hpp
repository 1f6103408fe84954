// The strategies that an account's file can name in `strategy.name`.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "common/config/settings.hpp"
#include "common/model/instrument.hpp"
#include "worker/strategy/strategy.hpp"

namespace bullpen::strategy {

struct Registered {
    std::string_view name;
    std::string_view description;
    // `instrument` outlives what is made. Errc::invalid when the settings contradict each other.
    Result<std::unique_ptr<Strategy>> (*make)(const config::StrategySettings& settings,
                                              const model::Instrument& instrument);
};

// In the order of their names; they live as long as the program.
std::span<const Registered> strategies();

// The one that the settings name. Errc::not_found, listing the known names.
Result<std::unique_ptr<Strategy>> make_strategy(const config::StrategySettings& settings,
                                                const model::Instrument& instrument);

}  // namespace bullpen::strategy
