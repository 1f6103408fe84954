// What both programs do before and after a command: take the command line apart, find the command,
// hand over to the other program, print help. One process, one command.
#pragma once

#include <span>
#include <string>

#include "ctl/command.hpp"
#include "ctl/index.hpp"

namespace bullpen::ctl {

// Runs the command that `argv` names, out of `commands`, and returns the exit code. A command that
// is not among them and belongs to the other program is handed over by exec.
int run_program(Program self, std::span<const Command* const> commands, const RosterSource* roster,
                int argc, char** argv);

// Puts `bullpenctl-control` in the place of this process. Returns only when that fails.
Error exec_control(std::span<char* const> argv);
// The same with `bullpen-worker`, which has the engine; the first word is its own name.
Error exec_worker(std::span<const std::string> words);
// The same with `bullpen-calendar`, which fetches.
Error exec_calendar(std::span<const std::string> words);
// The same with `bullpen-notify`, which has the mail and the webhook.
Error exec_notify(std::span<const std::string> words);

}  // namespace bullpen::ctl
