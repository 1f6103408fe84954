#include "worker/jobs/share_day.hpp"

#include <map>

#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {

namespace {

// Sales of the account's own, by its jobs and by its stops.
void add_exits(const ShareRecords& records, const ShareWorld& world, const std::string& day,
               ShareCounters* counters) {
    std::int64_t exits = 0;
    std::int64_t shares = 0;
    for (const auto& order : world.orders) {
        if (order.side != model::Side::sell || order.filled == 0 || !is_own(records, order) ||
            format_utc(UtcTime(order.day)).substr(0, day.size()) != day)
            continue;
        ++exits;
        shares += order.filled;
    }
    counters->emplace_back("exits", exits);
    counters->emplace_back("shares_sold", shares);
}

}  // namespace

ShareCounters share_counters(const ShareRecords& records, const ShareWorld* world,
                             const std::string& day) {
    std::int64_t planned = 0;
    std::int64_t sent = 0;
    std::int64_t filled = 0;
    std::int64_t refused = 0;
    std::int64_t bought = 0;
    for (const auto& [client, order] : records.orders) {
        if (order.day != day)
            continue;
        ++planned;
        sent += order.state != MeantState::planned || order.sent != UtcTime{} ? 1 : 0;
        filled += order.filled.value_or(0) > 0 ? 1 : 0;
        bought += order.filled.value_or(0);
        refused += order.state == MeantState::rejected ? 1 : 0;
    }
    ShareCounters counters = {{"orders_planned", planned},
                              {"orders_sent", sent},
                              {"orders_filled", filled},
                              {"orders_refused", refused},
                              {"shares_bought", bought}};
    std::map<std::string, std::int64_t> skipped;
    if (records.planned && records.planned->day == day) {
        for (const auto& [symbol, why] : records.planned->skipped)
            ++skipped["skipped_" + why];
    }
    counters.insert(counters.end(), skipped.begin(), skipped.end());
    counters.emplace_back("stops_raised", records.raised.day == day ? records.raised.count : 0);
    if (world != nullptr)
        add_exits(records, *world, day, &counters);
    return counters;
}

}  // namespace bullpen::jobs
