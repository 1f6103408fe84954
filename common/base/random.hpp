// The only sources of chance: SeededRandom where a run must be repeatable, system_random for
// nonces.
#pragma once

#include <array>
#include <cstdint>

namespace bullpen {

// xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64: small, fast, and the same on
// every machine, which std::uniform_int_distribution is not. Not for secrets.
class SeededRandom {
  public:
    explicit SeededRandom(std::uint64_t seed);

    std::uint64_t next();
    // Uniform in [0, bound); bound > 0. Unbiased.
    std::uint64_t below(std::uint64_t bound);
    // Uniform in [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high);
    // Uniform in [0, 1).
    double unit();
    bool chance(double probability) { return unit() < probability; }

    // The whole state, so that a run can be saved and resumed.
    using State = std::array<std::uint64_t, 4>;
    [[nodiscard]] const State& state() const { return state_; }
    static SeededRandom from_state(const State& state);

  private:
    SeededRandom() = default;
    State state_{};
};

// 16 bytes from the kernel's generator (getrandom).
std::array<std::uint8_t, 16> system_random();
// A seed of the kernel's, for what need not be repeated.
std::uint64_t random_seed();

}  // namespace bullpen
