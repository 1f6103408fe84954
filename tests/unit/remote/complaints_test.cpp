#include "remote/complaints.hpp"

#include <doctest/doctest.h>

using namespace bullpen;
using namespace bullpen::remote;

TEST_CASE("of many complaints so many a minute are written, and the others are counted") {
    Complaints complaints;
    const MonoTime begin{std::chrono::hours(1)};
    for (std::uint32_t i = 0; i < Complaints::k_lines_max; ++i)
        CHECK(complaints.take(begin) == 0U);
    for (int i = 0; i < 1000; ++i)
        CHECK(complaints.take(begin + std::chrono::seconds(59)) == std::nullopt);
    CHECK(complaints.take(begin + Complaints::k_window) == 1000U);
    CHECK(complaints.take(begin + Complaints::k_window) == 0U);
    CHECK(complaints.all() == Complaints::k_lines_max + 1002U);
}
