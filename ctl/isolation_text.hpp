// How an account's process, or those that a daemon starts, are confined, for people and as JSON.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ctl/json_writer.hpp"
#include "ctl/status_code.hpp"
#include "ipc/status_board.hpp"

namespace bullpen::ctl {

// "Landlock 7, system calls filtered". Of a process whose daemon did not say: "not known".
std::string isolation_text(const ipc::BoardSlot& slot);

struct IsolationLine {
    std::string text;
    bool warning = false;
};
// What `status` says below its tables: how workers and services are confined, and who is otherwise.
std::vector<IsolationLine> isolation_lines(const ipc::BoardDaemon& daemon,
                                           std::span<const ChosenRow> accounts,
                                           std::span<const ChosenRow> services);

// `isolation` is `null` when it is not known. Of an account, also what its file lets out.
void append_isolation(JsonWriter& json, const ipc::BoardSlot& slot);
void append_service_isolation(JsonWriter& json, const ipc::BoardSlot& slot);
void append_isolation(JsonWriter& json, const ipc::BoardDaemon& daemon);

}  // namespace bullpen::ctl
