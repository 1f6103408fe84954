// The last error of an account as a beat and the status board carry it: what went wrong, and behind
// it when: "stood still 1.6 s in disk @2026-11-20T23:14:05Z". Who does not know of the time reads
// it as text. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "ipc/status_board.hpp"

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

// A stamped error in `size_max` bytes: its text is cut where it must be, its time is not.
std::string cut_error(const std::string& error, std::size_t size_max);

// Puts a stamped error on the board, whose fields have less room than a beat: the text is cut, the
// time is not.
void put_error(BoardSlot& slot, const std::string& error);
// As much of it as the board has; the slot's.
std::string_view error_of(const BoardSlot& slot);

}  // namespace bullpen::ipc
