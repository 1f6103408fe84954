// Latency: how long the steps of a loop took, as a histogram with two buckets to a power of two.
// Plain arithmetic; the caller measures.
#pragma once

#include <array>
#include <cstdint>

#include "common/base/clock.hpp"

namespace bullpen::loop {

class Latency {
  public:
    void add(Nanos took);

    // The smallest bucket bound that at least `share` (0 to 1) of the steps stayed under, or the
    // worst where that is less; at most 41 % above the true value. Zero when nothing was measured.
    [[nodiscard]] Nanos quantile(double share) const;
    [[nodiscard]] Nanos worst() const { return worst_; }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    // Forgets, so that the figures speak of a recent while; the worst since the start stays.
    void start_window();

  private:
    static constexpr std::size_t k_buckets = 80;
    static std::size_t bucket(Nanos took);
    static Nanos bound(std::size_t bucket);

    std::array<std::uint64_t, k_buckets> counts_{};
    std::array<std::uint64_t, k_buckets> previous_{};
    std::uint64_t count_ = 0;
    Nanos worst_{0};
};

}  // namespace bullpen::loop
