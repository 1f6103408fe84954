// AccountView and SavedAccount: what the fleet knows about one account, for people and for the next
// daemon.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/model/reason.hpp"
#include "common/model/states.hpp"
#include "supervisor/fleet/exit_status.hpp"
#include "supervisor/fleet/plan.hpp"

namespace bullpen::fleet {

// One unexpected end of a worker, for explain and the crash bundle.
struct Death {
    // How many are kept for each account.
    static constexpr std::size_t k_kept = 10;

    UtcTime utc{};
    model::Reason reason = model::Reason::none;
    ExitStatus status;
    LaunchNumber launch;
    Nanos ran_for{};  // from ready to the end; zero when it never was ready

    friend bool operator==(const Death&, const Death&) = default;
};

struct AccountView {
    model::WorkerState state = model::WorkerState::stopped;
    bool exited = false;  // stopped by its own clean end: shown as EXITED
    model::Reason reason = model::Reason::none;
    UtcTime since{};               // when it entered this state for this reason
    std::optional<UtcTime> until;  // when the next step comes by itself, if that is known
    std::string next;              // what that step is, as a sentence
    std::string detail;            // the holder, the overdue obligation, the exit status
    bool wanted = false;
    bool recovering = false;  // one launch to make its position safe is to come, or runs
    bool leftovers = false;   // its last launch's tree is not yet proven gone
    bool killed = false;      // the launch that ended last was told to end and had to be killed
    // It only waits for its turn to be tried again, which may come to nothing: what it met last is
    // what people are to know.
    bool retrying = false;
    LaunchNumber launch;  // the current or last one; 0 is none
    Fence fence;
    pid_t pid = 0;      // 0 without a process
    UtcTime started{};  // when this launch was started
    std::uint64_t restarts = 0;
    std::uint32_t budget = 0;  // 0 is no limit
    std::uint32_t budget_used = 0;
    std::optional<bool> flat;   // as last reported
    std::vector<Death> deaths;  // the last few, oldest first
};

// What a worker told last of what it holds.
struct Holding {
    std::string position;  // for people; empty: none told of any
    std::optional<std::int64_t> quantity;
    UtcTime at{};
};

// What must outlive the daemon for one account. The daemon writes it when a `save` action says so.
struct SavedAccount {
    bool wanted = true;  // the operator's wish, apart from enabled and autostart
    bool exited = false;
    bool killed = false;
    bool fatal = false;
    bool recovery_done = false;
    // The launch whose end is no death: it was told to end, or its end was counted already.
    LaunchNumber settled;
    model::Reason reason = model::Reason::none;  // of a stop, an exit or a fatal state
    std::uint64_t restarts = 0;
    std::uint32_t failures = 0;  // deaths in a row, for the back-off
    // The next launch is a restart. A launch found later than `settled` was that one.
    bool restart_due = false;
    std::uint64_t fingerprint = 0;    // of the settings of the last launch; 0 when not known
    std::vector<UtcTime> deaths;      // within the budget's window
    std::vector<Death> recent;        // the last few, oldest first: for people
    std::optional<UtcTime> retry_at;  // when a back-off ends
    std::optional<bool> flat;
    // The state it was in then, since when, and with which launch.
    model::WorkerState state = model::WorkerState::stopped;
    std::optional<UtcTime> since;
    LaunchNumber launch;
    std::string detail;  // of that state
    // What the daemon knows beside the fleet's decisions, which neither fills nor reads it: what
    // last went wrong, with its time (ipc/error_text.hpp), and what was held.
    std::string last_error;
    Holding holding;
};

// A worker found alive (adopted) or found dead (lost) by a new daemon.
struct FoundWorker {
    LaunchNumber launch;
    Fence fence;
    pid_t pid = 0;
    UtcTime started{};
    std::uint64_t fingerprint = 0;  // of the settings it was launched with; 0 when not known
    bool recovery = false;          // it was launched to make a position safe
};

}  // namespace bullpen::fleet
