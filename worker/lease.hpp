// Lease: what a worker knows of its daemon: whether it is there, the fence it gave, how far its
// clock is from ours, when to say hello and when to beat. Pure: messages and times come in; the
// link (lease_link.hpp) carries them.
#pragma once

#include <optional>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "ipc/message.hpp"

namespace bullpen::worker {

class Lease {
  public:
    // How long a connected daemon may leave a hello unanswered before it is said again.
    static constexpr Nanos k_hello_retry = std::chrono::seconds(1);
    // How long a worker waits for the daemon at its start, or for a lost connection to come back,
    // before it calls the daemon absent.
    static constexpr Nanos k_connection_grace = std::chrono::seconds(1);
    // Pings that may be missed before the daemon is absent.
    static constexpr int k_pings_missed_max = 3;

    // `beat_interval` holds until a welcome says another.
    Lease(MonoTime now, Nanos beat_interval);

    void on_connection(bool connected, MonoTime now);
    // False when the daemon speaks no version that we do: then it counts as absent.
    bool on_welcome(const ipc::Welcome& welcome, Instant now);
    void on_ping(const ipc::Ping& ping, Instant now);
    // Any other message of the daemon.
    void on_word(MonoTime now);

    [[nodiscard]] bool hello_due(MonoTime now) const;
    void on_hello_sent(MonoTime now);
    [[nodiscard]] bool connected() const { return connected_; }
    // Welcomed on this connection: beats may be sent.
    [[nodiscard]] bool welcomed() const { return connected_ && welcomed_here_; }
    // Welcomed by some daemon since the start of this process.
    [[nodiscard]] bool welcomed_ever() const { return welcomed_ever_; }
    [[nodiscard]] bool beat_due(MonoTime now) const;
    void on_beat_sent(MonoTime now);

    [[nodiscard]] bool daemon_absent(MonoTime now) const;
    // Our clock minus the daemon's, when it last spoke.
    [[nodiscard]] const std::optional<Nanos>& skew() const { return skew_; }
    [[nodiscard]] bool clock_skewed() const;
    // The lease was given for a time, and that has passed without another welcome. Measured on our
    // monotonic clock from the daemon's own times, so that skew does not move it.
    [[nodiscard]] bool lapsed(MonoTime now) const { return lapses_at_ && now >= *lapses_at_; }
    [[nodiscard]] const ipc::MarketState& market() const { return market_; }
    [[nodiscard]] Fence fence() const { return fence_; }
    [[nodiscard]] Nanos beat_interval() const { return beat_interval_; }

    // When something of the above may change by itself; always within a beat interval.
    [[nodiscard]] MonoTime next_deadline(MonoTime now) const;

  private:
    [[nodiscard]] MonoTime absent_from() const;
    void take_time(UtcTime theirs, UtcTime ours) { skew_ = ours - theirs; }

    Nanos beat_interval_;
    Nanos ping_interval_ = std::chrono::seconds(2);
    Nanos skew_max_ = std::chrono::seconds(2);
    bool connected_ = false;
    bool welcomed_here_ = false;
    bool welcomed_ever_ = false;
    MonoTime lost_at_;    // when the connection was last lost, or the start
    MonoTime last_word_;  // of the daemon
    std::optional<MonoTime> hello_sent_;
    MonoTime next_beat_{};
    std::optional<Nanos> skew_;
    std::optional<MonoTime> lapses_at_;
    ipc::MarketState market_;
    Fence fence_;
};

}  // namespace bullpen::worker
