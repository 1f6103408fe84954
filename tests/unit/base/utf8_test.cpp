#include "common/base/utf8.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bullpen;

TEST_CASE("UTF-8 is told from bytes that are not") {
    CHECK(character_length("a") == 1);
    CHECK(character_length("\xc3\xa9") == 2);
    CHECK(character_length("\xe2\x82\xac") == 3);
    CHECK(character_length("\xf0\x9f\x98\x80") == 4);
    for (const char* text :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
          "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc3", "\xc3(", "\xe2\x82"}) {
        CAPTURE(text);
        CHECK(character_length(text) == 0);
    }
}

TEST_CASE("a text is cut between characters") {
    const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
    constexpr std::size_t k_kept[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (std::size_t most = 0; most < std::size(k_kept); ++most) {
        CAPTURE(most);
        CHECK(cut_utf8(text, most) == text.substr(0, k_kept[most]));
    }
}

TEST_CASE("a text that is cut leaves room for the sign that says so, and one that fits is whole") {
    const std::string text = "caf\xc3\xa9s";
    CHECK(cut_for_sign(text, text.size()) == text);
    CHECK(cut_for_sign(text, text.size() - 1) == "ca");
    CHECK(cut_for_sign(text, k_cut_sign.size()).empty());
    CHECK(cut_for_sign("", k_cut_sign.size()).empty());
}
