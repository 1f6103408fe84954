// What becomes of an old bot is worked out before anything is done, and nothing of it gets lost on
// the way: every thing that its files say is taken, kept, left or wrong, with a reason.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "common/base/errc.hpp"
#include "moving/plan.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/moving/plans.hpp"

using namespace bullpen;
using namespace bullpen::moving;

TEST_CASE("id, label and broker account are kept apart, and both accounts get what proves them") {
    const auto plan = futures("");
    REQUIRE(plan.accounts.size() == 2);
    CHECK(plan.accounts[0].id.str() == "a-1");
    CHECK(plan.accounts[0].label == "One");
    CHECK(plan.accounts[0].broker_account == "A-1");
    CHECK(plan.accounts[1].id.str() == "b-2");
    CHECK(plan.accounts[1].broker_account == "B 2");
    for (const auto& account : plan.accounts) {
        CHECK(account.broker == "projectx");
        CHECK(value_of(account, "api_key") == "plant-token");
        CHECK(setting(account, "enabled") == "false");
        CHECK(account.old_user_id.size() == 12);
    }
}

TEST_CASE("a name that is taken gets a number, whoever has it, and never grows too long") {
    const auto taken = std::vector<TakenAccount>{{test::account_id("a-1"), "", "", ""},
                                                 {test::account_id("a-1-2"), "", "", ""}};
    CHECK(futures("", wishes(), {}, taken).accounts[0].id.str() == "a-1-3");
    const std::string name(60, 'x');
    const std::string text = R"({"accounts":[{"id":")" + name + R"(1"},{"id":")" + name +
                             R"(2"},{"id":"!!"},{"id":"all"}]})";
    const auto plan = plan_futures_bot(std::vector{file("config.json", text)}, wishes(), {});
    REQUIRE(plan);
    CHECK(plan->accounts[0].id.str() == std::string(32, 'x'));
    CHECK(plan->accounts[1].id.str() == std::string(30, 'x') + "-2");
    CHECK(plan->accounts[2].id.str() == "account");
    CHECK(plan->accounts[3].id.str() == "all-2");
}

TEST_CASE("an account that the home has already, at the broker, is left alone") {
    const auto plan =
        futures("", wishes(), {}, {{test::account_id("mine"), "projectx", "joan_t", "A-1"}});
    CHECK(plan.accounts[0].there_already);
    CHECK(plan.accounts[0].id.str() == "mine");
    CHECK(plan.accounts[0].credentials.empty());
    CHECK_FALSE(plan.accounts[1].there_already);
}

TEST_CASE("each value has one unit afterwards, whichever of the two it had before") {
    for (const auto* text : {R"(,"risk_per_trade":0.012,"confidence_threshold":70)",
                             R"(,"risk_per_trade":1.2,"confidence_threshold":0.7)"}) {
        const auto plan = futures(text);
        CHECK(setting(plan.accounts[0], "risk.per_trade_percent") == "1.2");
        REQUIRE(item(plan, "confidence_threshold") != nullptr);
        CHECK(item(plan, "confidence_threshold")->value == "0.7");
    }
    const auto plan = futures(R"(,"confidence_threshold":70,"rl_confidence_threshold":0.65)");
    CHECK(std::any_of(plan.items.begin(), plan.items.end(),
                      [](const Item& one) { return one.fate == Fate::wrong; }));
    // From 0 to 100 the one, from 0 to 1 the other.
    const auto ones = futures(R"(,"confidence_threshold":1,"rl_confidence_threshold":1)");
    CHECK(item(ones, "confidence_threshold")->value == "0.01");
    CHECK(item(ones, "rl_confidence_threshold")->value == "1");
    CHECK(item(futures(R"(,"confidence_threshold":100)"), "confidence_threshold")->value == "1");
}

