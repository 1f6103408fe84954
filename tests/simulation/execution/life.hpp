// Lives of one account: by chance, with every misfortune; or by a script, killed at one point.
#pragma once

#include <cstdint>

#include "world.hpp"

namespace bullpen::simulation {

struct LifeOptions {
    std::uint64_t seed = 1;
    Nanos length = std::chrono::minutes(10);
    execution::Defect defect = execution::Defect::none;
    bool trace = false;  // print the last records of a life that failed
};
// A broker of a temper drawn from the seed, a strategy that does anything at any time, deaths.
Findings live(const LifeOptions& options);

struct ScriptOptions {
    bool replaces = true;
    std::uint64_t kill_at = 0;  // the point that is the worker's last, counted from 1; 0 never
    std::uint64_t kill_again_at = 0;  // likewise for the one after it
};
struct ScriptFindings {
    Findings findings;
    std::uint64_t points = 0;  // passed in all
    std::array<std::uint64_t, execution::k_kill_points> counted{};
};
// Three trades with entries in pieces, a moved stop, a partial exit, an exit, a stop that fires, a
// flattening: the same prices whenever it happens, so that every run wins the same.
ScriptFindings run_script(const ScriptOptions& options);

std::string_view code(execution::Defect defect);

}  // namespace bullpen::simulation
