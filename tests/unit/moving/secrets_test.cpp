// What of an old bot's files is a secret, whatever it is called and wherever it lies.
#include <doctest/doctest.h>

#include <string>

#include "moving/secret_search.hpp"
#include "tests/unit/moving/plans.hpp"

using namespace bullpen;
using namespace bullpen::moving;

TEST_CASE("a secret is known by its name, also by one that an account's file may hold") {
    for (const auto* name : {"api_key",        "PIN",
                             "mpin",           "DB_PWD",
                             "totp_seed",      "slack_webhook",
                             "WEBHOOK_URL",    "telegram_bot_token",
                             "enctoken",       "quotrading_license",
                             "session_cookie", "SENTRY_DSN",
                             "BROKERPWD",      "MYPIN",
                             "brokerPwd",      "broker_login_pw",
                             "session_id",     "sessionId",
                             "auth",           "basicAuth",
                             "userkey",        "appkey",
                             "twofa",          "twoFa",
                             "two_fa",         "mfa_code",
                             "userPass",       "dbpw",
                             "api_key_2",      "apikey2",
                             "PINCODE_PIN",    "user_pin"})
        CHECK_MESSAGE(is_secret_name(name), name);
    for (const auto* name :
         {"shipping", "pinned",      "tokenizer", "opinion",       "log_level",     "chat_id",
          "exchange", "seed",        "spin",      "pin_bar",       "pinBarEnabled", "hairpin",
          "compass",  "bypass_news", "highpass",  "hotkey",        "primary_key",   "public_key",
          "monkey",   "auth_mode",   "author",    "session_start", "session",       "sessions",
          "user_id",  "app_id",      "app_name",  "symbol",        "power",         "keyword"})
        CHECK_FALSE_MESSAGE(is_secret_name(name), name);
}

