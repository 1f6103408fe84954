// A test of the targets: one alert through each, by the settings as the files say now, whether a
// daemon runs or not, past outbox, cooldowns and mutes; and what each said to it.
#pragma once

#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "notify/outbox.hpp"

namespace bullpen::notify {

struct TestWish {
    std::vector<Target> targets;  // empty: all that are set
    std::string account;          // empty: an alert of the home
    std::string to;               // instead of those who would get the mail
    bool json = false;
};

// Prints to standard output; returns the exit code: 0 when each took it, 1 when one did not, 78
// when there is none or the settings are wrong.
int send_test(const Home& home, const TestWish& wish, const Clock& clock);

}  // namespace bullpen::notify
