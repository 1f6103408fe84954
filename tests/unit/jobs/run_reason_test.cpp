// The codes of why a run came to what it came to.
#include "worker/jobs/run_reason.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "worker/jobs/job_state.hpp"

namespace bullpen::jobs {

TEST_CASE("each reason of a run has a code of its own, and a line in the page of jobs") {
    const auto page = test::read_text(test::source_directory() + "/docs/jobs.md");
    std::set<std::string> codes;
    for (std::size_t i = 1; i < k_run_reasons; ++i) {
        const auto reason = static_cast<RunReason>(i);
        const std::string text(code(reason));
        CHECK_FALSE(text.empty());
        CHECK_MESSAGE(codes.insert(text).second, text);
        CHECK(run_reason_from(text) == reason);
        CHECK_MESSAGE(page.find("| `" + text + "` | ") != std::string::npos, text);
    }
    CHECK(code(RunReason::untold).empty());
}

TEST_CASE("a run whose record has no reason, or a newer program's, is read all the same") {
    const std::string run = R"({"number":1,"slot":"2026-07-06T04:00:00Z","attempt":1,)"
                            R"("begun":"2026-07-06T04:00:00Z"})";
    const auto reason_of = [&](const std::string& more) {
        const auto read = decode_event(R"({"job":"sync","event":"ended","ended":{"run":)" + run +
                                       R"(,"at":"2026-07-06T04:00:01Z","outcome":"failed",)" +
                                       more + R"("text":"x"}})");
        REQUIRE_MESSAGE(read, read.error().message());
        return std::get<Ended>(read->event).ended.reason;
    };
    CHECK(reason_of("") == RunReason::untold);
    CHECK(reason_of(R"("reason":"struck_by_lightning",)") == RunReason::untold);
    CHECK(reason_of(R"("reason":"signals_too_old",)") == RunReason::signals_too_old);
}

}  // namespace bullpen::jobs
