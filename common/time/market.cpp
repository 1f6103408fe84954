#include "common/time/market.hpp"

#include <array>

namespace bullpen::time {

namespace {

constexpr std::array<std::string_view, k_markets> k_codes = {
    "cme_equity_index", "cme_fx",   "cme_metals", "cme_energy",
    "cme_rates",        "nse_cash", "nyse",       "nse_derivatives",
};

}  // namespace

std::string_view code(Market market) {
    return k_codes[static_cast<std::size_t>(market)];
}

std::optional<Market> market_from(std::string_view code) {
    for (std::size_t i = 0; i < k_markets; ++i) {
        if (k_codes[i] == code)
            return static_cast<Market>(i);
    }
    return std::nullopt;
}

bool trades_at_night(Market market) {
    return market <= Market::cme_rates;
}

std::string_view zone_name(Market market) {
    const bool indian = market == Market::nse_cash || market == Market::nse_derivatives;
    return indian ? "Asia/Kolkata" : "America/New_York";
}

}  // namespace bullpen::time
