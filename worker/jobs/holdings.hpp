// Holdings: what an account of shares holds and what its days came to, for people and for
// bullpenctl: in rupees, by the newest look at its broker. One file of the account, that its worker
// replaces; nothing is decided by it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.hpp"
#include "common/model/money.hpp"
#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

struct HoldingLine {
    std::string symbol;
    std::int64_t quantity = 0;  // for delivery
    std::int64_t intraday = 0;  // below zero short
    std::int64_t own = 0;       // of `quantity`, what the account's jobs brought
    std::int64_t last = 0;      // paise; 0: not known
    friend bool operator==(const HoldingLine&, const HoldingLine&) = default;
};
// At the last look of a trading day.
struct HoldingDay {
    std::string day;                  // "2026-11-20"
    std::optional<model::Money> pnl;  // none: not known
    model::Money value;               // of what is held
    friend bool operator==(const HoldingDay&, const HoldingDay&) = default;
};
struct Holdings {
    static constexpr std::size_t k_days_max = 800;
    UtcTime at{};  // by the market
    model::Money available{0, model::k_inr};
    std::vector<HoldingLine> lines;  // by symbol
    std::vector<HoldingDay> days;    // oldest first
    friend bool operator==(const Holdings&, const Holdings&) = default;
};

// Takes in a look; `day` is the market's trading day.
void take(Holdings& holdings, const ShareRecords& records, const ShareWorld& world,
          std::chrono::sys_days day);
// Whether something else is held than by `before`; prices alone change all the time.
bool holds_other(const Holdings& holdings, const Holdings& before);

std::string encode(const Holdings& holdings, const AccountId& account, UtcTime written);
// Errc::corrupt, Errc::wrong_account, Errc::newer_version.
Result<Holdings> decode_holdings(std::string_view text, const AccountId& account);

std::string holdings_path(const std::string& account_directory);
// Errc::not_found when the account's worker never wrote it.
Result<Holdings> load_holdings(storage::FileSystem& files, const std::string& path,
                               const AccountId& account);

}  // namespace bullpen::jobs
