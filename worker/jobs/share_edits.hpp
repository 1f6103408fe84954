// What an operator may do to the records of an account of shares, each as what would come of it and
// what speaks against it: pure. Nothing is sent; a stop or an order that the broker has stays
// there, and whose it is does too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "worker/jobs/holdings.hpp"
#include "worker/jobs/share_state_file.hpp"

namespace bullpen::jobs {

struct StateEdit {
    ShareState after;
    std::vector<std::string> changes;  // for people; none: nothing would change
    std::vector<std::string> doubts;   // it is done against these only where somebody says so
};

// The newest trading day that is known of; empty: none is.
std::string newest_day(const ShareRecords& records, const std::optional<Holdings>& held);

// The account does not know of a share any more: what its jobs brought of it, the position, what
// the watchdog knew, what was carried over. Orders of it that were only planned are given up. The
// numbers of its stops stay, so that one which stands goes when nothing is held. `held`: as the
// worker last saw the broker. Errc::not_found where nothing is known of it.
Result<StateEdit> plan_remove(const ShareState& before, const std::string& symbol,
                              const std::optional<Holdings>& held);

struct ShareChange {
    std::optional<std::int64_t> own{};      // so many are the account's own
    std::optional<std::uint64_t> gtt{};     // this trigger is its own stop,
    std::optional<std::uint64_t> no_gtt{};  // or is not any more
    bool traded = false;                    // not bought again on the newest day
};
// Errc::refused for what cannot be.
Result<StateEdit> plan_set(const ShareState& before, const std::string& symbol,
                           const ShareChange& change, const std::optional<Holdings>& held,
                           std::string_view tag);

// The newest day begins anew for the jobs: its signal file may be planned from again, shares that
// were planned or tried and of which nothing was bought may be, those that a file or an operator
// said were traded too, and no share cools. What was bought stays, and so does a limit that was
// reached. What the broker traded on the day is not bought again on it all the same.
// Errc::not_found while no day is known.
Result<StateEdit> plan_reset_day(const ShareState& before, const std::optional<Holdings>& held);

}  // namespace bullpen::jobs
