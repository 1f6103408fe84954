// Commands that `bullpen-worker` runs, because the engine is its: bullpenctl declares their options
// and hands the words over.
#pragma once

#include <span>
#include <string_view>

#include "ctl/command.hpp"

namespace bullpen::ctl {

enum class HomeNeed : std::uint8_t {
    needed,   // the command is about the home
    helpful,  // its tables are used where there is a home, or one was named
};

// Puts `bullpen-worker TOOL` with the words of the command line in the place of this process.
// Returns only when that fails.
int run_worker_tool(Context& context, std::string_view tool, std::span<const Option> own,
                    HomeNeed need);

}  // namespace bullpen::ctl
