// WatchRecords: what hourly_candle_watchdog must not forget of the shares that it watches: how far
// their stops have risen, their hourly lows, what was sold by which rule, and the sale that is
// under way. One file of the account, which no other job writes; on disk before a sale is sent.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/base/ids.hpp"
#include "common/storage/file_system.hpp"
#include "worker/equity/exit_rules.hpp"
#include "worker/jobs/kept_records.hpp"

namespace bullpen::jobs {

// A sale of a part of a position, over all of its orders.
struct WatchExit {
    equity::Leg leg{};
    model::Price level;         // that the price went through
    std::int64_t quantity = 0;  // k_all: all that is held
    std::int64_t sold = 0;
    std::string day;     // its attempts are counted by the trading day
    int attempts = 0;    // orders of that day that did not fill
    UtcTime tried{};     // by the market: the last of them
    std::string client;  // the order that may be at the broker; empty: none
    // A look after it was sent did not find it: it may be there, or still be on its way.
    bool unheard = false;
    std::string note;  // why the last one did not fill, for people
    static constexpr std::int64_t k_all = std::int64_t{1} << 40U;
    friend bool operator==(const WatchExit&, const WatchExit&) = default;
};

// The order of a stop that fired, and does not fill.
struct RestingStop {
    std::uint64_t order = 0;
    UtcTime since{};  // by the market
    friend bool operator==(const RestingStop&, const RestingStop&) = default;
};

struct WatchedShare {
    model::Price entry;     // what was paid, on average, or the first price that was seen
    std::int64_t base = 0;  // what the parts are of
    std::int64_t left = 0;  // that was held when nothing was under way
    equity::TrailingStop trail;
    equity::HourlyLows lows;
    std::set<equity::Leg> done;
    std::optional<WatchExit> exit;
    std::optional<RestingStop> resting;
    std::uint64_t handled = 0;  // the last order of a fired stop that a sale took the place of
    std::int64_t sold = 0;      // in all, by this job's own orders
    int orders = 0;             // that were meant so far: each has an id of its own
    std::optional<UtcTime> absent_since;  // by the market: the broker does not have it
    friend bool operator==(const WatchedShare&, const WatchedShare&) = default;
};

using WatchRecords = std::map<std::string, WatchedShare>;  // by symbol

std::string encode(const WatchRecords& records, const AccountId& account);
// Errc::corrupt, Errc::wrong_account, Errc::newer_version.
Result<WatchRecords> decode_watch_records(std::string_view text, const AccountId& account);

std::string watch_records_path(const std::string& account_directory);
// See load_kept(). Where nothing can be read any more, the watchdog begins anew: empty ones, with
// the trouble. A share without its stop's height is better watched than not.
Result<Kept<WatchRecords>> load_watch_records(storage::FileSystem& files, const std::string& path,
                                              const AccountId& account);
// On disk when it returns.
Result<void> save(storage::FileSystem& files, const std::string& path, const AccountId& account,
                  const WatchRecords& records);

}  // namespace bullpen::jobs
