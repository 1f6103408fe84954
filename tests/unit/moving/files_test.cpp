// Each kind of file that an old bot leaves is read for what it says, or refused with a sentence.
#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "moving/bot_state.hpp"
#include "moving/digest.hpp"
#include "moving/equity_state.hpp"
#include "moving/orders_file.hpp"
#include "moving/text_files.hpp"

using namespace bullpen;
using namespace bullpen::moving;

TEST_CASE("a user's old id is the beginning of the MD5 of the name, and nobody's is none") {
    CHECK(old_user_id("abc") == "900150983cd2");
    CHECK(old_user_id("").empty());
    CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("an .env is read as the bots' library reads it") {
    const auto file =
        parse_env("A=1\nexport B = \"two words\" # c\n# x\nC='#'\nA=3\nodd\nD=a#b # c");
    REQUIRE(file);
    CHECK(file->values == Pairs{{"A", "3"}, {"B", "two words"}, {"C", "#"}, {"D", "a#b"}});
    CHECK(file->odd == std::vector<int>{6});
}

TEST_CASE("an .ini is read as configparser reads it, and what that refuses is refused by line") {
    const auto sections =
        parse_ini("[DEFAULT]\nA = 1\n; c\n[x]\nKey: v = 1\n  and more\nempty =\n");
    REQUIRE(sections);
    REQUIRE(sections->size() == 2);
    CHECK((*sections)[1].values == Pairs{{"key", "v = 1\nand more"}, {"empty", ""}});
    for (const auto* text : {"a=1\n", "[x]\na=1\nA=2\n", "[x]\n[x]\n", "[x\n", "[x]\njust words\n"})
        CHECK(parse_ini(text).error().code() == Errc::invalid);
    CHECK(parse_ini("[x]\nwords\n").error().context().starts_with("line 2:"));
}

TEST_CASE("a doubled percent sign of an .ini is one, and nothing else is changed") {
    CHECK(ini_value("a%%b%%%%c") == "a%b%%c");
    CHECK(ini_value("100% and %(name)s%") == "100% and %(name)s%");
    CHECK(ini_value("%%(name)s") == "%(name)s");
    CHECK(ini_value("").empty());
}

TEST_CASE("the three shapes of bot_state.json say the same position") {
    const auto record = parse_bot_state(
        R"({"symbol":"MES","active":true,"side":"short","quantity":2,"entry_price":5000.25,
            "stop_price":5003,"target_price":null})");
    const auto whole = parse_bot_state(
        R"({"MES":{"position":{"active":true,"side":"short","quantity":2,"entry_price":5000.25,
            "stop_price":5003}},"bars":[1,2]})");
    const auto summary =
        parse_bot_state(R"({"timestamp":"2025-11-20T10:00:00","position":-2,"equity":50000})");
    for (const auto* state : {&record, &whole, &summary}) {
        REQUIRE(*state);
        REQUIRE((*state)->open.size() == 1);
        CHECK((*state)->open[0].quantity == -2);
    }
    CHECK(record->open == whole->open);
    CHECK(record->open[0].entry_price == "5000.25");
    CHECK(record->shape == BotStateShape::position);
    CHECK(whole->shape == BotStateShape::whole);
    CHECK(summary->shape == BotStateShape::summary);
}

TEST_CASE("in a state of mixed shapes no symbol is passed over") {
    const auto mixed = parse_bot_state(
        R"({"ES":{"position":null},"NQ":{"quantity":2,"side":"long","active":true},"x":{"y":1}})");
    REQUIRE(mixed);
    REQUIRE(mixed->open.size() == 1);
    CHECK(mixed->open[0].symbol == "NQ");
    CHECK(mixed->open[0].quantity == 2);
    const auto odd = parse_bot_state(R"({"ES":{"position":null},"NQ":{"quantity":2,"px":7}})");
    REQUIRE_FALSE(odd);
    CHECK(odd.error().context().find("NQ") != std::string::npos);
}

TEST_CASE("a flat state of each shape has nothing open") {
    for (const auto* text :
         {R"({"active":false,"side":null,"quantity":0})", R"({"position":null,"trades":3})",
          R"({"timestamp":"t","position":0,"equity":1})", R"({"MES":{"position":{}}})",
          R"({"active":false,"side":"long","quantity":2})"}) {
        const auto state = parse_bot_state(text);
        REQUIRE_MESSAGE(state, text);
        CHECK(state->open.empty());
    }
}

