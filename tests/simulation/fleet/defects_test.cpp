// A simulation that finds nothing proves nothing until it is shown what it would find.
#include <doctest/doctest.h>

#include <string>

#include "simulate.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::simulation;

constexpr std::uint64_t k_seeds_max = 500;

}  // namespace

TEST_CASE("each planted defect is found within 500 seeds") {
    for (int i = 1; i < static_cast<int>(fleet::Defect::count_); ++i) {
        const auto defect = static_cast<fleet::Defect>(i);
        std::uint64_t seed = 1;
        Outcome outcome;
        for (; seed <= k_seeds_max && outcome.failure.empty(); ++seed)
            outcome = simulate({.seed = seed, .size = {}, .defect = defect});
        CAPTURE(code(defect));
        CHECK_FALSE(outcome.failure.empty());
        if (!outcome.failure.empty())
            MESSAGE(std::string(code(defect)) << ": seed " << seed - 1 << ", step " << outcome.step
                                              << ": " << outcome.failure);
    }
}

TEST_CASE("each planted defect has a name of its own") {
    for (int i = 1; i < static_cast<int>(fleet::Defect::count_); ++i) {
        CHECK_FALSE(code(static_cast<fleet::Defect>(i)).empty());
        for (int j = 1; j < i; ++j)
            CHECK(code(static_cast<fleet::Defect>(i)) != code(static_cast<fleet::Defect>(j)));
    }
}
