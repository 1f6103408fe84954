// The seed of a random test: $BULLPEN_TEST_SEED, else a fresh one, printed either way so that a
// failing run can be repeated.
#pragma once

#include <cstdint>
#include <string_view>

namespace bullpen::test {

std::uint64_t seed(std::string_view test);

}  // namespace bullpen::test
