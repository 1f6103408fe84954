#include "common/config/document.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bullpen::config;

namespace {

std::vector<int> error_lines(const Document& document) {
    std::vector<int> lines;
    for (const SyntaxError& error : document.errors)
        lines.push_back(error.place.line);
    return lines;
}

}  // namespace

TEST_CASE("a document is its keys with their places, however their tables are written") {
    const Document document = parse_document(
        "a = 1\n[t]\nb = \"x\"\nc.d = [\"p\", \"q\"]\n[t.u]\ne = 1.5\n[v]\nf = { g = true }\n");
    REQUIRE(document.errors.empty());
    REQUIRE(document.leaves.size() == 5);
    CHECK(document.leaves[0].path == "a");
    CHECK(document.leaves[1].path == "t.b");
    CHECK(document.leaves[1].place == Place{3, 1});
    CHECK(document.leaves[2].path == "t.c.d");
    CHECK(document.leaves[2].table == "t.c");
    CHECK(document.leaves[2].name == "d");
    CHECK(document.leaves[2].found == Found::texts);
    CHECK(document.leaves[3].path == "t.u.e");
    CHECK(document.leaves[3].found == Found::number);
    CHECK(document.leaves[4].path == "v.f.g");
    CHECK(document.leaves[4].found == Found::boolean);
}

TEST_CASE("a quoted key with a dot is not taken for a key in a table") {
    const Document document = parse_document("\"limits.memory_max\" = 1\n");
    REQUIRE(document.leaves.size() == 1);
    CHECK(document.leaves[0].path == "\"limits.memory_max\"");
}

TEST_CASE("every syntax error is found, not only the first") {
    struct Row {
        const char* text;
        std::vector<int> lines;
        bool readable;
    };
    const std::vector<Row> rows = {
        {"a = 1\nb = \nc = nope\nd = \"x\n", {2, 3, 4}, true},
        {"a = 1\na = 2\nb 3\n", {2, 3}, true},
        {"= 1\n[t]\nx = 01\n", {1, 3}, true},
        {"[t\nx = 1\ny = \n", {1, 3}, false},
        {"a = { b = 1\nc = \n", {1, 2}, false},
        {"a = [1,\nb = 2\nc = 3\n", {2}, false},
        {"a = '''x\nb = 1\n", {2}, false},
        {"[t]\n[t]\n", {2}, false},
        {"a = 5 s\n", {1}, true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Document document = parse_document(row.text);
        CHECK(error_lines(document) == row.lines);
        CHECK(document.readable == row.readable);
    }
}

TEST_CASE("syntax errors are said in plain words") {
    struct Row {
        const char* text;
        const char* wanted;
    };
    const std::vector<Row> rows = {{"a = nope\n", "neither text in quotes, nor a number"},
                                   {"a = \"x\n", "no closing quote on its line"},
                                   {"a = \n", "the end of the line"},
                                   {"a = 1\na = 2\n", "cannot redefine existing integer 'a'"}};
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Document document = parse_document(row.text);
        REQUIRE(document.errors.size() == 1);
        CHECK(document.errors[0].message.find(row.wanted) != std::string::npos);
    }
}

TEST_CASE("the search for syntax errors ends") {
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "a b\n";
    CHECK(parse_document(text).errors.size() == k_syntax_errors_max);
    CHECK_FALSE(parse_document(std::string(10'000, '[')).errors.empty());
    CHECK_FALSE(parse_document("a = " + std::string(10'000, '[')).errors.empty());
}

TEST_CASE("three brackets in a row are a mistake in their line, not the end of the process") {
    const Document document = parse_document("a = 1\n[[[\nb = 2\n");
    CHECK(error_lines(document) == std::vector<int>{2});
    CHECK_FALSE(document.readable);
}

TEST_CASE("no character outside of quotes does harm") {
    for (const char* character : {"\xef\xb9\xbf", "\xef\xad\xa6", "\xef\xb8\x8f", "\xef\xbb\xbe",
                                  "\xef\xbb\xbf", "\xc2\xa0", "\xe3\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        for (const char* before : {"a", "a = ", "a = 1", "[", "[t", "a = [", "# "}) {
            const std::string text = std::string("x = 1\n") + before + character + "b = 1\ny = 2\n";
            CAPTURE(text);
            const Document document = parse_document(text);
            CHECK((document.errors.empty() || document.errors[0].place.line == 2));
        }
        const Document quoted_one = parse_document(std::string("a = \"") + character + "\"\n");
        REQUIRE(quoted_one.leaves.size() == 1);
        CHECK(std::get<std::string>(quoted_one.leaves[0].content) == character);
    }
}

TEST_CASE("a top-level value is replaced and every other character stays") {
    struct Row {
        const char* before;
        const char* after;
    };
    const std::vector<Row> rows = {
        {"enabled = true\n", "enabled = false\n"},
        {"# note\nenabled=true # why\nlabel = \"x\"", "# note\nenabled=false # why\nlabel = \"x\""},
        {"\t enabled   =  true  \r\nx = 1\r\n", "\t enabled   =  false  \r\nx = 1\r\n"},
        {"a = \"é\"\nenabled = true", "a = \"é\"\nenabled = false"},
        {"\"enabled\" = true # é\n", "\"enabled\" = false # é\n"},
        {"\xef\xbb\xbf"
         "enabled = true\n",
         "\xef\xbb\xbf"
         "enabled = false\n"},
        {"", "enabled = false\n"},
        {"# only a comment", "# only a comment\nenabled = false\n"},
        {"# head\n\n[feed]\nseed = 1\n", "# head\nenabled = false\n\n[feed]\nseed = 1\n"},
        {"a = 1", "a = 1\nenabled = false\n"},
        {"a = [\n  \"x\",\n] # end\n[t]\nb = 2\n",
         "a = [\n  \"x\",\n] # end\nenabled = false\n[t]\nb = 2\n"},
        {"a = 1\r\n[t]\r\n", "a = 1\r\nenabled = false\r\n[t]\r\n"},
        {"[t]\nenabled = true\n", "enabled = false\n[t]\nenabled = true\n"},
        {"\xef\xbb\xbf",
         "\xef\xbb\xbf"
         "enabled = false\n"},
        {"restart.rule = \"never\"\n[feed]\n",
         "enabled = false\nrestart.rule = \"never\"\n[feed]\n"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.before);
        const auto changed = replace_top_level(row.before, "enabled", "false", true);
        REQUIRE(changed.has_value());
        CHECK(*changed == row.after);
    }
}

TEST_CASE("a missing key is left out when it is not to be added") {
    CHECK(replace_top_level("a = 1\n", "account", "\"b\"", false).value() == "a = 1\n");
}

TEST_CASE("a text with a syntax error is not edited") {
    const auto changed = replace_top_level("a = 1\nenabled =\n", "enabled", "false", true);
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error().context().find("line 2") == 0);
}

TEST_CASE("a key that stands in for a table is not edited into another meaning") {
    const auto changed = replace_top_level("enabled.x = 1\n", "enabled", "false", true);
    CHECK_FALSE(changed.has_value());
}

TEST_CASE("quoted text reads back to itself") {
    const std::string text = "a\"b\\c\nd\te\rf\x01\x7f é";
    const Document document = parse_document("x = " + quoted(text) + "\n");
    REQUIRE(document.leaves.size() == 1);
    CHECK(std::get<std::string>(document.leaves[0].content) == text);
}
