// What an operator is told to type exists.
#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "common/model/reason.hpp"
#include "ctl/index.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::ctl {
namespace {

constexpr std::string_view k_tool = "bullpenctl";

// Line ends are blanks: a command may be broken over two lines.
std::string in_one_line(std::string text) {
    for (char& character : text) {
        if (character == '\n')
            character = ' ';
    }
    return text;
}

// The word after each "bullpenctl" that follows `before`; options of the tool are passed over. What
// follows a backquote ends at the next.
std::vector<std::string> commands_in(std::string_view text, std::string_view before) {
    const std::string start = std::string(before) + std::string(k_tool) + " ";
    std::vector<std::string> words;
    for (auto at = text.find(start); at != std::string_view::npos; at = text.find(start, at)) {
        at += start.size();
        auto rest = text.substr(at);
        if (before == "`")
            rest = rest.substr(0, rest.find('`'));
        while (rest.starts_with("--")) {
            const bool has_value = rest.starts_with("--home") || rest.starts_with("--timeout");
            for (int left = has_value ? 2 : 1; left > 0 && !rest.empty(); --left)
                rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
        }
        const auto length = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz-");
        if (!rest.empty())
            words.emplace_back(rest.substr(0, length));
    }
    return words;
}

}  // namespace

TEST_CASE("no reason advises a command that does not exist") {
    std::size_t seen = 0;
    for (const auto& reason : model::reasons()) {
        CAPTURE(reason.code);
        for (const auto text : {reason.sentence, reason.next, reason.advice}) {
            for (const auto& word : commands_in(text, "")) {
                ++seen;
                CHECK_MESSAGE(find_in_index(word) != nullptr, word);
            }
        }
    }
    CHECK(seen > 20);
}

TEST_CASE("no page for operators names a command that does not exist") {
    std::size_t seen = 0;
    const auto pages = test::source_directory() + "/docs/operations";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(pages)) {
        if (entry.path().extension() != ".md")
            continue;
        CAPTURE(entry.path().string());
        const auto page = test::read_text(entry.path().string());
        auto words = commands_in(in_one_line(page), "`");
        // As `bullpenctl explain` says it.
        const auto said = commands_in(page.substr(0, page.find("\n\n## ")), " ");
        words.insert(words.end(), said.begin(), said.end());
        for (const auto& word : words) {
            ++seen;
            CHECK_MESSAGE(find_in_index(word) != nullptr, word);
        }
    }
    CHECK(seen > 100);
}

}  // namespace bullpen::ctl
