#include "common/tables/instrument_file.hpp"

#include <algorithm>
#include <vector>

#include "common/config/rules.hpp"
#include "common/time/market.hpp"

namespace bullpen::tables {

namespace {

using model::Instrument;
using model::Instruments;

// An instrument's table with the texts that it refers to.
struct Texts {
    std::string symbol;
    std::string name;
    std::string market;
    std::string group;
    std::string big;
    std::vector<std::pair<std::string, std::string>> symbols;
    std::vector<model::BrokerSymbol> views;
};

model::Currency currency_of(Table& table) {
    const auto currency = model::Currency::parse(table.text_or("currency", "USD"));
    if (!currency)
        table.wrong("currency", currency.error().message());
    return currency.value_or(model::k_usd);
}

Instrument read(Table& table, Texts& texts) {
    Instrument instrument;
    texts.symbol = table.name();
    if (!config::is_instrument(texts.symbol) || texts.symbol.size() > 15)
        table.wrong("", "is no symbol: capital letters and digits, at most 15");
    texts.name = table.text("name");
    texts.market = table.text("market");
    if (table.has("market") && !time::market_from(texts.market))
        table.wrong("market", "'" + texts.market + "' is no market that Bullpen knows",
                    nearest_market(texts.market));
    texts.group = table.text("group");
    const auto group = model::product_group_from(texts.group);
    if (table.has("group") && !group)
        table.wrong("group", "'" + texts.group + "' is no product group");
    texts.big = table.text_or("micro_of", "");
    const model::Currency currency = currency_of(table);
    instrument.tick = table.tick("tick");
    instrument.tick_value = table.money("tick_value", currency);
    instrument.point_value = table.money("point_value", currency);
    instrument.commission = table.money("commission", currency);
    instrument.admits_negative = table.flag_or("admits_negative", false);
    instrument.group = group.value_or(model::ProductGroup::equity_index);
    instrument.micro_ratio = static_cast<std::int32_t>(table.whole_or("micro_ratio", 1, 1000, 1));
    instrument.slippage_tenths = static_cast<std::int32_t>(
        std::min<std::int64_t>(table.decimal_or("slippage_ticks", 1, 10), 1'000'000));
    instrument.volatility_percent = static_cast<std::int32_t>(
        std::min<std::int64_t>(table.decimal_or("volatility_factor", 2, 100), 1'000'000));
    texts.symbols = table.texts_below("broker_symbols");
    for (const auto& [broker, symbol] : texts.symbols)
        texts.views.push_back({broker, symbol});
    instrument.symbol = texts.symbol;
    instrument.name = texts.name;
    instrument.market = texts.market;
    instrument.big_symbol = texts.big;
    instrument.broker_symbols = texts.views;
    return instrument;
}

void check_micros(TableFile& file, const Instruments& made) {
    for (const Instrument& micro : made.all()) {
        if (micro.big_symbol.empty())
            continue;
        Table table = file.table(std::string(micro.symbol));
        const auto big = made.find(micro.big_symbol);
        if (!big)
            table.wrong("micro_of", big.error().message());
        else if (const auto fault = model::fault_of(micro, **big))
            table.wrong(fault->key, fault->message);
    }
}

Reading<Instruments> instruments_from(const std::string& name, std::string_view text) {
    TableFile file(name, text);
    Instruments made;
    made.set_revision(file.revision());
    const auto tables = file.tables();
    if (file.ok() && (tables.empty() || tables.size() > k_tables_max))
        return file.refused<Instruments>("lists no instrument, or more than " +
                                         std::to_string(k_tables_max));
    for (const std::string& symbol : tables) {
        Table table = file.table(symbol);
        Texts texts;
        const std::size_t before = file.issues().size();
        const Instrument instrument = read(table, texts);
        const auto fault = model::fault_of(instrument);
        if (fault && file.issues().size() == before)
            table.wrong(fault->key, fault->message);
        made.add(instrument);
    }
    if (file.ok())
        check_micros(file, made);
    return file.finish(std::move(made));
}

}  // namespace

Instruments built_in_instruments() {
    Instruments copy;
    copy.set_revision(Instruments::built_in().revision());
    for (const Instrument& instrument : Instruments::built_in().all())
        copy.add(instrument);
    return copy;
}

std::string instruments_path(const Home& home) {
    return home.shared() + "/instruments.toml";
}

Result<Instruments> parse_instruments(const std::string& name, std::string_view text) {
    return instruments_from(name, text).table;
}

Reading<Instruments> read_instruments(const Home& home) {
    return read_home_table<Instruments>(instruments_path(home), "shared/instruments.toml",
                                        &instruments_from, &built_in_instruments);
}

Result<Instruments> load_instruments(const Home& home) {
    return read_instruments(home).table;
}

}  // namespace bullpen::tables
