// FeedWatch: what is done about a feed that is connected and mute: entries are blocked at once,
// then it is asked for anew, then an operator is told. Pure: times come in.
#pragma once

#include "common/base/clock.hpp"

namespace bullpen::worker {

enum class FeedStep : std::uint8_t {
    none,
    reconnect,  // subscribe anew, over a new connection
    alarm,      // it did not help
};

class FeedWatch {
  public:
    // Between two tries to bring it back.
    static constexpr Nanos k_retry = std::chrono::seconds(15);
    // Tries before an operator is told.
    static constexpr int k_tries_max = 2;

    // The feed speaks, or nothing is expected of it.
    void on_quiet();
    // It should have spoken by now. Each step is given once.
    FeedStep look(MonoTime now);
    [[nodiscard]] bool stale() const { return stale_; }

  private:
    MonoTime next_try_{};
    bool stale_ = false;
    int tries_ = 0;
    bool told_ = false;
};

}  // namespace bullpen::worker
