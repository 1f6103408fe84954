#include "worker/signals/names.hpp"

#include "common/base/service.hpp"
#include "common/config/shared_names.hpp"
#include "worker/strategy/registry.hpp"

namespace bullpen::signals {

Paths paths_of(const Home& home, const config::AccountSettings& account) {
    const auto name = config::signals_service(account);
    Paths paths;
    paths.directory = home.shared() + "/signals";
    paths.ring = paths.directory + "/" + name.substr(k_service_prefix.size()) + ".ring";
    paths.lock = paths.directory + "/" + name.substr(k_service_prefix.size()) + ".lock";
    // As short as the longest of the home's other sockets, which is what Home::at() made sure fits.
    constexpr std::size_t k_digits = 6;
    paths.bell = home.run() + "/s" + name.substr(name.size() - k_digits);
    paths.log = service_log(home, AccountId::parse(name).value());
    return paths;
}

indicators::IndicatorSettings indicator_settings(const config::AccountSettings& account,
                                                 const model::Instrument& instrument) {
    const auto strategy = strategy::make_strategy(account.strategy, instrument);
    return strategy ? (*strategy)->indicator_settings() : indicators::IndicatorSettings{};
}

}  // namespace bullpen::signals
