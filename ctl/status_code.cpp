#include "ctl/status_code.hpp"

#include <algorithm>

#include "common/model/reason.hpp"

namespace bullpen::ctl {

namespace {

using model::Reason;
using model::WorkerState;

// Dead without a daemon that would say so: it ran, or was about to run again, when the daemon was
// last seen.
bool lost(const AccountRow& row) {
    const auto last = row.slot->state;
    const bool was_dead = last == WorkerState::backoff || last == WorkerState::fatal;
    return row.state == WorkerState::stopped &&
           (row.reason == model::code(Reason::lost_while_unsupervised) ||
            (row.proven_by_lock && was_dead));
}

// Of one account by itself. `idle` is set for one that is stopped on purpose.
StatusCode code_of(const AccountRow& row, bool& idle) {
    idle = false;
    if (!row.state)
        return StatusCode::unknown;
    switch (*row.state) {
        case WorkerState::running:
        case WorkerState::late: return StatusCode::running;
        case WorkerState::backoff:
        case WorkerState::fatal: return StatusCode::dead;
        case WorkerState::stopped:
            idle = !lost(row);
            return idle ? StatusCode::not_running : StatusCode::dead;
        case WorkerState::waiting:
        case WorkerState::starting:
        case WorkerState::stopping:
        case WorkerState::killing: return StatusCode::not_running;
    }
    return StatusCode::unknown;
}

int weight(StatusCode code) {
    switch (code) {
        case StatusCode::running: return 0;
        case StatusCode::not_running: return 1;
        case StatusCode::dead: return 2;
        case StatusCode::unknown: return 3;
    }
    return 3;
}

int weight(HealthCode code) {
    switch (code) {
        case HealthCode::ok: return 0;
        case HealthCode::warning: return 1;
        case HealthCode::unknown: return 2;
        case HealthCode::critical: return 3;
    }
    return 3;
}

// Whether a worker that runs does not trade for a cause that somebody should look at; an operator's
// word, the hours of the market and a history that is still short are in order.
bool hindered(const AccountRow& row) {
    if (row.reason == model::code(Reason::lock_held))
        return true;  // somebody started it by hand: its daemon does not look after it
    if (!row.mode_known)
        return false;
    if (row.slot->mode == model::TradingMode::fenced)
        return true;
    switch (model::reason_from(row.slot->mode_reason.view()).value_or(Reason::none)) {
        case Reason::feed_stale:
        case Reason::clock_skew:
        case Reason::disk_full:
        case Reason::lease_expired:
        case Reason::token_missing:
        case Reason::licence_refused:
        case Reason::broker_unreachable:
        case Reason::order_trouble:
        case Reason::position_unexpected:
        case Reason::instrument_mismatch:
        case Reason::calendar_unknown: return true;
        default: return false;
    }
}

HealthCode health_of(const AccountRow& row) {
    if (!row.state)
        return HealthCode::unknown;
    switch (*row.state) {
        case WorkerState::fatal: return HealthCode::critical;
        case WorkerState::stopped: return lost(row) ? HealthCode::critical : HealthCode::ok;
        case WorkerState::late:
        case WorkerState::waiting:
        case WorkerState::backoff:
        case WorkerState::killing: return HealthCode::warning;
        case WorkerState::running: return hindered(row) ? HealthCode::warning : HealthCode::ok;
        case WorkerState::starting:
        case WorkerState::stopping: return HealthCode::ok;
    }
    return HealthCode::unknown;
}

struct DaemonHealth {
    HealthCode code = HealthCode::ok;
    std::string_view text;
};

DaemonHealth health_of(const DaemonView& daemon) {
    switch (daemon.state) {
        case DaemonState::down: return {HealthCode::critical, "bullpend is down"};
        case DaemonState::silent: return {HealthCode::critical, "bullpend hangs"};
        case DaemonState::starting: return {HealthCode::warning, "bullpend is starting"};
        case DaemonState::up: break;
    }
    if (daemon.board->disk_full != 0)
        return {HealthCode::warning, "the disk is full"};
    if (daemon.board->stopping != 0)
        return {HealthCode::warning, "bullpend is shutting down"};
    if (daemon.board->roster_problems != 0)
        return {HealthCode::warning, "settings files have errors"};
    return {};
}

// How many accounts the line names before it only counts.
constexpr std::size_t k_named_max = 5;

}  // namespace

StatusCode status_code(std::span<const ChosenRow> rows, DaemonState daemon) {
    const bool any = std::any_of(rows.begin(), rows.end(), [](const ChosenRow& chosen) {
        return chosen.row->slot->service == 0 || chosen.named;
    });
    if (!any)
        return daemon == DaemonState::up ? StatusCode::running : StatusCode::not_running;
    StatusCode worst = StatusCode::running;
    bool any_running = false;
    for (const auto& chosen : rows) {
        bool idle = false;
        const auto code = code_of(*chosen.row, idle);
        if (chosen.row->slot->service != 0 && !chosen.named) {
            worst = code == StatusCode::dead && weight(worst) < weight(code) ? code : worst;
            continue;
        }
        any_running = any_running || code == StatusCode::running;
        if (weight(code) > weight(worst) && (!idle || chosen.named))
            worst = code;
    }
    if (worst == StatusCode::running && !any_running)
        return StatusCode::not_running;
    return worst;
}

Health health(std::span<const ChosenRow> rows, const DaemonView& daemon) {
    const auto daemon_health = health_of(daemon);
    Health health{daemon_health.code, {}};
    std::size_t running = 0;
    std::size_t services = 0;
    std::size_t bad = 0;
    std::string named;
    // The worst first: what the line has no room for is only counted.
    std::vector<const AccountRow*> in_order;
    for (const auto& chosen : rows)
        in_order.push_back(chosen.row);
    std::stable_sort(in_order.begin(), in_order.end(), [](const auto* a, const auto* b) {
        return weight(health_of(*a)) > weight(health_of(*b));
    });
    for (const auto* const one : in_order) {
        const auto& row = *one;
        services += row.slot->service != 0 ? 1 : 0;
        if (row.slot->service == 0)
            running += row.state == WorkerState::running || row.state == WorkerState::late ? 1 : 0;
        const auto code = health_of(row);
        // Stopped on purpose is in order; what it holds is to be known.
        const bool holds = row.state == WorkerState::stopped && row.slot->flat == 0 &&
                           row.slot->quantity_known != 0 && row.slot->quantity != 0;
        if (code == HealthCode::ok && !holds)
            continue;
        health.code = weight(code) > weight(health.code) ? code : health.code;
        if (++bad > k_named_max)
            continue;
        named.append("; ").append(row.slot->account.view()).append(" ").append(shown_state(row));
        if (is_late(row))
            named += " late";
        if (row.reason != model::code(Reason::none))
            named.append(" ").append(row.reason);
        else if (hindered(row))
            named.append(" ").append(row.slot->mode_reason.view());
        if (holds)
            named.append(" holds ").append(row.slot->position.view());
    }
    if (!daemon_health.text.empty())
        health.text.append(daemon_health.text).append("; ");
    const auto accounts = rows.size() - services;
    health.text += std::to_string(accounts) + (accounts == 1 ? " account, " : " accounts, ") +
                   std::to_string(running) + " running" + named;
    if (bad > k_named_max)
        health.text += "; and " + std::to_string(bad - k_named_max) + " more";
    return health;
}

std::string_view word(HealthCode code) {
    switch (code) {
        case HealthCode::ok: return "OK";
        case HealthCode::warning: return "WARNING";
        case HealthCode::critical: return "CRITICAL";
        case HealthCode::unknown: return "UNKNOWN";
    }
    return "UNKNOWN";
}

}  // namespace bullpen::ctl
