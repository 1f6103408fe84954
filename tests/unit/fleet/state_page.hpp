// The worker machine's table as the page docs/worker-states.md shows it.
#pragma once

#include <string>

namespace bullpen::fleet {

std::string state_page();

}  // namespace bullpen::fleet