TEST_CASE("settings become keys of Bullpen, and what a key cannot take is said") {
    const auto plan = futures(
        R"(,"max_trades":9999,"max_trades_per_day":10,"daily_loss_limit":1000.7,"symbols":["MES","NQ"],
           "shadow_mode":true,"recovery_mode":true,"auto_calculate_limits":true,
           "volume_spike_multiplier":1.75,"fomc_block_enabled":true,"fomc_force_close":true,
           "avoid_news_days":false,"time_exit_enabled":false,"min_risk_reward":2,"zzz":5)");
    const auto& account = plan.accounts[0];
    CHECK(setting(account, "risk.contracts_max") == "3");
    CHECK(setting(account, "risk.trades_max") == "10");
    CHECK(setting(account, "risk.daily_loss_max") == "1000");
    CHECK(setting(account, "risk.daily_loss_percent") == "2 %");
    CHECK(setting(account, "feed.instrument") == "MES");
    CHECK(setting(account, "trading") == "shadow");
    CHECK(setting(account, "strategy.volume_factor") == "1.75");
    CHECK(setting(account, "strategy.holding_max") == "0 s");
    CHECK(setting(account, "events.windows") ==
          "[\"fomc: 30 min before, 60 min after, block_entries, flatten\"]");
    CHECK(setting(account, "risk.start_balance") == "50000");
    CHECK(item(plan, "recovery_mode")->fate == Fate::left);
    CHECK(item(plan, "min_risk_reward")->fate == Fate::kept);
    CHECK(item(plan, "zzz")->fate == Fate::kept);
    const auto wrong = futures(R"(,"max_trades":0,"daily_loss_limit":"lots","shadow_mode":7,
                                  "risk_per_trade":1e300)");
    for (const auto* name : {"max_trades", "daily_loss_limit", "shadow_mode", "risk_per_trade"})
        CHECK_MESSAGE(item(wrong, name)->fate == Fate::wrong, name);
}

TEST_CASE("F3: what .env says is the selected account's alone, and stronger than the file") {
    const auto env = file(".env", "SELECTED_ACCOUNT_ID=B 2\nTOPSTEP_API_TOKEN=plant-env\n");
    const auto plan = futures("", wishes(), {env});
    CHECK(value_of(plan.accounts[0], "api_key") == "plant-token");
    CHECK(value_of(plan.accounts[1], "api_key") == "plant-env");
    CHECK_FALSE(plan.advice.empty());
}

TEST_CASE("variables of an account that nobody named, or that is not imported, are told as left") {
    const auto unselected = R"({"accounts":[{"id":"A-1"},{"id":"B 2"}]})";
    const auto env = file(".env", "TOPSTEP_API_TOKEN=plant-env\nBOT_MODE=fast\nBOT_EMPTY=\n");
    const std::vector files{file("config.json", unselected), env};
    const auto nobody = plan_futures_bot(files, wishes(), {});
    REQUIRE(nobody);
    for (const auto* name : {"TOPSTEP_API_TOKEN", "BOT_MODE", "BOT_EMPTY"}) {
        const auto& item = item_of(*nobody, ".env", name);
        CHECK(item.fate == Fate::left);
        CHECK(item.why.find("SELECTED_ACCOUNT_ID") != std::string::npos);
        CHECK(item.value.find("plant") == std::string::npos);
    }
    auto how = wishes();
    how.only = "B 2";
    const auto other = futures("", how, {env});
    CHECK(item_of(other, ".env", "BOT_MODE").why.find("A-1") != std::string::npos);
    CHECK(value_of(other.accounts[0], "api_key") == "plant-token");
}

TEST_CASE("of a single account the variables are its own without being told so") {
    const std::vector files{
        file("config.json", R"({"broker":"TopStep","accounts":[{"id":"A-1"}]})"),
        file(".env", "TOPSTEP_API_TOKEN=plant-env\nBOT_EMPTY=\n")};
    const auto plan = plan_futures_bot(files, wishes(), {});
    REQUIRE(plan);
    CHECK(value_of(plan->accounts[0], "api_key") == "plant-env");
    CHECK(item_of(*plan, ".env", "BOT_EMPTY").fate == Fate::left);
}

