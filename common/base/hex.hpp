// Bytes as hexadecimal digits, for binary values that stand in a text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bullpen {

// Two lower-case digits a byte.
std::string hex(std::string_view bytes);
// None when it is not what hex() writes.
std::optional<std::string> bytes_from_hex(std::string_view text);

}  // namespace bullpen
