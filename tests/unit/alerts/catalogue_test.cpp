#include "common/alerts/catalogue.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace bullpen::alerts {
namespace {

TEST_CASE("every alert has a name of its own, and is found by it") {
    std::set<std::string_view> names;
    for (const auto& known : catalogue()) {
        CAPTURE(known.name);
        CHECK(names.insert(known.name).second);
        CHECK(kind_from(known.name) == known.kind);
        CHECK(&facts(known.kind) == &known);
        CHECK(known.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") ==
              std::string_view::npos);
        CHECK_FALSE(known.sentence.empty());
        CHECK_FALSE(known.advice.empty());
        CHECK(known.sentence.back() != '.');
        CHECK(known.cooldown >= Nanos{0});
    }
    CHECK(names.size() == k_kinds);
    CHECK_FALSE(kind_from("all").has_value());
    CHECK_FALSE(kind_from("").has_value());
}

TEST_CASE("what has no like has no cooldown") {
    for (const auto& known : catalogue()) {
        CAPTURE(known.name);
        CHECK((known.like == Like::none) == (known.cooldown == Nanos{0}));
    }
}

TEST_CASE("a severity has one word") {
    for (std::size_t i = 0; i < k_severities; ++i) {
        const auto severity = static_cast<Severity>(i);
        CHECK(severity_from(code(severity)) == severity);
    }
    CHECK_FALSE(severity_from("loud").has_value());
}

}  // namespace
}  // namespace bullpen::alerts
