// What the sources of the Bureau of Economic Analysis share: the names of its releases.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace bullpen::calendar {

inline constexpr std::string_view k_bea_gdp = "Gross Domestic Product";
inline constexpr std::string_view k_bea_income = "Personal Income and Outlays";
inline constexpr std::string_view k_bea_trade = "U.S. International Trade in Goods and Services";

// Of a series that comes out every month, in a whole year: shutdowns have put two of them into one
// month and none into others.
inline constexpr std::ptrdiff_t k_bea_releases_lost_max = 3;
inline constexpr std::ptrdiff_t k_bea_releases_max = 15;

// The series whose events a release of that prefix makes: the three estimates of the GDP, or the
// prefix itself.
inline std::span<const std::string_view> bea_series(std::string_view prefix) {
    static constexpr std::array<std::string_view, 3> k_gdp{"us.bea.gdp.adv", "us.bea.gdp.second",
                                                           "us.bea.gdp.third"};
    static constexpr std::array<std::string_view, 1> k_pce{"us.bea.pce"};
    static constexpr std::array<std::string_view, 1> k_trade{"us.bea.trade"};
    if (prefix == "us.bea.gdp")
        return k_gdp;
    if (prefix == "us.bea.pce")
        return k_pce;
    return prefix == "us.bea.trade" ? std::span<const std::string_view>(k_trade)
                                    : std::span<const std::string_view>();
}

}  // namespace bullpen::calendar
