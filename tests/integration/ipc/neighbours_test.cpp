// Builds of three protocol versions talk to each other through their frames.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "ipc/codec.hpp"
#include "tests/integration/ipc/children.hpp"
#include "tests/support/programs.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

TEST_CASE("builds of neighbouring protocol versions welcome each other") {
    constexpr int k_versions = 3;
    std::vector<std::unique_ptr<test::Child>> builds;
    std::vector<std::string> hellos;
    for (int version = 0; version < k_versions; ++version) {
        const std::string path = test::program("ipc-neighbour-" + std::to_string(version));
        REQUIRE_FALSE(path.empty());
        auto& build =
            *builds.emplace_back(std::make_unique<test::Child>(std::vector<std::string>{path}));
        std::istringstream range(build.line().value());
        int min = -1;
        int max = -1;
        range >> min >> max;
        CHECK(max == version);
        CHECK(min <= std::max(0, version - 1));
        hellos.push_back(build.line().value());
        CHECK(build.line().has_value());
    }
    for (int daemon = 0; daemon < k_versions; ++daemon) {
        for (int worker = 0; worker < k_versions; ++worker) {
            CAPTURE(daemon);
            CAPTURE(worker);
            builds[daemon]->write(hellos[worker] + "\n");
            const std::string agreed = builds[daemon]->line().value();
            CHECK(agreed == std::to_string(std::min(daemon, worker)));
            Welcome welcome;
            welcome.protocol = std::stoi(agreed);
            builds[worker]->write(encode(welcome) + "\n");
            CHECK(builds[worker]->line() == "welcomed");
        }
    }
}
