// The built-in table of instruments: the same as etc/instruments.toml, which a test compares.
#include <array>

#include "common/model/instrument.hpp"

namespace bullpen::model {

namespace {

constexpr Money dollars(std::int64_t millionths) {
    return {millionths, k_usd};
}

constexpr std::array k_es_symbols = {BrokerSymbol{"projectx", "F.US.EP"}};
constexpr std::array k_mes_symbols = {BrokerSymbol{"projectx", "F.US.MES"}};
constexpr std::array k_nq_symbols = {BrokerSymbol{"projectx", "F.US.ENQ"}};
constexpr std::array k_mnq_symbols = {BrokerSymbol{"projectx", "F.US.MNQ"}};
constexpr std::array k_ym_symbols = {BrokerSymbol{"projectx", "F.US.YM"}};
constexpr std::array k_rty_symbols = {BrokerSymbol{"projectx", "F.US.RTY"}};
constexpr std::array k_cl_symbols = {BrokerSymbol{"projectx", "F.US.CLE"}};
constexpr std::array k_gc_symbols = {BrokerSymbol{"projectx", "F.US.GCE"}};
constexpr std::array k_ng_symbols = {BrokerSymbol{"projectx", "F.US.NGE"}};
constexpr std::array k_euro_symbols = {BrokerSymbol{"projectx", "F.US.EU6"}};
constexpr std::array k_zn_symbols = {BrokerSymbol{"projectx", "F.US.TYA"}};

// In the order of the members: symbol, name, tick, tick value, negative prices, point value, group,
// market, big contract, micro ratio, slippage in tenths of a tick, commission, volatility, symbols.
constexpr std::array<Instrument, 11> k_instruments = {{
    {"ES",
     "E-mini S&P 500",
     {250'000'000},
     dollars(12'500'000),
     false,
     dollars(50'000'000),
     ProductGroup::equity_index,
     "cme_equity_index",
     "",
     1,
     15,
     dollars(1'250'000),
     100,
     k_es_symbols},
    {"MES",
     "Micro E-mini S&P 500",
     {250'000'000},
     dollars(1'250'000),
     false,
     dollars(5'000'000),
     ProductGroup::equity_index,
     "cme_equity_index",
     "ES",
     10,
     20,
     dollars(610'000),
     100,
     k_mes_symbols},
    {"NQ",
     "E-mini Nasdaq-100",
     {250'000'000},
     dollars(5'000'000),
     false,
     dollars(20'000'000),
     ProductGroup::equity_index,
     "cme_equity_index",
     "",
     1,
     20,
     dollars(1'250'000),
     150,
     k_nq_symbols},
    {"MNQ",
     "Micro E-mini Nasdaq-100",
     {250'000'000},
     dollars(500'000),
     false,
     dollars(2'000'000),
     ProductGroup::equity_index,
     "cme_equity_index",
     "NQ",
     10,
     25,
     dollars(610'000),
     150,
     k_mnq_symbols},
    {"YM",
     "E-mini Dow",
     {1'000'000'000},
     dollars(5'000'000),
     false,
     dollars(5'000'000),
     ProductGroup::equity_index,
     "cme_equity_index",
     "",
     1,
     15,
     dollars(1'250'000),
     80,
     k_ym_symbols},
    {"RTY",
     "E-mini Russell 2000",
     {100'000'000},
     dollars(5'000'000),
     false,
     dollars(50'000'000),
     ProductGroup::equity_index,
     "cme_equity_index",
     "",
     1,
     20,
     dollars(1'250'000),
     130,
     k_rty_symbols},
    {"CL",
     "Crude Oil",
     {10'000'000},
     dollars(10'000'000),
     true,
     dollars(1'000'000'000),
     ProductGroup::energy,
     "cme_energy",
     "",
     1,
     30,
     dollars(1'250'000),
     200,
     k_cl_symbols},
    {"GC",
     "Gold",
     {100'000'000},
     dollars(10'000'000),
     false,
     dollars(100'000'000),
     ProductGroup::metals,
     "cme_metals",
     "",
     1,
     20,
     dollars(1'250'000),
     120,
     k_gc_symbols},
    {"NG",
     "Natural Gas",
     {1'000'000},
     dollars(10'000'000),
     true,
     dollars(10'000'000'000),
     ProductGroup::energy,
     "cme_energy",
     "",
     1,
     30,
     dollars(1'250'000),
     250,
     k_ng_symbols},
    {"6E",
     "Euro FX",
     {50'000},
     dollars(6'250'000),
     false,
     dollars(125'000'000'000),
     ProductGroup::fx,
     "cme_fx",
     "",
     1,
     10,
     dollars(1'250'000),
     100,
     k_euro_symbols},
    {"ZN",
     "10-Year T-Note",
     {15'625'000},
     dollars(15'625'000),
     false,
     dollars(1'000'000'000),
     ProductGroup::rates,
     "cme_rates",
     "",
     1,
     10,
     dollars(1'250'000),
     100,
     k_zn_symbols},
}};

Instruments make() {
    Instruments made;
    made.set_revision("2026-11-21");
    for (const Instrument& instrument : k_instruments)
        made.add(instrument);
    return made;
}

}  // namespace

const Instruments& Instruments::built_in() {
    static const Instruments table = make();
    return table;
}

}  // namespace bullpen::model
