#include "common/process/signal_names.hpp"

#include <csignal>
#include <string>
#include <utility>

namespace bullpen::process {

std::optional<int> signal_number(std::string_view name) {
    if (name.starts_with("SIG"))
        name.remove_prefix(3);
    static constexpr std::pair<std::string_view, int> k_signals[] = {
        {"TERM", SIGTERM}, {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT},
        {"KILL", SIGKILL}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"STOP", SIGSTOP},
        {"CONT", SIGCONT}, {"ABRT", SIGABRT}};
    for (const auto& [known, number] : k_signals) {
        if (known == name || std::to_string(number) == name)
            return number;
    }
    return std::nullopt;
}

}  // namespace bullpen::process
