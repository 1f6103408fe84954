// Scenario: what one seed stands for. How large the fleet is and how long it lives, what its
// accounts are like, and how often which misfortune meets them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/random.hpp"
#include "supervisor/fleet/plan.hpp"

namespace bullpen::simulation {

struct Size {
    std::uint32_t accounts = 0;  // 0: drawn from the seed, 1 to 100
    double days = 0;             // 0: drawn from the seed, half an hour to 7 days
};

// What the program of an account is like.
struct Habits {
    Nanos uptime{};          // mean time to the next misfortune
    double start_fails = 0;  // chance that a start ends before it is ready,
    double start_hangs = 0;  // never becomes ready,
    double start_slow = 0;   // is ready after the deadline
    double ignores_term = 0;
    double unkillable = 0;  // sits in the kernel for a while
    double leaves_children = 0;
    double opens_position = 0;  // by beat
};

// The mean time between two misfortunes of a kind, for the whole home; zero is never.
struct Weather {
    Nanos daemon_dies{};
    Nanos daemon_sleeps{};
    Nanos wall_jumps{};
    Nanos commands{};
    Nanos edits{};
    Nanos gates{};
    Nanos strangers{};  // somebody else takes a lock
    Nanos disk_full{};
    Nanos storms{};
    double action_dies = 0;  // chance that the daemon dies at any one action
};

struct Scenario {
    Nanos length{};
    fleet::FleetSettings settings;
    std::vector<fleet::AccountPlan> plans;
    std::vector<Habits> habits;
    Weather weather;
};

// Uniform in the logarithm: small ones as often as large ones.
double log_uniform(SeededRandom& random, double low, double high);
Nanos log_uniform(SeededRandom& random, Nanos low, Nanos high);
// Exponential with the given mean.
Nanos waiting_time(SeededRandom& random, Nanos mean);

AccountId account_id(std::uint32_t index);
fleet::AccountPlan draw_plan(SeededRandom& random, std::uint32_t index, Nanos late_min);
Scenario draw_scenario(SeededRandom& random, Size size);

// How long an account of this plan may take from the last misfortune until it is as wanted.
Nanos settling(const Scenario& scenario);

}  // namespace bullpen::simulation
