#include "worker/jobs/registry.hpp"

#include <array>

namespace bullpen::jobs {

namespace {

// In the order of JobKind.
constexpr std::array<JobType, config::k_jobs> k_types = {{
    {config::JobKind::daily_summary, &make_daily_summary},
    {config::JobKind::retention, &make_retention},
}};

}  // namespace

std::string_view JobType::role() const {
    static constexpr std::array<std::string_view, 1> k_roles = {"state"};
    return k_roles.at(make.index());
}

const JobType& job_type(config::JobKind kind) {
    return k_types.at(static_cast<std::size_t>(kind));
}

}  // namespace bullpen::jobs
