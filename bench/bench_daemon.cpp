// What the daemon itself takes while N workers beat each second: memory (PSS) and processor time,
// against a bare ROUTER that counts the same beats.
#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "bench/support/router_fleet.hpp"
#include "tests/support/wait.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr double k_settle_ms = 5'000;    // after the start, before anything is measured
constexpr double k_measure_ms = 20'000;  // of wall time

struct Cost {
    double pss_mib = 0;
    double cpu_percent = 0;  // of one core
};

void pass(double milliseconds) {
    const auto end = mono_ns() + static_cast<std::int64_t>(milliseconds * 1e6);
    test::eventually([&] { return mono_ns() >= end; }, std::chrono::minutes(5));
}

Cost cost_of(pid_t pid) {
    pass(k_settle_ms);
    const double before = cpu_ms(pid);
    const auto begin = mono_ns();
    pass(k_measure_ms);
    const double used = cpu_ms(pid) - before;
    return {pss_kib(pid) / 1024, 100 * used / ms(mono_ns() - begin)};
}

Cost of_daemon(int count) {
    FleetHome fleet(count, beating());
    fleet.start_daemon();
    fleet.wait_until_running();
    return cost_of(fleet.daemon());
}

Cost of_router(int count) {
    const RouterFleet fleet(count);
    return cost_of(fleet.router());
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int count : sizes(argc, argv, {100, 500})) {
        const Cost floor = of_router(count);
        const Cost ours = of_daemon(count);
        JsonLine("daemon")
            .add("n", count)
            .add("pss_mib", ours.pss_mib)
            .add("floor_pss_mib", floor.pss_mib)
            .add("pss_above_mib", ours.pss_mib - floor.pss_mib)
            .add("cpu_percent", ours.cpu_percent)
            .add("floor_cpu_percent", floor.cpu_percent)
            .add("cpu_ratio", ours.cpu_percent / floor.cpu_percent)
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
