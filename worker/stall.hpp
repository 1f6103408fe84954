// StallWatch: finds a turn of the worker's loop that took too long, and a loop that was not back
// when it was to be, and names what it was at and what kept it: its own work, the disk, others on
// the processor, a machine that slept, or a process that did not run at all.
//
// Pure: times come in with every call. `Probe` says what the thread's time went into so far; it is
// asked when a turn begins long after the last time, and when a stall is to be explained.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace bullpen::worker {

// What a turn does, in its order.
enum class Stage : std::uint8_t {
    wait,        // between two turns, for whatever comes first
    talk,        // with the daemon
    connect,     // to the market's data and the broker
    desk,        // answers of the broker, orders
    judge,       // whether it may trade, and why not
    bars,        // of the feed: journal, indicators, strategy and risk, orders
    jobs,        // what the account does at times of its own
    checkpoint,  // the state file
    report,      // status and beat
    count_
};
std::string_view code(Stage stage);

enum class StallCause : std::uint8_t {
    own_work,
    disk,
    processor,       // it was ready to run, and others ran
    machine_asleep,  // suspended
    stopped,         // neither running nor ready: stopped by a signal, or blocked; where the
                     // kernel does not count it, ready and others ran too
    count_
};
std::string_view code(StallCause cause);

struct TimeSpent {
    Nanos ran{};
    Nanos starved{};
    bool counts_starved = true;  // false: `starved` is not known and stays zero
    Nanos asleep{};              // the machine
    Nanos disk{};
    std::string slowest;  // the longest call of the disk since the last reading; may be empty
};
using Probe = std::function<TimeSpent()>;

struct Stall {
    Nanos took{};  // the whole turn, or how late the loop was
    Stage stage{};
    Nanos in_stage{};
    StallCause cause{};
    Nanos caused{};    // by it, of the whole
    std::string disk;  // when that was the cause and it is known: "sync state.json"
    bool counts_starved = true;
};
// "stood still 2.1 s in checkpoint: waited 2.0 s for the disk (sync state.json)".
std::string sentence(const Stall& stall);

class StallWatch {
  public:
    // As long as between two beats, by default.
    static constexpr Nanos k_limit = std::chrono::seconds(1);
    // The same stage stalled by the same cause is told once in this time.
    static constexpr Nanos k_told_again = std::chrono::minutes(1);

    // A turn begins. The stall is one of the wait before it.
    std::optional<Stall> begin(MonoTime now, const Probe& probe);
    // The turn goes on to this.
    void enter(Stage stage, MonoTime now);
    // It ends, and the next one is to begin at `due`.
    std::optional<Stall> end(MonoTime now, MonoTime due, const Probe& probe);

    // In the turn that ended last.
    [[nodiscard]] Stage slowest_stage() const;
    // Whether to tell of this one; it is counted either way.
    [[nodiscard]] bool is_news(const Stall& stall, MonoTime now);
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] Nanos worst() const { return worst_; }

  private:
    void leave_stage(MonoTime now);
    Stall explain(Nanos took, Stage stage, Nanos in_stage, const TimeSpent& spent);

    std::array<Nanos, static_cast<std::size_t>(Stage::count_)> stages_{};
    Stage stage_ = Stage::wait;
    MonoTime begun_{};
    MonoTime entered_{};
    std::optional<MonoTime> due_;
    std::optional<MonoTime> asked_;  // when `spent_` was
    TimeSpent spent_;
    std::array<std::array<std::optional<MonoTime>, static_cast<std::size_t>(StallCause::count_)>,
               static_cast<std::size_t>(Stage::count_)>
        told_{};
    std::uint64_t count_ = 0;
    Nanos worst_{};
};

}  // namespace bullpen::worker
