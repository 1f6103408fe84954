// Reason: why an account is in its state or mode. Whatever does not trade carries one of these with
// since and until; each has a stable code, a sentence for people, what happens next by itself, what
// an operator can do, and a page in docs/operations/. A worker may send a code that an older daemon
// does not know: it is kept as text (see ipc/message.hpp), never dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bullpen::model {

enum class Reason : std::uint16_t {
    none = 0,
    // Why a worker has no process and is not wanted.
    operator_stop,
    not_autostarted,
    account_disabled,
    account_removed,
    exited_clean,
    daemon_shutdown,
    // Gates: wanted, and shut.
    lock_held,
    broker_account_held,
    lease_elsewhere,
    settings_invalid,
    vault_locked,
    token_missing,
    licence_refused,
    storm_limit,
    start_queue,
    disk_full,
    disk_limit,
    descriptor_limit,
    daemon_stopping,
    // Deaths.
    crashed,
    killed_by_signal,
    exited_temporary,
    exited_unexpectedly,
    launch_failed,
    start_timeout,
    hung_silent,
    hung_obligation,
    memory_limit,
    process_limit,
    lost_while_unsupervised,
    // Why no further try is made.
    restart_budget_spent,
    refused_configuration,
    refused_usage,
    program_missing,
    never_restart,
    // Why it is being stopped.
    restart_requested,
    settings_changed,
    rolling_restart,
    protocol_refused,
    // While it runs.
    first_beat_awaited,
    beats_missed,
    recovery_launch,
    adoption_awaited,
    // Why a running worker does not enter trades (trading mode).
    observing,
    warm_up,
    session_closed,
    maintenance_break,
    event_blackout,
    calendar_unknown,
    limit_reached,
    feed_stale,
    feed_ended,
    clock_skew,
    daemon_absent,
    operator_reduce,
    operator_halt,
    draining,
    lease_expired,
    reconciling,
    broker_unreachable,
    order_trouble,
    instrument_mismatch,
    position_unexpected,
    count_,
};
inline constexpr std::size_t k_reasons = static_cast<std::size_t>(Reason::count_);

struct ReasonText {
    Reason reason;
    std::string_view code;      // stable, snake_case
    std::string_view sentence;  // what it means, for people
    std::string_view next;      // what happens next by itself
    std::string_view advice;    // what an operator does
};

// In the order of the enumeration, one entry for each.
std::span<const ReasonText> reasons();
const ReasonText& text(Reason reason);
std::string_view code(Reason reason);
std::optional<Reason> reason_from(std::string_view code);

}  // namespace bullpen::model
