#include "ctl/table.hpp"

#include <doctest/doctest.h>

using namespace bullpen::ctl;

namespace {

Table fruit() {
    Table table({{"NAME", false, 0, 0}, {"N", true, 1, 0}, {"NOTE", false, 2, 6}});
    table.add({{"apple", Colour::green}, {"12"}, {"a long remark"}});
    table.add({{"fig"}, {"3"}, {""}});
    return table;
}

using Titles = std::vector<std::string_view>;

}  // namespace

TEST_CASE("columns are aligned and lines end without blanks") {
    CHECK(fruit().render(0, false) ==
          "NAME    N  NOTE\n"
          "apple  12  a long remark\n"
          "fig     3  -\n");
}

TEST_CASE("what does not fit is shortened first, then dropped in the stated order") {
    CHECK(fruit().render(20, false) ==
          "NAME    N  NOTE\n"
          "apple  12  a long ..\n"
          "fig     3  -\n");
    CHECK(fruit().shown_at(24) == Titles{"NAME", "N", "NOTE"});
    CHECK(fruit().shown_at(17) == Titles{"NAME", "N", "NOTE"});
    CHECK(fruit().shown_at(16) == Titles{"NAME", "N"});
    CHECK(fruit().shown_at(8) == Titles{"NAME"});
    CHECK(fruit().shown_at(1) == Titles{"NAME"});
}

TEST_CASE("no line is wider than the terminal as long as a column can go") {
    const auto table = fruit();
    for (std::size_t width = 5; width < 30; ++width) {
        const auto text = table.render(width, false);
        std::size_t from = 0;
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
            CHECK(end - from <= width);
            from = end + 1;
        }
    }
}

TEST_CASE("colour is written around the text and only when asked for") {
    const auto coloured = fruit().render(0, true);
    CHECK(coloured.find("\x1b[32mapple\x1b[0m  12") != std::string::npos);
    CHECK(fruit().render(0, false).find('\x1b') == std::string::npos);
}

TEST_CASE("a cell cannot break out of its line") {
    Table table({{"A", false, 0, 0}});
    table.add({{"x\ny\x1b[2J"}});
    CHECK(table.render(0, false) == "A\nx y?[2J\n");
}

TEST_CASE("colour follows the terminal, NO_COLOR and the option") {
    struct Row {
        ColourWish wish;
        bool terminal;
        const char* no_colour;
        const char* term;
        bool wanted;
    };
    const std::vector<Row> table = {{ColourWish::automatic, true, nullptr, "xterm", true},
                                    {ColourWish::automatic, true, "", "xterm", true},
                                    {ColourWish::automatic, true, "1", "xterm", false},
                                    {ColourWish::automatic, true, nullptr, "dumb", false},
                                    {ColourWish::automatic, true, nullptr, nullptr, false},
                                    {ColourWish::automatic, false, nullptr, "xterm", false},
                                    {ColourWish::always, false, "1", nullptr, true},
                                    {ColourWish::never, true, nullptr, "xterm", false}};
    for (const auto& row : table)
        CHECK(wants_colour(row.wish, row.terminal, row.no_colour, row.term) == row.wanted);
}