TEST_CASE("a secret is known by what it looks like, whatever it is called") {
    for (const std::string value :
         {"postgres://bot:hunter2x@10.0.0.9/trades",
          "https://hooks.slack.com/services/T0AB/B0CD/9x",
          "https://discord.com/api/webhooks/113355/Ab9-x", "JBSWY3DPEHPK3PXP",
          "otpauth://totp/x?secret=AB", "9f86d081884c7d659a2feaa0c55ad015",
          "-----BEGIN RSA PRIVATE KEY-----",
          "c2VjcmV0LXZhbHVlLTEyMzQ1Njc=", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"})
        CHECK_MESSAGE(is_secret_value(value), value);
    CHECK(is_secret_value("1234567890:" + std::string(35, 'A')));
    for (const std::string value :
         {"MES", "50KTC-V2-12345-67890123", "2025-05-02T10:15:00.000Z", "https://host.example/a",
          "/home/joan/old-bot/results", "joan@x.org", "https://{user}:{password}@host/x", "0.7",
          "https://user@host/x", "[\"a\", \"b\"]"})
        CHECK_FALSE_MESSAGE(is_secret_value(value), value);
    CHECK_FALSE(is_secret_member("remember_credentials", "true"));
    CHECK_FALSE(is_secret_member("account_id", "TOPSTEPX50KTC1234567890"));
    CHECK(is_secret_member("session", "TOPSTEPX50KTC1234567890"));
}

TEST_CASE("credentials are told in settings of every kind, and not in what only names them") {
    const KnownSecrets nothing;
    const auto in = [&](const std::string& text, TextKind kind = TextKind::settings) {
        return credentials_in(text, kind, nothing);
    };
    CHECK(in("[API]\nx = 1\napi_key = k1x2y3z4\n") == "api_key in line 3");
    for (const auto* text :
         {R"({"user":{"access_token":"abcdef12"}})", "export BROKER_TOKEN='abcdef12'\n",
          "broker:\n  password: abc\n", "PIN=1234\r\n", "db = postgres://a:hunter2@h/x\n",
          "api_key: abcdef12, x: 1\n"})
        CHECK_MESSAGE(!in(text).empty(), text);
    for (const auto* text :
         {"api_key =\n", "api_key = your_api_key_here\n", "password = ${PASSWORD}\n",
          "token_lifetime = 3600\n", "token_date = 2025-05-02\n", "access_token = <token>\n",
          "log_level = INFO\n", "api_key = in_the_environment\n", R"({"token": null})"})
        CHECK_MESSAGE(in(text).empty(), text);
    for (const auto* text : {"API_KEY = 'k1x2y3z4w5'\n", "kite = Kite(api_key=\"k1x2y3z4w5\")\n",
                             "secret: str = \"k1x2y3z4w5\"\n"})
        CHECK_MESSAGE(!in(text, TextKind::source).empty(), text);
    for (const auto* text :
         {"api_key = os.environ['ZERODHA_API_KEY']\n", "token = config.get('access_token')\n",
          "if password == 'k1x2y3z4w5':\n", "headers = {'token': f'{user}:{token}'}\n",
          "password = 'password'\n", "def login(api_key, token=None):\n",
          "FIELDS = {'token': 'access_token_2'}\n"})
        CHECK_MESSAGE(in(text, TextKind::source).empty(), text);
}

TEST_CASE("the secrets of all users are found in any file, in every way it may be written") {
    const std::vector files{
        file("config.json", R"({"broker_token":"tok-5d7Q","n":{"password":"correct horse"}})"),
        file(".env", "A_SECRET=\"q9-W8e7r6\"\nX=1\n"),
        file("config.ini", "[API_CREDENTIALS_b]\napi_key = k%%1x2y3z\naccess_token = in\n")};
    const auto known = known_secrets(files);
    for (const std::string text : {"x tok-5d7Q y", "q9-W8e7r6", "'k%1x2y3z'", "k%%1x2y3z"}) {
        CHECK_MESSAGE(known.in(text), text);
        CHECK(credentials_in(text, TextKind::record, known) ==
              "a credential of the settings that are imported");
        CHECK_FALSE(known.in(known.taken_out(text)));
    }
    std::string wide;
    for (const char c : std::string("a tok-5d7Q"))
        wide += std::string{c, '\0'};
    CHECK(known.in(wide));
    CHECK_FALSE(known.in("in the X of 1"));
    CHECK(known.taken_out("x tok-5d7Q y") == "x in_the_environment y");
}

TEST_CASE("a secret with an unexpected name is neither shown nor kept nor copied") {
    const std::string more =
        R"(,"database":"postgres://bot:plant9x@h/x","hook":"https://hooks.slack.com/services/p/plant/12",
           "pin":"1234","chat":"1234567890:plant567890123456789012345678901234",
           "odd":["9f86d081884c7d659a2feaa0plant015"],"remember_credentials":true,
           "brokerPwd":"plant-a","broker_login_pw":"plant-b","session_id":"plant-c",
           "auth":"plant-d","userkey":"plant-e","appkey":"plant-f","twofa":"plant-g")";
    const auto env = file(".env",
                          "SELECTED_ACCOUNT_ID=A-1\nBOT_FEED=https://u:plant77@h/x\nBOT_MODE=a\n"
                          "BROKERPWD=plantedBROKERPWD\nMYPIN=1234\n");
    const auto state = file("data/bot_state.json",
                            R"({"active":false,"quantity":0,"note":"plant9x-is, plant-token"})");
    for (const auto& how : {wishes(), wishes({"/bin/true"})}) {
        const auto plan = futures(more, how, {env, state});
        for (const auto& one : plan.items) {
            CHECK_MESSAGE(one.value.find("plant") == std::string::npos, one.name);
            CHECK_MESSAGE(one.becomes.find("plant") == std::string::npos, one.name);
            CHECK_MESSAGE(one.value.find("1234") == std::string::npos, one.name);
        }
        for (const auto& account : plan.accounts) {
            CHECK(account.settings_text.find("plant") == std::string::npos);
            CHECK(manifest(plan, account, "t", "/old").find("plant") == std::string::npos);
            for (const auto& copy : account.files)
                CHECK_MESSAGE(copy.text.find("plant-token") == std::string::npos, copy.to);
        }
        // A switch of the old bot's window is no secret.
        CHECK(item(plan, "remember_credentials")->why.find("window") != std::string::npos);
    }
    const auto run = futures(more, wishes({"/bin/true"}), {env});
    CHECK(value_of(run.accounts[0], "bot_feed") == "https://u:plant77@h/x");
    CHECK(setting(run.accounts[0], "environment.BOT_FEED") == "-");
    CHECK(setting(run.accounts[0], "environment.BOT_MODE") == "a");
}

TEST_CASE("the equity bot's secrets of no user are told without their values") {
    const auto plan = plan_equity_bot(
        std::vector{file("Daily/config.ini",
                         std::string(k_ini) + "[ALERTS]\nhook = https://hooks.slack.com/services/"
                                              "p/plant/12\npin = 9911\nlevel = 3\n")},
        wishes({"/bin/bot"}), {});
    REQUIRE(plan);
    CHECK(item(*plan, "ALERTS.hook")->fate == Fate::wrong);
    CHECK(item(*plan, "ALERTS.hook")->value.empty());
    CHECK(item(*plan, "ALERTS.pin")->value.empty());
    CHECK(item(*plan, "ALERTS.level")->value == "3");
    for (const auto& copy : plan->accounts[0].files) {
        CHECK(copy.text.find("plant") == std::string::npos);
        CHECK(copy.text.find("9911") == std::string::npos);
    }
}

TEST_CASE("a variable that the old bot knew by one name is handed over once") {
    const auto env =
        file(".env", "SELECTED_ACCOUNT_ID=A-1\nBROKER_TOKEN=plant-env\nbroker_token=plant-2\n");
    const auto plan = futures("", wishes({"/bin/true"}), {env});
    const auto names = setting(plan.accounts[0], "credentials_environment");
    const auto at = names.find("BROKER_TOKEN=");
    REQUIRE(at != std::string::npos);
    CHECK(names.find("BROKER_TOKEN=", at + 1) == std::string::npos);
}

TEST_CASE("what was left out of the program is told, and what the command names all the same") {
    auto how = wishes({"python3", "/old/run.py"});
    how.left_out = {{"old_config.ini", "holds api_key in line 2"},
                    {"run.py", "holds API_KEY in line 9"}};
    how.secret_files = {"run.py", "old_config.ini", "config.json"};
    const auto plan = futures("", how);
    CHECK(item_of(plan, "old_config.ini", "").fate == Fate::left);
    CHECK(item_of(plan, "old_config.ini", "").why.find("api_key in line 2") != std::string::npos);
    CHECK(item_of(plan, "run.py", "").fate == Fate::wrong);
    CHECK(plan.secret_files == std::vector<std::string>{"config.json", "old_config.ini", "run.py"});
}
