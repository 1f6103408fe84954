#include "common/model/instrument.hpp"

#include <doctest/doctest.h>

#include <array>
#include <ostream>
#include <set>
#include <string>

#include "common/base/errc.hpp"

namespace bullpen::model {
namespace {

TEST_CASE("every instrument has the tick and the tick value of its contract, to the last digit") {
    struct Fact {
        const char* symbol;
        const char* tick;
        const char* tick_value;
        const char* point_value;  // of a move by one whole price unit
    };
    constexpr std::array k_facts{
        Fact{"ES", "0.25", "12.50", "50.00"},
        Fact{"MES", "0.25", "1.25", "5.00"},
        Fact{"NQ", "0.25", "5.00", "20.00"},
        Fact{"MNQ", "0.25", "0.50", "2.00"},
        Fact{"YM", "1", "5.00", "5.00"},
        Fact{"RTY", "0.1", "5.00", "50.00"},
        Fact{"CL", "0.01", "10.00", "1000.00"},
        Fact{"GC", "0.1", "10.00", "100.00"},
        Fact{"NG", "0.001", "10.00", "10000.00"},
        Fact{"6E", "0.00005", "6.25", "125000.00"},
        Fact{"ZN", "0.015625", "15.625", "1000.00"},
    };
    CHECK(instruments().size() == k_facts.size());
    for (const Fact& fact : k_facts) {
        CAPTURE(fact.symbol);
        const auto instrument = find_instrument(fact.symbol);
        REQUIRE(instrument.has_value());
        CHECK(text(Price{1}, (*instrument)->tick) == fact.tick);
        CHECK(text((*instrument)->tick_value) == fact.tick_value);
        const auto unit = price_from_text("1", (*instrument)->tick, Rounding::exact);
        REQUIRE(unit.has_value());
        CHECK(text(value_of(**instrument, Ticks{unit->ticks}, 1)) == fact.point_value);
    }
}

TEST_CASE("a micro contract is worth a tenth of its big one, never the same") {
    const Ticks move{8};
    const auto value = [&](const char* symbol) {
        return value_of(**find_instrument(symbol), move, 3);
    };
    CHECK(value("ES") == value("MES") * 10);
    CHECK(value("NQ") == value("MNQ") * 10);
    CHECK(text(value("MES")) == "30.00");
    CHECK(text(value_of(**find_instrument("ES"), Ticks{-8}, 2)) == "-200.00");
}

TEST_CASE("symbols are unique, and an unknown one is answered with the known ones") {
    std::set<std::string_view> symbols;
    for (const Instrument& instrument : instruments())
        CHECK(symbols.insert(instrument.symbol).second);
    const auto unknown = find_instrument("mes");
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().code() == Errc::not_found);
    CHECK(unknown.error().context().find("MNQ") != std::string::npos);
}

TEST_CASE("the tick value of each instrument is its own: no micro has that of its big contract") {
    for (const Instrument& instrument : instruments()) {
        CAPTURE(instrument.symbol);
        CHECK_FALSE(fault_of(instrument).has_value());
        CHECK(instrument.point_value.millionths / (k_billion / instrument.tick.billionths) ==
              instrument.tick_value.millionths);
        if (instrument.big_symbol.empty()) {
            CHECK(instrument.micro_ratio == 1);
            continue;
        }
        const Instrument& big = **find_instrument(instrument.big_symbol);
        CHECK(instrument.tick_value != big.tick_value);
        CHECK(instrument.tick_value * instrument.micro_ratio == big.tick_value);
        CHECK_FALSE(fault_of(instrument, big).has_value());
    }
}

TEST_CASE("the broker's word on an instrument is compared before the first order") {
    const Instrument& mes = **find_instrument("MES");
    const SaidOfInstrument right{"MES", TickSize{250'000'000}, Money{1'250'000, k_usd},
                                 Money{5'000'000, k_usd}};
    CHECK(verify(mes, right).has_value());
    auto said = right;
    said.tick_value = Money{12'500'000, k_usd};
    const auto value = verify(mes, said);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error().code() == Errc::refused);
    CHECK(value.error().context() ==
          "the broker's tick value of MES is 12.50 USD, ours is 1.25 USD: no order is sent until "
          "instruments.toml is right");
    said = right;
    said.tick = TickSize{100'000'000};
    CHECK(verify(mes, said).error().code() == Errc::refused);
    // One that differs is told before one that is missing.
    said.tick_value.reset();
    CHECK(verify(mes, said).error().code() == Errc::refused);
    said = right;
    said.point_value = Money{50'000'000, k_usd};
    CHECK(verify(mes, said).error().context().find("point value of MES is 50.00 USD") !=
          std::string::npos);
    said = right;
    said.symbol = "ES";
    CHECK(verify(mes, said).error().code() == Errc::refused);
    // Another currency is another value.
    said = right;
    said.tick_value = Money{1'250'000, k_inr};
    CHECK(verify(mes, said).error().code() == Errc::refused);
    for (auto* missing : {&said.tick_value, &said.point_value}) {
        said = right;
        missing->reset();
        CHECK(verify(mes, said).error().code() == Errc::unavailable);
    }
    CHECK(verify(mes, {"MES", {}, {}, {}}).error().code() == Errc::unavailable);
}

TEST_CASE("the expected slippage of every single fill is rounded up to whole ticks") {
    const Instrument& mes = **find_instrument("MES");
    // 2 ticks of 1.25, three contracts, in and out.
    CHECK(text(slippage_cost(mes, 3, 2)) == "15.00");
    // Two fills that slip by 1.5 ticks each take four ticks, not three.
    const Instrument& es = **find_instrument("ES");
    CHECK(text(slippage_cost(es, 1, 1)) == "25.00");
    CHECK(text(slippage_cost(es, 3, 2)) == "150.00");
    Instrument odd = es;
    odd.tick_value = {1, k_usd};
    odd.slippage_tenths = 1;
    CHECK(slippage_cost(odd, 1, 1).millionths == 1);
    odd.slippage_tenths = 0;
    CHECK(slippage_cost(odd, 3, 2).millionths == 0);
}

TEST_CASE("product groups are found by their codes") {
    for (const Instrument& instrument : instruments())
        CHECK(product_group_from(code(instrument.group)) == instrument.group);
    CHECK_FALSE(product_group_from("bonds").has_value());
}

}  // namespace
}  // namespace bullpen::model
