// Whether what is held must go by the clock alone. In time a strategy closes it by the bars that it
// is told; where none come, where its orders do not fill, or where the account was not there,
// nobody else would. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/time/session_clock.hpp"

namespace bullpen::risk {

enum class Overdue : std::uint8_t {
    none,
    flat_by,    // the time to be flat by is near, and the strategy has had its time to close
    overnight,  // the time to be flat by of the day on which it was opened has passed
};
inline constexpr std::size_t k_overdues = 3;
std::string_view code(Overdue overdue);
// Why it closes what is held.
std::string_view sentence(Overdue overdue);

// `session` holds at `at`, `opened` when what is held was opened. None while the market is shut:
// what is sent then would wait for its opening.
Overdue overdue(const time::SessionFacts& session, const time::SessionFacts& opened, UtcTime at);

}  // namespace bullpen::risk
