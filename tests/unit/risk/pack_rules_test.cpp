// What an account's rule pack means for its hours, and what is said of it at a start.
#include <doctest/doctest.h>

#include <string>

#include "worker/risk/session_rules.hpp"
#include "worker/risk/warnings.hpp"

namespace bullpen::risk {
namespace {

const model::RulePack& pack(const char* name) {
    return **model::RulePacks::built_in().find(name);
}
const model::Instrument& instrument(const char* symbol) {
    return **model::find_instrument(symbol);
}
model::Money dollars(std::int64_t whole) {
    return {whole * 1'000'000, model::k_usd};
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

}  // namespace
}  // namespace bullpen::risk
