#include "worker/jobs/registry.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace bullpen;
using namespace bullpen::jobs;

TEST_CASE("every job has its turn, and none that may sell or protect stands behind one that buys") {
    const auto kinds = kinds_by_urgency();
    for (std::size_t i = 0; i < config::k_jobs; ++i)
        CHECK(std::ranges::count(kinds, static_cast<config::JobKind>(i)) == 1);
    const auto role = [&](std::size_t i) { return job_type(kinds[i]).role(); };
    for (std::size_t i = 1; i < kinds.size(); ++i) {
        if (role(i) == "protection")
            CHECK(role(i - 1) == "protection");
        if (role(i - 1) == "placement")
            CHECK(role(i) == "placement");
    }
    CHECK(role(0) == "protection");
    CHECK(role(kinds.size() - 1) == "placement");
}
