#include <array>
#include <vector>

#include "ctl/commands/commands.hpp"
#include "ctl/local_commands.hpp"
#include "ctl/program.hpp"
#include "ctl/roster_source.hpp"

int main(int argc, char** argv) {
    using namespace bullpen::ctl;
    std::vector<const Command*> commands = {
        &k_start,  &k_stop, &k_restart, &k_signal,  &k_clear,    &k_rolling_restart, &k_reread,
        &k_update, &k_add,  &k_remove,  &k_rename,  &k_enable,   &k_disable,         &k_config,
        &k_check,  &k_init, &k_upgrade, &k_cleanup, &k_shutdown, &k_events,          &k_explain};
    // Those of the other program too: it hands over what needs the settings files.
    commands.insert(commands.end(), local_commands().begin(), local_commands().end());
    const bullpen::SystemClock clock;
    const ConfigRosterSource roster(clock);
    return run_program(Program::control, commands, &roster, argc, argv);
}
