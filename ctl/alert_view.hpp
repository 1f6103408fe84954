// What bullpen-notify has written of its alerts, as people read it: what waits for its target (of
// HOME/alerts/state) and what became of what was sent (a line of HOME/alerts/history.log). And the
// file of mutes, which bullpenctl writes. Pure, but for read and write of that one file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/alerts/mutes.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"

namespace bullpen::ctl {

struct WaitingAlert {
    std::string alert;
    std::string severity;
    std::string account;
    std::string target;
    std::string to;
    std::string text;
    std::string added;  // UTC
    std::string next;   // UTC: not before
    std::uint64_t attempts = 0;
    std::string trouble;
};
// Errc::corrupt when it is no state of alerts.
Result<std::vector<WaitingAlert>> parse_waiting(std::string_view state);

struct AlertLine {
    std::string ts;  // UTC
    std::string event;
    std::string alert;
    std::string account;
    std::string target;
    std::string to;
    std::string text;
    std::string said;
};
// Nothing for a line that is none.
std::optional<AlertLine> parse_alert_line(std::string_view line);

std::string alerts_directory(const Home& home);
// None when there is no file.
Result<std::vector<alerts::Mute>> read_mutes(const Home& home);
Result<void> write_mutes(const Home& home, const std::vector<alerts::Mute>& mutes);

}  // namespace bullpen::ctl
