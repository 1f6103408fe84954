#include "ctl/selection.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bullpen::ctl;

namespace {

// "alpha" is an account and a group, so that both meanings of the word meet.
const std::vector<Candidate> k_fleet = {{"alpha", "x"},       {"beta", "alpha"},
                                        {"mes-1", "futures"}, {"mes-2", "futures"},
                                        {"nq-1", "futures"},  {"solo", ""}};

std::string chosen(std::vector<std::string_view> patterns) {
    std::string names;
    for (const auto place : select(k_fleet, patterns).chosen)
        names += (names.empty() ? "" : " ") + std::string(k_fleet[place].account);
    return names;
}

}  // namespace

TEST_CASE("words select accounts by name, group, glob and all") {
    struct Row {
        std::vector<std::string_view> words;
        std::string chosen;
    };
    const std::vector<Row> table = {{{}, "alpha beta mes-1 mes-2 nq-1 solo"},
                                    {{"all"}, "alpha beta mes-1 mes-2 nq-1 solo"},
                                    {{"mes-2"}, "mes-2"},
                                    {{"futures"}, "mes-1 mes-2 nq-1"},
                                    {{"futures:*"}, "mes-1 mes-2 nq-1"},
                                    {{"futures:"}, "mes-1 mes-2 nq-1"},
                                    {{"futures:mes-*"}, "mes-1 mes-2"},
                                    {{"fut*:nq-1"}, "nq-1"},
                                    {{"mes-*"}, "mes-1 mes-2"},
                                    {{"?q-1", "solo"}, "nq-1 solo"},
                                    {{"*-[2-9]"}, "mes-2"},
                                    {{"*-[!2-9]"}, "mes-1 nq-1"},
                                    {{"nq-1", "mes-1"}, "mes-1 nq-1"},
                                    {{"mes-1", "mes-*"}, "mes-1 mes-2"},
                                    {{"alpha"}, "alpha"},
                                    {{"alpha:*"}, "beta"},
                                    {{""}, ""},
                                    {{"ALPHA"}, ""}};
    for (const auto& row : table)
        CHECK(chosen(row.words) == row.chosen);
}

TEST_CASE("only an account written out counts as named") {
    const std::vector<std::string_view> words = {"mes-1", "futures"};
    const auto selection = select(k_fleet, words);
    CHECK(selection.named == std::vector<bool>{true, false, false});
}

TEST_CASE("a word that matches nothing is reported with what is near") {
    const std::vector<std::string_view> words = {"mes-11", "futurs", "zzz*", "qqqqqq"};
    const auto selection = select(k_fleet, words);
    CHECK(selection.chosen.empty());
    REQUIRE(selection.unmatched.size() == 4);
    CHECK(sentence(selection.unmatched[0]) ==
          "no account or group matches 'mes-11'; did you mean 'mes-1'?");
    CHECK(selection.unmatched[1].nearest == "futures");
    CHECK(sentence(selection.unmatched[2]) == "no account or group matches 'zzz*'");
    CHECK(selection.unmatched[3].nearest.empty());
}

TEST_CASE("globs match as in a shell") {
    struct Row {
        const char* glob;
        const char* text;
        bool matches;
    };
    const std::vector<Row> table = {{"", "", true},
                                    {"", "a", false},
                                    {"*", "", true},
                                    {"*", "abc", true},
                                    {"a*c", "abbbc", true},
                                    {"a*c", "abbbd", false},
                                    {"a*b*c", "axxbyybzzc", true},
                                    {"?", "", false},
                                    {"?", "a", true},
                                    {"[abc]", "b", true},
                                    {"[abc]", "d", false},
                                    {"[a-c]x", "bx", true},
                                    {"[!a-c]", "d", true},
                                    {"[^a]", "a", false},
                                    {"[]]", "]", true},
                                    {"[a", "[a", true},
                                    {"[a", "a", false},
                                    {"\\*", "*", true},
                                    {"\\*", "a", false},
                                    {"a\\", "a\\", true},
                                    {"[a-]", "-", true}};
    for (const auto& row : table)
        CHECK_MESSAGE(glob_matches(row.glob, row.text) == row.matches, row.glob, " ", row.text);
}

TEST_CASE("a glob of many stars is decided at once") {
    const std::string text(5'000, 'a');
    std::string glob;
    for (int i = 0; i < 200; ++i)
        glob += "a*";
    CHECK_FALSE(glob_matches(glob + "b", text));
}
