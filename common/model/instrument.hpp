// Instrument: what one contract of a symbol is: its tick, what a tick is worth, and what prices it
// may have. The only source of a tick size or tick value; nothing else may name such a number.
#pragma once

#include <span>
#include <string_view>

#include "common/model/money.hpp"
#include "common/model/price.hpp"

namespace bullpen::model {

struct Instrument {
    std::string_view symbol;  // "MES"
    std::string_view name;    // "Micro E-mini S&P 500"
    TickSize tick;
    Money tick_value;              // of one contract
    bool admits_negative = false;  // zero and below are prices of it (crude oil, April 2020)
};

// The listed instruments, in a fixed order; they live as long as the program.
std::span<const Instrument> instruments();

// Errc::not_found, listing the known symbols.
Result<const Instrument*> find_instrument(std::string_view symbol);

// What a move of `distance` is worth for `contracts` contracts; both may be negative.
Money value_of(const Instrument& instrument, Ticks distance, std::int64_t contracts);

}  // namespace bullpen::model
