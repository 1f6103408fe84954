// JsonLine, and what reads such a line again.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::ipc {
namespace {

constexpr JsonLimits k_limits{1000, 2};

TEST_CASE("a number of 64 bits comes back as it was written, and text with its escapes") {
    const auto line = JsonLine("ended", test::account_id("mes01"))
                          .number("launch", UINT64_MAX)
                          .word("how", "a \"quote\"")
                          .end();
    CHECK(line.starts_with(R"({"event":"ended","account":"mes01",)"));
    CHECK(line.ends_with("}\n"));
    const auto document = JsonDocument::parse(line, k_limits);
    REQUIRE(document);
    Fields fields(*document, 0, "line");
    CHECK(fields.text_of("event") == "ended");
    CHECK(fields.number_of("launch") == UINT64_MAX);
    CHECK(fields.text_of("how") == "a \"quote\"");
    CHECK(fields.status());
}

TEST_CASE("what is not there is an empty text, no number and no list") {
    const auto document = JsonDocument::parse(R"({"number":"x7"})", k_limits);
    REQUIRE(document);
    Fields fields(*document, 0, "line");
    CHECK(fields.text_of("text").empty());
    CHECK(fields.number_of("number") == 0);
    CHECK(fields.number_of("nothing") == 0);
    CHECK(fields.wholes("list").empty());
    CHECK(fields.status());
}

TEST_CASE("a list of whole numbers is read whole, or is an error") {
    const std::string text = R"({"good":[1,-2,3],"bad":[1,"2"]})";
    const auto document = JsonDocument::parse(text, k_limits);
    REQUIRE(document);
    Fields fields(*document, 0, "line");
    CHECK(fields.wholes("good") == std::vector<std::int64_t>{1, -2, 3});
    CHECK(fields.status());
    CHECK(fields.wholes("bad").empty());
    CHECK_FALSE(fields.status());
}

}  // namespace
}  // namespace bullpen::ipc
