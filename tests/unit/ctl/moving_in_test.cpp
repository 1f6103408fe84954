// What an import says of the unit that keeps an old bot's program from its accounts.
#include "ctl/moving_in.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace bullpen::ctl {

TEST_CASE("a program that the package's unit hides is told with the lines that show it") {
    const auto lines = unit_advice("/var/lib/bullpen", "/home/joan/old-bot", true);
    const auto says = [&](const char* line) {
        return std::find(lines.begin(), lines.end(), line) != lines.end();
    };
    CHECK(says("  [Service]"));
    CHECK(says("  ProtectHome=tmpfs"));
    CHECK(says("  BindReadOnlyPaths=-/home/joan/old-bot"));
    for (const auto* hidden : {"/home", "/root/bot", "/run/user/1000/bot", "/home/joan/old bot"})
        CHECK_FALSE(unit_advice("/var/lib/bullpen", hidden, true).empty());
}

TEST_CASE("nothing is said of the unit where it hides nothing that is run") {
    CHECK(unit_advice("/var/lib/bullpen", "/home/joan/old-bot", false).empty());
    CHECK(unit_advice("/var/lib/bullpen", "/opt/old-bot", true).empty());
    CHECK(unit_advice("/var/lib/bullpen", "/homes/joan", true).empty());
    CHECK(unit_advice("/home/joan/.bullpen", "/home/joan/old-bot", true).empty());
}

}  // namespace bullpen::ctl
