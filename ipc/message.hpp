// The messages of the lease protocol between the daemon and a worker, as plain values. codec.hpp
// turns them into JSON frames and back; docs/protocol.md says what each means and who sends it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/model/states.hpp"
#include "ipc/liveness.hpp"

namespace bullpen::ipc {

// The version this build speaks best, and the oldest it still speaks. Adding an optional field
// needs no new version; a field or message that the other side must know does.
// Set in protocol_version.cpp, a library of its own: a program linked with that of another version
// is a build of that version, which is how neighbours are proven to understand each other.
extern const int k_protocol;
extern const int k_protocol_min;
// (`v` in every message is the version of the envelope, always 1: hello and welcome agree on the
// rest and so must stay readable for ever.)

// The greatest version that both speak; none when there is none.
std::optional<int> agree_protocol(int their_min, int their_max, int our_min = k_protocol_min,
                                  int our_max = k_protocol);

// "open", "closed", "break", ... as the daemon's calendar says; "unknown" without one.
struct MarketState {
    std::string state = "unknown";
    std::optional<UtcTime> until;

    friend bool operator==(const MarketState&, const MarketState&) = default;
};

// Worker to daemon, on every new connection: who I am.
struct Hello {
    // A worker that has been welcomed before says so: the daemon that it speaks to may be new.
    struct Running {
        UtcTime started{};
        std::uint64_t start_time = 0;  // of the process, clock ticks since boot; 0: not known
        bool ready = false;            // it has said ready before
        friend bool operator==(const Running&, const Running&) = default;
    };

    AccountId account;
    LaunchToken launch;  // number 0 when started by hand
    pid_t pid = 0;
    int protocol_min = k_protocol_min;
    int protocol_max = k_protocol;
    model::SessionState session = model::SessionState::locking;
    Fence fence{};  // the one it holds; 0: none yet
    std::string program{};
    std::string version{};
    std::optional<Running> running{};

    friend bool operator==(const Hello&, const Hello&) = default;
};

// Daemon to worker, the answer to hello: the lease.
struct Welcome {
    Fence fence;
    int protocol = k_protocol;
    std::optional<UtcTime> expires;  // none: until the daemon says otherwise
    UtcTime utc{};
    MarketState market;
    Nanos beat_interval = std::chrono::seconds(1);
    Nanos ping_interval = std::chrono::seconds(2);
    Nanos clock_skew_max = std::chrono::seconds(2);

    friend bool operator==(const Welcome&, const Welcome&) = default;
};

// Worker to daemon, once: started, recovered, working.
struct Ready {
    friend bool operator==(const Ready&, const Ready&) = default;
};

// How far an account is from one of its limits.
struct LimitUse {
    std::string name;  // "daily_loss"
    std::string unit;  // "money" (millionths of the account's currency), "contracts", "trades", ...
    std::int64_t used = 0;
    std::int64_t limit = 0;
    friend bool operator==(const LimitUse&, const LimitUse&) = default;
};
inline constexpr std::size_t k_limits_max = 16;

// What an account may hold of one product, in contracts: from `lowest` to `highest`, below zero
// short, with everything that its orders may still add.
struct Stake {
    std::string product;  // symbol of the big contract: "ES" for ES and MES
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
    std::int64_t per_lot = 1;  // so many contracts are one of the big size
    friend bool operator==(const Stake&, const Stake&) = default;
};

// An entry that is asked for, or that was granted and is under way. Stands in every beat until it
// was refused, given up, or is part of the stake.
struct EntryWish {
    std::uint64_t number = 0;   // counted up within a launch
    std::string product;        // as in Stake
    std::int64_t quantity = 0;  // contracts, below zero to sell
    bool granted = false;
    friend bool operator==(const EntryWish&, const EntryWish&) = default;
};

// Worker to daemon, every beat interval, from the loop that does the work.
struct Heartbeat {
    std::uint64_t seq = 0;
    model::SessionState session = model::SessionState::trading;
    model::TradingMode mode = model::TradingMode::idle;
    // The code of the mode's reason, kept as text: an older daemon still shows a newer worker's.
    std::string reason = "none";
    std::string reason_text;  // particulars for people, may be empty
    UtcTime since{};          // of the mode
    std::optional<UtcTime> until;
    std::vector<Obligation> obligations;
    std::string position;                  // summary for people; empty: none to tell
    std::optional<std::int64_t> quantity;  // signed; none: not known
    bool flat = false;                     // proven flat, with no working order
    // Whether a restart would interrupt nothing; none: as `flat`.
    std::optional<bool> at_rest;
    std::string day_pnl;         // decimal, "-12.5"; empty: not known
    std::string latched;         // the mode that an operator ordered and nobody lifted; empty: none
    bool floor_reached = false;  // the loss floor: until an operator restarts it
    std::optional<Stake> stake;  // none: not known, or nothing is traded
    std::optional<EntryWish> wish;  // of an account that asks before it enters
    std::vector<LimitUse> limits;
    // Why the last signal or search for one came to nothing, for people; empty: nothing to tell.
    std::string refusal;
    std::optional<UtcTime> refused_at;
    std::optional<UtcTime> refused_until;  // when that may change, where it is known
    std::vector<std::pair<std::string, std::int64_t>> counters;
    std::optional<UtcTime> last_bar;  // market time
    std::optional<Nanos> bar_age;     // since it arrived
    std::uint64_t bars = 0;
    std::uint64_t rss_bytes = 0;
    std::uint64_t log_dropped = 0;
    std::string last_error;
    std::string state_hash;  // hex; what the worker computed, for comparison after a restart

    friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

// Daemon to worker, every ping interval.
struct Ping {
    std::uint64_t seq = 0;
    UtcTime utc{};
    MarketState market;
    // The daemon does not know this worker (it may be new): say hello again.
    bool hello = false;

    friend bool operator==(const Ping&, const Ping&) = default;
};

// Daemon to worker: end in order. SIGTERM means the same without a deadline.
struct Drain {
    std::string reason = "operator_stop";
    Nanos deadline{};  // from receiving; afterwards the process is killed

    friend bool operator==(const Drain&, const Drain&) = default;
};

// Daemon to worker: stop trading and go flat, latched until resume.
struct Halt {
    std::string reason = "operator_halt";
    friend bool operator==(const Halt&, const Halt&) = default;
};

// Daemon to worker: no new entries.
struct Reduce {
    std::string reason = "operator_reduce";
    std::optional<UtcTime> until;
    bool flatten = false;  // and close what is held
    friend bool operator==(const Reduce&, const Reduce&) = default;
};

// Daemon to worker: lift halt or reduce.
struct Resume {
    bool restart_floor = false;  // and let the loss floor begin anew, if it was reached
    friend bool operator==(const Resume&, const Resume&) = default;
};

// Daemon to worker: the answer to the wish in a beat. It holds for that wish of that launch on this
// connection, and no longer.
struct Grant {
    std::uint64_t number = 0;  // of the wish; 0 answers none
    bool granted = false;
    std::string text;  // why not; of a granted one, what stands against it and is flagged
    friend bool operator==(const Grant&, const Grant&) = default;
};

// Daemon to worker: run one of the account's jobs now, whatever its schedule says.
struct RunJob {
    std::string job;      // "daily_summary"
    std::string request;  // whose question it is; repeated in the run's record
    bool dry_run = false;
    friend bool operator==(const RunJob&, const RunJob&) = default;
};

// Daemon to worker: so much was paid out of the account. What came of it is in the account's audit
// log, under `request`.
struct Payout {
    std::string amount;   // "500.00", in the account's currency
    std::string request;  // whose word it is
    friend bool operator==(const Payout&, const Payout&) = default;
};

// Worker to daemon: last words before a clean exit.
struct Goodbye {
    int exit_code = 0;  // 0 to 255
    std::string reason = "none";
    std::string sentence;
    std::string left;  // what stays open at the broker, for people; empty: nothing is known to
    friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

using Message = std::variant<Ready, Hello, Welcome, Heartbeat, Ping, Drain, Halt, Reduce, Resume,
                             Grant, RunJob, Payout, Goodbye>;

// The value of `type` in the frame.
std::string_view type_name(const Message& message);

// "<account>/<first 12 hex digits of the nonce>": unique for each launch, because a ROUTER ignores
// a second peer of one name.
std::string routing_id(const AccountId& account, const LaunchToken& launch);

}  // namespace bullpen::ipc
