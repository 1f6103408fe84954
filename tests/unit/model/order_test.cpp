#include "common/model/order.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"

using namespace bullpen;
using namespace bullpen::model;

TEST_CASE("every code of an order's words reads back as itself") {
    for (const auto side : {Side::buy, Side::sell})
        CHECK(side_from(code(side)) == side);
    for (const auto type : {OrderType::market, OrderType::limit, OrderType::stop})
        CHECK(order_type_from(code(type)) == type);
    for (const auto time : {TimeInForce::day, TimeInForce::gtc, TimeInForce::ioc})
        CHECK(time_in_force_from(code(time)) == time);
    for (const auto purpose : {Purpose::entry, Purpose::protective_stop, Purpose::target,
                               Purpose::partial_exit, Purpose::exit, Purpose::flatten})
        CHECK(purpose_from(code(purpose)) == purpose);
    CHECK_FALSE(side_from("BUY"));
    CHECK_FALSE(order_type_from(""));
    CHECK_FALSE(purpose_from("entry "));
}

TEST_CASE("an order id has twenty letters and digits and tells its parts again") {
    const auto id = ClientOrderId::make("MES1", Fence{4711}, 33);
    CHECK(id.view() ==
          "MES10000"
          "4J7"
          "000000011");
    const auto parts = id.parts();
    REQUIRE(parts);
    CHECK(std::string_view(parts->tag.data(), 4) == "MES1");
    CHECK(parts->fence == Fence{4711});
    CHECK(parts->sequence == 33);
    const auto read = ClientOrderId::parse(id.view());
    REQUIRE(read);
    CHECK(*read == id);
}

TEST_CASE("of two orders of one launch the later has the greater id") {
    const auto first = ClientOrderId::make("AAAA", Fence{9}, 31);
    const auto second = ClientOrderId::make("AAAA", Fence{9}, 32);
    const auto next_launch = ClientOrderId::make("AAAA", Fence{10}, 1);
    CHECK(first < second);
    CHECK(second < next_launch);
}

TEST_CASE("an id of another program is read, but has no parts") {
    const auto id = ClientOrderId::parse("manual7");
    REQUIRE(id);
    CHECK_FALSE(id->parts());
    CHECK_FALSE(ClientOrderId::parse(""));
    CHECK_FALSE(ClientOrderId::parse("has blank"));
    CHECK_FALSE(ClientOrderId::parse("123456789012345678901"));
}

TEST_CASE("an intent's key reads back from its text") {
    IntentKey key;
    key.strategy = Symbol::cut("vwap_bounce");
    key.symbol = Symbol::cut("MES");
    key.signal_bar = parse_utc("2025-04-07T13:31:00Z").value();
    key.leg = Purpose::protective_stop;
    key.attempt = 2;
    CHECK(text(key) == "vwap_bounce/MES/2025-04-07T13:31:00.000Z/protective_stop/2");
    const auto read = intent_key_from(text(key));
    REQUIRE(read);
    CHECK(*read == key);
    for (const char* bad :
         {"", "a/b/c", "vwap_bounce/MES/yesterday/entry/0",
          "vwap_bounce/MES/2025-04-07T13:31:00Z/entry/x",
          "vwap_bounce/MES/2025-04-07T13:31:00Z/entry/0/1", "/MES/2025-04-07T13:31:00Z/entry/0"})
        CHECK_FALSE(intent_key_from(bad));
}

TEST_CASE("a short text refuses what does not fit and cuts only when asked to") {
    CHECK(Symbol::parse("123456789012345").has_value());
    const auto refused = Symbol::parse("1234567890123456");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Errc::too_large);
    CHECK(Symbol::cut("1234567890123456").view() == "123456789012345");
}
