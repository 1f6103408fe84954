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
// Asks on the terminal, without showing what is typed; the error is `interrupted` when Ctrl-C or
// Ctrl-backslash ended it. A signal that ends the program puts the terminal back first.
Result<Secret> ask_secret(Context& context, std::string_view question);
// The next line of standard input, without its end. Errc::invalid for one with a byte order mark
// before it; of the rest likewise.
Result<Secret> read_secret_line();
// What is left of standard input, without the end of its last line.
Result<Secret> read_secret_rest();

}  // namespace bullpen::ctl
