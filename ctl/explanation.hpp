// Explanation: why an account is in its state, since when, until when, what happens next and what
// an operator can do, as sentences. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctl/fleet_view.hpp"

namespace bullpen::ctl {

struct DeathFacts {
    std::string utc;
    std::string reason;  // code
    std::string status;  // "exit code 70"
    std::uint64_t launch = 0;
};

// What only a living daemon can tell.
struct DaemonDetail {
    std::optional<std::uint32_t> budget;  // 0: no limit
    std::uint32_t budget_used = 0;
    std::vector<DeathFacts> deaths;    // oldest first
    std::vector<std::string> overdue;  // obligations
    std::vector<std::string> owed;     // due, not overdue yet
    bool kept_settings = false;        // its file is broken or gone, its last good version in force
    std::string mode_text;             // particulars of its mode: the limit, the event
    // What its strategy and limits said no to, by code, and what came of signals; as counted.
    std::vector<std::pair<std::string, std::uint64_t>> counters;
};

struct ExplainFacts {
    const AccountRow* row = nullptr;
    DaemonState daemon = DaemonState::down;
    std::optional<LockEvidence> lock;    // looked at when it matters
    std::string crash_bundle;            // path of the newest; empty: none
    std::string event;                   // why it stands aside; empty: it does not
    std::vector<std::string> jobs;       // what each of its jobs did last and does next
    std::optional<DaemonDetail> detail;  // none: no daemon answered
};

struct Fact {
    std::string what;  // "Next"
    std::string text;
};

struct Explanation {
    std::string headline;
    std::vector<Fact> facts;
};

Explanation explain(const ExplainFacts& facts, Instant now);

// The headline, then the facts with their names in a column.
std::string text(const Explanation& explanation);

}  // namespace bullpen::ctl
