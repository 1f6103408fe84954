// Observation: all that is known of a market after one of its bars: the bar, the indicators'
// values, the quarters of an hour that it closed, and the counters and the hash of the run over the
// market from its first bar. Whoever has it is where whoever reckoned it is, to the last bit. Plain
// values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/model/bar.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::signals {

struct Observation {
    static constexpr std::size_t k_quarters_max = 2;
    static constexpr std::size_t k_counters = 6;

    model::Bar bar;
    indicators::IndicatorValues values;
    std::array<model::Bar, k_quarters_max> quarters{};
    std::size_t quarters_closed = 0;
    // As the observer orders them; the first counts the bars.
    std::array<std::int64_t, k_counters> counters{};
    std::uint64_t hash = 0;

    [[nodiscard]] std::span<const model::Bar> closed_quarters() const {
        return std::span(quarters).first(quarters_closed);
    }
    friend bool operator==(const Observation&, const Observation&) = default;
};

// As it stands in a ring and in a journal: fixed words, a double as its bits.
inline constexpr std::size_t k_observation_words = 45;
using ObservationWords = std::array<std::uint64_t, k_observation_words>;

ObservationWords to_words(const Observation& observation);
// Errc::corrupt when they are none.
Result<Observation> from_words(const ObservationWords& words);

// Little-endian bytes, for a journal.
std::string encode(const Observation& observation);
Result<Observation> decode(std::string_view bytes);

}  // namespace bullpen::signals
