// What tail and maintail share: the end of a log on the terminal, and what is added to it.
#pragma once

#include <array>
#include <string>

#include "ctl/command.hpp"
#include "ctl/fleet_view.hpp"

namespace bullpen::ctl {

inline constexpr std::size_t k_tail_lines_default = 10;

inline constexpr std::array<Option, 3> k_log_options = {
    {{'f', "follow", "", "go on with what is added, across rotations, until Ctrl-C"},
     {'n', "lines", "N", "how many lines to begin with; default 10"},
     {'r', "raw", "", "lines as they are in the file (JSON), not made readable"}}};

// `with_account`: keep the account on each line, where a log is of several.
// `mask`: what each line goes through first; null: nothing.
int show_log(Context& context, const std::string& path, bool with_account,
             const Mask& mask = nullptr);

}  // namespace bullpen::ctl
