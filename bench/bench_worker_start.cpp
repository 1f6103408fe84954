// From the launch of the built-in worker until it is ready: its process, settings, locks, journal
// and state, its indicators and trader, hello and ready; as the daemon sees it, one start at a
// time. Twice: a worker that only observes, and one that trades on paper and has journal and
// positions of a life before. Against starting the same program to say its version.
#include <signal.h>

#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "tests/support/wait.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_starts = 40;
constexpr std::uint64_t k_bars = 1'500;  // each account has processed before the start that counts
constexpr std::chrono::seconds k_deadline{60};

// One account a start, killed and started again at once by its daemon; the others have a bar every
// ten seconds, so that the machine has little else to do.
std::vector<double> starts(int count, const std::string& settings) {
    FleetHome fleet(count, "feed.kind = \"synthetic\"\nfeed.speed = 6\nfeed.history = " +
                               std::to_string(k_bars) + "\n" + settings +
                               "restart.stable_after = \"1 s\"\nrestart.budget = 100000\n");
    fleet.start_daemon();
    fleet.wait_for_all([](const ipc::BoardSlot& slot) { return slot.bars >= k_bars; }, "warm");
    std::vector<double> result;
    for (const auto& before : fleet.board().slots) {
        if (before.service != 0)
            continue;
        ::kill(before.pid, SIGKILL);
        std::optional<std::int64_t> took;
        const bool there = test::eventually(
            [&] {
                for (const auto& slot : fleet.board().slots) {
                    if (slot.account == before.account && slot.pid != before.pid &&
                        slot.state == model::WorkerState::running)
                        took = (slot.since - slot.started).count();
                }
                return took.has_value();
            },
            k_deadline);
        require(there, "a worker that was killed runs again");
        result.push_back(ms(*took));
    }
    return result;
}

std::vector<double> floors(const FleetHome& fleet, int count) {
    std::vector<double> result;
    for (int i = 0; i < count; ++i) {
        const auto begin = mono_ns();
        require(wait_for(spawn({built("bullpen-worker"), "--version"}, fleet.file("out"))) == 0,
                "the worker said its version");
        result.push_back(ms(mono_ns() - begin));
    }
    return result;
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int count : sizes(argc, argv, {k_starts})) {
        const FleetHome nobody(1, "");
        const auto bare = floors(nobody, count);
        const auto observing = starts(count, "");
        const auto trading = starts(count, "trading = \"on\"\n");
        JsonLine("worker_start")
            .add("n", count)
            .add("ms", median(observing))
            .add("p99_ms", quantile(observing, 0.99))
            .add("trading_ms", median(trading))
            .add("trading_p99_ms", quantile(trading, 0.99))
            .add("floor_ms", median(bare))
            .add("ratio", median(observing) / median(bare))
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
