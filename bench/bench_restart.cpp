// From the SIGKILL of a worker until its successor executes, 100 times after a stable run each, by
// four daemons one after another; against a bare loop of waitpid and posix_spawn.
#include <signal.h>

#include <sstream>

#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "bench/support/stamps.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

std::vector<double> floor_latencies(int kills) {
    const test::TemporaryDirectory directory;
    const auto outcome = test::run({built("floor_spawn"), "restart", std::to_string(kills),
                                    built("bullpen-puppet"), directory.file("stamps")});
    require(outcome.exited && outcome.code == 0, "the floor ran");
    std::istringstream lines(outcome.out);
    std::vector<double> result;
    for (double value = 0; lines >> value;)
        result.push_back(value);
    return result;
}

constexpr int k_rounds = 4;

void append(std::vector<double>& all, const std::vector<double>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

// One account a kill, all of which have had their stable run: the restart that is measured is the
// immediate one, not a back-off.
std::vector<double> daemon_latencies(int kills) {
    const test::TemporaryDirectory directory;
    const std::string file = directory.file("stamps");
    FleetHome fleet(kills, stamping(file), reaching(file));
    fleet.start_daemon();
    wait_for_stamps(file, static_cast<std::size_t>(kills));
    fleet.wait_until_running();
    const SystemClock clock;
    fleet.wait_for_all(
        [&](const ipc::BoardSlot& slot) {
            return clock.utc() - slot.started > std::chrono::milliseconds(1500);
        },
        "stable");

    std::vector<double> result;
    auto seen = stamps(file).size();
    for (const auto& slot : fleet.board().slots) {
        const auto killed = mono_ns();
        ::kill(slot.pid, SIGKILL);
        const auto all = wait_for_stamps(file, ++seen);
        result.push_back(ms(last_ns(all) - killed));
    }
    return result;
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int kills : sizes(argc, argv, {100})) {
        // In turn: where the system places a process for its life costs more than what is measured.
        std::vector<double> floors;
        std::vector<double> ours;
        for (int round = 0; round < k_rounds; ++round) {
            append(floors, floor_latencies(kills / k_rounds));
            append(ours, daemon_latencies(kills / k_rounds));
        }
        JsonLine("restart")
            .add("kills", kills)
            .add("ms", median(ours))
            .add("p99_ms", quantile(ours, 0.99))
            .add("floor_ms", median(floors))
            .add("floor_p99_ms", quantile(floors, 0.99))
            .add("ratio", median(ours) / median(floors))
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
