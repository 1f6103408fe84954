// The known word that was probably meant.
#pragma once

#include <span>
#include <string_view>

namespace bullpen::config {

// The number of letters to insert, delete, replace or swap with a neighbour to turn `a` into `b`,
// with no letter touched twice. Words longer than 64 bytes are cut.
int edit_distance(std::string_view a, std::string_view b);

// The nearest of `known`, or an empty view when none is near. A word that equals the last part of a
// dotted key ("memory_max" and "limits.memory_max") counts as near; of equals the first wins.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace bullpen::config
