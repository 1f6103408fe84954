// Exit codes of `status`, as LSB has them for init scripts, and of `health`, as monitors (Nagios
// and those after it) have them. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "ctl/fleet_view.hpp"

namespace bullpen::ctl {

enum class StatusCode : std::uint8_t {
    running = 0,      // every account that is wanted runs
    dead = 1,         // an account that should run is dead: BACKOFF, FATAL, or lost with no daemon
    not_running = 3,  // one that was asked for does not run: stopped, waiting, starting, stopping
    unknown = 4,      // not even the locks tell, or no such account
};

struct ChosenRow {
    const AccountRow* row = nullptr;
    bool named = false;  // by its own name, so that it counts even when it is not wanted
};

// The worst of all chosen accounts, in the order unknown, dead, not_running, running. An account
// that is stopped on purpose counts only when it was named or when nothing else of the chosen runs;
// a service that was not named, only when it is dead. No accounts at all: running if the daemon is
// up.
StatusCode status_code(std::span<const ChosenRow> rows, DaemonState daemon);

enum class HealthCode : std::uint8_t { ok = 0, warning = 1, critical = 2, unknown = 3 };

struct Health {
    HealthCode code = HealthCode::ok;
    std::string text;  // "12 accounts, 11 running; mes01 BACKOFF crashed"
};
// critical: the daemon is down or hangs, an account is FATAL or was lost. warning: the daemon is
// starting or stopping, the disk is full, settings have errors, an account is late, waits or is in
// back-off. unknown: a state is UNKNOWN. The worst wins, in the order critical, unknown, warning.
Health health(std::span<const ChosenRow> rows, const DaemonView& daemon);

std::string_view word(HealthCode code);  // "OK", "WARNING", ...

}  // namespace bullpen::ctl