TEST_CASE("the old bot is run with its own names: variables, account, a config without secrets") {
    const auto env = file(".env",
                          "SELECTED_ACCOUNT_ID=A-1\nTOPSTEP_API_TOKEN=plant-env\nBOT_MODE=fast\n"
                          "BOT_MAX_TRADES=5\nBOT_SHADOW_MODE=true\nBOT_HOURS=[9, 10]\n");
    const auto plan = futures("", wishes({"/usr/bin/python3", "/old/run.py", "{account}"}), {env});
    const auto& account = plan.accounts[0];
    CHECK(setting(account, "command") ==
          "[\"/usr/bin/env\", \"SELECTED_ACCOUNT_ID=A-1\", \"/usr/bin/python3\", \"/old/run.py\", "
          "\"a-1\"]");
    CHECK(setting(account, "autostart") == "false");
    CHECK(setting(account, "read_paths") == "[\"names:/old\", \"/old/lib\", \"/old/run.py\"]");
    CHECK(setting(account, "environment.BOT_MODE") == "fast");
    // A variable is a text, also where it looks like a number or a list.
    CHECK(setting(account, "environment.BOT_MAX_TRADES") == "5");
    CHECK(setting(account, "environment.BOT_SHADOW_MODE") == "true");
    CHECK(setting(account, "environment.BOT_HOURS") == "[9, 10]");
    for (const auto* line :
         {"BOT_MAX_TRADES = \"5\"", "BOT_SHADOW_MODE = \"true\"", "BOT_HOURS = \"[9, 10]\""})
        CHECK(account.settings_text.find(line) != std::string::npos);
    CHECK(setting(account, "credentials_environment").find("TOPSTEP_API_TOKEN=topstep_api_token") !=
          std::string::npos);
    CHECK(setting(plan.accounts[1], "environment.BOT_MODE") == "-");
    const auto copy = std::find_if(account.files.begin(), account.files.end(),
                                   [](const auto& one) { return one.to == "config.json"; });
    REQUIRE(copy != account.files.end());
    CHECK(copy->text.find("plant") == std::string::npos);
    CHECK(copy->text.find("\"selected_account_id\": \"A-1\"") != std::string::npos);
}

TEST_CASE("a variable that .env sets is not a credential's as well") {
    const auto plan = futures(R"(,"notify_url":"https://joan:plant-word@host/x")",
                              wishes({"python3", "/old/run.py"}),
                              {file(".env", "SELECTED_ACCOUNT_ID=A-1\nNOTIFY_URL=off\n")});
    REQUIRE(plan.accounts.size() == 2);
    CHECK(setting(plan.accounts[0], "environment.NOTIFY_URL") == "off");
    CHECK(setting(plan.accounts[0], "credentials_environment").find("NOTIFY_URL") ==
          std::string::npos);
    CHECK(setting(plan.accounts[1], "credentials_environment").find("NOTIFY_URL=notify_url") !=
          std::string::npos);
    CHECK(item(plan, "notify_url") != nullptr);
}

TEST_CASE("no value of a credential is in what is shown or written down of a plan") {
    const auto env = file(".env", "SELECTED_ACCOUNT_ID=A-1\nX_TOKEN=plant-env\nA_SECRET=plant-2\n");
    for (const auto& how : {wishes(), wishes({"/bin/true"})}) {
        const auto plan =
            futures(R"(,"quotrading_license":"plant-l","odd":{"token":"plant-o"})", how, {env});
        for (const auto& account : plan.accounts) {
            CHECK(account.settings_text.find("plant") == std::string::npos);
            CHECK(manifest(plan, account, "t", "/old").find("plant") == std::string::npos);
        }
        CHECK(plan.secret_files.size() == 2);
    }
}

