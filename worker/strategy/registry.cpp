#include "worker/strategy/registry.hpp"

#include <array>
#include <string>

#include "common/base/errc.hpp"

namespace bullpen::strategy {

std::span<const Registered> strategies() {
    return {};
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
