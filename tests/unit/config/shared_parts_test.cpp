// What equal settings of many accounts take of the daemon's memory.
#include <doctest/doctest.h>

#include <chrono>

#include "common/config/roster.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::config {

TEST_CASE("what accounts say alike of their trading is kept once") {
    const test::TemporaryHome home;
    const auto alpha = test::account_id("alpha");
    const auto beta = test::account_id("beta");
    const auto gamma = test::account_id("gamma");
    home.settings("[defaults.risk]\ndaily_loss_max = 700\n");
    home.account(alpha, "[strategy]\nname = \"vwap_bounce\"\n");
    home.account(beta, "[strategy]\nname = \"vwap_bounce\"\n[risk]\ndaily_loss_max = 800\n");
    home.account(gamma, "[strategy]\nname = \"vwap_bounce\"\n[risk]\ndaily_loss_max = 800\n");
    const auto accounts = RosterReader(home.home()).read(SystemClock().utc()).accounts;
    REQUIRE(accounts.size() == 3);
    const auto& of_alpha = accounts.at(alpha);
    const auto& of_beta = accounts.at(beta);
    const auto& of_gamma = accounts.at(gamma);
    CHECK(&*of_alpha.strategy == &*of_beta.strategy);
    CHECK(&*of_alpha.jobs == &*AccountSettings(alpha).jobs);
    CHECK(of_alpha.risk->daily_loss_max == 700);
    CHECK(of_beta.risk->daily_loss_max == 800);
    CHECK(&*of_beta.risk == &*of_gamma.risk);
}

}  // namespace bullpen::config