TEST_CASE("a state belongs to the account it names, the nameless one to the selected account") {
    const auto nameless =
        file("data/bot_state.json", R"({"symbol":"MES","active":true,"side":"long","quantity":2})");
    const auto of_b = file("data/bot_state_B 2.json", R"({"active":false,"quantity":0})");
    const auto plan = futures("", wishes(), {nameless, of_b});
    REQUIRE(plan.accounts[0].open.size() == 1);
    CHECK(plan.accounts[0].open[0].quantity == 2);
    CHECK(plan.accounts[0].files[0].to == "data/bot_state.json");
    CHECK(plan.accounts[1].open.empty());
    CHECK(plan.accounts[1].files[0].from == "data/bot_state_B 2.json");
}

TEST_CASE("a state that is cut short is told, and the one before it taken") {
    const auto plan = futures(
        "", wishes(),
        {file("data/bot_state.json", R"({"symbol":"M)"),
         file("data/bot_state.json.backup", R"({"active":true,"side":"short","quantity":1})")});
    CHECK(item(plan, "")->fate == Fate::wrong);
    REQUIRE(plan.accounts[0].open.size() == 1);
    CHECK(plan.accounts[0].open[0].quantity == -1);
}

TEST_CASE("a NaN in the old bot's files ends no import, and is told with its place") {
    const auto plan = futures(
        ",\n\"daily_loss_limit\":NaN,\"max_trades\":-Infinity", wishes({"/bin/true"}),
        {file("data/bot_state.json",
              R"({"active":true,"side":"long","quantity":2,"stop_price":NaN})"),
         file("data/bot_state_B 2.json", R"({"active":true,"side":"long","quantity":NaN})")});
    CHECK(item(plan, "daily_loss_limit")->fate == Fate::wrong);
    CHECK(setting(plan.accounts[0], "risk.daily_loss_max") == "-");
    CHECK(item_of(plan, "config.json", "").why ==
          "NaN in line 5, column 20, and 1 more of its kind: no number, taken as null");
    REQUIRE(plan.accounts[0].open.size() == 1);
    CHECK(plan.accounts[0].open[0].stop_price.empty());
    CHECK(item_of(plan, "data/bot_state.json", "").why.find("NaN in line 1") != std::string::npos);
    CHECK(says(plan.accounts[1].remarks, "could not be read"));
    for (const auto& copy : plan.accounts[0].files)
        CHECK((copy.to != "config.json" || copy.text.find("NaN") == std::string::npos));
}

TEST_CASE("nothing is said of an .env that is not there") {
    CHECK_FALSE(says(futures("").advice, ".env"));
    CHECK(says(futures("", wishes(), {file(".env", "X=1\n")}).advice, ".env was written for one"));
}

TEST_CASE("a folder that is not the bot's, or whose settings cannot be read, makes no plan") {
    CHECK(plan_futures_bot({}, wishes(), {}).error().code() == Errc::not_found);
    CHECK(plan_futures_bot(std::vector{file("config.json", "{}")}, wishes(), {}).error().code() ==
          Errc::not_found);
    CHECK(plan_futures_bot(std::vector{file("config.json", "{\"a\":")}, wishes(), {})
              .error()
              .code() == Errc::invalid);
    CHECK(plan_equity_bot({}, wishes(), {}).error().code() == Errc::not_found);
    CHECK_FALSE(plan_equity_bot(std::vector{file("config.ini", "x")}, wishes(), {}));
}

TEST_CASE("each user of the equity bot becomes an account with the credentials of its section") {
    const auto env = file(".env", "ZERODHA_API_KEY=plant-all\n");
    const auto plan = plan_equity_bot(std::vector{env, file("Daily/config.ini", k_ini)},
                                      wishes({"/bin/bot", "{user}"}), {});
    REQUIRE(plan);
    REQUIRE(plan->accounts.size() == 2);
    const auto& asha = plan->accounts[0];
    CHECK(asha.broker == "kite");
    CHECK(value_of(asha, "access_token") == "token-a");
    CHECK(value_of(plan->accounts[1], "api_key") == "key-r");
    CHECK(value_of(plan->accounts[1], "access_token") == "-");
    CHECK(plan->accounts[1].id.str() == "ravi");
    CHECK(setting(asha, "command") == "[\"/bin/bot\", \"asha\"]");
    CHECK(setting(asha, "credentials_environment").find("ZERODHA_API_KEY=api_key") !=
          std::string::npos);
    // Its own copy of the settings has neither its credentials nor the other user.
    CHECK(asha.files[0].text.find("-a") == std::string::npos);
    CHECK(asha.files[0].text.find("Ravi") == std::string::npos);
    CHECK(item(*plan, "DEFAULT.capital_deployment_percent")->value == "0.3");
    CHECK(item(*plan, "ZERODHA_API_KEY")->fate == Fate::left);
}

