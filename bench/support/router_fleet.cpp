#include "bench/support/router_fleet.hpp"

#include <signal.h>

#include <cstdio>

#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/process.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::bench {

RouterFleet::RouterFleet(int beaters) {
    start_router();
    for (int i = 0; i < beaters; ++i) {
        char account[16];
        char launch[64];
        std::snprintf(account, sizeof account, "a%04d", i);
        std::snprintf(launch, sizeof launch, "%d.%032x", i + 1, i + 1);
        beaters_.push_back(spawn({built("beater")}, directory_.file("beater.out"),
                                 {{"BULLPEN_ENDPOINT", "ipc://" + directory_.file("lease")},
                                  {"BULLPEN_ACCOUNT", account},
                                  {"BULLPEN_LAUNCH", launch},
                                  {"BULLPEN_BENCH_FLOOR", "1"}}));
    }
}

RouterFleet::~RouterFleet() {
    for (const pid_t beater : beaters_)
        ::kill(beater, SIGKILL);
    for (const pid_t beater : beaters_)
        wait_for(beater);
    kill_router();
}

void RouterFleet::start_router() {
    ++starts_;
    const auto count = std::to_string(beaters_.empty() ? 10'000 : beaters_.size());
    router_ = spawn({built("floor_router"), directory_.file("lease"),
                     directory_.file("heard" + std::to_string(starts_)), count},
                    directory_.file("router.out"));
}

void RouterFleet::kill_router() {
    ::kill(router_, SIGKILL);
    wait_for(router_);
}

std::int64_t RouterFleet::heard_all_ns() const {
    const auto path = directory_.file("heard" + std::to_string(starts_));
    require(test::wait_for_text(path, "\n", std::chrono::seconds(60)), "the router heard all");
    long long at = 0;
    require(std::sscanf(test::read_text(path).c_str(), "all %lld", &at) == 1, "it wrote when");
    return at;
}

std::string beating() {
    return "command = [\"" + built("beater") + "\"]\nheartbeat = \"zmq\"\n" +
           "restart.stable_after = \"1 s\"\nrestart.budget = 100000\n";
}

}  // namespace bullpen::bench
