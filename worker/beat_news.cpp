#include "worker/beat_news.hpp"

namespace bullpen::worker {

void BeatNews::on_beat_sent(MonoTime now) {
    // What comes soon after a beat at its regular time is told at once; only beats that each tell
    // news are kept apart.
    if (untold())
        sent_ = now;
    told_ = state_;
    answers_ = false;
}

std::optional<MonoTime> BeatNews::next_deadline() const {
    if (answers_)
        return sent_;
    return untold() ? std::optional(sent_ + k_apart) : std::nullopt;
}

}  // namespace bullpen::worker
