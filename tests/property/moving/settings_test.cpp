// Whatever a config.json says, the plan says what became of it: of every key of the file, and of
// every key of each of its accounts.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "moving/plan.hpp"

using namespace bullpen;
using namespace bullpen::moving;

namespace {

const std::vector<std::string> k_keys{"broker",
                                      "username",
                                      "broker_username",
                                      "selected_account",
                                      "selected_account_id",
                                      "broker_token",
                                      "password",
                                      "account_size",
                                      "fetched_account_balance",
                                      "topstep_starting_balance",
                                      "topstep_starting_balances",
                                      "avoid_news_days",
                                      "fomc_block_enabled",
                                      "fomc_force_close",
                                      "confidence_trading",
                                      "recovery_mode",
                                      "shadow_mode",
                                      "time_exit_enabled",
                                      "auto_calculate_limits",
                                      "alerts_enabled",
                                      "alert_email",
                                      "additional_alert_emails",
                                      "symbols",
                                      "max_contracts",
                                      "max_trades",
                                      "max_trades_per_day",
                                      "risk_per_trade",
                                      "daily_loss_limit",
                                      "confidence_threshold",
                                      "rl_confidence_threshold",
                                      "volume_spike_multiplier",
                                      "theme",
                                      "user_data",
                                      "unheard_of",
                                      "another"};
const std::vector<std::string> k_values{"null",
                                        "true",
                                        "false",
                                        "0",
                                        "1",
                                        "7",
                                        "0.012",
                                        "-3",
                                        "50000",
                                        "1e300",
                                        "\"\"",
                                        "\"A-1\"",
                                        "\"text\"",
                                        "\"a@x.invalid, b@x.invalid\"",
                                        "[]",
                                        "{}",
                                        "[\"MES\",\"NQ\"]",
                                        "[7,\"\"]",
                                        R"({"A-1":50000,"B-2":"much","gone":1})",
                                        R"({"token":"plant","x":1})"};
const std::vector<std::string> k_account_keys{
    "name",  "balance",   "starting_balance", "equity", "type", "max_contracts", "daily_loss_limit",
    "token", "unheard_of"};
const std::vector<std::string> k_ids{"A-1", "B-2", "C-3"};

std::string any_members(const std::vector<std::string>& keys, std::vector<std::string>& taken,
                        const std::string& before) {
    std::string text;
    for (const auto& key : keys) {
        if (*rc::gen::arbitrary<bool>())
            continue;
        taken.push_back(before + key);
        text += ",\"" + key + "\":" + *rc::gen::elementOf(k_values);
    }
    return text;
}

bool is_listed(const Plan& plan, const std::string& key) {
    return std::any_of(plan.items.begin(), plan.items.end(), [&](const Item& item) {
        return item.file == "config.json" && (item.name == key || item.name.starts_with(key + "["));
    });
}

}  // namespace

TEST_CASE("each key of a config.json, and of each of its accounts, is in the plan") {
    CHECK(rc::check([] {
        std::vector<std::string> keys;
        std::string accounts;
        const auto count = *rc::gen::inRange<std::size_t>(1, k_ids.size() + 1);
        for (std::size_t i = 0; i < count; ++i)
            accounts += (i == 0 ? "" : ",") + (R"({"id":")" + k_ids[i]) + "\"" +
                        any_members(k_account_keys, keys, "accounts[" + k_ids[i] + "].") + "}";
        const auto text = "{\"accounts\":[" + accounts + "]" + any_members(k_keys, keys, "") + "}";
        std::vector<OldFile> files{{"config.json", text, true, {}}};
        if (*rc::gen::arbitrary<bool>())
            files.push_back({".env",
                             "SELECTED_ACCOUNT_ID=A-1\nBOT_MAX_CONTRACTS=2\nBOT_SYMBOLS=NQ\n"
                             "BOT_UNHEARD_OF=1\nBOT_AVOID_NEWS_DAYS=true\n",
                             true,
                             {}});
        Wishes wishes;
        wishes.directory = "/old";
        if (*rc::gen::arbitrary<bool>())
            wishes.command = {"/bin/bot"};
        const auto plan = plan_futures_bot(files, wishes, {});
        RC_ASSERT(plan.has_value());
        for (const auto& key : keys) {
            if (!is_listed(*plan, key))
                RC_FAIL(key + " of " + text);
        }
        for (const auto& item : plan->items) {
            if (item.value.find("plant") != std::string::npos)
                RC_FAIL(item.name + " of " + text);
        }
    }));
}
