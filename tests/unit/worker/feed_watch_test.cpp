#include "worker/feed_watch.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace bullpen::worker {

using namespace std::chrono_literals;

TEST_CASE("a mute feed is asked for anew twice, then an operator is told once") {
    FeedWatch watch;
    CHECK_FALSE(watch.stale());
    std::vector<FeedStep> steps;
    for (int second = 0; second <= 120; ++second) {
        if (const auto step = watch.look(MonoTime(std::chrono::seconds(second)));
            step != FeedStep::none)
            steps.push_back(step);
        CHECK(watch.stale());
    }
    CHECK(steps ==
          std::vector<FeedStep>{FeedStep::reconnect, FeedStep::reconnect, FeedStep::alarm});
}

TEST_CASE("a feed that speaks again is as good as new") {
    FeedWatch watch;
    (void)watch.look(MonoTime(1s));
    watch.on_quiet();
    CHECK_FALSE(watch.stale());
    CHECK(watch.look(MonoTime(2s)) == FeedStep::reconnect);
}

}  // namespace bullpen::worker
