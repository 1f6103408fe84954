// The daemon is killed and started again over N live workers: from its exec until every one of them
// has said hello and is running; against a bare ROUTER that is killed, started again and has heard
// all. Every worker must keep its pid.
#include <unistd.h>

#include <map>

#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "bench/support/router_fleet.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_rounds = 5;

std::map<std::string, int> pids(const ipc::Board& board) {
    std::map<std::string, int> result;
    for (const auto& slot : board.slots)
        result[slot.account.str()] = slot.pid;
    return result;
}

std::vector<double> of_daemon(int count) {
    FleetHome fleet(count, beating());
    fleet.start_daemon();
    fleet.wait_until_running();
    const auto before = pids(fleet.board());
    std::vector<double> result;
    for (int round = 0; round < k_rounds; ++round) {
        fleet.kill_daemon();
        // So that nothing which the dead daemon wrote is taken for the new one's.
        require(::unlink(fleet.home().board().c_str()) == 0, "the board is there");
        const auto begin = fleet.start_daemon();
        fleet.wait_for_all(
            [&](const ipc::BoardSlot& slot) {
                // Agreed on with the hello that this daemon has heard.
                return slot.state == model::WorkerState::running && slot.protocol != 0;
            },
            "adopted");
        result.push_back(ms(mono_ns() - begin));
        require(pids(fleet.board()) == before, "every worker kept its pid");
    }
    return result;
}

std::vector<double> of_router(int count) {
    RouterFleet fleet(count);
    std::vector<double> result;
    for (int round = 0; round < k_rounds; ++round) {
        fleet.kill_router();
        const auto begin = mono_ns();
        fleet.start_router();
        result.push_back(ms(fleet.heard_all_ns() - begin));
    }
    return result;
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int count : sizes(argc, argv, {500})) {
        const auto floors = of_router(count);
        const auto ours = of_daemon(count);
        JsonLine("adoption")
            .add("n", count)
            .add("ms", median(ours))
            .add("max_ms", quantile(ours, 1))
            .add("floor_ms", median(floors))
            .add("ratio", median(ours) / median(floors))
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
