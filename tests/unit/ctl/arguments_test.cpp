#include "ctl/arguments.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace bullpen;
using namespace bullpen::ctl;
using namespace std::chrono_literals;

namespace {

constexpr std::array<Option, 9> k_known = {{{'f', "follow", "", ""},
                                            {'n', "lines", "N", ""},
                                            {'r', "raw", "", ""},
                                            {'H', "home", "DIR", ""},
                                            {'j', "json", "", ""},
                                            {'t', "timeout", "TIME", ""},
                                            {'\0', "color", "WHEN", ""},
                                            {'h', "help", "", ""},
                                            {'V', "version", "", ""}}};

Result<Arguments> parse(std::vector<std::string_view> words) {
    return parse_arguments(words, k_known);
}

}  // namespace

TEST_CASE("an option may be written in every usual way") {
    const std::vector<std::vector<std::string_view>> ways = {
        {"-f", "-n", "20", "mes01"},
        {"-fn", "20", "mes01"},
        {"-fn20", "mes01"},
        {"mes01", "-n20", "-f"},
        {"--follow", "--lines=20", "mes01"},
        {"--lines", "20", "mes01", "--follow"}};
    for (const auto& words : ways) {
        const auto parsed = parse_arguments(words, k_known);
        REQUIRE(parsed);
        CHECK(parsed->has("follow"));
        CHECK(parsed->value("lines") == "20");
        CHECK_FALSE(parsed->has("raw"));
        CHECK(parsed->operands == std::vector<std::string_view>{"mes01"});
    }
}

TEST_CASE("the last of two values counts") {
    CHECK(parse({"-n1", "--lines=2"})->value("lines") == "2");
}

TEST_CASE("two dashes end the options, one dash is an operand") {
    const auto parsed = parse({"-f", "-", "--", "--raw", "-n"});
    REQUIRE(parsed);
    CHECK(parsed->operands == std::vector<std::string_view>{"-", "--raw", "-n"});
    CHECK_FALSE(parsed->has("raw"));
}

TEST_CASE("a wrong option is named, with the one that was meant") {
    CHECK(parse({"--folow"}).error().context() ==
          "unknown option '--folow'; did you mean '--follow'?");
    CHECK(parse({"--xyzzy=1"}).error().context() == "unknown option '--xyzzy'");
    CHECK(parse({"-fx"}).error().context() == "unknown option '-x'");
    CHECK(parse({"--follow=1"}).error().context() == "option '--follow' takes no value");
    CHECK(parse({"--lines"}).error().context() == "option '--lines' needs a value");
    CHECK(parse({"-fn"}).error().context() == "option '-n' needs a value");
}

TEST_CASE("the home is what --home says, else the environment, else the default") {
    CHECK(read_globals(*parse({"--home", "/a"}), "/b")->home == "/a");
    CHECK(read_globals(*parse({}), "/b")->home == "/b");
    CHECK(read_globals(*parse({}), "")->home == k_home_default);
    CHECK(read_globals(*parse({}), nullptr)->home == k_home_default);
    CHECK_FALSE(read_globals(*parse({"--home="}), nullptr));
}

TEST_CASE("the options of every command are read and checked") {
    const auto globals = read_globals(*parse({"-j", "-t", "5min", "--color=always"}), nullptr);
    REQUIRE(globals);
    CHECK(globals->json);
    CHECK(globals->timeout == Nanos(5min));
    CHECK(globals->colour == ColourWish::always);
    CHECK_FALSE(read_globals(*parse({"--timeout=soon"}), nullptr));
    CHECK_FALSE(read_globals(*parse({"--color=maybe"}), nullptr));
}

TEST_CASE("the command is found behind the options of every command") {
    const auto place = [](std::vector<std::string_view> words) { return command_place(words); };
    CHECK(place({"status"}) == 0);
    CHECK(place({"--home", "/a", "status", "x"}) == 2);
    CHECK(place({"-H", "/a", "-j", "status"}) == 3);
    CHECK(place({"-H/a", "--home=/b", "--json", "status"}) == 3);
    CHECK(place({"--", "status"}) == 1);
    CHECK(place({"--help"}) == 1);
    CHECK(place({}) == 0);
    CHECK(place({"--home"}) >= 1);
}

TEST_CASE("a near word is offered, a far one is not") {
    const std::array<std::string_view, 4> words = {"status", "start", "stop", "restart"};
    CHECK(nearest_word("statsu", words) == "status");
    CHECK(nearest_word("stpo", words).empty() == false);
    CHECK(nearest_word("res", words) == "restart");
    CHECK(nearest_word("frobnicate", words).empty());
}
