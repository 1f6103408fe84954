// CRC-32C (Castagnoli): finds torn and rotten records. Not a defence against an attacker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bullpen::storage {

// Of `data`, or of the concatenation when `seed` is the checksum of what came before.
std::uint32_t crc32c(std::string_view data, std::uint32_t seed = 0);

// Eight lower-case hex digits.
std::string checksum_text(std::uint32_t checksum);

}  // namespace bullpen::storage