TEST_CASE("every credential of an equity account is handed over, also one that is set later") {
    const auto plan =
        plan_equity_bot(std::vector{file("Daily/config.ini", k_ini)}, wishes({"/bin/bot"}), {});
    REQUIRE(plan);
    // Ravi's file has no access_token.
    for (const auto& account : plan->accounts)
        CHECK(setting(account, "credentials_environment") ==
              "[\"ZERODHA_API_KEY=api_key\", \"ZERODHA_API_SECRET=api_secret\", "
              "\"ZERODHA_ACCESS_TOKEN=access_token\"]");
}

TEST_CASE("what the equity bot's daily scripts went by, Bullpen's jobs of each user go by") {
    const std::string more = "[DEFAULT]\nmax_cnc_positions = 7\n";
    const auto plan = plan_equity_bot(
        std::vector{file("Daily/config.ini", k_ini), file("config.ini", more)}, wishes(), {});
    REQUIRE(plan);
    for (const auto& account : plan->accounts) {
        CHECK(setting(account, "jobs.place_orders_daily.deployment_percent") == "30");
        // The other file is the intraday bot's.
        CHECK(setting(account, "jobs.place_orders_daily.positions_max") == "-");
    }
    CHECK(item(*plan, "DEFAULT.capital_deployment_percent")->fate == Fate::taken);
    CHECK(item(*plan, "DEFAULT.max_cnc_positions")->fate == Fate::kept);
    const auto odd =
        plan_equity_bot(std::vector{file("Daily/config.ini",
                                         "[DEFAULT]\ncapital_deployment_percent = 33.5\n"
                                         "[API_CREDENTIALS_a]\napi_key = k\n")},
                        wishes(), {});
    REQUIRE(odd);
    CHECK(item(*odd, "DEFAULT.capital_deployment_percent")->fate == Fate::wrong);
}

TEST_CASE("who the futures bot told by mail, Bullpen tells") {
    const auto taken = [](const std::string& more) {
        return plan_futures_bot(std::vector{file("config.json", k_two + ("," + more) + "}")},
                                wishes(), {});
    };
    const auto plan = taken(R"("alerts_enabled":true,"alert_email":"a@x.org","smtp_port":587,
        "additional_alert_emails":"b@x.org, a@x.org,c@x.org","alert_phone":"1")");
    REQUIRE(plan);
    for (const auto& account : plan->accounts)
        CHECK(setting(account, "alerts.recipients") == "[\"a@x.org\", \"b@x.org\", \"c@x.org\"]");
    CHECK(item(*plan, "smtp_port")->why.find("[alerts.smtp]") != std::string::npos);
    CHECK(item(*plan, "alert_phone")->fate == Fate::kept);
    const auto listed = taken(R"("additional_alert_emails":["b@x.org",7],"alert_email":"")");
    CHECK(setting(listed->accounts[0], "alerts.recipients") == "[\"b@x.org\"]");
    CHECK(item(*listed, "alert_email")->fate == Fate::left);
    const auto off = taken(R"("alerts_enabled":false,"alert_email":"a@x.org")");
    CHECK(setting(off->accounts[0], "alerts.recipients") == "-");
    CHECK(item(*off, "alert_email")->fate == Fate::left);
    const auto odd = taken(R"("alert_email":"nobody \"here\" at all")");
    CHECK(item(*odd, "alert_email")->fate != Fate::taken);
}

