#include "ctl/local_commands.hpp"

#include <array>

#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

std::span<const Command* const> local_commands() {
    static constexpr std::array<const Command*, 10> k_commands = {
        &k_status, &k_list, &k_health,   &k_pid,     &k_tail,
        &k_logs,   &k_top,  &k_maintail, &k_version, &k_help};
    return k_commands;
}

}  // namespace bullpen::ctl
