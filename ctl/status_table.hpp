// The status of accounts as a table for people and as JSON for programs. Pure.
#pragma once

#include <span>
#include <string>

#include "common/base/home.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/job_brief.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/status_code.hpp"
#include "ctl/table.hpp"

namespace bullpen::ctl {

// Narrow terminals first shorten LAST ERROR, REASON and POSITION, then lose columns in this order:
// LAST ERROR, MEMORY, RESTARTS, GROUP, DAY P&L, POSITION, BAR, PID, MODE, BEAT, UPTIME, REASON.
// ACCOUNT and STATE always stay.
Table status_table(std::span<const ChosenRow> rows);

// The home's services.
// How far each account is from its limits, a row for each.
Table risk_table(std::span<const ChosenRow> rows);
Table services_table(std::span<const ChosenRow> rows);

// "nse01: its access_token ends in 42m10s", within the hour before; empty at other times.
std::string token_text(const AccountRow& row);

// The object of `status --json`, as docs/json.md describes it, with a newline.
void append_status_json(std::string& out, const FleetView& view, std::span<const ChosenRow> rows,
                        std::span<const ChosenRow> services, std::span<const Unmatched> unmatched,
                        const JobBriefs& jobs, const Home& home, Instant now);
// The value of "daemon" in it.
void append_daemon_json(JsonWriter& json, const DaemonView& daemon, Instant now);

}  // namespace bullpen::ctl
