// ExitStatus: how a process ended, and what the fleet makes of it.
#pragma once

#include <cstdint>
#include <string>

namespace bullpen::fleet {

struct ExitStatus {
    enum class Kind : std::uint8_t {
        code,     // it exited; value is the code, from wait or from its own last words
        signal,   // a signal ended it; value is the number
        unknown,  // an adopted worker that left no last words: counted as a death
    };
    Kind kind = Kind::unknown;
    int value = 0;
    // The kernel ended it, because its control group had no more memory.
    bool for_memory = false;

    static ExitStatus exited(int code) { return {Kind::code, code}; }
    static ExitStatus signaled(int number) { return {Kind::signal, number}; }
    static ExitStatus lost() { return {}; }
    friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

// "exit code 70", "signal 9", "no exit status known".
std::string describe(const ExitStatus& status);

}  // namespace bullpen::fleet
