// The page of mistakes that are kept out names, for each, a test that is there.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;

namespace {

// The names of every test: those of C++ as sentences, those of Python likewise.
std::string names_of_tests() {
    std::string all;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(test::source_directory() + "/tests")) {
        const auto extension = entry.path().extension();
        if (extension != ".cpp" && extension != ".py")
            continue;
        auto text = test::read_text(entry.path());
        if (entry.path().stem() == "regressions_test")
            continue;
        if (extension == ".py")
            std::ranges::replace(text, '_', ' ');
        all += text;
    }
    return all;
}

}  // namespace

TEST_CASE("every mistake that is kept out names a test that is there") {
    const auto page = test::read_text(test::source_directory() + "/docs/regressions.md");
    const auto tests = names_of_tests();
    const std::regex row("\\n\\| (F[0-9]+ )?\\| [^|`]+ \\| [^|`]+ \\| `([^`]+)` \\|");
    int rows = 0;
    for (auto found = std::sregex_iterator(page.begin(), page.end(), row);
         found != std::sregex_iterator(); ++found, ++rows) {
        const auto name = (*found)[2].str();
        const bool is_there = tests.find("\"" + name + "\"") != std::string::npos ||
                              tests.find("def test " + name + "(") != std::string::npos;
        CHECK_MESSAGE(is_there, name);
    }
    // All of the table was read: but for its head and the rule below it, each line of it.
    const auto end = page.find("\n## Not yet");
    REQUIRE(end != std::string::npos);
    int lines = 0;
    for (auto at = page.find("\n|"); at < end; at = page.find("\n|", at + 1))
        ++lines;
    CHECK(rows == lines - 2);
}

TEST_CASE("every row of the list of mistakes has a test, or a sentence that says why not yet") {
    const auto page = test::read_text(test::source_directory() + "/docs/regressions.md");
    for (int row = 1; row <= 35; ++row) {
        const auto begin = "\n| F" + std::to_string(row) + " | ";
        CHECK_MESSAGE(page.find(begin) != std::string::npos, begin);
    }
}
