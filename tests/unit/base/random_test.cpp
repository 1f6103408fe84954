#include "common/base/random.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace bullpen {
namespace {

TEST_CASE("a seed gives the same numbers on every machine") {
    // The first outputs of xoshiro256** whose state is splitmix64 of 0, 1, 2, 3 from seed 42.
    SeededRandom random(42);
    CHECK(random.next() == 1546998764402558742ULL);
    CHECK(random.next() == 6990951692964543102ULL);
    CHECK(random.next() == 12544586762248559009ULL);
}

TEST_CASE("a saved state goes on where it was") {
    SeededRandom random(7);
    random.next();
    auto copy = SeededRandom::from_state(random.state());
    for (int i = 0; i < 100; ++i)
        CHECK(copy.next() == random.next());
}

TEST_CASE("every number below a bound comes about as often as any other") {
    SeededRandom random(1);
    constexpr int k_draws = 60'000;
    std::vector<int> counts(6);
    for (int i = 0; i < k_draws; ++i)
        ++counts[random.below(counts.size())];
    for (const int count : counts)
        CHECK(std::abs(count - k_draws / 6) < 500);  // more than five standard deviations
}

TEST_CASE("a range includes both of its ends, the widest one too") {
    SeededRandom random(2);
    bool low = false;
    bool high = false;
    for (int i = 0; i < 1000; ++i) {
        const auto value = random.between(-1, 1);
        CHECK(value >= -1);
        CHECK(value <= 1);
        low |= value == -1;
        high |= value == 1;
    }
    CHECK(low);
    CHECK(high);
    CHECK(random.between(5, 5) == 5);
    random.between(INT64_MIN, INT64_MAX);
    const double unit = random.unit();
    CHECK(unit >= 0.0);
    CHECK(unit < 1.0);
}

TEST_CASE("the system's random bytes differ from call to call") {
    CHECK(system_random() != system_random());
}

}  // namespace
}  // namespace bullpen
