// The words of the fleet's enumerations.
#include <array>

#include "supervisor/fleet/action.hpp"
#include "supervisor/fleet/exit_status.hpp"
#include "supervisor/fleet/fleet.hpp"

namespace bullpen::fleet {

std::string_view code(ActionKind kind) {
    static constexpr std::array<std::string_view, 14> k_codes = {
        "launch",  "drain", "terminate", "kill",           "sweep",  "bundle",     "alarm",
        "changed", "save",  "forget",    "reserve_fences", "rolled", "roll_ended", "all_stopped"};
    return k_codes.at(static_cast<std::size_t>(kind));
}

std::string_view code(Verdict verdict) {
    static constexpr std::array<std::string_view, 6> k_codes = {
        "accepted", "already", "unknown_account", "disabled", "shutting_down", "not_fatal"};
    return k_codes.at(static_cast<std::size_t>(verdict));
}

std::string describe(const ExitStatus& status) {
    switch (status.kind) {
        case ExitStatus::Kind::code: return "exit code " + std::to_string(status.value);
        case ExitStatus::Kind::signal: return "signal " + std::to_string(status.value);
        case ExitStatus::Kind::unknown: return "no exit status known";
    }
    return "";
}

}  // namespace bullpen::fleet
