#include "common/config/rules.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bullpen::config;

TEST_CASE("names that would hold a secret are recognised in every spelling") {
    for (const char* name :
         {"password",    "Password",      "PASSWORD",        "broker_password", "api_key",
          "apiKey",      "API-KEY",       "apikey",          "token",           "access_token",
          "botToken",    "client.secret", "secret_key",      "private_key",     "PASSPHRASE",
          "totp_secret", "credentials",   "db_passwd",       "--pass",          "BROKERPWD",
          "MYPIN",       "brokerPwd",     "broker_login_pw", "userkey",         "appkey",
          "app_key",     "USERPASS",      "loginpw",         "user_pin",        "pwd",
          "password2",   "API_KEY1",      "ACCESSTOKEN",     "clientsecret",    "--user-pin",
          "mpin",        "passcode"}) {
        CAPTURE(name);
        CHECK(looks_secret(name));
    }
}

TEST_CASE("names that only sound like a secret are left alone") {
    for (const char* name : {"",
                             "key",
                             "keyboard",
                             "label",
                             "tokenizer",
                             "compass",
                             "password_file",
                             "token_url",
                             "secret_path",
                             "monkey_key",
                             "keep",
                             "passenger",
                             "api",
                             "TOKENIZERS_PARALLELISM",
                             "PWD",
                             "OLDPWD",
                             "spin",
                             "pin_bar",
                             "pinbar",
                             "hairpin",
                             "shipping",
                             "bypass_news",
                             "highpass",
                             "hotkey",
                             "monkey",
                             "primary_key",
                             "public_key",
                             "keyboard",
                             "app_id",
                             "user_name",
                             "auth_mode",
                             "session_start",
                             "passive",
                             "power",
                             "secretary"}) {
        CAPTURE(name);
        CHECK_FALSE(looks_secret(name));
    }
}

TEST_CASE("arguments that carry a secret are recognised") {
    for (const char* argument :
         {"--password=x", "--token", "-password", "--api-key=abc", "API_KEY=abc",
          "https://user:word@host/path", "postgres://u:p@db"}) {
        CAPTURE(argument);
        CHECK(argument_looks_secret(argument));
    }
    for (const char* argument : {"password", "bot.py", "--token-file=/x", "--seed=3", "a=b",
                                 "https://host/path", "https://user@host", "https://host/a:b@c"}) {
        CAPTURE(argument);
        CHECK_FALSE(argument_looks_secret(argument));
    }
}

TEST_CASE("text that would move a cursor, hide or reorder is not printable") {
    CHECK(is_printable("Zoë's account – MES €"));
    CHECK(is_printable(""));
    for (const char* text : {"a\nb", "a\tb", "\x1b[2J", "\x7f", "\xc2\x9b", "\xe2\x80\xae",
                             "\xe2\x80\xa8", "\xe2\x81\xa6", "\xe2\x80\x8b", "\xef\xbb\xbf"}) {
        CAPTURE(text);
        CHECK_FALSE(is_printable(text));
    }
    CHECK_FALSE(is_trimmed(" a"));
    CHECK_FALSE(is_trimmed("a "));
}

TEST_CASE("anything can be made printable") {
    CHECK(made_printable("caf\xc3\xa9\x1b[0m\xff\xe2\x80\xae.") == "caf\xc3\xa9?[0m??.");
    CHECK(made_printable("\xe2\x80") == "??");
}

TEST_CASE("paths, zones, instruments and variables have their shapes") {
    CHECK(is_contained_path("shared/bars.csv.gz"));
    CHECK(is_contained_path("/data/..bars/x..csv"));
    CHECK_FALSE(is_contained_path("../x"));
    CHECK_FALSE(is_contained_path("a/../x"));
    CHECK_FALSE(is_contained_path("a/.."));
    CHECK_FALSE(is_contained_path(".."));
    CHECK(is_time_zone("America/New_York"));
    CHECK(is_time_zone("UTC"));
    CHECK_FALSE(is_time_zone("America/Gotham"));
    CHECK_FALSE(is_time_zone("../../etc/passwd"));
    CHECK_FALSE(is_time_zone("America//New_York"));
    CHECK_FALSE(is_time_zone(""));
    CHECK(is_instrument("MES"));
    CHECK_FALSE(is_instrument("mes"));
    CHECK_FALSE(is_instrument(std::string(17, 'M')));
    CHECK(is_environment_name("_A9"));
    CHECK_FALSE(is_environment_name("9A"));
    CHECK_FALSE(is_environment_name("A-B"));
    CHECK_FALSE(is_environment_name(""));
    CHECK(is_reserved_environment_name("BULLPEN_ACCOUNT"));
    CHECK(is_reserved_environment_name("SELECTED_ACCOUNT_ID"));
    CHECK(is_reserved_environment_name("TMPDIR"));
    CHECK_FALSE(is_reserved_environment_name("PATH"));
}

TEST_CASE("a variable for a credential names a variable and a field") {
    CHECK(is_credential_variable("ZERODHA_API_KEY=api_key"));
    CHECK(is_credential_variable("_x=a1_b"));
    for (const char* wrong : {"", "=", "A=", "=a", "A", "A=B", "A=1a", "A=a-b", "A=a=b", "9A=a",
                              "A B=a", "BULLPEN_HOME=a", "TMPDIR=a", "SELECTED_ACCOUNT_ID=a",
                              "A=abcdefghijklmnopqrstuvwxyz0123456"})
        CHECK_FALSE_MESSAGE(is_credential_variable(wrong), wrong);
}

TEST_CASE("a window of the VWAP is the session or a number of bars") {
    CHECK(is_vwap_window("session"));
    CHECK(is_vwap_window("1 bars"));
    CHECK(is_vwap_window("1440 bars"));
    for (const char* text : {"", "bars", " bars", "0 bars", "01 bars", "1441 bars", "-1 bars",
                             "200", "200bars", "2.5 bars", "99999 bars", "Session"}) {
        CAPTURE(text);
        CHECK_FALSE(is_vwap_window(text));
    }
}

TEST_CASE("a time of day has hours and minutes, two digits each") {
    for (const char* text : {"00:00", "09:05", "15:00", "19:59", "23:59"}) {
        CAPTURE(text);
        CHECK(is_time_of_day(text));
    }
    for (const char* text : {"", "24:00", "15:60", "9:00", "15:0", "15.00", "15:00:00", "aa:bb"}) {
        CAPTURE(text);
        CHECK_FALSE(is_time_of_day(text));
    }
}
