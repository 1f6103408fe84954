// ExitText: every code that a trade may say it was closed by, and what it means: those of the
// strategy and of its stops, of limits, of the clock, and of the order path. Whatever shows a
// trade takes its words from here; docs/orders.md shows them as one table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bullpen::report {

struct ExitText {
    std::string_view code;
    std::string sentence;  // "the position was closed because ..."
};

// Each code once, in the order of the table.
const std::vector<ExitText>& exit_texts();
// Empty for what is no such code, as an older journal may have it.
std::string_view exit_sentence(std::string_view code);

}  // namespace bullpen::report
