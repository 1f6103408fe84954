// What every bench takes: `NAME [N...]`, the sizes to measure, in place of its own.
#pragma once

#include <string_view>
#include <vector>

namespace bullpen::bench {

// The sizes given on the command line, or `otherwise`. Ends the program with usage on anything
// else.
std::vector<int> sizes(int argc, char** argv, std::vector<int> otherwise);

// Ends the program with the sentence when `condition` does not hold: a bench that could not measure
// prints no figure.
void require(bool condition, std::string_view sentence);

}  // namespace bullpen::bench
