// A failure that is found in a night of seeds is worth nothing unless its line shows it again.
#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/support/programs.hpp"

namespace {

using namespace bullpen::test;

std::vector<std::string> lines_with(const std::string& text, const std::string& head) {
    std::vector<std::string> found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(head))
            found.push_back(line);
    }
    return found;
}

// What a shell would make of a printed line, with the program where it was built.
std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::istringstream text(line);
    for (std::string word; text >> word;)
        words.push_back(words.empty() ? program(word) : word);
    return words;
}

}  // namespace

TEST_CASE("the printed line of a failure brings the same failure at the same step") {
    const std::vector<std::vector<std::string>> lives = {
        {"--seeds", "40", "--defect", "budget_never_spent"},
        {"--seeds", "40", "--defect", "hang_unnoticed", "--accounts", "7", "--days", "0.3"}};
    for (const auto& life : lives) {
        std::vector<std::string> words = {program("bullpen-simulate")};
        words.insert(words.end(), life.begin(), life.end());
        const auto found = run(words);
        CAPTURE(found.out);
        CHECK(found.code == 1);
        const auto failures = lines_with(found.out, "FAILED at step ");
        const auto replays = lines_with(found.out, "replay: ");
        REQUIRE_FALSE(failures.empty());
        REQUIRE(replays.size() == failures.size());
        const auto again = run(words_of(replays.front().substr(std::string("replay: ").size())));
        CHECK(again.code == 1);
        CHECK(lines_with(again.out, "FAILED at step ") == std::vector{failures.front()});
    }
}
