#include "worker/strategy/registry.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/base/errc.hpp"
#include "common/config/strategy_names.hpp"
#include "worker/strategy/vwap_bounce.hpp"

namespace bullpen::strategy {

namespace {

constexpr std::array k_strategies = {
    Registered{"vwap_bounce", "buys and sells what comes back from the bands of the VWAP",
               &VwapBounce::make},
};

static_assert(std::equal(k_strategies.begin(), k_strategies.end(), config::k_strategy_names.begin(),
                         config::k_strategy_names.end(),
                         [](const Registered& registered, std::string_view name) {
                             return registered.name == name;
                         }),
              "who checks settings knows the strategies that there are");

}  // namespace

std::span<const Registered> strategies() {
    return k_strategies;
}

Result<std::unique_ptr<Strategy>> make_strategy(const config::StrategySettings& settings,
                                                const model::Instrument& instrument) {
    std::string known;
    for (const Registered& registered : strategies()) {
        if (registered.name == settings.name)
            return registered.make(settings, instrument);
        known += (known.empty() ? "" : ", ") + std::string(registered.name);
    }
    return fail(Errc::not_found,
                "there is no strategy \"" + settings.name + "\"; known are: " + known);
}

}  // namespace bullpen::strategy
