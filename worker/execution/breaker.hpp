// Breaker and RetryBudget: what keeps a failing broker from being hammered. Both are pure. They
// stand before queries and entries alone: whatever makes a position smaller or safer is never held
// up by them, and neither are questions about what may be held without a stop.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/base/clock.hpp"

namespace bullpen::execution {

// What fails by itself: each has a breaker, so that one that fails does not stop the others.
enum class Channel : std::uint8_t {
    orders,   // commands of unknown fate
    queries,  // questions without an answer
    session,  // losses of the connection, which brings the market's prices too
    count_,
};
inline constexpr std::size_t k_channels = static_cast<std::size_t>(Channel::count_);

// Opens at `failures_max` failures within `window`, lets one attempt through after k_open, and
// closes when that one succeeds.
class Breaker {
  public:
    static constexpr std::size_t k_failures_kept = 10;
    static constexpr Nanos k_open = std::chrono::seconds(10);

    // That of a channel; 0 < failures_max <= k_failures_kept.
    static Breaker of(Channel channel);
    Breaker(std::size_t failures_max, Nanos window)
        : failures_max_(failures_max), window_(window) {}

    enum class State : std::uint8_t { closed, open, half_open };

    [[nodiscard]] State state(MonoTime now) const;
    // Whether an attempt may be made now. In half_open only the first is.
    [[nodiscard]] bool allows(MonoTime now) const;
    void attempted(MonoTime now);
    // What was attempted will have no answer: its session is gone.
    void forgotten() { trying_ = false; }
    void succeeded();
    // Returns whether it opened by this.
    bool failed(MonoTime now);
    // When an attempt may be made again; none when it may be made now.
    [[nodiscard]] std::optional<MonoTime> until(MonoTime now) const;

  private:
    std::size_t failures_max_;
    Nanos window_;
    std::array<MonoTime, k_failures_kept> failures_{};  // a ring, newest last written
    std::size_t count_ = 0;
    std::size_t next_ = 0;
    std::optional<MonoTime> opened_;
    bool trying_ = false;  // the attempt of half_open is out
};

// At most k_retries repeats of queries in any k_window.
class RetryBudget {
  public:
    static constexpr std::size_t k_retries = 30;
    static constexpr Nanos k_window = std::chrono::seconds(60);

    // Takes one when there is one.
    bool take(MonoTime now);
    [[nodiscard]] MonoTime next(MonoTime now) const;

  private:
    std::array<MonoTime, k_retries> taken_{};
    std::size_t count_ = 0;
    std::size_t next_ = 0;
};

}  // namespace bullpen::execution
