#include "common/events/series.hpp"

#include <algorithm>
#include <array>

namespace bullpen::events {

namespace {

using std::chrono::minutes;

constexpr std::string_view k_new_york = "America/New_York";
constexpr minutes k_none{-1};

constexpr minutes at(int hour, int minute) {
    return minutes(hour * 60 + minute);
}

// By name.
constexpr std::array k_series{
    Series{"us.bea.gdp.adv", "Gross Domestic Product (advance estimate)", "US", "USD", 3,
           k_new_york, at(8, 30), "gdp", true},
    Series{"us.bea.gdp.second", "Gross Domestic Product (second estimate)", "US", "USD", 3,
           k_new_york, at(8, 30), "gdp", true},
    Series{"us.bea.gdp.third", "Gross Domestic Product (third estimate)", "US", "USD", 2,
           k_new_york, at(8, 30), "gdp", true},
    Series{"us.bea.pce", "Personal Income and Outlays", "US", "USD", 3, k_new_york, at(8, 30),
           "pce", true},
    Series{"us.bls.cpi", "Consumer Price Index", "US", "USD", 3, k_new_york, at(8, 30), "cpi",
           true},
    Series{"us.bls.eci", "Employment Cost Index", "US", "USD", 2, k_new_york, at(8, 30), "eci",
           false},
    Series{"us.bls.empsit", "Employment Situation", "US", "USD", 3, k_new_york, at(8, 30), "nfp",
           true},
    Series{"us.bls.jolts", "Job Openings and Labor Turnover Survey", "US", "USD", 2, k_new_york,
           at(10, 0), "jolts", false},
    Series{"us.bls.ppi", "Producer Price Index", "US", "USD", 3, k_new_york, at(8, 30), "ppi",
           true},
    Series{"us.fed.beige", "Beige Book", "US", "USD", 1, k_new_york, at(14, 0), "beige", false,
           false},
    Series{"us.fed.fomc.minutes", "FOMC Minutes", "US", "USD", 3, k_new_york, at(14, 0),
           "fomc_minutes", false},
    Series{"us.fed.fomc.presser", "FOMC Press Conference", "US", "USD", 3, k_new_york, at(14, 30),
           "fomc", true},
    Series{"us.fed.fomc.statement", "FOMC Statement", "US", "USD", 3, k_new_york, at(14, 0), "fomc",
           true},
    Series{"us.fed.speech", "Speech of the Federal Reserve", "US", "USD", 1, k_new_york, k_none,
           "fed_speech", false, false},
    Series{"us.fed.testimony", "Testimony of the Federal Reserve", "US", "USD", 2, k_new_york,
           k_none, "fed_speech", false, false},
};

static_assert(std::is_sorted(k_series.begin(), k_series.end(),
                             [](const Series& a, const Series& b) { return a.name < b.name; }));

}  // namespace

std::span<const Series> all_series() {
    return k_series;
}

const Series* find_series(std::string_view name) {
    const auto found = std::lower_bound(
        k_series.begin(), k_series.end(), name,
        [](const Series& series, std::string_view wanted) { return series.name < wanted; });
    return found != k_series.end() && found->name == name ? &*found : nullptr;
}

std::string_view class_of(std::string_view series) {
    const Series* const known = find_series(series);
    return known != nullptr ? known->event_class : "other";
}

}  // namespace bullpen::events
