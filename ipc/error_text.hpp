// The last error of an account as a beat and the status board carry it: what went wrong, and behind
// it when: "stood still 1.6 s in disk @2026-11-20T23:14:05Z". Who does not know of the time reads
// it as text. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace bullpen::ipc {

// An error of `size_max` bytes at most: the text is cut, at a character's border, the time is not.
std::string stamped(std::string_view text, UtcTime at,
                    std::size_t size_max = std::string_view::npos);

struct ErrorText {
    std::string_view text;
    std::optional<UtcTime> at;  // none: it was not stamped
};
// The text stays the caller's.
ErrorText unstamped(std::string_view error);

}  // namespace bullpen::ipc
