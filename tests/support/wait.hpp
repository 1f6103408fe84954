// Waiting in tests: for an event, with a deadline, never for a time. Each returns false when the
// deadline passed, so that the test can say what did not happen.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>

namespace bullpen::test {

inline constexpr std::chrono::milliseconds k_deadline{40'000};

// Waits until `condition` holds, looking again whenever something changes in `directory` (a file
// made, written, moved or removed).
bool wait_for_change(const std::string& directory, const std::function<bool()>& condition,
                     std::chrono::milliseconds deadline = k_deadline);
// Waits until the file exists and holds `text` (any content when empty).
bool wait_for_text(const std::string& path, const std::string& text = "",
                   std::chrono::milliseconds deadline = k_deadline);
// Waits until the process has exited; a zombie has. True for a pid that is already gone.
bool wait_for_exit(pid_t pid, std::chrono::milliseconds deadline = k_deadline);
// Waits until the descriptor is readable.
bool wait_readable(int fd, std::chrono::milliseconds deadline = k_deadline);
// For facts that nothing announces (another process's /proc, a mapped board): looks again and
// again, a millisecond apart at first, 20 later.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds deadline = k_deadline);

}  // namespace bullpen::test