TEST_CASE("two users with one api_key are not both run") {
    const auto plan = plan_equity_bot(
        std::vector{
            file("config.ini", "[API_CREDENTIALS_a]\napi_key=k\n[API_CREDENTIALS_b]\napi_key=k\n")},
        wishes({"/bin/bot"}), {});
    REQUIRE(plan);
    CHECK(setting(plan->accounts[0], "enabled") == "-");
    CHECK(setting(plan->accounts[1], "enabled") == "false");
    // What it is run by once it has a key of its own.
    CHECK(setting(plan->accounts[1], "command") == "[\"/bin/bot\"]");
    CHECK(setting(plan->accounts[1], "credentials_environment") ==
          setting(plan->accounts[0], "credentials_environment"));
    CHECK(says(plan->accounts[1].remarks, "the same api_key as a, "));
    CHECK(says(plan->accounts[1].remarks, "bullpenctl credentials set b"));
    CHECK(says(plan->accounts[1].remarks, "bullpenctl enable b"));
    CHECK_FALSE(says(plan->accounts[0].remarks, "api_key"));
}

TEST_CASE("a file that is left where it is is told once, with all the reasons") {
    auto how = wishes({"python3", "/old/run.py"});
    how.left_out = {{"config.json.bak", "holds a credential"}, {"lib/keys.py", "holds a token"}};
    const auto plan =
        futures("", how, {file("config.json.bak", "{}"), file("session_state.json", "{}")});
    std::vector<std::string> files;
    for (const auto& one : plan.items) {
        if (one.fate == Fate::left && one.name.empty())
            files.push_back(one.file);
    }
    std::sort(files.begin(), files.end());
    CHECK(files ==
          std::vector<std::string>{"config.json.bak", "lib/keys.py", "session_state.json"});
    const auto& kept = item_of(plan, "config.json.bak", "");
    CHECK(kept.why.find("a record of the past") != std::string::npos);
    CHECK(kept.why.find("accounts do not read it: it holds a credential") != std::string::npos);
}

TEST_CASE("one user in both files is one account, and files that differ are refused") {
    const auto both = [](const std::string& other) {
        return plan_equity_bot(
            std::vector{file("Daily/config.ini", k_ini), file("config.ini", other)}, wishes(), {});
    };
    const auto same = both("[API_CREDENTIALS_asha]\napi_key = key-a\naccess_token = older\n");
    REQUIRE(same);
    REQUIRE(same->accounts.size() == 2);
    CHECK(value_of(same->accounts[0], "access_token") == "token-a");
    CHECK(item_of(*same, "config.ini", "API_CREDENTIALS_asha").fate == Fate::left);
    const auto& token = item_of(*same, "config.ini", "API_CREDENTIALS_asha.access_token");
    CHECK(token.fate == Fate::wrong);
    CHECK(token.value.empty());
    const auto differ = both("[API_CREDENTIALS_asha]\napi_key = another\n");
    REQUIRE_FALSE(differ);
    CHECK(differ.error().context().find("api_key") != std::string::npos);
    CHECK(differ.error().context().find("another") == std::string::npos);
}

TEST_CASE(
    "a credential is what configparser makes of it, and the old bot's copy stays as written") {
    const auto plan = plan_equity_bot(
        std::vector{file("config.ini",
                         "[DEFAULT]\nformat = %%Y\n[API_CREDENTIALS_asha]\napi_key = a%%b\n"
                         "api_secret = %(api_key)s-x\naccess_token = t\n")},
        wishes({"/bin/bot"}), {});
    REQUIRE(plan);
    CHECK(value_of(plan->accounts[0], "api_key") == "a%b");
    CHECK(value_of(plan->accounts[0], "api_secret") == "-");
    CHECK(item_of(*plan, "config.ini", "API_CREDENTIALS_asha.api_secret").fate == Fate::wrong);
    CHECK(item_of(*plan, "config.ini", "DEFAULT.format").value == "%Y");
    CHECK(plan->accounts[0].files[0].text.find("format = %%Y") != std::string::npos);
}

