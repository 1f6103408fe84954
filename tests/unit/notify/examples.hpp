// Lines as the daemon and the workers write them, and boards, each of which brings one alert about.
#pragma once

#include <string>
#include <vector>

#include "ipc/status_board.hpp"
#include "notify/reading.hpp"

namespace bullpen::notify::test {

struct Example {
    Kind kind;
    Source source;
    std::string line;  // without ts and level
};

inline std::string whole(const std::string& fields, const std::string& level = "warn") {
    return R"({"ts":"2026-11-22T12:00:00.000Z","level":")" + level + "\"," + fields + "}";
}

inline ipc::BoardLimit limit(std::string_view name, std::int64_t used, std::int64_t most) {
    return {name, std::string_view("money"), used, most};
}

inline std::vector<Example> examples_of_daemon() {
    using S = Source;
    return {
        {Kind::started, S::daemon,
         R"("event":"daemon_started","version":"0.1.0","adopted":2,"lost":0)"},
        {Kind::started, S::daemon, R"("event":"worker_started","worker":"a","launch_number":7)"},
        {Kind::shut_down, S::daemon, R"("event":"shutdown","keep_workers":false)"},
        {Kind::shut_down, S::daemon, R"("event":"worker_ended","worker":"a","how":"exit code 0")"},
        {Kind::crashed, S::daemon,
         R"("event":"crash_bundle","worker":"a","reason":"killed_by_signal","path":"/h/c")"},
        {Kind::crashed, S::daemon,
         R"("event":"crash_bundle_failed","worker":"a","reason":"crashed","error":"full")"},
        {Kind::hang, S::daemon,
         R"("event":"crash_bundle","worker":"a","reason":"hung_silent","path":"/h/c")"},
        {Kind::hang, S::daemon, R"("event":"kill_needed","worker":"a","reason":"operator_stop")"},
        {Kind::hang, S::daemon,
         R"("event":"alarm","worker":"a","reason":"hung_obligation","sentence":"s","advice":"d")"},
        {Kind::crash_loop, S::daemon,
         R"("event":"alarm","worker":"a","reason":"restart_budget_spent","sentence":"s")"},
        {Kind::crash_loop, S::daemon,
         R"("event":"alarm","worker":"","reason":"storm_limit","sentence":"s")"},
        {Kind::fatal, S::daemon,
         R"("event":"alarm","worker":"a","reason":"refused_configuration","sentence":"s")"},
        {Kind::token, S::daemon,
         R"("event":"alarm","worker":"a","reason":"token_missing","sentence":"s")"},
        {Kind::alarm, S::daemon,
         R"("event":"alarm","worker":"a","reason":"token_missing","sentence":"its key ends at 9")"},
        {Kind::calendar, S::daemon,
         R"("event":"alarm","worker":"","reason":"calendar_unknown","sentence":"calendar: old")"},
        {Kind::disk, S::daemon,
         R"("event":"alarm","worker":"","reason":"disk_full","sentence":"1 MiB")"},
        {Kind::alarm, S::daemon,
         R"("event":"alarm","worker":"a","reason":"lock_held","sentence":"a second worker")"},
        {Kind::opposite_positions, S::daemon,
         R"("event":"opposite_positions","worker":"a","against":"b long 1")"},
        {Kind::settings_problem, S::daemon,
         R"("event":"settings_problem","problem":"accounts.d/a.toml:3: x")"},
        {Kind::settings_problem, S::daemon, R"("event":"update_failed","error":"disk full")"},
    };
}

