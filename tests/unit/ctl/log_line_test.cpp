#include "ctl/log_line.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace bullpen::ctl;

namespace {

std::string shown(std::string_view line, LineStyle style = {}) {
    std::string out;
    append_log_line(out, line, style);
    return out;
}

constexpr std::string_view k_line =
    R"({"ts":"2026-11-20T23:14:05.123Z","level":"warn","event":"beats_missed",)"
    R"("account":"mes01","launch":"12","pid":99,"age":2.5,"why":"no beat","list":[1,{"a":"]"}]})";

}  // namespace

TEST_CASE("a JSON line reads as time, level, event and fields") {
    CHECK(shown(k_line) ==
          "2026-11-20 23:14:05.123Z WARN  beats_missed launch=12 age=2.5 why=\"no beat\" "
          "list=[1,{\"a\":\"]\"}]\n");
    CHECK(shown(k_line, {.with_account = true}).find(" account=mes01 ") != std::string::npos);
    CHECK(shown(k_line, {.raw = true}) == std::string(k_line) + "\n");
}

TEST_CASE("colours follow the level") {
    CHECK(shown(k_line, {.colour = true}).starts_with("\x1b[33m"));
    CHECK(shown(R"({"ts":"t","level":"error","event":"e"})", {.colour = true}) ==
          "\x1b[31mt ERROR e\x1b[0m\n");
    CHECK(shown(R"({"ts":"t","level":"info","event":"e"})", {.colour = true}) == "t INFO  e\n");
}

TEST_CASE("what is no log line stays as it is, but harmless") {
    CHECK(shown("Traceback (most recent call last):") == "Traceback (most recent call last):\n");
    CHECK(shown("\x1b]0;title\a") == "?]0;title?\n");
    for (const auto* line : {"{", "{}", "{\"ts\":\"t\"", "{\"ts\":\"t\",}", "{\"a\":}",
                             "{\"ts\":\"t\",\"event\":\"e\"} x", "[1,2]", ""})
        CHECK(shown(line) == std::string(line) + "\n");
}

TEST_CASE("escapes in a line are undone") {
    std::vector<std::string> seen;
    CHECK(visit_fields(R"({"k\n":"A\u00e4\ud83d\ude00\ud800\/","n" : -1.5e3 , "b":true})",
                       [&](auto key, auto value, bool text) {
                           seen.push_back(std::string(key) + "|" + std::string(value) +
                                          (text ? "|t" : "|v"));
                       }));
    REQUIRE(seen.size() == 3);
    CHECK(seen[0] == "k\n|A\xc3\xa4\xf0\x9f\x98\x80\xef\xbf\xbd/|t");
    CHECK(seen[2] == "b|true|v");
    CHECK_FALSE(visit_fields(R"({"k":"\x"})", [](auto, auto, bool) {}));
}
