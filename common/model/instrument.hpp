// Instrument: what one contract of a symbol is: its tick, what a tick is worth, what prices it may
// have, whose hours it keeps, and what a fill of it costs. The only source of a tick size or tick
// value; nothing else may name such a number.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/money.hpp"
#include "common/model/price.hpp"

namespace bullpen::model {

enum class ProductGroup : std::uint8_t { equity_index, fx, metals, energy, rates, shares };
std::string_view code(ProductGroup group);
std::optional<ProductGroup> product_group_from(std::string_view code);

// What a broker calls the instrument.
struct BrokerSymbol {
    std::string_view broker;
    std::string_view symbol;
    friend bool operator==(const BrokerSymbol&, const BrokerSymbol&) = default;
};

struct Instrument {
    std::string_view symbol;  // "MES"
    std::string_view name;    // "Micro E-mini S&P 500"
    TickSize tick;
    Money tick_value;              // of one contract
    bool admits_negative = false;  // zero and below are prices of it (crude oil, April 2020)

    Money point_value;  // of a move by one whole price unit
    ProductGroup group{};
    std::string_view market;         // whose hours it keeps: code of a time::Market
    std::string_view big_symbol;     // of a micro: the contract that it is a part of; else empty
    std::int32_t micro_ratio = 1;    // so many of it are one contract of the big size
    std::int32_t slippage_tenths{};  // expected of a fill, in tenths of a tick
    Money commission;                // paid for one contract bought or sold
    std::int32_t volatility_percent = 100;  // of that of the E-mini S&P 500
    std::span<const BrokerSymbol> broker_symbols{};
};

// A list of instruments with all texts they refer to; immutable once made, and they live as long as
// it does. Moving it leaves every Instrument where it is.
class Instruments {
  public:
    Instruments() = default;
    Instruments(Instruments&&) = default;
    Instruments& operator=(Instruments&&) = default;
    Instruments(const Instruments&) = delete;
    Instruments& operator=(const Instruments&) = delete;
    ~Instruments() = default;

    // The table of etc/instruments.toml, as part of the program.
    static const Instruments& built_in();

    // With copies of all its texts.
    void add(const Instrument& instrument);
    void set_revision(std::string revision) { revision_ = std::move(revision); }

    // Errc::not_found, listing the known symbols.
    [[nodiscard]] Result<const Instrument*> find(std::string_view symbol) const;
    [[nodiscard]] const std::deque<Instrument>& all() const { return all_; }
    // For people: the day on which the table was written.
    [[nodiscard]] const std::string& revision() const { return revision_; }

  private:
    std::string_view keep(std::string_view text);

    std::string revision_;
    std::deque<Instrument> all_;
    std::deque<std::string> texts_;
    std::deque<std::vector<BrokerSymbol>> symbols_;
};

// What is wrong with an instrument in itself: the key that is to blame, and a sentence.
struct InstrumentFault {
    std::string_view key;
    std::string message;
};
std::optional<InstrumentFault> fault_of(const Instrument& instrument);
// What is wrong with a micro beside its big contract.
std::optional<InstrumentFault> fault_of(const Instrument& micro, const Instrument& big);

// What a broker says of an instrument; none where it says nothing.
struct SaidOfInstrument {
    std::string symbol;
    std::optional<TickSize> tick;
    std::optional<Money> tick_value;
    std::optional<Money> point_value;
};
// Compares with what the broker says of the instrument, before the first order. Errc::refused when
// it differs: no order may be sent. Errc::unavailable when the broker did not say everything.
Result<void> verify(const Instrument& instrument, const SaidOfInstrument& said);

// The built-in table's; whoever has a home looks into the home's own (common/tables).
const std::deque<Instrument>& instruments();
Result<const Instrument*> find_instrument(std::string_view symbol);

// What a move of `distance` is worth for `contracts` contracts; both may be negative.
Money value_of(const Instrument& instrument, Ticks distance, std::int64_t contracts);

// What a fill is expected to slip by, in whole ticks, rounded up: prices know no part of a tick,
// and that is what an exchange books.
Ticks expected_slippage(const Instrument& instrument);

// What the slippage of `fills` fills of `contracts` contracts is expected to cost, each in whole
// ticks.
Money slippage_cost(const Instrument& instrument, std::int64_t contracts, std::int64_t fills);

}  // namespace bullpen::model
