// Memory of workers that share the signals of one market: the proportional set size of each of N,
// after they have processed bars, and of the one process that observes for them; against N that
// observe by themselves, and of N that trade on paper by shared signals.
#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr std::uint64_t k_bars = 500;  // each has processed before it is weighed

struct Weights {
    std::vector<double> workers;  // MiB
    double services = 0;
};

Weights weigh(int count, const std::string& settings) {
    FleetHome fleet(count, "feed.kind = \"synthetic\"\nfeed.speed = 6000\n" + settings);
    fleet.start_daemon();
    fleet.wait_for_all([](const ipc::BoardSlot& slot) { return slot.bars >= k_bars; },
                       "at its 500th bar");
    Weights weights;
    for (const auto& slot : fleet.board().slots) {
        const auto weight = pss_kib(slot.pid) / 1024;
        if (slot.service == 0)
            weights.workers.push_back(weight);
        else if (slot.account.view().starts_with("bullpen-signals"))
            weights.services += weight;
    }
    return weights;
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int count : sizes(argc, argv, {100})) {
        const auto own = weigh(count, "signals = \"own\"\n");
        const auto shared = weigh(count, "signals = \"shared\"\n");
        const auto trading = weigh(count, "signals = \"shared\"\ntrading = \"on\"\n");
        JsonLine("signals_memory")
            .add("n", count)
            .add("pss_mib", median(shared.workers))
            .add("max_mib", quantile(shared.workers, 1))
            .add("signals_mib", shared.services)
            .add("own_pss_mib", median(own.workers))
            .add("trading_pss_mib", median(trading.workers))
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