TEST_CASE("a state that is not understood is copied as it is for the bot that wrote it") {
    const std::string odd = R"({"shape": "new"})";
    const std::vector others{file("data/bot_state_A-1.json", odd)};
    const auto run = futures("", wishes({"/bin/bot"}), others);
    const auto copied = [&](const PlannedAccount& account, const std::string& to) {
        return std::any_of(account.files.begin(), account.files.end(),
                           [&](const auto& one) { return one.to == to && one.text == odd; });
    };
    CHECK(copied(run.accounts[0], "data/bot_state_A-1.json"));
    CHECK(item_of(run, "data/bot_state_A-1.json", "").why.find("copied as it is") !=
          std::string::npos);
    CHECK_FALSE(copied(futures("", wishes(), others).accounts[0], "data/bot_state_A-1.json"));
    const auto equity = plan_equity_bot(
        std::vector{file("config.ini", k_ini), file("data/trading_state_asha.json", odd)},
        wishes({"/bin/bot"}), {});
    REQUIRE(equity);
    CHECK(copied(equity->accounts[0], "data/trading_state_asha.json"));
}

TEST_CASE("what config.json says of one account is that account's, and nothing of it is dropped") {
    const auto plan =
        plan_futures_bot(std::vector{file("config.json",
                                          R"({"broker":"TopStep","broker_token":12345,"password":"",
        "accounts":[{"id":"A-1","max_contracts":1,"daily_loss_limit":900.5,"odd":7,"token":"t-1"},
                    {"id":"B-2","max_contracts":9,"balance":"much"},{"name":"nobody"},5],
        "max_contracts":3,"account_id":"A-1","quotrading_username":"joan"})")},
                         wishes(), {});
    REQUIRE(plan);
    REQUIRE(plan->accounts.size() == 2);
    CHECK(setting(plan->accounts[0], "risk.contracts_max") == "1");
    CHECK(setting(plan->accounts[0], "risk.daily_loss_max") == "900");
    CHECK(setting(plan->accounts[1], "risk.contracts_max") == "3");
    CHECK(item(*plan, "accounts[B-2].max_contracts")->fate == Fate::left);
    CHECK(item(*plan, "accounts[A-1].odd")->fate == Fate::kept);
    CHECK(item(*plan, "accounts[A-1].token")->value.empty());
    CHECK(item(*plan, "accounts[B-2].balance")->fate == Fate::wrong);
    CHECK(item(*plan, "broker_token")->fate == Fate::wrong);
    CHECK(item(*plan, "broker_token")->value.empty());
    CHECK(item(*plan, "password")->fate == Fate::left);
    CHECK(item(*plan, "account_id")->fate == Fate::kept);
    CHECK(item(*plan, "quotrading_username")->fate == Fate::kept);
    CHECK(std::count_if(plan->items.begin(), plan->items.end(), [](const Item& one) {
              return one.name == "accounts" && one.fate == Fate::wrong;
          }) == 2);
}

TEST_CASE("a state that says it is another user's is not taken") {
    const std::string state =
        R"({"meta":{"user_name":"Ravi"},"positions":{"INFY":{"quantity":5,"type":"LONG"}}})";
    const auto plan = plan_equity_bot(
        std::vector{file("config.ini", k_ini), file("data/trading_state_asha.json", state),
                    file("data/trading_state_Ravi.json", state)},
        wishes(), {});
    REQUIRE(plan);
    CHECK(plan->accounts[0].open.empty());
    REQUIRE(plan->accounts[1].open.size() == 1);
    CHECK(plan->accounts[1].open[0].symbol == "INFY");
}

TEST_CASE("a user's name leads nowhere else") {
    const auto plan =
        plan_equity_bot(std::vector{file("config.ini", "[API_CREDENTIALS_../../x]\napi_key=k\n"),
                                    file("data/trading_state_../../x.json", R"({"positions":{}})")},
                        wishes(), {});
    CHECK_FALSE(plan);
}

