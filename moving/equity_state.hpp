// The state file of the old equity bot, trading_state.json (shared) or trading_state_<user>.json,
// as far as moving in must understand it. What it does not understand it carries along unchanged.
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::moving {

struct EquityPosition {
    std::int64_t quantity = 0;  // shares, never negative
    bool is_short = false;
    bool closed = false;  // it was sold and is kept as a record
    bool has_gtt = false;
    std::string json;  // the record whole, as JSON
    friend bool operator==(const EquityPosition&, const EquityPosition&) = default;
};

struct EquityState {
    std::string user;  // of a user's own file; empty in the shared one
    std::string date;
    std::map<std::string, EquityPosition> positions;  // by ticker
    std::vector<std::string> long_tickers;            // traded on the day of `date`
    std::vector<std::string> short_tickers;
    std::map<std::string, std::string> gtt_orders;  // by ticker or id, as JSON
    std::vector<std::string> other;                 // members that are not known
};

// Errc::corrupt for what is no JSON, Errc::invalid with the place for another shape.
Result<EquityState> parse_equity_state(std::string_view text);

}  // namespace bullpen::moving
