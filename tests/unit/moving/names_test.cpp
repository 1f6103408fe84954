// Names of users and accounts in a plan, accounts that the roster would refuse, and which of two
// values that say one thing counts.
#include <doctest/doctest.h>

#include <algorithm>

#include "moving/plan.hpp"
#include "tests/unit/moving/plans.hpp"

using namespace bullpen;
using namespace bullpen::moving;

TEST_CASE("users whose names are written the same are not made two accounts of one") {
    const auto plan = plan_equity_bot(std::vector{file("config.ini",
                                                       "[API_CREDENTIALS_asha]\napi_key=k\n"
                                                       "[API_CREDENTIALS_as\x01ha]\napi_key=l\n")},
                                      wishes(), {});
    REQUIRE(plan);
    CHECK(plan->accounts.size() == 1);
    CHECK(item(*plan, "API_CREDENTIALS_as\x01ha")->fate == Fate::wrong);
}

TEST_CASE("a long name of a user is an owner by its beginning and its old id, and whole as login") {
    const std::string mail = "joan.of.the.northern.desk@an-example.invalid";
    const std::string accented = "M\xC3\xBCller-und-Soehne\xC3\xB6-von-der-Wiese";
    const auto plan = plan_futures_bot(
        std::vector{file("config.json", R"({"broker_username":")" + mail +
                                            R"(","accounts":[{"id":"A-1","name":")" +
                                            std::string(109, 'n') + R"("}]})")},
        wishes(), {});
    REQUIRE(plan);
    REQUIRE(plan->accounts.size() == 1);
    const auto& account = plan->accounts[0];
    CHECK(written(account, "login") == "\"" + mail + "\"");
    CHECK(written(account, "owner") ==
          "\"" + mail.substr(0, 19) + "-" + account.old_user_id + "\"");
    CHECK(written(account, "label") == "\"" + std::string(64, 'n') + "\"");
    CHECK(says(account.remarks, "owner"));
    CHECK(says(account.remarks, "label"));
    const auto equity = plan_equity_bot(
        std::vector{file("config.ini", "[API_CREDENTIALS_" + accented + "]\napi_key=k\n")},
        wishes(), {});
    REQUIRE(equity);
    REQUIRE(equity->accounts.size() == 1);
    // No character of several bytes is cut in two.
    CHECK(written(equity->accounts[0], "owner") ==
          "\"M\xC3\xBCller-und-Soehne-" + equity->accounts[0].old_user_id + "\"");
    CHECK(written(equity->accounts[0], "login") == "\"" + accented + "\"");
}

TEST_CASE("what the roster would refuse is told of that account alone, and the others are made") {
    const auto plan = plan_futures_bot(
        std::vector{file("config.json", R"({"accounts":[{"id":"A-1"},{"id":")" +
                                            std::string(129, 'x') + R"("},{"id":"C-3"}]})")},
        wishes(), {});
    REQUIRE(plan);
    REQUIRE(plan->accounts.size() == 2);
    CHECK(plan->accounts[1].broker_account == "C-3");
    REQUIRE(plan->refused.size() == 1);
    const auto& item = item_of(*plan, "", "account");
    CHECK(item.fate == Fate::wrong);
    CHECK(item.account == plan->refused[0].str());
    CHECK(item.why.find("broker_account") != std::string::npos);
    for (const auto& one : plan->items) {
        if (one.account == item.account)
            CHECK(one.fate != Fate::taken);
    }
}

TEST_CASE("letters of every language stay in names, and what nobody sees is told when it goes") {
    const auto plan = plan_futures_bot(
        std::vector{
            file("config.json",
                 "{\"broker_username\":\"M\xC3\xBCller\",\"accounts\":[{\"id\":\"K\xC3\xB6-1\","
                 "\"name\":\"\xE2\x80\xAE"
                 "Fifty\"}]}")},
        wishes(), {});
    REQUIRE(plan);
    const auto& account = plan->accounts[0];
    CHECK(account.id.str() == "k--1");
    CHECK(written(account, "login") == "\"M\xC3\xBCller\"");
    CHECK(written(account, "broker_account") == "\"K\xC3\xB6-1\"");
    CHECK(written(account, "label") == "\"Fifty\"");
    CHECK(says(account.remarks, "Its label was written with"));
    CHECK_FALSE(says(account.remarks, "Its login"));
}

