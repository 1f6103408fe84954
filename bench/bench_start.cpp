// Start of N accounts: from the exec of bullpend, which reads N files first, until the last worker
// executes; against N bare posix_spawn of the same static program. The home exists, as on every
// start but the first, which is told apart.

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

constexpr int k_rounds = 5;

double floor_ms(int count) {
    const test::TemporaryDirectory directory;
    const auto outcome = test::run({built("floor_spawn"), "start", std::to_string(count),
                                    built("bullpen-puppet"), directory.file("stamps")});
    require(outcome.exited && outcome.code == 0, "the floor ran");
    return std::stod(outcome.out);
}

struct Starts {
    double first_ms = 0;  // in a new home: the accounts' directories are made on the way
    std::vector<double> ms;
};

Starts of_daemon(int count) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.file("stamps");
    FleetHome fleet(count, stamping(file), reaching(file));
    Starts starts;
    for (int round = 0; round <= k_rounds; ++round) {
        test::write_text(file, "");
        const auto begin = fleet.start_daemon();
        const auto last = last_ns(wait_for_stamps(file, static_cast<std::size_t>(count)));
        if (round == 0)
            starts.first_ms = ms(last - begin);
        else
            starts.ms.push_back(ms(last - begin));
        // Stopping a fleet that is still being taken note of would be another measurement.
        fleet.wait_until_running();
        fleet.stop_daemon();
    }
    return starts;
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int count : sizes(argc, argv, {10, 100, 500, 1000})) {
        std::vector<double> floors;
        for (int round = 0; round < k_rounds; ++round)
            floors.push_back(floor_ms(count));
        const auto [first, ours] = of_daemon(count);
        JsonLine("start")
            .add("n", count)
            .add("ms", median(ours))
            .add("floor_ms", median(floors))
            .add("first_ms", first)
            .add("ratio", median(ours) / median(floors))
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
