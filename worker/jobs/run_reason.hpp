// Why a run of a job came to what it came to, as a code that programs can ask for: stable, beside
// the sentence that says it to people. docs/jobs.md has a line for each.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bullpen::jobs {

enum class RunReason : std::uint8_t {
    untold,  // a record of a program that told none, or of a newer one

    // Of runs that succeed.
    done,
    nothing_new,
    market_shut,
    partly_filled,
    orders_refused,
    closed_unprotected,
    no_answer,

    // Of runs that fail.
    no_signals,
    signals_too_old,
    signals_unusable,
    orders_file_unreadable,
    too_late,
    daily_loss_reached,
    partly_sent,
    unprotected,
    broker_unreachable,
    not_sent,
    not_at_rest,
    not_sold,
    stops_refused,
    no_trading_day,
    no_candles,
    candles_unusable,
    candles_stale,
    records_unusable,
    not_written,
    not_removed,

    // Of runs that come to no end of their own.
    deadline,
    interrupted,
    stopped,
    already_running,
    no_shares,
    count_,
};
inline constexpr auto k_run_reasons = static_cast<std::size_t>(RunReason::count_);

// In the order of RunReason. Empty for `untold`.
inline constexpr std::array<std::string_view, k_run_reasons> k_run_reason_codes = {
    "",
    "done",
    "nothing_new",
    "market_shut",
    "partly_filled",
    "orders_refused",
    "closed_unprotected",
    "no_answer",
    "no_signals",
    "signals_too_old",
    "signals_unusable",
    "orders_file_unreadable",
    "too_late",
    "daily_loss_reached",
    "partly_sent",
    "unprotected",
    "broker_unreachable",
    "not_sent",
    "not_at_rest",
    "not_sold",
    "stops_refused",
    "no_trading_day",
    "no_candles",
    "candles_unusable",
    "candles_stale",
    "records_unusable",
    "not_written",
    "not_removed",
    "deadline",
    "interrupted",
    "stopped",
    "already_running",
    "no_shares",
};

constexpr std::string_view code(RunReason reason) {
    return k_run_reason_codes.at(static_cast<std::size_t>(reason));
}
// `untold` for what is none of these.
constexpr RunReason run_reason_from(std::string_view code) {
    for (std::size_t i = 0; i < k_run_reasons; ++i) {
        if (k_run_reason_codes.at(i) == code)
            return static_cast<RunReason>(i);
    }
    return RunReason::untold;
}

}  // namespace bullpen::jobs
