// FeedWatch: what is done about a feed that is connected and mute: entries are blocked at once,
// then it is subscribed to anew, then connected to anew, then an operator is told, and it is
// connected to anew from time to time for as long as it lasts. A market that is shut has nothing to
// say, and is not mute. Pure: times come in.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/clock.hpp"
#include "common/time/session_clock.hpp"

namespace bullpen::worker {

enum class FeedStep : std::uint8_t {
    none,
    subscribe,  // over the connection that there is
    reconnect,  // and what follows from it: session, subscription, orders, positions
    alarm,      // it did not help
};

// How long nothing is to be expected of a market after `market_time`, up to which it has told: in
// the maintenance break, at night, on a holiday and at a weekend up to when it opens. `session` is
// that of market_time; the market's clock goes `speed` times as fast as ours.
Nanos silence_of(const time::SessionFacts& session, UtcTime market_time, double speed);

class FeedWatch {
  public:
    // Between two tries to bring it back.
    static constexpr Nanos k_retry = std::chrono::seconds(15);
    // Likewise, after an operator was told.
    static constexpr Nanos k_retry_told = std::chrono::seconds(60);

    // The feed speaks, or nothing is expected of it.
    void on_quiet();
    // It should have spoken by now. Each step is given once, but for the last reconnecting.
    FeedStep look(MonoTime now);
    [[nodiscard]] bool stale() const { return stale_; }

  private:
    MonoTime next_try_{};
    bool stale_ = false;
    std::size_t steps_ = 0;
};

}  // namespace bullpen::worker
