// Prices of shares, which are whole paise, as people write them. Pure.
#pragma once

#include <string>

#include "common/model/price.hpp"

namespace bullpen::jobs {

// "1500.05".
std::string rupees_text(model::Price paise);

}  // namespace bullpen::jobs
