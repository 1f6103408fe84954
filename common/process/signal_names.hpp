// The names of the signals that an operator may send.
#pragma once

#include <optional>
#include <string_view>

namespace bullpen::process {

// "TERM", "SIGTERM" and "15" are all SIGTERM; none for what is no signal to send.
std::optional<int> signal_number(std::string_view name);

}  // namespace bullpen::process
