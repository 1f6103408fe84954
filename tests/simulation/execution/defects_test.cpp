// A simulation that finds nothing proves nothing until it is shown what it would find.
#include <doctest/doctest.h>

#include <string>

#include "life.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::simulation;

constexpr std::uint64_t k_seeds_max = 600;

}  // namespace

TEST_CASE("each planted defect is found") {
    for (int i = 1; i < static_cast<int>(execution::Defect::count_); ++i) {
        const auto defect = static_cast<execution::Defect>(i);
        std::uint64_t seed = 1;
        Findings findings;
        for (; seed <= k_seeds_max && findings.failure.empty(); ++seed)
            findings = live({.seed = seed, .length = std::chrono::minutes(10), .defect = defect});
        CAPTURE(code(defect));
        CHECK_FALSE(findings.failure.empty());
        if (!findings.failure.empty())
            MESSAGE(std::string(code(defect)) << ": seed " << seed - 1 << ": " << findings.failure);
    }
}
