// Memory of the built-in worker: the proportional set size of each of N on the synthetic market,
// after they have processed bars; against N of a static program that sleeps.
#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr std::uint64_t k_bars = 500;  // each has processed before it is weighed

std::vector<double> weigh(const FleetHome& fleet) {
    std::vector<double> result;
    for (const auto& slot : fleet.board().slots)
        result.push_back(pss_kib(slot.pid) / 1024);
    return result;
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int count : sizes(argc, argv, {100})) {
        std::vector<double> floors;
        {
            FleetHome fleet(count, "command = [\"" + built("bullpen-puppet") + "\", \"sleep\"]\n");
            fleet.start_daemon();
            fleet.wait_until_running();
            floors = weigh(fleet);
        }
        FleetHome fleet(count, "feed.kind = \"synthetic\"\nfeed.speed = 6000\n");
        fleet.start_daemon();
        fleet.wait_for_all([](const ipc::BoardSlot& slot) { return slot.bars >= k_bars; },
                           "at its 500th bar");
        const auto ours = weigh(fleet);
        JsonLine("worker_memory")
            .add("n", count)
            .add("pss_mib", median(ours))
            .add("max_mib", quantile(ours, 1))
            .add("floor_pss_mib", median(floors))
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
