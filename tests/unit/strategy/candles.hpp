// Tables of candles with the decision expected beside each, for the VWAP bounce. Every table is run
// as it stands and mirrored at the VWAP: prices upside down, long for short.
//
//   # a remark
//   10:02  4992.00 4994.50 4991.75 4994.25   stop 4992.25 break_even
//
// is the minute that begins at 10:02 in New York: open, high, low, close, and what is decided at
// its end:
//   -                                    nothing
//   buy 4992.00 stop 4989.25 target 5014.75
//   part 5 stage 1
//   stop 4992.25 break_even              the stop is moved there
//   exit target                          all of it is closed; " patient" when a limit order may
//   wait no rsi                               nothing, and this gate was counted
// A line that begins with '@' changes what holds from then on, see Desk::direct().
//
// The ES is traded. VWAP 5000.00, deviation 4.00, so that
//   upper exit band 5014.80, upper entry band 5008.40
//   lower entry band 4991.60, lower exit band 4985.20.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/config/settings.hpp"
#include "worker/strategy/runner.hpp"
#include "worker/strategy/vwap_bounce.hpp"

namespace bullpen::strategy::test {

const model::Instrument& es();

// Settings under which one rule is seen at a time: no adaptive layer.
config::StrategySettings plain();

// Runs a table; each difference is a failed check that names the row.
void run(std::string_view name, const config::StrategySettings& settings, std::string_view table);

// One account at its desk: bars go in, decisions come out and are carried out at once.
class Desk {
  public:
    Desk(const config::StrategySettings& settings, bool mirrored);

    // "@ rsi 30", "@ state flatten", "@ day friday", "@ flatten in 4", "@ position 4 at 4992.00",
    // "@ volume 300", ...: the words after the '@'.
    void direct(const std::vector<std::string>& words);
    // The minute that begins at `time` ("10:02"), and what was decided, as the table writes it.
    std::string minute(std::string_view time, const std::vector<std::string>& prices,
                       bool name_gate);

    [[nodiscard]] StrategyRunner& runner() { return runner_; }

  private:
    [[nodiscard]] model::Price price(std::string_view text) const;
    [[nodiscard]] std::string text(model::Price price) const;
    std::string carry_out(const Decisions& decisions, bool name_gate);
    void direct_session(const std::vector<std::string>& words);
    void direct_values(const std::vector<std::string>& words);

    bool mirrored_;
    StrategyRunner runner_;
    Facts facts_;
    indicators::IndicatorValues values_;
    std::vector<model::Bar> quarters_;
    std::int64_t volume_ = 100;
    std::chrono::sys_days day_;
    bool carries_out_ = true;
};

}  // namespace bullpen::strategy::test
