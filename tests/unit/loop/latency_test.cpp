#include "common/loop/latency.hpp"

#include <doctest/doctest.h>

namespace bullpen::loop {
namespace {

using namespace std::chrono_literals;

TEST_CASE("what was never measured has no latency") {
    const Latency latency;
    CHECK(latency.count() == 0);
    CHECK(latency.worst() == 0ns);
    CHECK(latency.quantile(0.99) == 0ns);
}

TEST_CASE("a quantile is a bound that its share of the steps stayed under, and a close one") {
    Latency latency;
    for (int i = 1; i <= 1000; ++i)
        latency.add(i * 1us);
    for (const double share : {0.5, 0.9, 0.99}) {
        const Nanos exact(static_cast<std::int64_t>(share * 1'000'000));
        CHECK(latency.quantile(share) >= exact);
        CHECK(latency.quantile(share) <= exact * 1.42);
    }
    CHECK(latency.worst() == 1ms);
    CHECK(latency.count() == 1000);
}

TEST_CASE("no quantile is above the worst") {
    Latency latency;
    for (const auto took : {1000us, 1100us, 1300us, 1600us, 1us}) {
        latency.add(took);
        for (const double share : {0.5, 0.99, 1.0})
            CHECK(latency.quantile(share) <= latency.worst());
    }
}

TEST_CASE("quantiles forget what is two windows old, the worst since the start stays") {
    Latency latency;
    latency.add(10s);
    latency.start_window();
    latency.add(1us);
    CHECK(latency.quantile(1.0) >= 10s);
    latency.start_window();
    latency.add(1us);
    CHECK(latency.quantile(1.0) < 2us);
    CHECK(latency.worst() == 10s);
}

TEST_CASE("times that no loop has, none and centuries, find their buckets too") {
    Latency latency;
    latency.add(0ns);
    latency.add(-1s);
    CHECK(latency.quantile(1.0) <= 2ns);
    latency.add(Nanos::max());
    CHECK(latency.worst() == Nanos::max());
    CHECK(latency.quantile(1.0) > 1min);
}

}  // namespace
}  // namespace bullpen::loop
