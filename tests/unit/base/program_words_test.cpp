#include "common/base/program_words.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace bullpen;

namespace {

struct Taken {
    std::string home;
    std::string like = "before";
    bool json = false;
    std::vector<std::string> rest;
    std::string error;
};

Taken taken(const std::vector<std::string>& words) {
    Taken it;
    auto rest = take_options(
        words, {{"--home", &it.home}, {"--like", &it.like}, {"--json", nullptr, &it.json}});
    if (rest)
        it.rest = *rest;
    else
        it.error = rest.error().context();
    return it;
}

}  // namespace

TEST_CASE("options go where they belong, in any order, and of one given twice the last counts") {
    const auto it = taken({"run", "--json", "--home", "/a", "mail", "--home", "/b", "hook"});
    CHECK(it.error.empty());
    CHECK(it.home == "/b");
    CHECK(it.like == "before");
    CHECK(it.json);
    CHECK(it.rest == std::vector<std::string>{"mail", "hook"});
    CHECK(taken({"run", "--home=/c"}).home == "/c");
    CHECK(taken({"run", "--home="}).error.find("--home needs a value") != std::string::npos);
    CHECK(taken({"run", "--json=yes"}).error.find("--json=yes") != std::string::npos);
    CHECK(taken({"run"}).rest.empty());
    CHECK(taken({}).rest.empty());
}

TEST_CASE("a word that is no option, or has no value, is named") {
    CHECK(taken({"run", "--hoem", "/a"}).error.find("--hoem") != std::string::npos);
    CHECK(taken({"run", "-h"}).error.find("-h") != std::string::npos);
    CHECK(taken({"run", "--home"}).error.find("--home needs a value") != std::string::npos);
    CHECK(taken({"run", "--home", ""}).error.find("--home needs a value") != std::string::npos);
    std::string home;
    const std::vector<std::string> words{"run", "--home", "/a", "more"};
    const auto only = take_options_only(words, {{"--home", &home}});
    REQUIRE_FALSE(only);
    CHECK(only.error().context().find("more") != std::string::npos);
}
