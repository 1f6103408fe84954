// What bullpenctl pnl says of an account that trades shares: its days and what it holds, in rupees,
// as its worker last saw them at the broker. Reads one file; changes nothing.
#pragma once

#include <optional>
#include <string>

#include "common/base/home.hpp"
#include "worker/jobs/holdings.hpp"

namespace bullpen::tools {

// Errc::not_found when its worker never wrote them.
Result<jobs::Holdings> read_share_days(const Home& home, const AccountId& account,
                                       std::optional<UtcTime> from, std::optional<UtcTime> to);

std::string share_days_text(const jobs::Holdings& holdings);
std::string share_days_csv(const jobs::Holdings& holdings);
std::string share_days_json(const jobs::Holdings& holdings, const AccountId& account);

}  // namespace bullpen::tools
