// Every command there is, each defined in the file of its name.
#pragma once

#include "ctl/command.hpp"

namespace bullpen::ctl {

// In bullpenctl.
extern const Command k_flatten;
extern const Command k_halt;
extern const Command k_health;
extern const Command k_help;
extern const Command k_list;
extern const Command k_logs;
extern const Command k_maintail;
extern const Command k_pid;
extern const Command k_status;
extern const Command k_tail;
extern const Command k_top;
extern const Command k_version;

// In bullpenctl-control.
extern const Command k_add;
extern const Command k_alerts;
extern const Command k_backtest;
extern const Command k_calendar;
extern const Command k_check;
extern const Command k_cleanup;
extern const Command k_clear;
extern const Command k_compare;
extern const Command k_config;
extern const Command k_credentials;
extern const Command k_disable;
extern const Command k_enable;
extern const Command k_events;
extern const Command k_explain;
extern const Command k_indicators;
extern const Command k_backup;
extern const Command k_import;
extern const Command k_migrate;
extern const Command k_init;
extern const Command k_job;
extern const Command k_payout;
extern const Command k_restore;
extern const Command k_pnl;
extern const Command k_remote;
extern const Command k_remove;
extern const Command k_reduce;
extern const Command k_rename;
extern const Command k_replay;
extern const Command k_report;
extern const Command k_reread;
extern const Command k_restart;
extern const Command k_resume;
extern const Command k_rolling_restart;
extern const Command k_shutdown;
extern const Command k_signal;
extern const Command k_start;
extern const Command k_state;
extern const Command k_stop;
extern const Command k_trades;
extern const Command k_update;
extern const Command k_upgrade;

}  // namespace bullpen::ctl
