#include "common/model/instrument.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/errc.hpp"

namespace bullpen::model {

namespace {

constexpr std::array<std::string_view, 6> k_groups = {"equity_index", "fx",    "metals",
                                                      "energy",       "rates", "shares"};
constexpr std::int64_t k_tenths = 10;
// The most that a table may say; beyond it nobody meant it.
constexpr std::int32_t k_ratio_max = 1000;
constexpr std::int32_t k_slippage_tenths_max = 1000;
constexpr std::int32_t k_volatility_percent_max = 10'000;

std::string plain(Money money) {
    return text(money);
}

std::string plain(TickSize tick) {
    return text(Price{1}, tick);
}

}  // namespace

std::string_view code(ProductGroup group) {
    return k_groups[static_cast<std::size_t>(group)];
}

std::optional<ProductGroup> product_group_from(std::string_view code) {
    const auto found = std::find(k_groups.begin(), k_groups.end(), code);
    if (found == k_groups.end())
        return std::nullopt;
    return static_cast<ProductGroup>(found - k_groups.begin());
}

std::string_view Instruments::keep(std::string_view text) {
    return text.empty() ? std::string_view() : texts_.emplace_back(text);
}

void Instruments::add(const Instrument& instrument) {
    Instrument& copy = all_.emplace_back(instrument);
    for (std::string_view* text : {&copy.symbol, &copy.name, &copy.market, &copy.big_symbol})
        *text = keep(*text);
    auto& symbols = symbols_.emplace_back();
    for (const BrokerSymbol& symbol : instrument.broker_symbols)
        symbols.push_back({keep(symbol.broker), keep(symbol.symbol)});
    copy.broker_symbols = symbols;
}

Result<const Instrument*> Instruments::find(std::string_view symbol) const {
    std::string known;
    for (const Instrument& instrument : all_) {
        if (instrument.symbol == symbol)
            return &instrument;
        known += known.empty() ? "" : ", ";
        known += instrument.symbol;
    }
    return fail(Errc::not_found,
                "no instrument '" + std::string(symbol.substr(0, 32)) + "'; known are " + known);
}

std::optional<InstrumentFault> fault_of(const Instrument& instrument) {
    if (instrument.tick.billionths <= 0)
        return InstrumentFault{"tick", "is not above zero"};
    if (instrument.tick_value.millionths <= 0)
        return InstrumentFault{"tick_value", "is not above zero"};
    // Both sides in billionths of a millionth.
    std::int64_t by_points = 0;
    std::int64_t by_tick = 0;
    if (__builtin_mul_overflow(instrument.point_value.millionths, instrument.tick.billionths,
                               &by_points) ||
        __builtin_mul_overflow(instrument.tick_value.millionths, k_billion, &by_tick))
        return InstrumentFault{"tick_value", "is more than any contract is worth"};
    if (by_points != by_tick)
        return InstrumentFault{"tick_value", plain(instrument.tick_value) + " is not point_value " +
                                                 plain(instrument.point_value) + " times tick " +
                                                 plain(instrument.tick)};
    if (instrument.commission.millionths < 0)
        return InstrumentFault{"commission", "is below zero"};
    if (instrument.slippage_tenths < 0 || instrument.slippage_tenths > k_slippage_tenths_max)
        return InstrumentFault{"slippage_ticks", "is not 0 to 100"};
    if (instrument.volatility_percent <= 0 ||
        instrument.volatility_percent > k_volatility_percent_max)
        return InstrumentFault{"volatility_factor", "is not above 0 and at most 100"};
    if (instrument.micro_ratio < 1 || instrument.micro_ratio > k_ratio_max)
        return InstrumentFault{"micro_ratio", "is not 1 to 1000"};
    if (instrument.big_symbol.empty() != (instrument.micro_ratio == 1))
        return InstrumentFault{"micro_ratio", "and micro_of go together"};
    return std::nullopt;
}

std::optional<InstrumentFault> fault_of(const Instrument& micro, const Instrument& big) {
    if (!big.big_symbol.empty())
        return InstrumentFault{"micro_of", std::string(big.symbol) + " is a micro itself"};
    if (micro.tick != big.tick)
        return InstrumentFault{"tick", plain(micro.tick) + " is not that of " +
                                           std::string(big.symbol) + ", " + plain(big.tick)};
    if (micro.tick_value * micro.micro_ratio != big.tick_value)
        return InstrumentFault{"tick_value", std::to_string(micro.micro_ratio) + " times " +
                                                 plain(micro.tick_value) + " is not that of " +
                                                 std::string(big.symbol) + ", " +
                                                 plain(big.tick_value)};
    if (micro.market != big.market || micro.group != big.group)
        return InstrumentFault{"market", "and group are not those of " + std::string(big.symbol)};
    return std::nullopt;
}

Result<void> verify(const Instrument& instrument, const SaidOfInstrument& said) {
    const std::string symbol(instrument.symbol);
    const auto differs = [&](const std::string& what, const std::string& theirs,
                             const std::string& ours) {
        return fail(Errc::refused, "the broker's " + what + " of " + symbol + " is " + theirs +
                                       ", ours is " + ours +
                                       ": no order is sent until instruments.toml is right");
    };
    const auto amount = [](Money money) {
        return plain(money) + " " + std::string(money.currency.code());
    };
    if (said.symbol != symbol)
        return differs("symbol", said.symbol.empty() ? "none" : said.symbol, symbol);
    if (said.tick && *said.tick != instrument.tick)
        return differs("tick", plain(*said.tick), plain(instrument.tick));
    if (said.tick_value && *said.tick_value != instrument.tick_value)
        return differs("tick value", amount(*said.tick_value), amount(instrument.tick_value));
    if (said.point_value && *said.point_value != instrument.point_value)
        return differs("point value", amount(*said.point_value), amount(instrument.point_value));
    if (!said.tick || !said.tick_value || !said.point_value) {
        return fail(Errc::unavailable,
                    "the broker did not say what a tick and a point of " + symbol + " are worth");
    }
    return {};
}

const std::deque<Instrument>& instruments() {
    return Instruments::built_in().all();
}

Result<const Instrument*> find_instrument(std::string_view symbol) {
    return Instruments::built_in().find(symbol);
}

Money value_of(const Instrument& instrument, Ticks distance, std::int64_t contracts) {
    return instrument.tick_value * distance.value * contracts;
}

Ticks expected_slippage(const Instrument& instrument) {
    return Ticks{(instrument.slippage_tenths + k_tenths - 1) / k_tenths};
}

Money slippage_cost(const Instrument& instrument, std::int64_t contracts, std::int64_t fills) {
    return value_of(instrument, expected_slippage(instrument), contracts) * fills;
}

}  // namespace bullpen::model