TEST_CASE("F6: a state of an unknown shape, or one that contradicts itself, is refused") {
    for (const auto* text :
         {R"({"anything":1})", "[]", "7", R"({"active":true,"side":"long","quantity":0})",
          R"({"active":true,"quantity":2})", R"({"active":true,"side":"up","quantity":2})",
          R"({"active":true,"side":"long","quantity":1.5})",
          R"({"active":true,"side":"long","quantity":-1})",
          R"({"timestamp":"t","position":"two","equity":1})"}) {
        const auto state = parse_bot_state(text);
        REQUIRE_MESSAGE(!state, text);
        CHECK_FALSE(state.error().context().empty());
    }
    CHECK(parse_bot_state(R"({"quantity":1,"quan)").error().code() == Errc::corrupt);
    CHECK(parse_bot_state(R"({"quantity":1,"quantity":2,"side":"long"})").error().code() ==
          Errc::corrupt);
}

TEST_CASE("nothing is so deep or so long that reading it ends the program") {
    CHECK_FALSE(parse_bot_state(std::string(200'000, '[')));
    std::string nested;
    for (int i = 0; i < 50'000; ++i)
        nested += "{\"a\":";
    CHECK_FALSE(parse_equity_state(nested));
    CHECK_FALSE(parse_orders(std::string(9U << 20, ' ')));
}

TEST_CASE("a state of the equity bot keeps each record as it is") {
    const auto state = parse_equity_state(
        R"({"meta":{"user_name":"asha","date":"2025-05-02"},"positions":{
            "INFY":{"type":"LONG","quantity":10,"gtt":{"trigger_id":5},"odd":{"x":1}},
            "TCS":{"type":"SHORT","quantity":4},
            "WIPRO":{"type":"LONG","quantity":3,"exit_price":250.5}},
            "daily_tickers":{"long":["INFY"],"short":["TCS"]},"new_thing":1})");
    REQUIRE(state);
    CHECK(state->user == "asha");
    CHECK(state->positions.at("INFY").has_gtt);
    CHECK(state->positions.at("INFY").json.find(R"("odd":{"x":1})") != std::string::npos);
    CHECK(state->positions.at("TCS").is_short);
    CHECK(state->positions.at("WIPRO").closed);
    CHECK_FALSE(state->positions.at("INFY").closed);
    CHECK(state->other == std::vector<std::string>{"new_thing"});
    CHECK_FALSE(parse_equity_state(R"({"positions":{"A":{"quantity":"ten"}}})"));
    CHECK_FALSE(parse_equity_state(R"({"meta":"asha","positions":{}})"));
    CHECK_FALSE(parse_equity_state(R"({"positions":{},"gtt_orders":[]})"));
    CHECK_FALSE(parse_equity_state(R"({"positions":{"A":{"quantity":-1,"type":"LONG"}}})"));
}

TEST_CASE("only a price closes a position: an exit that says nothing leaves it live") {
    for (const auto* exit : {R"("")", "null", "0", "\"0\"", "false", R"("none")", "[]", "{}"}) {
        const auto state = parse_equity_state(
            std::string(R"({"positions":{"TCS":{"type":"LONG","quantity":5,"exit_price":)") + exit +
            "}}}");
        REQUIRE_MESSAGE(state, exit);
        CHECK_MESSAGE(!state->positions.at("TCS").closed, exit);
    }
    for (const auto* exit : {"250.5", R"("250.5")"})
        CHECK(parse_equity_state(std::string(R"({"positions":{"TCS":{"quantity":5,"exit_price":)") +
                                 exit + "}}}")
                  ->positions.at("TCS")
                  .closed);
}

TEST_CASE("both shapes of orders count, the broker's word before the bot's") {
    const auto file = parse_orders(R"({"user_profile":{"user_id":"AB1"},"orders":[
        {"ticker":"INFY","order_success":true,"position_size":10},
        {"ticker":"TCS","order_success":true,"position_size":5},
        {"ticker":"LOST","order_success":false,"position_size":5},
        {"tradingsymbol":"INFY","transaction_type":"BUY","quantity":12,"status":"COMPLETE"},
        {"tradingsymbol":"INFY","transaction_type":"SELL","quantity":4,"filled_quantity":4,
         "status":"COMPLETE"},
        {"tradingsymbol":"INFY","transaction_type":"BUY","quantity":99,"status":"REJECTED"},
        {"something":"else"}]})");
    REQUIRE(file);
    CHECK(file->user_profile == "AB1");
    CHECK(file->net.at("INFY") == 8);
    CHECK(file->net.at("TCS") == 5);
    CHECK_FALSE(file->net.contains("LOST"));
    CHECK(file->odd == 1);
    CHECK_FALSE(parse_orders(R"({"positions":{}})"));
}

TEST_CASE("an order that failed hides no older one, and one for the day is none of the shares") {
    const auto newest = parse_orders(R"({"orders":[
        {"ticker":"HDFC","order_success":false,"position_size":3},
        {"tradingsymbol":"SBIN","transaction_type":"SELL","quantity":9,"status":"CANCELLED"},
        {"tradingsymbol":"INFY","transaction_type":"BUY","quantity":50,"status":"COMPLETE",
         "product":"MIS"},
        {"tradingsymbol":"INFY","transaction_type":"BUY","quantity":2,"status":"COMPLETE",
         "product":"CNC"},
        {"ticker":"TCS","order_success":true,"position_size":5,"product_type":"MIS"}]})");
    const auto older = parse_orders(R"({"orders":[
        {"ticker":"HDFC","order_success":true,"position_size":7},
        {"ticker":"SBIN","order_success":true,"position_size":9}]})");
    REQUIRE(newest);
    REQUIRE(older);
    CHECK(newest->net == std::map<std::string, std::int64_t>{{"INFY", 2}});
    CHECK(claims_of({*newest, *older}).net ==
          std::map<std::string, std::int64_t>{{"HDFC", 7}, {"INFY", 2}, {"SBIN", 9}});
}

