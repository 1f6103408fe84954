// How a secret gets into bullpenctl: typed at a prompt that shows nothing, or read from standard
// input. Never from the command line. One thread.
#pragma once

#include <string_view>

#include "common/base/result.hpp"
#include "common/base/secret.hpp"
#include "ctl/command.hpp"

namespace bullpen::ctl {

// Whether somebody sits at standard input.
bool at_terminal();
// Asks on the terminal, without showing what is typed; the error is `interrupted` when Ctrl-C ended
// it.
Result<Secret> ask_secret(Context& context, std::string_view question);
// The next line of standard input, without its end.
Result<Secret> read_secret_line();
// What is left of standard input, without the end of its last line.
Result<Secret> read_secret_rest();

}  // namespace bullpen::ctl
