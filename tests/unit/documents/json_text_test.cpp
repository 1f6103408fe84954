#include "common/documents/json_text.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"

using namespace bullpen;
using namespace bullpen::documents;
using nlohmann::json;

namespace {

std::string nested(int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return std::string(count, '[') + std::string(count, ']');
}

}  // namespace

TEST_CASE("a document is read up to the depth that is allowed, and no deeper") {
    CHECK(parse_json(nested(k_depth_max)).is_array());
    CHECK(parse_ordered_json(nested(k_depth_max)).is_array());
    CHECK(parse_json(nested(k_depth_max + 1)).is_discarded());
    CHECK(parse_ordered_json(nested(k_depth_max + 1)).is_discarded());
    CHECK_FALSE(is_json(nested(k_depth_max + 1)));
    CHECK_FALSE(is_json(nested(1'000'000)));
    // What stands in a text opens nothing.
    CHECK(is_json("[\"" + std::string(1000, '[') + "\\\"[\"]"));
}

TEST_CASE("what is no document is told apart from a document") {
    for (const char* text : {"", "{", "{}x", "[1,]", "{\"a\":}", "nul", "\"\xff\""}) {
        CAPTURE(text);
        CHECK_FALSE(is_json(text));
        CHECK(parse_json(text).is_discarded());
        CHECK(parse_ordered_json(text).is_discarded());
    }
    CHECK(is_json(" {\"a\": [1, 2.5, null, true]} "));
}

TEST_CASE("an error names what was to be read, and whether it was cut short or too deep") {
    const auto cut = read_json("{\"day\":", "the count of orders");
    REQUIRE(!cut);
    CHECK(cut.error().code() == make_error_code(Errc::corrupt));
    CHECK(cut.error().message() == "the count of orders cannot be read: no whole JSON");
    const auto deep = read_json(nested(k_depth_max + 1), "the holdings");
    REQUIRE(!deep);
    CHECK(deep.error().message() == "the holdings cannot be read: nested too deeply");
    CHECK(read_json("7", "a number").value() == 7);
}

TEST_CASE("a document is written in one line or with an indent, in the order it was given") {
    CHECK(json_text(json{{"b", 1}, {"a", 2}}) == R"({"a":2,"b":1})");
    const auto ordered = parse_ordered_json(R"({"b": 1, "a": [2]})");
    CHECK(json_text(ordered) == R"({"b":1,"a":[2]})");
    CHECK(json_text(ordered, 2) == "{\n  \"b\": 1,\n  \"a\": [\n    2\n  ]\n}");
}

TEST_CASE("bytes that are not UTF-8 are replaced, not refused") {
    CHECK(json_text(json("a\xff")) == "\"a\xEF\xBF\xBD\"");
}
