#include "common/process/signal_names.hpp"

#include <doctest/doctest.h>

#include <csignal>

namespace bullpen::process {
namespace {

TEST_CASE("a signal is known by its name, its full name and its number") {
    for (const auto* name : {"TERM", "SIGTERM", "15"})
        CHECK(signal_number(name) == SIGTERM);
    CHECK(signal_number("USR1") == SIGUSR1);
    CHECK(signal_number("SIGSTOP") == SIGSTOP);
}

TEST_CASE("what is no signal to send is none") {
    for (const auto* name : {"", "SIG", "term", "SIGSIGTERM", "CHLD", "0", "99", "15 "})
        CHECK_FALSE(signal_number(name));
}

}  // namespace
}  // namespace bullpen::process
