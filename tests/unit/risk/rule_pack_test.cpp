#include "worker/risk/rule_pack.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "worker/risk/rule_pack_file.hpp"
#include "worker/risk/session_rules.hpp"
#include "worker/risk/warnings.hpp"

namespace bullpen::risk {
namespace {

const RulePack& pack(const char* name) {
    return **RulePacks::built_in().find(name);
}
const model::Instrument& instrument(const char* symbol) {
    return **model::find_instrument(symbol);
}
model::Money dollars(std::int64_t whole) {
    return {whole * 1'000'000, model::k_usd};
}

std::string error_of(const std::string& more) {
    const auto parsed =
        parse_rule_packs("rule_packs.toml", "schema = 1\nrevision = \"x\"\n" + more);
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error().context();
}

TEST_CASE("the example file says what the built-in packs say") {
    const auto parsed = parse_rule_packs(
        "etc/rule_packs.toml", test::read_text(test::source_directory() + "/etc/rule_packs.toml"));
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message());
    REQUIRE(parsed->all().size() == RulePacks::built_in().all().size());
    for (const RulePack& ours : RulePacks::built_in().all()) {
        CAPTURE(ours.name);
        const auto theirs = parsed->find(ours.name);
        REQUIRE(theirs.has_value());
        CHECK(**theirs == ours);
    }
    CHECK(*parsed == RulePacks::built_in());
}

TEST_CASE("every pack is documented with its name and its version") {
    const std::string page = test::read_text(test::source_directory() + "/docs/risk.md");
    for (const RulePack& each : RulePacks::built_in().all()) {
        CAPTURE(each.name);
        CHECK(page.find("`" + each.name + "`") != std::string::npos);
        CHECK(page.find(each.version) != std::string::npos);
    }
    CHECK(page.find(std::string(k_hosting_acknowledgement)) != std::string::npos);
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

TEST_CASE("the session clock takes the times of the account and of its pack") {
    config::SessionSettings settings;
    settings.flat_by = "15:30";
    settings.friday_flat_by = "";
    const auto rules = session_rules(settings, pack("topstep_50k"));
    CHECK(rules.flat_by == std::chrono::minutes(15 * 60 + 30));
    CHECK(rules.pack_flat_by == std::chrono::minutes(16 * 60 + 10));
    CHECK_FALSE(rules.friday_flat_by.has_value());
    CHECK(rules.friday_last_entry == std::chrono::minutes(16 * 60 + 30));
    CHECK_FALSE(session_rules(config::SessionSettings{}, pack("plain")).pack_flat_by.has_value());
}

TEST_CASE("what is unusual about an account's limits is said at its start") {
    config::RiskSettings settings;
    const auto said = [&](const char* name, std::optional<model::Money> balance) {
        std::string all;
        for (const std::string& sentence :
             warnings(settings, pack(name), instrument("ES"), balance))
            all += sentence + "\n";
        return all;
    };
    CHECK(said("plain", std::nullopt).empty());
    CHECK(said("plain", dollars(54'999)).empty());
    CHECK(said("plain", dollars(55'001)).find("the settings say 50000.00") != std::string::npos);
    CHECK(said("topstep_50k", std::nullopt).find("forbid servers") != std::string::npos);
    CHECK(said("topstep_100k", dollars(50'000)).find("a new account under") != std::string::npos);
    CHECK(said("topstep_express_50k", std::nullopt).find("begins with 2 of ES") !=
          std::string::npos);
    settings.contracts_max = 16;
    settings.drawdown_max = 1'000;
    settings.daily_loss_max = 0;
    CHECK(said("plain", std::nullopt).find("16 contracts") != std::string::npos);
    CHECK(said("plain", std::nullopt).find("no daily loss limit") != std::string::npos);
    CHECK(said("topstep_50k", std::nullopt).find("drawdown_max does not count") !=
          std::string::npos);
}

TEST_CASE("a home's own packs replace the built-in ones") {
    const test::TemporaryHome temporary;
    const Home& home = temporary.home();
    CHECK(load_rule_packs(home).value() == RulePacks::built_in());
    REQUIRE(make_directories(home.shared(), 0700).has_value());
    test::write_text(rule_packs_path(home),
                     "schema = 1\nrevision = \"x\"\n[mine]\nversion = "
                     "\"2026\"\ntitle = \"Mine\"\nlots_max = 2\n");
    const auto own = load_rule_packs(home);
    REQUIRE(own.has_value());
    CHECK((*own->find("mine"))->lots_max == 2);
    CHECK_FALSE(own->find("plain").has_value());
}

TEST_CASE("what is wrong in a pack is told with line and key") {
    const std::string head = "[a]\nversion = \"1\"\ntitle = \"A\"\n";
    CHECK(error_of(head + "floor = \"trailing\"\n")
              .find("rule_packs.toml:6: a.floor: 'trailing' is no model") != std::string::npos);
    CHECK(error_of(head + "floor = \"fixed\"\n").find("a.frame: is missing") != std::string::npos);
    CHECK(error_of(head + "floor = \"fixed\"\nframe = \"half\"\nnominal = \"1\"\n"
                          "allowance = \"1\"\n")
              .find("must be absolute or relative") != std::string::npos);
    CHECK(error_of(head + "floor = \"fixed\"\nframe = \"absolute\"\nnominal = \"0\"\n"
                          "allowance = \"1\"\n")
              .find("a.nominal: is not above zero") != std::string::npos);
    CHECK(error_of(head + "daily_loss_max = \"0\"\n").find("is not above zero") !=
          std::string::npos);
    CHECK(error_of(head + "scaling = [\"100: 2\"]\n").find("must begin with") != std::string::npos);
    CHECK(error_of(head + "scaling = [\"0: 2\", \"0: 3\"]\n").find("order of profits") !=
          std::string::npos);
    CHECK(error_of(head + "scaling = [\"0 2\"]\n").find("as in") != std::string::npos);
    CHECK(error_of(head + "scaling = [\"0: two\"]\n").find("lots from 0") != std::string::npos);
    CHECK(error_of(head + "flat_by = \"26:10\"\n").find("23:59") != std::string::npos);
    CHECK(error_of(head + "hosting_alowed = true\n").find("did you mean hosting_allowed?") !=
          std::string::npos);
    CHECK(error_of("[A]\nversion = \"1\"\ntitle = \"A\"\n").find("is no name for a pack") !=
          std::string::npos);
}

}  // namespace
}  // namespace bullpen::risk
