#include "supervisor/fleet/storm_limit.hpp"

#include "supervisor/fleet/planted.hpp"

namespace bullpen::fleet {

bool StormLimit::on_death(MonoTime now) {
    if (deaths_max_ == 0 || planted(Defect::storm_limit_off))
        return false;
    while (!deaths_.empty() && deaths_.front() <= now - window_)
        deaths_.pop_front();
    deaths_.push_back(now);
    if (deaths_.size() < deaths_max_)
        return false;
    deaths_.clear();
    const bool was_open = !shut_until(now);
    until_ = now + window_;
    return was_open;
}

std::optional<MonoTime> StormLimit::shut_until(MonoTime now) const {
    if (until_ && now < *until_)
        return until_;
    return std::nullopt;
}

}  // namespace bullpen::fleet
