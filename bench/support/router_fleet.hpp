// N beaters and a bare ROUTER that hears them: the floor of the daemon's own cost.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/temporary.hpp"

namespace bullpen::bench {

class RouterFleet {
  public:
    explicit RouterFleet(int beaters);
    RouterFleet(const RouterFleet&) = delete;
    RouterFleet& operator=(const RouterFleet&) = delete;
    ~RouterFleet();

    [[nodiscard]] pid_t router() const { return router_; }
    void start_router();
    void kill_router();
    // When the router that runs now had heard every beater, CLOCK_MONOTONIC.
    [[nodiscard]] std::int64_t heard_all_ns() const;

  private:
    test::TemporaryDirectory directory_;
    std::vector<pid_t> beaters_;
    pid_t router_ = -1;
    int starts_ = 0;
};

// [defaults] of a fleet of beaters.
std::string beating();

}  // namespace bullpen::bench
