// The one line of JSON in a lock file; used by account_lock.cpp only.
//
// {"pid":      4711,"start_time":        123456,...,"check":"<16 hex digits>"}<blanks>\n
//
// The process has a fixed place and width, so that a child between vfork and exec can put its pid
// in, and its daemon, which learns it from the clone, when it was started. `check` is a checksum of
// both and of everything between them and itself, so a reader that caught the line while it was
// being rewritten sees it and reads again. What was put in later is not in it: the line was then
// written without a process, and its checksum says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "ipc/account_lock.hpp"

namespace bullpen::ipc {

inline constexpr std::string_view k_pid_prefix = "{\"pid\":";
inline constexpr std::size_t k_pid_offset = k_pid_prefix.size();
inline constexpr std::size_t k_pid_width = 10;
inline constexpr std::string_view k_start_prefix = ",\"start_time\":";
inline constexpr std::size_t k_start_offset = k_pid_offset + k_pid_width + k_start_prefix.size();
inline constexpr std::size_t k_start_width = 19;
inline constexpr std::size_t k_process_end = k_start_offset + k_start_width;

// Exactly k_lock_line_size bytes. Texts that do not fit are cut.
std::string encode_facts(const LockFacts& facts);

struct DecodedFacts {
    LockFacts facts;
    // The checksum covers the process. When not, it was put in later, and only a second look says
    // that it belongs to the rest of the line.
    bool whole = false;
};
Result<DecodedFacts> decode_facts(std::string_view line);

// A number as it stands in its field: right-aligned in so many characters; its last digits when it
// has more.
void format_number(std::uint64_t number, char* field, std::size_t width) noexcept;

}  // namespace bullpen::ipc
