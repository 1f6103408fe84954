#include "worker/strategy/registry.hpp"

#include <array>
#include <string>

#include "common/base/errc.hpp"
#include "worker/strategy/vwap_bounce.hpp"

namespace bullpen::strategy {

namespace {

constexpr std::array k_strategies = {
    Registered{"vwap_bounce", "buys and sells what comes back from the bands of the VWAP",
               &VwapBounce::make},
};

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
