#include "common/model/rule_pack.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/base/errc.hpp"

namespace bullpen::model {
namespace {

const RulePack& pack(const char* name) {
    return **RulePacks::built_in().find(name);
}
const Instrument& instrument(const char* symbol) {
    return **find_instrument(symbol);
}
Money dollars(std::int64_t whole) {
    return {whole * 1'000'000, k_usd};
}

TEST_CASE("an unknown pack is answered with the known ones") {
    const auto unknown = RulePacks::built_in().find("topstep");
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().code() == Errc::not_found);
    CHECK(unknown.error().context().find("topstep_150k") != std::string::npos);
}

TEST_CASE("contracts are capped in lots, of which ten micros are one") {
    CHECK_FALSE(contracts_allowed(pack("plain"), instrument("ES"), dollars(0)).has_value());
    CHECK(contracts_allowed(pack("topstep_50k"), instrument("ES"), dollars(0)) == 5);
    CHECK(contracts_allowed(pack("topstep_50k"), instrument("MES"), dollars(0)) == 50);
    CHECK(contracts_allowed(pack("topstep_150k"), instrument("NQ"), dollars(0)) == 15);
    RulePack strict = pack("topstep_50k");
    strict.micros_by_ratio = false;
    CHECK(contracts_allowed(strict, instrument("MES"), dollars(0)) == 5);
}

TEST_CASE("a funded account's lots grow with the profit at a day's end") {
    const auto lots = [](const char* name, std::int64_t profit) {
        return contracts_allowed(pack(name), instrument("ES"), dollars(profit)).value();
    };
    CHECK(lots("topstep_express_50k", -800) == 2);
    CHECK(lots("topstep_express_50k", 0) == 2);
    CHECK(lots("topstep_express_50k", 1'499) == 2);
    CHECK(lots("topstep_express_50k", 1'500) == 3);
    CHECK(lots("topstep_express_50k", 2'000) == 5);
    CHECK(lots("topstep_express_50k", 90'000) == 5);
    CHECK(lots("topstep_express_100k", 2'999) == 5);
    CHECK(lots("topstep_express_100k", 3'000) == 10);
    CHECK(lots("topstep_express_150k", 4'500) == 15);
}

TEST_CASE("a pack that forbids servers needs the sentence, word for word") {
    CHECK(hosting(pack("plain"), "") == Hosting::allowed);
    CHECK(hosting(pack("topstep_50k"), "") == Hosting::refused);
    CHECK(hosting(pack("topstep_50k"), "yes") == Hosting::refused);
    CHECK(hosting(pack("topstep_50k"), k_hosting_acknowledgement) == Hosting::acknowledged);
    CHECK(hosting_text(pack("topstep_50k"), Hosting::refused)
              .find(std::string(k_hosting_acknowledgement)) != std::string::npos);
    CHECK(hosting_text(pack("topstep_50k"), Hosting::acknowledged).find("Topstep Combine 50K") !=
          std::string::npos);
}

}  // namespace
}  // namespace bullpen::model
