// Plans: what the fleet is to do, as plain values. The daemon makes them from the roster; nothing
// here reads a file. All durations are of the monotonic clock.
#pragma once

#include <cstdint>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/config/settings.hpp"

namespace bullpen::fleet {

// When a worker that ended by itself is started again; what one more launch does with the open
// position of an account that has become fatal; whether the worker speaks the lease protocol. A
// process that does not is running once its program has executed for started_after, and only its
// end says that something is wrong.
using config::HeartbeatKind;
using config::RecoveryPolicy;
using config::RestartRule;

struct RestartLimits {
    RestartRule rule = RestartRule::always;
    Nanos delay = std::chrono::seconds(1);       // after the second death in a row
    Nanos delay_max = std::chrono::seconds(60);  // before jitter
    double factor = 2.0;                         // from one delay to the next; at least 1
    double jitter = 0.10;                        // of the delay, to either side
    std::uint32_t budget = 10;                   // restarts within the window; 0 is no limit
    Nanos window = std::chrono::minutes(10);
    Nanos stable_after =
        std::chrono::seconds(30);  // a run this long makes the next restart immediate

    friend bool operator==(const RestartLimits&, const RestartLimits&) = default;
};

struct AccountPlan {
    AccountId account;
    // Of everything that needs a restart when it changes; 0 is not known and never differs.
    std::uint64_t fingerprint = 0;
    bool enabled = true;
    bool autostart = true;
    bool valid = true;  // false: its file has errors and no good version is known
    // One of the home's own services: no start of an account waits for its start, and its deaths
    // make no storm.
    bool service = false;
    int priority = 100;  // lower starts first and stops last
    HeartbeatKind heartbeat = HeartbeatKind::zmq;
    RestartLimits restart{};
    RecoveryPolicy recovery = RecoveryPolicy::none;
    Nanos start_wait = std::chrono::seconds(30);
    Nanos started_after{0};  // of a program without heartbeat
    Nanos stop_wait = std::chrono::seconds(10);
    Nanos beat_interval = std::chrono::seconds(1);
    Nanos late_after = std::chrono::seconds(2);
    Nanos dead_after = std::chrono::seconds(5);

    friend bool operator==(const AccountPlan&, const AccountPlan&) = default;
};

struct FleetSettings {
    std::uint32_t storm_deaths_max = 60;  // deaths within the window that shut the gate; 0 is off
    Nanos storm_window = std::chrono::seconds(60);
    Nanos start_stagger = Nanos(0);        // between two launches; 0 adds no delay
    std::uint32_t starts_at_once_max = 0;  // accounts that may be starting at once; 0 is no limit
    Nanos condemned_grace = std::chrono::seconds(2);  // SIGTERM to SIGKILL for a hung worker
    Nanos kill_retry = std::chrono::seconds(5);       // SIGKILL again when no exit is seen
    Nanos sweep_retry = std::chrono::seconds(1);      // asks again for the proof of a free lock
    Nanos held_retry = std::chrono::seconds(1);       // first retry of a lock held elsewhere,
    Nanos held_retry_max = std::chrono::seconds(15);  // doubled up to this
    Nanos disk_retry = std::chrono::seconds(5);       // retry after a full disk
    Nanos fence_retry = std::chrono::seconds(1);      // asks again for a reservation of fences
    Nanos adoption_wait = std::chrono::seconds(10);  // an adopted worker's hello, beside dead_after
};

}  // namespace bullpen::fleet
