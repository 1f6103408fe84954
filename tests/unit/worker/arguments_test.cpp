#include "worker/arguments.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace bullpen::worker {

namespace {

Result<Arguments> parse(std::vector<std::string_view> words) {
    return parse_arguments(words);
}

}  // namespace

TEST_CASE("a run by hand names home and account") {
    const auto arguments = parse({"run", "--home", "/h", "--account", "alpha", "--until-end"});
    REQUIRE(arguments);
    CHECK(arguments->command == Command::run);
    CHECK(arguments->home == "/h");
    CHECK(arguments->account == "alpha");
    CHECK(arguments->until_end);
    CHECK(!arguments->unpaced);
    CHECK(parse({"run"})->account.empty());
    CHECK(parse({"--version"})->command == Command::version);
    CHECK(parse({"help"})->command == Command::help);
}

TEST_CASE("a recovery says how the position is to be made safe") {
    CHECK(parse({"run"})->recover == config::RecoveryPolicy::none);
    CHECK(parse({"run", "--recover", "protect"})->recover == config::RecoveryPolicy::protect);
    CHECK(parse({"run", "--recover", "flatten"})->recover == config::RecoveryPolicy::flatten);
    CHECK(usage().find("--recover") != std::string_view::npos);
}

TEST_CASE("words that are wrong are named") {
    for (const auto& words :
         std::vector<std::vector<std::string_view>>{{},
                                                    {"start"},
                                                    {"run", "--acount", "x"},
                                                    {"run", "--account"},
                                                    {"run", "--account", ""},
                                                    {"run", "--recover"},
                                                    {"run", "--recover", "no"},
                                                    {"run", "--recover", "none"},
                                                    {"version", "now"}}) {
        CHECK(!parse(words));
    }
    CHECK(parse({"run", "--acount"}).error().message().find("--acount") != std::string::npos);
}

}  // namespace bullpen::worker
