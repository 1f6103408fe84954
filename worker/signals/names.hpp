// Where the shared signals of an account's market are, and what they are reckoned with. Whoever
// publishes them and whoever reads them ask here.
#pragma once

#include <string>

#include "common/base/home.hpp"
#include "common/config/settings.hpp"
#include "common/model/instrument.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::signals {

struct Paths {
    std::string directory;  // HOME/shared/signals
    std::string ring;
    std::string lock;  // of the one that publishes
    std::string bell;  // a socket in HOME/run
    std::string log;
};
Paths paths_of(const Home& home, const config::AccountSettings& account);

// Those that the account's strategy asks for; the ordinary ones when it names none that there is.
indicators::IndicatorSettings indicator_settings(const config::AccountSettings& account,
                                                 const model::Instrument& instrument);

}  // namespace bullpen::signals
