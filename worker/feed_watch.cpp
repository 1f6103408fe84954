#include "worker/feed_watch.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bullpen::worker {

Nanos silence_of(const time::SessionFacts& session, UtcTime market_time, double speed) {
    // No market is shut for longer.
    constexpr Nanos k_most = std::chrono::hours(24 * 14);
    if (session.shut == time::Shut::open || market_time == UtcTime{} || speed <= 0)
        return Nanos{};
    const Nanos silence = std::clamp(session.next_open - market_time, Nanos{}, k_most);
    return Nanos(std::llround(std::min(static_cast<double>(silence.count()) / speed,
                                       static_cast<double>(k_most.count()))));
}

void FeedWatch::on_quiet() {
    *this = {};
}

FeedStep FeedWatch::look(MonoTime now) {
    constexpr std::array<FeedStep, 4> k_ladder{FeedStep::subscribe, FeedStep::reconnect,
                                               FeedStep::alarm, FeedStep::reconnect};
    if (!stale_) {
        stale_ = true;
        next_try_ = now;
    }
    if (now < next_try_)
        return FeedStep::none;
    const auto step = std::min<std::size_t>(steps_, k_ladder.size() - 1);
    steps_ = step + 1;
    next_try_ = now + (steps_ < k_ladder.size() - 1 ? k_retry : k_retry_told);
    return k_ladder.at(step);
}

}  // namespace bullpen::worker
