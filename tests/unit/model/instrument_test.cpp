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

}  // namespace
}  // namespace bullpen::model
