// Wall time of `bullpenctl status` with N accounts, the program's own start included; against a
// program that prints N lines.
#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_rounds = 200;

double run_ms(const std::vector<std::string>& argv, const std::string& output) {
    const auto begin = mono_ns();
    const int code = wait_for(spawn(argv, output));
    const double took = ms(mono_ns() - begin);
    require(code == 0, argv.front() + " did its work");
    return took;
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int count : sizes(argc, argv, {100, 500})) {
        FleetHome fleet(count, "command = [\"" + built("bullpen-puppet") + "\", \"sleep\"]\n");
        fleet.start_daemon();
        fleet.wait_until_running();
        const std::vector<std::string> status = {built("bullpenctl"), "--home", fleet.home().root(),
                                                 "status"};
        const std::vector<std::string> floor = {built("floor_lines"), std::to_string(count)};
        std::vector<double> ours;
        std::vector<double> floors;
        for (int round = 0; round < k_rounds; ++round) {
            // In turn, so that whatever else the machine does meets both.
            floors.push_back(run_ms(floor, "/dev/null"));
            ours.push_back(run_ms(status, "/dev/null"));
        }
        JsonLine("status")
            .add("n", count)
            .add("ms", median(ours))
            .add("p99_ms", quantile(ours, 0.99))
            .add("floor_ms", median(floors))
            .add("ratio", median(ours) / median(floors))
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
