#include "common/tables/instrument_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::tables {
namespace {

using model::Instrument;

constexpr std::string_view k_head = "schema = 1\nrevision = \"2026-01-01\"\n";

std::string es(const std::string& change = "", const std::string& by = "") {
    std::string text = std::string(k_head) +
                       "[ES]\n"
                       "name = \"E-mini S&P 500\"\n"
                       "market = \"cme_equity_index\"\n"
                       "group = \"equity_index\"\n"
                       "tick = \"0.25\"\n"
                       "tick_value = \"12.50\"\n"
                       "point_value = \"50\"\n"
                       "commission = \"1.25\"\n";
    if (!change.empty()) {
        const auto at = text.find(change);
        REQUIRE(at != std::string::npos);
        text.replace(at, change.size(), by);
    }
    return text;
}

std::string micro(const std::string& more) {
    return es() +
           "[MES]\nname = \"Micro\"\nmarket = \"cme_equity_index\"\ngroup = \"equity_index\"\n"
           "commission = \"0.61\"\n" +
           more;
}

std::string error_of(const std::string& text) {
    const auto parsed = parse_instruments("instruments.toml", text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code() == Errc::invalid);
    return parsed.error().context();
}

void check_same(const Instrument& a, const Instrument& b) {
    CAPTURE(a.symbol);
    CHECK(a.symbol == b.symbol);
    CHECK(a.name == b.name);
    CHECK(a.tick == b.tick);
    CHECK(a.tick_value == b.tick_value);
    CHECK(a.admits_negative == b.admits_negative);
    CHECK(a.point_value == b.point_value);
    CHECK(a.group == b.group);
    CHECK(a.market == b.market);
    CHECK(a.big_symbol == b.big_symbol);
    CHECK(a.micro_ratio == b.micro_ratio);
    CHECK(a.slippage_tenths == b.slippage_tenths);
    CHECK(a.commission == b.commission);
    CHECK(a.volatility_percent == b.volatility_percent);
    CHECK(std::equal(a.broker_symbols.begin(), a.broker_symbols.end(), b.broker_symbols.begin(),
                     b.broker_symbols.end()));
}

TEST_CASE("the example file says what the built-in table says") {
    const auto parsed =
        parse_instruments("etc/instruments.toml",
                          test::read_text(test::source_directory() + "/etc/instruments.toml"));
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message());
    const auto& built_in = model::Instruments::built_in();
    CHECK(parsed->revision() == built_in.revision());
    REQUIRE(parsed->all().size() == built_in.all().size());
    for (std::size_t i = 0; i < built_in.all().size(); ++i)
        check_same(parsed->all()[i], built_in.all()[i]);
}

TEST_CASE("a home without a file has the built-in table, and one with a file has that") {
    const test::TemporaryHome temporary;
    const Home& home = temporary.home();
    CHECK(load_instruments(home)->find("MNQ").has_value());
    REQUIRE(make_directories(home.shared(), 0700).has_value());
    test::write_text(instruments_path(home), es());
    const auto own = load_instruments(home);
    REQUIRE(own.has_value());
    CHECK(own->all().size() == 1);
    CHECK(own->revision() == "2026-01-01");
    CHECK_FALSE(own->find("MNQ").has_value());
    test::write_text(instruments_path(home), "schema = 2\n");
    CHECK(load_instruments(home).error().context().find("shared/instruments.toml:1") !=
          std::string::npos);
}

TEST_CASE("instruments stay where they are when the table is moved") {
    auto first = parse_instruments("instruments.toml", es());
    REQUIRE(first.has_value());
    const Instrument* before = *first->find("ES");
    const model::Instruments second = std::move(*first);
    CHECK(*second.find("ES") == before);
    CHECK(before->name == "E-mini S&P 500");
}

TEST_CASE("a tick value that is not point value times tick is refused, by file, line and key") {
    CHECK(error_of(es("\"12.50\"", "\"1.25\"")) ==
          "instruments.toml:8: ES.tick_value: 1.25 is not point_value 50.00 times tick 0.25");
}

