#include "common/base/shared.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bullpen {

TEST_CASE("copies keep one value until one of them is edited") {
    Shared<std::string> first(std::string("a"));
    Shared<std::string> second = first;
    CHECK(&*first == &*second);
    second.edit() += "b";
    CHECK(*first == "a");
    CHECK(*second == "ab");
    CHECK_FALSE(first == second);
}

TEST_CASE("equal values that were made apart are put together, and others are not") {
    Shared<std::string> first(std::string("a"));
    Shared<std::string> second(std::string("a"));
    CHECK(first == second);
    CHECK(&*first != &*second);
    second.share(first);
    CHECK(&*first == &*second);
    Shared<std::string> third(std::string("c"));
    third.share(first);
    CHECK(*third == "c");
}

TEST_CASE("one that was moved from has a value still") {
    Shared<std::string> first(std::string("a"));
    const Shared<std::string> second = std::move(first);
    CHECK(*first == "a");  // NOLINT(bugprone-use-after-move)
    CHECK(*second == "a");
    CHECK(Shared<std::string>()->empty());
}

}  // namespace bullpen
