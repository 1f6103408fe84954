// What bullpend was called with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::daemon {

struct Arguments {
    enum class Action { run, check, version, help };

    Action action = Action::run;
    std::optional<std::string> home;  // what --home says
    bool json = false;
    // Set only by the daemon itself when it re-executes a new program in place: the descriptor of
    // its own lock, which must not be let go in between.
    int inherited_lock = -1;
};

// The first word is the name of the program.
Result<Arguments> parse_arguments(const std::vector<std::string>& words);
std::string help_text();

}  // namespace bullpen::daemon
