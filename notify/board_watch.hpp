// BoardWatch: what is seen on the status board and stands in no log: that the daemon is gone, a
// position that stays open, a loss near its limit; and the recap of a day. Pure: given the board
// and a time. What it knows is saved, because a position may be older than this process.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/time/zone.hpp"
#include "ipc/status_board.hpp"
#include "notify/alert.hpp"

namespace bullpen::notify {

// Of an account's [alerts].
struct Thresholds {
    Nanos position_open_max = std::chrono::hours(2);
    int loss_warning_percent = 80;
};

struct RecapTime {
    Nanos of_day{};  // since midnight
    time::Zone zone = time::Zone::utc();
};
// The recap's last time at or before `now`, on Monday to Friday of its zone.
UtcTime last_recap(const RecapTime& recap, UtcTime now);

struct BoardRules {
    std::map<std::string, Thresholds, std::less<>> accounts;
    std::optional<RecapTime> recap;
};

struct BoardState {
    std::map<std::string, UtcTime, std::less<>> open_since;
    std::set<std::string, std::less<>> open_told;   // accounts
    std::set<std::string, std::less<>> limit_told;  // "account/limit"
    UtcTime recap_at{};                             // the last one that was sent, or passed over
    bool daemon_told = false;
    friend bool operator==(const BoardState&, const BoardState&) = default;
};

class BoardWatch {
  public:
    // A daemon that restarts, or is being upgraded, is back by then.
    static constexpr Nanos k_daemon_gone_after = std::chrono::seconds(30);
    // What a process that was away finds overdue for longer than this is not made up for.
    static constexpr Nanos k_recap_late_max = std::chrono::hours(2);

    explicit BoardWatch(BoardRules rules = {}, BoardState state = {})
        : rules_(std::move(rules)), state_(std::move(state)) {}

    void set_rules(BoardRules rules) { rules_ = std::move(rules); }
    // `board` is nothing when there is none that can be read.
    std::vector<Alert> look(const std::optional<ipc::Board>& board, Instant now);
    [[nodiscard]] const BoardState& state() const { return state_; }

  private:
    void watch_daemon(const std::optional<ipc::Board>& board, Instant now,
                      std::vector<Alert>& alerts);
    void watch_position(const ipc::BoardSlot& slot, const Thresholds& limits, UtcTime now,
                        std::vector<Alert>& alerts);
    void watch_losses(const ipc::BoardSlot& slot, const Thresholds& limits, UtcTime now,
                      std::vector<Alert>& alerts);
    void watch_recap(const ipc::Board& board, UtcTime now, std::vector<Alert>& alerts);

    BoardRules rules_;
    BoardState state_;
    std::optional<MonoTime> daemon_gone_;
};

}  // namespace bullpen::notify
