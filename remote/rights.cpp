#include "remote/rights.hpp"

#include <algorithm>
#include <array>

namespace bullpen::remote {

namespace {

constexpr std::array<std::string_view, 6> k_read = {k_board,   "version", "status",
                                                    "explain", "events",  "config"};
constexpr std::array<std::string_view, 14> k_operate = {
    "start",  "stop",          "restart", "halt",  "reduce",          "flatten", "resume",
    "signal", "restart_floor", "job",     "clear", "rolling_restart", "reread",  "update"};

}  // namespace

std::optional<ipc::Right> right_for(std::string_view command) {
    if (std::ranges::find(k_read, command) != k_read.end())
        return ipc::Right::read;
    if (std::ranges::find(k_operate, command) != k_operate.end())
        return ipc::Right::operate;
    return std::nullopt;
}

}  // namespace bullpen::remote
