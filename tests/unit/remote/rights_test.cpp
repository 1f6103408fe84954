#include "remote/rights.hpp"

#include <doctest/doctest.h>

using namespace bullpen;
using namespace bullpen::remote;

TEST_CASE("who may read looks, who may operate acts on accounts, and neither ends the daemon") {
    for (const auto* command : {"board", "version", "status", "explain", "events", "config"})
        CHECK_MESSAGE(right_for(command) == ipc::Right::read, command);
    for (const auto* command :
         {"start", "stop", "restart", "halt", "reduce", "flatten", "resume", "restart_floor",
          "signal", "job", "clear", "rolling_restart", "reread", "update"})
        CHECK_MESSAGE(right_for(command) == ipc::Right::operate, command);
    for (const auto* command : {"shutdown", "upgrade", "credentials", "unlock", "cleanup", "payout",
                                "", "Stop", "stop ", "a_command_of_a_later_version"})
        CHECK_MESSAGE(right_for(command) == std::nullopt, command);
}
