// The one line of JSON in a lock file; used by account_lock.cpp only.
//
// {"pid":      4711,"start_time":...,...,"check":"<16 hex digits>"}<blanks>\n
//
// The pid has a fixed place and width, so that a child between vfork and exec can put its own in.
// `check` is a checksum of the pid and of everything between the pid and itself, so a reader that
// caught the line while it was being rewritten sees it and reads again. A child's own pid is not in
// it: the line was then written with the pid 0, and its checksum says so.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "ipc/account_lock.hpp"

namespace bullpen::ipc {

inline constexpr std::string_view k_pid_prefix = "{\"pid\":";
inline constexpr std::size_t k_pid_offset = k_pid_prefix.size();
inline constexpr std::size_t k_pid_width = 10;

// Exactly k_lock_line_size bytes. Texts that do not fit are cut.
std::string encode_facts(const LockFacts& facts);

struct DecodedFacts {
    LockFacts facts;
    // The checksum covers the pid. When not, a child put it in, and only a second look says that it
    // belongs to the rest of the line.
    bool whole = false;
};
Result<DecodedFacts> decode_facts(std::string_view line);

// The pid as it stands in its field: right-aligned in k_pid_width characters.
void format_pid(pid_t pid, char* field) noexcept;

}  // namespace bullpen::ipc
