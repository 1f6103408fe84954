// The fleet lives through two thousand lives, and every promise holds in every one.
#include <doctest/doctest.h>

#include <string>

#include "simulate.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::simulation;

// Under a sanitizer every step costs many times more, and none is different.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t k_seeds = 200;
constexpr bool k_reaches_all = false;
#else
constexpr std::uint64_t k_seeds = 2000;
constexpr bool k_reaches_all = true;
#endif

}  // namespace

TEST_CASE("no life of a fleet breaks a promise, and all that can happen to a worker happens") {
    std::uint64_t steps = 0;
    std::uint64_t launches = 0;
    std::uint64_t adoptions = 0;
    for (std::uint64_t seed = 1; seed <= k_seeds; ++seed) {
        const Options options{.seed = seed, .size = {}};
        const Outcome outcome = simulate(options);
        steps += outcome.step;
        launches += outcome.launches;
        adoptions += outcome.adoptions;
        REQUIRE_MESSAGE(outcome.failure.empty(),
                        outcome.failure << "; replay: " << replay_line(options, outcome));
    }
    MESSAGE("seeds 1 to " << k_seeds << ": " << steps << " steps, " << launches << " launches, "
                          << adoptions << " adoptions");
    for (std::size_t s = 0; s < model::k_worker_states; ++s) {
        for (std::size_t e = 0; e < fleet::k_events; ++e) {
            const auto state = static_cast<model::WorkerState>(s);
            const auto event = static_cast<fleet::Event>(e);
            if (!fleet::worker_machine::next(state, event))
                continue;
            INFO("state ", model::code(state), ", event ", fleet::code(event));
            CHECK((coverage()[s][e] > 0 || !k_reaches_all));
        }
    }
}

TEST_CASE("a seed lives the same life again, to the step") {
    for (const std::uint64_t seed : {3, 17, 40}) {
        const Outcome first = simulate({.seed = seed, .size = {}});
        const Outcome second = simulate({.seed = seed, .size = {}});
        CHECK(first.step == second.step);
        CHECK(first.launches == second.launches);
        CHECK(first.deaths == second.deaths);
        CHECK(first.lived == second.lived);
        const Outcome part = simulate({.seed = seed, .size = {}, .until_step = first.step / 2});
        CHECK(part.step == first.step / 2);
    }
}

TEST_CASE("the size of a life can be given") {
    const Outcome outcome = simulate({.seed = 5, .size = {.accounts = 7, .days = 0.5}});
    CHECK(outcome.accounts == 7);
    CHECK(outcome.lived > std::chrono::hours(12));
    CHECK(outcome.failure.empty());
}
