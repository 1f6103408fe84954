// Whether the other side is alive, and whether it does its work: decided from times alone, without
// a clock or a socket. The daemon keeps one Liveness and one Obligations for each worker and one
// Attention for itself; all are used from its one thread.
//
// Think of a guard who listens for a night watchman's whistle. Any sound of his is a sign of life,
// not only the whistle. One whistle missed makes him late, several make him lost. But a guard who
// fell asleep may not report the watchman for the hours he did not listen: he starts to count
// anew when he wakes. That is Attention. And a watchman who whistles while the house burns is alive
// but does not work: he is held to his obligations.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.hpp"

namespace bullpen::ipc {

enum class Life : std::uint8_t {
    alive,
    late,  // silent for late_after or longer
    lost,  // silent for dead_after or longer
};

struct LivenessLimits {
    Nanos late_after = std::chrono::seconds(2);
    Nanos dead_after = std::chrono::seconds(5);
};

// Notices when the listener itself did not listen: its loop stood still (a slow step, SIGSTOP, a
// suspended machine) or its clock was set. on_turn() is called at every turn of the listener's
// loop, at the latest every `turn_max / 2` when nothing happens (a timer sees to that).
class Attention {
  public:
    static constexpr Nanos k_turn_max = std::chrono::seconds(1);
    static constexpr Nanos k_clock_jump_min = std::chrono::seconds(1);

    explicit Attention(Instant now, Nanos turn_max = k_turn_max)
        : last_(now), listening_since_(now.mono), turn_max_(turn_max) {}

    // True when the gap since the last turn was too long, or the wall clock moved otherwise than
    // the steady one: then listening begins anew at `now`.
    bool on_turn(Instant now);

    [[nodiscard]] MonoTime listening_since() const { return listening_since_; }

  private:
    Instant last_;
    MonoTime listening_since_;
    Nanos turn_max_;
};

class Liveness {
  public:
    // `now` counts as a first sign of life: a peer is given the full time to speak.
    Liveness(LivenessLimits limits, MonoTime now) : limits_(limits), last_traffic_(now) {}

    // Any message of the peer, at the listener's time of receiving it.
    void on_traffic(MonoTime when);
    void set_limits(LivenessLimits limits) { limits_ = limits; }

    // Silence is counted from the last traffic or from `listening_since`, whichever is later.
    [[nodiscard]] Life verdict(MonoTime now, MonoTime listening_since) const;
    // The next time at which the verdict may change for the worse; none when already lost.
    [[nodiscard]] std::optional<MonoTime> next_change(MonoTime now, MonoTime listening_since) const;
    [[nodiscard]] MonoTime last_traffic() const { return last_traffic_; }

  private:
    LivenessLimits limits_;
    MonoTime last_traffic_;
};

// One duty of a worker, as a beat reports it: "bar", "timer", "broker_answer". Between a due time
// and the work being done the worker owes something; a quiet night without anything due is no hang.
struct Obligation {
    std::string name;      // [a-z0-9_], 1 to 32 characters
    Nanos due_in{};        // from the moment of sending to the deadline; negative: it has passed
    bool done = true;      // nothing is owed now
    bool overdue = false;  // the worker itself says that the deadline was missed

    friend bool operator==(const Obligation&, const Obligation&) = default;
};

// What a worker owes, as its last beat said. The worker's own word "overdue" counts at once. A duty
// that is due between two beats is given `grace` more, since the word that it was done travels
// with the next beat.
class Obligations {
  public:
    static constexpr std::size_t k_count_max = 16;

    explicit Obligations(Nanos grace) : grace_(grace) {}

    // Replaces what was known; obligations over k_count_max are not kept.
    void on_beat(MonoTime received, std::span<const Obligation> obligations);
    // The name of the duty missed the longest, or none. Deadlines that passed while the listener
    // did not listen are judged a full `grace` after `listening_since`.
    [[nodiscard]] std::optional<std::string> overdue(MonoTime now, MonoTime listening_since) const;
    // When overdue() may next change without a beat; none when nothing is owed.
    [[nodiscard]] std::optional<MonoTime> next_change(MonoTime listening_since) const;

  private:
    struct Owed {
        std::string name;
        MonoTime due;
        bool overdue;
    };
    [[nodiscard]] MonoTime judged_at(const Owed& owed, MonoTime listening_since) const;

    Nanos grace_;
    std::vector<Owed> owed_;
};

}  // namespace bullpen::ipc
