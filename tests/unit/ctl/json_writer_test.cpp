#include "ctl/json_writer.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace bullpen;
using namespace bullpen::ctl;
using namespace std::chrono_literals;

TEST_CASE("commas stand between members and nowhere else") {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("a").number(1).key("b").begin_array().end_array();
    json.key("c")
        .begin_array()
        .number(1)
        .string("x")
        .begin_object()
        .end_object()
        .null()
        .end_array();
    json.key("d").begin_object().key("e").boolean(false).end_object();
    json.end_object();
    CHECK(out == R"({"a":1,"b":[],"c":[1,"x",{},null],"d":{"e":false}})");
}

TEST_CASE("text is escaped, and broken UTF-8 is made valid") {
    std::string out;
    JsonWriter(out).string("q\" b\\ n\n r\r t\t \x01 \x1f \x7f \xc3\xa4 \xff \xc3");
    CHECK(out ==
          "\"q\\\" b\\\\ n\\n r\\r t\\t \\u0001 \\u001f \\u007f \xc3\xa4 \xef\xbf\xbd "
          "\xef\xbf\xbd\"");
}

TEST_CASE("numbers keep all their digits") {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    json.number(std::numeric_limits<std::int64_t>::min());
    json.unsigned_number(std::numeric_limits<std::uint64_t>::max());
    json.seconds(12345ms).seconds(5ms).seconds(0s).seconds(-1500ms).seconds(1h);
    json.end_array();
    CHECK(out == "[-9223372036854775808,18446744073709551615,12.345,0.005,0.000,-1.500,3600.000]");
}

TEST_CASE("what is not known is null") {
    std::string out;
    JsonWriter json(out);
    json.begin_array().text_or_null("").text_or_null("x");
    json.seconds_or_null(std::nullopt).utc_or_null(std::nullopt).end_array();
    CHECK(out == R"([null,"x",null,null])");
}
