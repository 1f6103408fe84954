#include "ctl/control_commands.hpp"

#include <array>

#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

std::span<const Command* const> control_commands() {
    static constexpr std::array<const Command*, 43> k_commands = {
        &k_start,   &k_stop,     &k_restart,  &k_signal,  &k_clear,       &k_rolling_restart,
        &k_reread,  &k_update,   &k_add,      &k_remove,  &k_rename,      &k_enable,
        &k_disable, &k_config,   &k_backtest, &k_check,   &k_init,        &k_upgrade,
        &k_cleanup, &k_shutdown, &k_events,   &k_explain, &k_job,         &k_indicators,
        &k_trades,  &k_pnl,      &k_report,   &k_compare, &k_halt,        &k_reduce,
        &k_flatten, &k_resume,   &k_calendar, &k_replay,  &k_credentials, &k_import,
        &k_migrate, &k_backup,   &k_restore,  &k_alerts,  &k_state,       &k_remote,
        &k_payout};
    return k_commands;
}

}  // namespace bullpen::ctl
