#include "common/time/recurrence.hpp"

#include <algorithm>

namespace bullpen::time {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

sys_days first_of_month(sys_days day) {
    const std::chrono::year_month_day date(day);
    return date.year() / date.month() / 1;
}

sys_days first_of_next_month(sys_days day) {
    const std::chrono::year_month_day date(day);
    return (date.year() / date.month() + std::chrono::months(1)) / 1;
}

constexpr std::uint64_t k_fnv_start = 14695981039346656037U;
constexpr std::uint64_t k_fnv_prime = 1099511628211U;

}  // namespace

UtcTime Recurrence::on(sys_days day) const {
    return zone_.read(LocalTime(Nanos(day.time_since_epoch()) + at_)).earliest;
}

std::optional<UtcTime> Recurrence::last(UtcTime now) const {
    if (every_ == Every::never)
        return std::nullopt;
    sys_days day(std::chrono::floor<days>(zone_.local(now).time_since_epoch()));
    if (every_ == Every::day)
        return on(day) <= now ? on(day) : on(day - days(1));
    day = first_of_month(day);
    return on(day) <= now ? on(day) : on(first_of_month(day - days(1)));
}

std::optional<UtcTime> Recurrence::next(UtcTime now) const {
    if (every_ == Every::never)
        return std::nullopt;
    sys_days day(std::chrono::floor<days>(zone_.local(now).time_since_epoch()));
    if (every_ == Every::day)
        return on(day) > now ? on(day) : on(day + days(1));
    day = first_of_month(day);
    return on(day) > now ? on(day) : on(first_of_next_month(day));
}

Nanos share_of(Nanos width, std::string_view seed) {
    constexpr auto k_step = std::chrono::milliseconds(1);
    std::uint64_t hash = k_fnv_start;
    for (const char c : seed)
        hash = (hash ^ static_cast<unsigned char>(c)) * k_fnv_prime;
    // The last byte must count in every bit.
    hash ^= hash >> 29U;
    hash *= k_fnv_prime;
    const auto steps = static_cast<std::uint64_t>(std::max(width, Nanos{}) / k_step);
    return k_step * static_cast<std::int64_t>((hash ^ hash >> 32U) % (steps + 1));
}

Nanos jittered(Nanos at, std::string_view seed) {
    const Nanos moved = share_of(2 * k_jitter_max, seed) - k_jitter_max;
    const Nanos later = at + moved;
    return later < Nanos{} || later >= Nanos(days(1)) ? at - moved : later;
}

}  // namespace bullpen::time
