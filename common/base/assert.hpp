// What a programmer got wrong ends the process at once, in every build: a supervisor of money must
// not go on from a state nobody thought of. What the world may do is a Result, never an assertion.
#pragma once

namespace bullpen {

// Prints the failed condition with its place on stderr and aborts. Async-signal-safe.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line,
                                   const char* sentence) noexcept;

}  // namespace bullpen

#define BULLPEN_ASSERT(condition, sentence)                                        \
    do {                                                                           \
        if (!(condition)) [[unlikely]]                                             \
            ::bullpen::assertion_failed(#condition, __FILE__, __LINE__, sentence); \
    } while (false)
