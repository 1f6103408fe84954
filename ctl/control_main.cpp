#include <vector>

#include "ctl/control_commands.hpp"
#include "ctl/local_commands.hpp"
#include "ctl/program.hpp"
#include "ctl/roster_source.hpp"

int main(int argc, char** argv) {
    using namespace bullpen::ctl;
    std::vector<const Command*> commands(control_commands().begin(), control_commands().end());
    // Those of the other program too: it hands over what needs the settings files.
    commands.insert(commands.end(), local_commands().begin(), local_commands().end());
    const bullpen::SystemClock clock;
    const ConfigRosterSource roster(clock);
    return run_program(Program::control, commands, &roster, argc, argv);
}
