// `bullpenctl stop all` and `bullpenctl start all`, each to its end with a verdict for every
// account; against a bare SIGTERM and wait, and bare spawns.
#include <sstream>

#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "bench/support/stamps.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_rounds = 3;

struct Times {
    std::vector<double> stop;
    std::vector<double> start;
};

void floor_round(int count, Times& times) {
    const test::TemporaryDirectory directory;
    const auto outcome = test::run({built("floor_spawn"), "start", std::to_string(count),
                                    built("bullpen-puppet"), directory.file("stamps")});
    require(outcome.exited && outcome.code == 0, "the floor ran");
    std::istringstream numbers(outcome.out);
    double start = 0;
    double stop = 0;
    numbers >> start >> stop;
    times.start.push_back(start);
    times.stop.push_back(stop);
}

Times daemon_rounds(int count) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.file("stamps");
    FleetHome fleet(count, stamping(file), reaching(file));
    fleet.start_daemon();
    fleet.wait_until_running();
    Times times;
    for (int round = 0; round < k_rounds; ++round) {
        const auto begin = mono_ns();
        require(fleet.ctl({"stop", "all"}) == 0, "stop all did what it says");
        const auto stopped = mono_ns();
        require(fleet.ctl({"start", "all"}) == 0, "start all did what it says");
        times.stop.push_back(ms(stopped - begin));
        times.start.push_back(ms(mono_ns() - stopped));
    }
    return times;
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int count : sizes(argc, argv, {100, 500})) {
        Times floors;
        for (int round = 0; round < k_rounds; ++round)
            floor_round(count, floors);
        const Times ours = daemon_rounds(count);
        JsonLine("stop_start")
            .add("n", count)
            .add("stop_ms", median(ours.stop))
            .add("stop_floor_ms", median(floors.stop))
            .add("stop_ratio", median(ours.stop) / median(floors.stop))
            .add("start_ms", median(ours.start))
            .add("start_floor_ms", median(floors.start))
            .add("start_ratio", median(ours.start) / median(floors.start))
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