TEST_CASE("a user whose name is none of a folder is told, and takes nothing of another's") {
    const std::vector<OldFile> files{
        file("config.ini",
             "[API_CREDENTIALS_asha]\napi_key=k\napi_secret=s\naccess_token=t\n"
             "[API_CREDENTIALS_../asha]\napi_key=l\napi_secret=m\naccess_token=n\n"
             "[API_CREDENTIALS_asha/old]\napi_key=o\napi_secret=p\naccess_token=q\n"
             "[API_CREDENTIALS_..]\napi_key=u\napi_secret=v\naccess_token=w\n"),
        file("Current_Orders/../asha/x.json", "[]"), file("Current_Orders/../x.json", "[]"),
        file("Current_Orders/asha/old/y.json", "[]"), file("Current_Orders/asha/z.json", "[]")};
    const auto plan = plan_equity_bot(files, wishes(), {});
    REQUIRE(plan);
    REQUIRE(plan->accounts.size() == 1);
    CHECK(plan->accounts[0].user == "asha");
    for (const auto& copied : plan->accounts[0].files)
        CHECK(copied.to.find("..") == std::string::npos);
    CHECK(std::count_if(plan->items.begin(), plan->items.end(), [](const Item& item) {
              return item.fate == Fate::wrong && item.name.starts_with("API_CREDENTIALS_");
          }) == 3);
}

TEST_CASE("of two order files of one name in different folders both reach the account") {
    const auto orders = [](const std::string& ticker) {
        return R"({"orders":[{"ticker":")" + ticker +
               R"(","order_success":true,"position_size":5}]})";
    };
    const std::vector<OldFile> files{
        file("config.ini", "[API_CREDENTIALS_asha]\napi_key=k\napi_secret=s\naccess_token=t\n"),
        file("Current_Orders/asha/o.json", orders("AAA")),
        file("Daily/Current_Orders/asha/o.json", orders("BBB"))};
    const auto plan = plan_equity_bot(files, wishes(), {});
    REQUIRE(plan);
    std::map<std::string, std::string> copies;
    for (const auto& copied : plan->accounts.at(0).files)
        copies.emplace(copied.to, copied.text);
    CHECK(copies["Current_Orders/asha/o.json"] == orders("AAA"));
    CHECK(copies["Current_Orders/asha/Daily_o.json"] == orders("BBB"));
    CHECK(item_of(*plan, "Daily/Current_Orders/asha/o.json", "orders").why.find("Daily_o.json") !=
          std::string::npos);
}

TEST_CASE("names of the old layout lead to where things are now, and never out of the folder") {
    const auto state = file("data/bot_state_A-1.json", R"({"active":false,"quantity":0})");
    CHECK(old_layout(futures("", wishes(), {state})) ==
          std::vector<OldName>{{"data/shared", "shared"},
                               {"data/bot_state_A-1.json", "accounts/a-1/data/bot_state_A-1.json"},
                               {"logs/A-1", "accounts/a-1/logs"},
                               {"data/bot_state_B 2.json", "accounts/b-2/data/bot_state.json"},
                               {"logs/B 2", "accounts/b-2/logs"}});
    Plan plan;
    plan.kind = "equity-bot";
    for (const auto* user : {"..", "a/b", "asha"}) {
        plan.accounts.emplace_back(test::account_id("x"));
        plan.accounts.back().user = user;
    }
    CHECK(old_layout(plan).size() == 4);
}

TEST_CASE("who the old ids are is added to what is known, once") {
    const auto plan = futures("");
    const auto first = merged_users({}, plan);
    REQUIRE(first);
    CHECK(*first == merged_users(*first, plan).value());
    CHECK(first->find(plan.accounts[0].old_user_id) != std::string::npos);
    CHECK(merged_users("[]", plan).error().code() == Errc::corrupt);
}
