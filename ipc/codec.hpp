// Messages to frames and back. A frame is one JSON object, {"v":1,"type":"heartbeat",...}; the
// schemas in ipc/schema/v1 are the contract. decode() trusts nothing: size, depth, UTF-8, every
// type and range is checked; a missing or wrong field is named; a field twice is refused; fields it
// does not know are skipped. No state, any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "ipc/message.hpp"

namespace bullpen::ipc {

inline constexpr std::size_t k_message_size_max = std::size_t{64} * 1024;
inline constexpr int k_message_depth_max = 8;
inline constexpr std::size_t k_counters_max = 64;
// Longest free text in a message (reason_text, last_error, position, sentence), in bytes. Longer
// text is cut when encoding and refused when decoding.
inline constexpr std::size_t k_text_max = 1024;

// Text that is not UTF-8 is encoded with '?' for every wrong byte: a worker's last error must not
// be lost for a byte in a file name.
std::string encode(const Message& message);
// Errc::invalid, too_large, or newer_version (of the envelope).
Result<Message> decode(std::string_view frame);

}  // namespace bullpen::ipc
