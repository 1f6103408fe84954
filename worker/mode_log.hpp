// ModeLog: which changes of the trading mode are worth a line of the log, and when a mode that
// lasts is told again. A simulated market that opens and closes many times a second must not fill
// the log, and an account that stands idle for a day must not fall silent.
//
// What an operator must not miss is told at once, every time it comes and goes: whatever halts,
// fences or reduces, and a limit that was reached. Why an account is idle otherwise (the session,
// an event, the warm-up), and that it is not any more, is told when it comes, unless the same was
// told less than k_again ago; then it is told when that time is over, if it still counts. Whatever
// keeps an account from trading is told again every k_again for as long as it lasts, but for what
// its settings say.
//
// Pure: times come in with every call.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "common/base/clock.hpp"
#include "worker/mode_gate.hpp"

namespace bullpen::worker {

struct ModeLine {
    Mode mode;
    bool lasts = false;        // the line before said the same
    std::uint64_t untold = 0;  // changes since that line which had none
};

class ModeLog {
  public:
    static constexpr Nanos k_again = std::chrono::minutes(5);

    // What counts now; the line to write, if one is due.
    std::optional<ModeLine> look(const Mode& mode, MonoTime now);

  private:
    using Key = std::pair<model::TradingMode, model::Reason>;

    [[nodiscard]] bool is_due(const Mode& mode, MonoTime now) const;

    Mode seen_;
    Mode told_;
    std::uint64_t untold_ = 0;
    std::map<Key, MonoTime> told_at_;
};

}  // namespace bullpen::worker
