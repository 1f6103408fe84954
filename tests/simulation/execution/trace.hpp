// Records as lines for people who look for what went wrong in a life.
#pragma once

#include <vector>

#include "worker/execution/record.hpp"

namespace bullpen::simulation {

// The last `count` of them, to standard output.
void print_records(const std::vector<execution::Record>& records, std::size_t count);

}  // namespace bullpen::simulation
