#include "calendar/refresh.hpp"

#include <doctest/doctest.h>

#include <set>

#include "common/base/home.hpp"

namespace bullpen::calendar {
namespace {

TEST_CASE("each source of a home is asked at a time of its own, which stays the same") {
    using namespace std::chrono_literals;
    std::set<Nanos> firsts;
    for (const char* const path : {"/srv/one", "/srv/two", "/srv/three"}) {
        const auto home = Home::at(path);
        REQUIRE(home);
        std::set<Nanos> delays;
        std::size_t fetched = 0;
        for (const Source& source : all_sources()) {
            if (!source.fetched)
                continue;
            ++fetched;
            const Nanos delay = delay_of(*home, source, 30s);
            CHECK(delay == delay_of(*home, source, 30s));
            CHECK(delay >= 0s);
            CHECK(delay <= 30s);
            CHECK(delay_of(*home, source, 0s) == 0s);
            delays.insert(delay);
        }
        CHECK(delays.size() == fetched);
        CHECK(*delays.rbegin() - *delays.begin() > 2s);
        firsts.insert(delay_of(*home, all_sources().front(), 30s));
    }
    CHECK(firsts.size() == 3);
}

}  // namespace
}  // namespace bullpen::calendar
