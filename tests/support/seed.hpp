// The seed of a random test: $BULLPEN_TEST_SEED, which repeats a run; else $BULLPEN_FIXED_SEED,
// which keeps runs alike; else a fresh one. Printed, so that a failing run can be repeated.
#pragma once

#include <cstdint>
#include <string_view>

namespace bullpen::test {

std::uint64_t seed(std::string_view test);

}  // namespace bullpen::test
