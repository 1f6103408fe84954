#include "worker/jobs/registry.hpp"

#include <algorithm>
#include <functional>

namespace bullpen::jobs {

namespace {

// In the order of JobKind.
constexpr std::array<JobType, config::k_jobs> k_types = {{
    {config::JobKind::daily_summary, &make_daily_summary},
    {config::JobKind::retention, &make_retention},
    {config::JobKind::pattern_daily, &make_pattern_daily},
    {config::JobKind::place_orders_daily, &make_place_orders_daily},
    {config::JobKind::update_cnc_stoploss, &make_update_cnc_stoploss},
    {config::JobKind::sync, &make_sync},
    {config::JobKind::hourly_candle_watchdog, &make_hourly_candle_watchdog},
}};

// Less is sooner. By the type of the context, which is the role.
int rank_of(const JobType& type) {
    if (std::holds_alternative<ProtectionJob>(type.make))
        return 0;
    return std::holds_alternative<PlacementJob>(type.make) ? 2 : 1;
}

}  // namespace

std::array<config::JobKind, config::k_jobs> kinds_by_urgency() {
    std::array<config::JobKind, config::k_jobs> kinds{};
    std::ranges::transform(k_types, kinds.begin(), &JobType::kind);
    std::ranges::stable_sort(kinds, {},
                             [](config::JobKind kind) { return rank_of(job_type(kind)); });
    return kinds;
}

std::string_view JobType::role() const {
    static constexpr std::array<std::string_view, 4> k_roles = {"state", "placement", "protection",
                                                                "signals"};
    return k_roles.at(make.index());
}

const JobType& job_type(config::JobKind kind) {
    return k_types.at(static_cast<std::size_t>(kind));
}

}  // namespace bullpen::jobs
