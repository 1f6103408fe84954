// Bodies of a mebibyte that are made to cost a parser of calendar sources the most: deep nesting,
// one endless line, as many tiny tags, rows or events as fit, and noise. Each is the same every
// time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bullpen::test {

struct HostileBody {
    std::string name;
    std::string body;
};

// Those whose name begins with `beginning`, of just under `size` bytes each.
std::vector<HostileBody> hostile_bodies(std::size_t size, std::string_view beginning = "");

}  // namespace bullpen::test
