#include "ctl/local_commands.hpp"
#include "ctl/program.hpp"

int main(int argc, char** argv) {
    using namespace bullpen::ctl;
    return run_program(Program::bullpenctl, local_commands(), nullptr, argc, argv);
}