TEST_CASE("of a ticker in several order files the newest counts") {
    OrderFile newest;
    newest.net = {{"INFY", 4}};
    OrderFile oldest;
    oldest.net = {{"INFY", 10}, {"TCS", 3}};
    CHECK(claims_of({newest, oldest}).net ==
          std::map<std::string, std::int64_t>{{"INFY", 4}, {"TCS", 3}});
}

TEST_CASE("what an older order file names counts for nothing where a newer one cannot be read") {
    OrderFile newest;
    newest.net = {{"INFY", 4}};
    OrderFile oldest;
    oldest.net = {{"INFY", 10}, {"TCS", 3}};
    const auto claims = claims_of({newest, std::nullopt, oldest});
    CHECK(claims.net == std::map<std::string, std::int64_t>{{"INFY", 4}});
    CHECK(claims.unsure == std::set<std::string>{"TCS"});
    CHECK(claims_of({std::nullopt, newest, oldest}).net.empty());
    CHECK(claims_of({newest, oldest, std::nullopt}).unsure.empty());
}

TEST_CASE("an order that went through and does not say of how many leaves its ticker unclear") {
    const auto file = parse_orders(R"({"orders":[
        {"ticker":"INFY","order_success":true,"position_size":NaN,"entry_price":NaN},
        {"ticker":"TCS","order_success":NaN,"position_size":-5},
        {"ticker":"SBIN","order_success":true,"position_size":2,"stop":-Infinity},
        {"ticker":"HDFC","order_success":false,"position_size":NaN},
        {"tradingsymbol":"WIPRO","transaction_type":"SELL","quantity":9,"filled_quantity":NaN,
         "status":"COMPLETE"}]})");
    REQUIRE(file);
    CHECK(file->net == std::map<std::string, std::int64_t>{{"SBIN", 2}});
    CHECK(file->unclear == std::set<std::string>{"INFY", "TCS", "WIPRO"});
    OrderFile older;
    older.net = {{"INFY", 10}, {"HDFC", 7}};
    const auto claims = claims_of({*file, older});
    CHECK(claims.net == std::map<std::string, std::int64_t>{{"HDFC", 7}, {"SBIN", 2}});
    CHECK(claims.unsure == file->unclear);
}

TEST_CASE("numbers that Python writes and JSON does not have are taken as null and told") {
    const std::string text =
        "\xEF\xBB\xBF{\"a\": \"NaN, Infinity \\\" NaN\",\n \"position\": {\"quantity\": 2, "
        "\"side\": \"long\", \"active\": true,\n  \"entry_price\": NaN, \"stop_price\": -Infinity},"
        "\n \"x\": [Infinity]}";
    const auto state = parse_bot_state(text);
    REQUIRE_MESSAGE(state, state.error().context());
    CHECK(state->open.at(0).quantity == 2);
    CHECK(state->open.at(0).entry_price.empty());
    CHECK(no_numbers_in(text) ==
          "NaN in line 3, column 18, and 2 more of its kind: no number, taken as null");
    CHECK(no_numbers_in(R"({"a":"NaN","b":1})").empty());
    // Where it would say how many, nobody knows how many.
    for (const auto* odd : {R"({"quantity":NaN,"side":"long"})", R"({"position":NaN})",
                            R"({"position":-Infinity,"timestamp":1,"equity":2})"}) {
        const auto unclear = parse_bot_state(odd);
        REQUIRE_MESSAGE(!unclear, odd);
        CHECK_MESSAGE(unclear.error().code() == Errc::invalid, odd);
    }
    CHECK_FALSE(parse_equity_state(R"({"positions":{"A":{"quantity":NaN}}})"));
    const auto price = parse_equity_state(R"({"positions":{"A":{"quantity":5,"last_price":NaN}}})");
    REQUIRE(price);
    CHECK(price->positions.at("A").json.find(R"("last_price":null)") != std::string::npos);
}

TEST_CASE("what is no JSON is told with its line and column") {
    const auto at = [](const std::string& text) { return parse_orders(text).error().context(); };
    CHECK(at("{\"orders\":\n  [1, 2,\n   oops]}").find("line 3, column 4") != std::string::npos);
    CHECK(at("{\"a\": NaN, \"b\": -Infinity, \"c\": oops}").find("line 1, column 33") !=
          std::string::npos);
    CHECK(at("{\"orders\": [").find("line 1, column 13") != std::string::npos);
    for (const auto* text : {"{NaN: 1}", "[NaNs]", "[xNaN]", "[--Infinity]", "[nan]", "NaN NaN"})
        CHECK_MESSAGE(parse_orders(text).error().code() == Errc::corrupt, text);
}
