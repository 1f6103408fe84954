#include "tests/support/seed.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "common/base/random.hpp"

namespace bullpen::test {

std::uint64_t seed(std::string_view test) {
    std::uint64_t value = 0;
    const char* set = std::getenv("BULLPEN_TEST_SEED");
    if (set == nullptr)
        set = std::getenv("BULLPEN_FIXED_SEED");
    if (set != nullptr) {
        value = std::strtoull(set, nullptr, 0);
    } else {
        const auto bytes = system_random();
        std::memcpy(&value, bytes.data(), sizeof value);
    }
    std::printf("%.*s: BULLPEN_TEST_SEED=%" PRIu64 "\n", static_cast<int>(test.size()), test.data(),
                value);
    return value;
}

}  // namespace bullpen::test