TEST_CASE("whatever is wrong is told with its line, all of it") {
    const std::string error =
        error_of(es("tick = \"0.25\"", "tick = \"0,25\"") + "colour = \"red\"\n");
    CHECK(error.find("instruments.toml:7: ES.tick: ") != std::string::npos);
    CHECK(error.find("instruments.toml:11: ES.colour: is not a key that Bullpen knows") !=
          std::string::npos);
    CHECK(error_of(es("tick_value = \"12.50\"", "tick_value = 12.5"))
              .find("instruments.toml:8: ES.tick_value: must be text in quotes, not a number") !=
          std::string::npos);
    CHECK(error_of(es("commission = \"1.25\"\n", "")).find("ES.commission: is missing") !=
          std::string::npos);
    CHECK(error_of(es("name =", "nmae =")).find("did you mean name?") != std::string::npos);
    CHECK(error_of(es("cme_equity_index", "cme_equities"))
              .find("ES.market: 'cme_equities' is no market") != std::string::npos);
    CHECK(error_of(es("\"equity_index\"", "\"index\"")).find("ES.group: 'index'") !=
          std::string::npos);
    CHECK(error_of(es("\"1.25\"", "\"-1.25\"")).find("ES.commission: is below zero") !=
          std::string::npos);
    CHECK(error_of(es("[ES]", "[es]")).find("is no symbol") != std::string::npos);
    CHECK(error_of(es("schema = 1", "schema = 2")).find("schema") != std::string::npos);
    CHECK(error_of("revision = \"x\"\n").find("schema: is missing") != std::string::npos);
    CHECK(error_of(std::string(k_head)).find("lists no instrument") != std::string::npos);
    CHECK(error_of("[ES\n").find("instruments.toml:1") != std::string::npos);
    CHECK(error_of("").find("schema: is missing") != std::string::npos);
}

TEST_CASE("a micro must be the stated part of a big contract that is listed") {
    const std::string good = "tick = \"0.25\"\ntick_value = \"1.25\"\npoint_value = \"5\"\n";
    CHECK(parse_instruments("i", micro(good + "micro_of = \"ES\"\nmicro_ratio = 10\n")));
    CHECK(error_of(micro(good + "micro_of = \"ES\"\nmicro_ratio = 5\n"))
              .find("MES.tick_value: 5 times 1.25 is not that of ES, 12.50") != std::string::npos);
    CHECK(error_of(micro(good + "micro_of = \"SP\"\nmicro_ratio = 10\n"))
              .find("MES.micro_of: no instrument 'SP'") != std::string::npos);
    CHECK(error_of(micro(good + "micro_of = \"ES\"\n")).find("go together") != std::string::npos);
    CHECK(error_of(micro(good + "micro_ratio = 10\n")).find("go together") != std::string::npos);
    CHECK(error_of(micro("tick = \"0.5\"\ntick_value = \"2.50\"\npoint_value = \"5\"\n"
                         "micro_of = \"ES\"\nmicro_ratio = 5\n"))
              .find("MES.tick: 0.5 is not that of ES") != std::string::npos);
    CHECK(error_of(micro(good + "micro_of = \"MES\"\nmicro_ratio = 10\n"))
              .find("is a micro itself") != std::string::npos);
}

TEST_CASE("ticks of every size are read exactly") {
    const auto tick = [](const std::string& size, const std::string& value,
                         const std::string& point) {
        std::string text = es("\"0.25\"", "\"" + size + "\"");
        text.replace(text.find("\"12.50\""), 7, "\"" + value + "\"");
        text.replace(text.find("\"50\""), 4, "\"" + point + "\"");
        const auto parsed = parse_instruments("i", text);
        REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message());
        return (*parsed->find("ES"))->tick.billionths;
    };
    CHECK(tick("0.0000005", "6.25", "12500000") == 500);
    CHECK(tick("0.00390625", "7.8125", "2000") == 3'906'250);
    CHECK(tick("25", "25", "1") == 25'000'000'000);
}

}  // namespace
}  // namespace bullpen::tables
