// A page of prices of shares as this program's exchange writes it, read in one pass from the line
// to its values: prices come by the hundred, and what is decided by them waits for the reading. Any
// other line, and any other way to write the same page, is left to decode_venue_reply() and
// decode_share_reply(); whatever is read here they read as the same.
//
// Pure: text in, values out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ipc/share_message.hpp"

namespace bullpen::ipc {

struct PricePage {
    std::uint64_t id = 0;      // of the question
    std::string_view account;  // within the line
    ShareReply reply;
};

// A line without its newline. None: it is to be read the careful way.
std::optional<PricePage> read_price_page(std::string_view line);

}  // namespace bullpen::ipc
