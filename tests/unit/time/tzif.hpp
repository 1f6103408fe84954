// Makes TZif files for tests: zones that never change, whatever the system's data says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bullpen::time {

struct TestTransition {
    std::int64_t at;
    std::uint8_t type;
};
struct TestType {
    std::int32_t offset;
    bool daylight;
};

// A version 2 file: an empty first body, then the given transitions, types and closing rule.
std::string tzif(const std::vector<TestTransition>& transitions, const std::vector<TestType>& types,
                 std::string_view footer);
// New York's rule of today, with nothing listed.
std::string new_york_by_rule();

}  // namespace bullpen::time
