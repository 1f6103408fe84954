// What a worker shows of the shares that its account holds, in holdings.json.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/home.hpp"

namespace bullpen::ctl {

struct HeldShare {
    std::string symbol;
    std::int64_t paise = 0;  // what it is worth; below zero short
};
using HeldShares = std::map<std::string, std::vector<HeldShare>>;  // by account

// None when the account's worker never wrote it, or it cannot be read.
std::optional<std::vector<HeldShare>> read_holdings(const Home& home, const AccountId& account);
std::optional<std::vector<HeldShare>> parse_holdings(std::string_view text);

}  // namespace bullpen::ctl
