#include "common/model/instrument.hpp"

#include <array>
#include <string>

#include "common/base/errc.hpp"

namespace bullpen::model {

namespace {

constexpr Money dollars(std::int64_t millionths) {
    return {millionths, k_usd};
}

constexpr std::array k_instruments{
    Instrument{"ES", "E-mini S&P 500", {250'000'000}, dollars(12'500'000)},
    Instrument{"MES", "Micro E-mini S&P 500", {250'000'000}, dollars(1'250'000)},
    Instrument{"NQ", "E-mini Nasdaq-100", {250'000'000}, dollars(5'000'000)},
    Instrument{"MNQ", "Micro E-mini Nasdaq-100", {250'000'000}, dollars(500'000)},
    Instrument{"YM", "E-mini Dow", {1'000'000'000}, dollars(5'000'000)},
    Instrument{"RTY", "E-mini Russell 2000", {100'000'000}, dollars(5'000'000)},
    Instrument{"CL", "Crude Oil", {10'000'000}, dollars(10'000'000), true},
    Instrument{"GC", "Gold", {100'000'000}, dollars(10'000'000)},
    Instrument{"NG", "Natural Gas", {1'000'000}, dollars(10'000'000), true},
    Instrument{"6E", "Euro FX", {50'000}, dollars(6'250'000)},
    Instrument{"ZN", "10-Year T-Note", {15'625'000}, dollars(15'625'000)},
};

}  // namespace

std::span<const Instrument> instruments() {
    return k_instruments;
}

Result<const Instrument*> find_instrument(std::string_view symbol) {
    std::string known;
    for (const Instrument& instrument : k_instruments) {
        if (instrument.symbol == symbol)
            return &instrument;
        known += known.empty() ? "" : ", ";
        known += instrument.symbol;
    }
    return fail(Errc::not_found,
                "no instrument '" + std::string(symbol.substr(0, 32)) + "'; known are " + known);
}

Money value_of(const Instrument& instrument, Ticks distance, std::int64_t contracts) {
    return instrument.tick_value * distance.value * contracts;
}

}  // namespace bullpen::model
