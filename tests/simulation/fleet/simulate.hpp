// One simulated life of a home: a fleet, its processes, its daemon and its misfortunes, all from
// one seed, checked after every step.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "common/base/clock.hpp"
#include "common/model/states.hpp"
#include "scenario.hpp"
#include "supervisor/fleet/planted.hpp"
#include "supervisor/fleet/worker_machine.hpp"

namespace bullpen::simulation {

struct Options {
    std::uint64_t seed = 1;
    Size size;
    fleet::Defect defect = fleet::Defect::none;
    std::uint64_t until_step = 0;  // stop here; 0 is never
    bool trace = false;            // print every step to standard output
};

struct Outcome {
    std::string failure;  // empty: every promise was kept
    std::uint64_t step = 0;
    std::uint32_t accounts = 0;
    Nanos lived{};
    std::uint64_t launches = 0;
    std::uint64_t deaths = 0;
    std::uint64_t daemons = 0;
    std::uint64_t adoptions = 0;
};

Outcome simulate(const Options& options);

// How often each pair of state and event of the worker machine was stepped through, by all runs of
// this process so far.
using Coverage = std::array<std::array<std::uint64_t, fleet::k_events>, model::k_worker_states>;
const Coverage& coverage();

std::string_view code(fleet::Defect defect);

// The line that lives through `outcome` again: bullpen-simulate with all that `options` has said
// besides the seed, to the step it ended at.
std::string replay_line(const Options& options, const Outcome& outcome);

}  // namespace bullpen::simulation
