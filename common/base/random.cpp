#include "common/base/random.hpp"

#include <sys/random.h>

#include <bit>

#include "common/base/assert.hpp"

namespace bullpen {

SeededRandom::SeededRandom(std::uint64_t seed) {
    for (auto& word : state_) {
        seed += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        word = z ^ (z >> 31);
    }
}

SeededRandom SeededRandom::from_state(const State& state) {
    SeededRandom random;
    random.state_ = state;
    return random;
}

std::uint64_t SeededRandom::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

std::uint64_t SeededRandom::below(std::uint64_t bound) {
    BULLPEN_ASSERT(bound > 0, "an empty range has no element");
    // Rejects the tail that would make small numbers likelier.
    const std::uint64_t threshold = (0 - bound) % bound;
    for (;;) {
        const std::uint64_t value = next();
        if (value >= threshold)
            return value % bound;
    }
}

std::int64_t SeededRandom::between(std::int64_t low, std::int64_t high) {
    BULLPEN_ASSERT(low <= high, "a range has its ends in order");
    const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    if (span == UINT64_MAX)
        return static_cast<std::int64_t>(next());
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + below(span + 1));
}

double SeededRandom::unit() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::array<std::uint8_t, 16> system_random() {
    std::array<std::uint8_t, 16> bytes{};
    const auto got = ::getrandom(bytes.data(), bytes.size(), 0);
    BULLPEN_ASSERT(got == static_cast<ssize_t>(bytes.size()),
                   "getrandom gives up to 256 bytes whole");
    return bytes;
}

std::uint64_t random_seed() {
    const auto bytes = system_random();
    std::uint64_t seed = 0;
    for (std::size_t i = 0; i < sizeof seed; ++i)
        seed = seed << 8 | bytes[i];
    return seed;
}

}  // namespace bullpen