TEST_CASE("a program's folder is read without settings, credentials and what users have in it") {
    for (const auto* name : {"run.py", "lib", "venv", ".venv", "requirements.txt", "Brokers",
                             "trading_state_manager.py", "refresh_token.py"})
        CHECK_MESSAGE(is_program(name), name);
    for (const auto* name :
         {"config.ini", "config.json", "config.json.bak", ".env", ".env.old", "prod.env", ".git",
          "data", "logs", "locks", "pids", "Current_Orders", "bot_state.json", "api_token",
          "session_state.json", "trading_state.json", "trade_summary.json", "bot.log"})
        CHECK_FALSE_MESSAGE(is_program(name), name);
}

TEST_CASE("a variable that was stronger than config.json counts, and the other value is listed") {
    const auto env = file(".env",
                          "SELECTED_ACCOUNT_ID=A-1\nBOT_MAX_CONTRACTS=1\nBOT_INSTRUMENTS=NQ,ES\n"
                          "BOT_MODE=fast\nBOT_ZZZ=7\nBOT_BROKER=other\n");
    for (const auto& how : {wishes(), wishes({"/bin/bot"})}) {
        const auto plan =
            futures(R"(,"symbols":["MES"],"zzz":5,"daily_loss_limit":900)", how, {env});
        const auto& first = plan.accounts[0];
        CHECK(setting(first, "risk.contracts_max") == "1");
        CHECK(setting(first, "feed.instrument") == "NQ");
        CHECK(setting(first, "risk.daily_loss_max") == "900");
        CHECK(setting(plan.accounts[1], "risk.contracts_max") == "3");
        CHECK(setting(plan.accounts[1], "feed.instrument") == "MES");
        CHECK(item_of(plan, ".env", "BOT_MAX_CONTRACTS").fate == Fate::taken);
        for (const auto* name : {"max_contracts", "symbols", "zzz"}) {
            const auto& other = item_of(plan, "config.json", name);
            CHECK(other.fate == Fate::left);
            CHECK(other.why.find("BOT_") != std::string::npos);
        }
        CHECK(item_of(plan, ".env", "BOT_ZZZ").value == "7");
    }
    const auto plan = futures("", wishes(), {env});
    CHECK(item_of(plan, ".env", "BOT_MODE").fate == Fate::kept);
    CHECK(item_of(plan, ".env", "BOT_BROKER").fate == Fate::wrong);
}

TEST_CASE("what lies beside an account's own state is told, and what it holds") {
    const auto plan =
        futures("", wishes(),
                {file("data/bot_state_A-1.json", R"({"active":false,"quantity":0})"),
                 file("data/bot_state_A-1.json.backup", R"({"active":false,"quantity":0})"),
                 file("data/bot_state.json",
                      R"({"symbol":"MES","active":true,"side":"long","quantity":2})"),
                 file("data/bot_state_X.json",
                      R"({"symbol":"NQ","active":true,"side":"short","quantity":1})")});
    CHECK(plan.accounts[0].open.empty());
    const auto& beside = item_of(plan, "data/bot_state.json", "");
    CHECK(beside.value == "2 MES");
    CHECK(beside.why.find("bot_state_A-1.json") != std::string::npos);
    CHECK(says(plan.accounts[0].remarks, "2 MES"));
    CHECK(item_of(plan, "data/bot_state_A-1.json.backup", "").fate == Fate::left);
    CHECK(item_of(plan, "data/bot_state_X.json", "").value == "-1 NQ");
}
