#include "worker/feed_watch.hpp"

namespace bullpen::worker {

void FeedWatch::on_quiet() {
    *this = {};
}

FeedStep FeedWatch::look(MonoTime now) {
    if (!stale_) {
        stale_ = true;
        next_try_ = now;
    }
    if (now < next_try_ || told_)
        return FeedStep::none;
    next_try_ = now + k_retry;
    if (tries_ < k_tries_max) {
        ++tries_;
        return FeedStep::reconnect;
    }
    told_ = true;
    return FeedStep::alarm;
}

}  // namespace bullpen::worker
