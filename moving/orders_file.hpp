// The order files of the old equity bot, Current_Orders/<user>/orders_<user>_<time>.json, whose
// records have two shapes: `placed` by the bot (ticker, position_size) and `synced` from the broker
// (tradingsymbol, quantity). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::moving {

struct OrderFile {
    std::string user_profile;  // whom the file says it belongs to; empty: it does not
    // Net quantity of each ticker, bought less sold. What the broker said of a ticker counts more
    // than what the bot placed. An order that did not go through says nothing of its ticker, nor
    // does one for the day (a product other than CNC).
    std::map<std::string, std::int64_t> net;
    // Tickers of orders that went through, or may have, and whose quantity cannot be told.
    std::set<std::string> unclear;
    std::size_t placed = 0;
    std::size_t synced = 0;
    std::size_t odd = 0;  // records of neither shape, which count for nothing
};

// Errc::corrupt for what is no JSON, Errc::invalid without a list `orders`.
Result<OrderFile> parse_orders(std::string_view text);

// What a user's files say together: of each ticker the newest file that names it counts.
struct OrderClaims {
    std::map<std::string, std::int64_t> net;
    // Tickers of which a newer file than the one that names them could not be read, or does not
    // say how many: nobody knows what became of them since.
    std::set<std::string> unsure;
};
// `files`: the newest first; none of one that could not be read.
OrderClaims claims_of(const std::vector<std::optional<OrderFile>>& files);

}  // namespace bullpen::moving
