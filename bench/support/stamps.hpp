// The file that `bullpen-puppet stamp FILE` appends a line to when it runs: "<ns> <pid>".
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bullpen::bench {

struct Stamp {
    std::int64_t at_ns = 0;  // CLOCK_MONOTONIC
    pid_t pid = 0;
};

std::vector<Stamp> stamps(const std::string& path);

// Waits until the file has at least `count` stamps; ends the program at the deadline. The time of
// the last of them, and all of them.
std::vector<Stamp> wait_for_stamps(const std::string& path, std::size_t count,
                                   std::chrono::milliseconds deadline = std::chrono::seconds(60));
std::int64_t last_ns(const std::vector<Stamp>& stamps);

}  // namespace bullpen::bench