inline std::vector<Example> examples_of_worker() {
    using S = Source;
    return {
        {Kind::exit, S::worker,
         R"("event":"trade_closed","number":3,"side":"long","quantity":2,"net":"45.00","why":"t")"},
        {Kind::connection_error, S::worker, R"("event":"broker_lost")"},
        {Kind::feed_stale, S::worker, R"("event":"feed_mute","trouble":"nothing for 90 s")"},
        {Kind::feed_stale, S::worker, R"("event":"feed_failed","trouble":"line 7")"},
        {Kind::job_failed, S::worker,
         R"("event":"job_ended","job":"retention","outcome":"timed_out","text":"x")"},
        {Kind::job_failed, S::worker, R"("event":"job_missed","job":"retention")"},
        {Kind::job_failed, S::worker,
         R"("event":"job_trouble","job":"hourly_candle_watchdog","text":"no range of INFY: x")"},
        {Kind::flatten_failed, S::worker,
         R"("event":"job_trouble","job":"hourly_candle_watchdog","text":"NOT SOLD: INFY: no")"},
        {Kind::flatten_failed, S::worker,
         R"("event":"job_ended","job":"hourly_candle_watchdog","outcome":"failed",)"
         R"("text":"watched 2; NOT SOLD: INFY: no")"},
        {Kind::alarm, S::worker, R"("event":"share_records_not_used","trouble":"x")"},
        {Kind::daily_summary, S::worker,
         R"("event":"job_ended","job":"daily_summary","outcome":"succeeded","text":"flat")"},
        {Kind::daily_summary, S::worker,
         R"("event":"day_ended","trading_day":"2026-11-20","day_pnl":"12.50","currency":"USD",)"
         R"("trades":3,"quantity":0,"shadow":false)"},
        {Kind::mode_changed, S::worker,
         R"("event":"mode_changed","mode":"reducing","reason":"daemon_absent","sentence":"s")"},
        {Kind::mode_changed, S::worker,
         R"("event":"mode_changed","mode":"idle","reason":"clock_skew","sentence":"s")"},
        {Kind::calendar, S::worker, R"("event":"calendar_damaged","trouble":"checksum")"},
        {Kind::disk, S::worker, R"("event":"disk_full","trouble":"full")"},
        {Kind::flatten_failed, S::worker, R"("event":"not_at_rest","policy":"flatten")"},
    };
}

inline std::vector<Example> examples_of_audit() {
    using S = Source;
    return {
        {Kind::entry, S::audit,
         R"("event":"filled","symbol":"MES","order":"MES1","quantity":2,"price":"6012.25")"},
        {Kind::entry, S::audit,
         R"("event":"share_filled","symbol":"INFY","side":"buy","quantity":7,"price":"1500.05")"},
        {Kind::exit, S::audit,
         R"("event":"share_filled","symbol":"INFY","side":"sell","quantity":7,"by":"stop")"},
        {Kind::order_error, S::audit,
         R"("event":"share_refused","symbol":"INFY","side":"buy","refusal":"no_cash")"},
        {Kind::slippage, S::audit, R"("event":"slippage_alarm","symbol":"MES","ticks":5)"},
        {Kind::unprotected, S::audit, R"("event":"unprotected","symbol":"MES")"},
        {Kind::unprotected, S::audit, R"("event":"stop_failed","symbol":"MES")"},
        {Kind::flatten_failed, S::audit, R"("event":"closing_stuck","symbol":"MES")"},
        {Kind::flatten_failed, S::audit, R"("event":"closing_failed","symbol":"MES")"},
        {Kind::adoption, S::audit, R"("event":"adopted","symbol":"MES","quantity":1)"},
        {Kind::reconcile_mismatch, S::audit, R"("event":"mismatch","symbol":"MES","quantity":2)"},
        {Kind::order_error, S::audit, R"("event":"order_lost","order":"MES1")"},
        {Kind::order_error, S::audit,
         R"("event":"order_changed","order":"MES1","detail":"rejected")"},
        {Kind::disk, S::audit, R"("event":"not_recorded")"},
        {Kind::limit_reached, S::audit, R"("event":"limit_reached","limit":"daily_loss")"},
        {Kind::max_trades, S::audit,
         R"("event":"denied","detail":"risk_gate: trades_reached: the day's number")"},
        {Kind::kill_switch, S::audit,
         R"("event":"operator_order","mode":"halted","reason":"operator_halt","flatten":false)"},
        {Kind::kill_switch, S::audit,
         R"("event":"operator_order","mode":"reducing","reason":"operator_reduce","flatten":true)"},
        {Kind::kill_switch, S::audit, R"("event":"own_halt","mode":"halted")"},
        {Kind::connection_error, S::audit, R"("event":"disconnected")"},
    };
}

inline std::vector<Example> examples() {
    auto all = examples_of_daemon();
    for (const auto& more : {examples_of_worker(), examples_of_audit()})
        all.insert(all.end(), more.begin(), more.end());
    return all;
}

}  // namespace bullpen::notify::test
