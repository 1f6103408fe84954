// Market: whose hours an instrument follows. Product groups of one exchange are markets of their
// own, because holidays shut them at different hours.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bullpen::time {

enum class Market : std::uint8_t {
    cme_equity_index,
    cme_fx,
    cme_metals,
    cme_energy,
    cme_rates,
    nse_cash,
    nyse,
    nse_derivatives,
};
inline constexpr std::size_t k_markets = 8;

// "cme_equity_index", as instruments.toml and holidays.toml write it.
std::string_view code(Market market);
std::optional<Market> market_from(std::string_view code);

// Whether it opens on the evening before the trading day and goes on through the night.
bool trades_at_night(Market market);

// The IANA zone on whose wall clock the market's hours are written: America/New_York for all
// product groups of CME, whose Central times are always an hour earlier.
std::string_view zone_name(Market market);

}  // namespace bullpen::time
