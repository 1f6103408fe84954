#include "notify/rules.hpp"

#include <doctest/doctest.h>

#include "tests/support/temporary.hpp"

namespace bullpen::notify {
namespace {

const UtcTime k_now = parse_utc("2026-11-22T07:01:33Z").value();

Accounts accounts() {
    Accounts all;
    for (const auto* name : {"anna", "bert"}) {
        config::AccountSettings settings(test::account_id(name));
        settings.alerts.edit().recipients = {std::string(name) + "@example.org"};
        all.emplace(settings.id, settings);
    }
    return all;
}

std::vector<std::string> mailed(const std::string& account, const config::HomeAlertSettings& home) {
    std::vector<std::string> all;
    for (const auto& one :
         deliveries(make_alert(Kind::crashed, k_now, account, "x"), home, accounts())) {
        if (one.target == Target::smtp)
            all.push_back(one.recipients.front());
    }
    return all;
}

TEST_CASE("an account's alerts go to the home's recipients and its own, and to no other's") {
    config::HomeAlertSettings home;
    CHECK(mailed("anna", home).empty());
    home.smtp.server = "smtp://127.0.0.1:25";
    using Names = std::vector<std::string>;
    CHECK(mailed("anna", home) == Names{"anna@example.org"});
    home.smtp.to = {"ops@example.org", "bert@example.org"};
    CHECK(mailed("anna", home) == Names{"ops@example.org", "bert@example.org", "anna@example.org"});
    CHECK(mailed("bert", home) == Names{"ops@example.org", "bert@example.org"});  // once
    CHECK(mailed("", home) == home.smtp.to);
    CHECK(mailed("gone", home) == home.smtp.to);
}

TEST_CASE("each target that is set gets an alert, and who is reached by text the short form") {
    config::HomeAlertSettings home;
    home.command = {"/bin/true"};
    home.webhook = "https://example.org/";
    home.smtp.server = "smtp://127.0.0.1:25";
    home.smtp.to = {"sms:555@example.org"};
    const auto all = deliveries(make_alert(Kind::crashed, k_now, "", "x"), home, {});
    REQUIRE(all.size() == 3);
    CHECK(all[0].target == Target::command);
    CHECK(all[1].target == Target::webhook);
    CHECK(all[2].target == Target::smtp);
    CHECK(all[2].form == Form::brief);
    for (const auto target : {Target::command, Target::webhook, Target::smtp})
        CHECK(is_target(home, target));
}

TEST_CASE("the rules are what the settings say") {
    config::HomeAlertSettings home;
    home.least = Severity::warning;
    home.off = {"slippage"};
    home.cooldowns = {"crashed: 1 h", "entry: 5 s"};
    home.hourly_max = 7;
    auto known = accounts();
    known.begin()->second.alerts.edit().off = {"entry"};
    const auto rules = gate_rules(home, known);
    CHECK(rules.home == Wish{Severity::warning, {Kind::slippage}});
    CHECK(rules.accounts.at("anna").off == std::set<Kind>{Kind::entry});
    CHECK(rules.hourly_max == 7);
    const Gate gate(rules);
    CHECK(gate.cooldown(Kind::crashed) == std::chrono::hours(1));
    CHECK(gate.cooldown(Kind::hang) == alerts::facts(Kind::hang).cooldown);
    const auto board = board_rules(home, known);
    REQUIRE(board.recap.has_value());
    CHECK(board.recap->of_day == std::chrono::hours(16) + std::chrono::minutes(45));
    CHECK(board.accounts.at("bert").loss_warning_percent == 80);
    home.recap_at = "";
    CHECK_FALSE(board_rules(home, known).recap.has_value());
}

}  // namespace
}  // namespace bullpen::notify
