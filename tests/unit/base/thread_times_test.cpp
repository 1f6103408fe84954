#include "common/base/thread_times.hpp"

#include <doctest/doctest.h>

namespace bullpen {

TEST_CASE("a thread that reckons runs, in the kernel's count too") {
    // A kernel may be built without counts of waiting: what ran is known all the same.
    for (const char* counts : {ThreadTimes::k_counts, "/nonexistent/schedstat"}) {
        const ThreadTimes times(counts);
        const auto before = times.spent();
        volatile std::uint64_t sum = 0;
        // Until it shows, or this test runs into its deadline.
        while (times.spent().ran - before.ran < Millis(5)) {
            for (int i = 0; i < 100'000; ++i)
                sum = sum + static_cast<std::uint64_t>(i);
        }
        CHECK(times.spent().waited >= before.waited);
    }
    const ThreadTimes none("/nonexistent/schedstat");
    CHECK_FALSE(none.counts_waiting());
    CHECK(none.spent().waited == Nanos{0});
}

TEST_CASE("how long the machine slept does not grow while it runs") {
    const auto before = machine_asleep();
    CHECK(before >= Nanos{0});
    // The two clocks are read one after the other.
    CHECK(machine_asleep() - before < Millis(500));
}

}  // namespace bullpen
