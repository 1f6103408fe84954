// What every bench takes: `NAME [N...]`, the sizes to measure, in place of its own.
#pragma once

#include <stdexcept>
#include <string_view>
#include <vector>

namespace bullpen::bench {

// The sizes given on the command line, or `otherwise`. Ends the program with usage on anything
// else.
std::vector<int> sizes(int argc, char** argv, const std::vector<int>& otherwise);

// Thrown by require(), so that the processes a bench has started end with it.
class Unmeasured : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};
// What main() makes of it: says the sentence; the program's exit code.
int give_up(const Unmeasured& why);

// Throws Unmeasured with the sentence when `condition` does not hold: a bench that could not
// measure prints no figure.
void require(bool condition, std::string_view sentence);

}  // namespace bullpen::bench
