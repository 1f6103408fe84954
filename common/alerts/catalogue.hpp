// The catalogue: every alert that a person can be sent, with how much it matters, how long its like
// is held back behind it, what it means and what to do. `bullpenctl alerts list` shows it, and
// docs/alerts.md has a section for each. Pure; any thread.
//
// Source: the events of the old bots that their users asked for by name, and the alarms of the
// daemon.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace bullpen::alerts {

// By what a person has to do.
enum class Severity : std::uint8_t {
    info,      // nothing
    warning,   // look at it today
    critical,  // act now
};
inline constexpr std::size_t k_severities = 3;
std::string_view code(Severity severity);
std::optional<Severity> severity_from(std::string_view word);

enum class Kind : std::uint8_t {
    started,
    shut_down,
    crashed,
    hang,
    crash_loop,
    fatal,
    daemon_down,
    entry,
    exit,
    slippage,
    position_open_long,
    adoption,
    reconcile_mismatch,
    order_error,
    unprotected,
    flatten_failed,
    loss_warning,
    limit_reached,
    max_trades,
    kill_switch,
    mode_changed,
    trading_resumed,
    connection_error,
    feed_stale,
    token,
    opposite_positions,
    calendar,
    disk,
    settings_problem,
    job_failed,
    alarm,
    daily_summary,
    recap,
    alerts_held_back,
    alerts_lost,
    test,
    count_
};
inline constexpr std::size_t k_kinds = static_cast<std::size_t>(Kind::count_);

// What one of its like is: within its cooldown it is counted and not sent.
enum class Like : std::uint8_t {
    home,     // any other of the kind
    account,  // another of the same account
    subject,  // another of the same account about the same thing: an order's trouble, a job, a
              // limit
    none,     // each is sent
};

struct KindFacts {
    Kind kind;
    std::string_view name;
    Severity severity;
    Like like;
    Nanos cooldown;
    std::string_view sentence;  // what it means
    std::string_view advice;    // what to do
};

std::span<const KindFacts> catalogue();
const KindFacts& facts(Kind kind);
inline std::string_view code(Kind kind) {
    return facts(kind).name;
}
std::optional<Kind> kind_from(std::string_view name);

}  // namespace bullpen::alerts
