// CalendarKeeper: has the economic calendar fetched. It asks the schedule, starts bullpen-calendar
// as a child that ends by itself or at its deadline, and tells what an operator should hear of the
// calendar's age. What is fetched and what it means is the child's affair: nothing of the network
// or of a source's page comes into this process. Used from the daemon's loop; files on its helper
// thread.
#pragma once

#include <sys/types.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/config/roster.hpp"
#include "common/events/staleness.hpp"
#include "common/log/logger.hpp"
#include "common/loop/loop.hpp"
#include "supervisor/daemon/undertaker.hpp"
#include "supervisor/schedule/calendar_schedule.hpp"

namespace bullpen::daemon {

class CalendarKeeper {
  public:
    // What it works with, all of which outlives it.
    struct Parts {
        const Home& home;
        const Clock& clock;
        loop::Loop& loop;
        Undertaker& undertaker;
        log::Logger& log;
        std::string program;  // the path of bullpen-calendar
        std::function<void(std::string sentence, std::string_view advice)> alarm;
    };
    explicit CalendarKeeper(Parts parts);
    // Ends the child that runs, if one does.
    ~CalendarKeeper();
    CalendarKeeper(const CalendarKeeper&) = delete;
    CalendarKeeper& operator=(const CalendarKeeper&) = delete;

    // At the start, and when the settings changed.
    void take(const config::Roster& roster);
    // Once a second: begins what is due, ends what is overdue, and reads a calendar that somebody
    // else has fetched: what an operator's own run found is told at once.
    void look();

  private:
    void begin(schedule::Run run);
    void launch(schedule::Run run);
    void ended(schedule::Run run, const std::string& how, bool well);
    void follow();
    // Tells two files of `shared` as they are now from others; zeros without them.
    using Stamp = std::array<std::int64_t, 4>;
    [[nodiscard]] Stamp stamp(const std::array<std::string_view, 2>& names) const;

    [[nodiscard]] std::string memory_path() const { return parts_.home.run() + "/calendar"; }

    Parts parts_;
    config::CalendarSettings settings_;
    schedule::CalendarSchedule schedule_;
    bool has_calendar_ = false;
    bool asks_nobody_ = false;    // what is known without a source is not in the snapshot yet
    Stamp followed_{};            // snapshot and overrides, as they were read last
    Stamp given_{};               // the operator's files, as they were then
    std::optional<Stamp> tried_;  // the latter, as they were at the last run that asked nobody
    pid_t pid_ = 0;               // 0: none runs
    MonoTime deadline_{};
    std::vector<events::CalendarAlarm> told_;
};

}  // namespace bullpen::daemon
