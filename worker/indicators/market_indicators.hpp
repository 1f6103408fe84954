// MarketIndicators: every indicator of one instrument, fed with one-minute bars in order. Pure and
// deterministic: the same bars give the same bits, across a save and restore at any point. Values
// are in price units; NaN never appears, an absent value is std::nullopt.
//
// One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/bar.hpp"
#include "common/model/instrument.hpp"
#include "common/time/futures_session.hpp"
#include "worker/indicators/moving.hpp"
#include "worker/indicators/quarter_hours.hpp"
#include "worker/indicators/saved.hpp"
#include "worker/indicators/vwap.hpp"

namespace bullpen::indicators {

struct IndicatorSettings {
    VwapWindow vwap;  // the session, or the last N bars
    int rsi_length = 10;
    int atr_length = 14;
    int ema_slow_length = 50;
    int ema_fast_length = 21;
    // RSI and ATR of the minutes themselves; without them their values are absent. A strategy that
    // does not look at them spares a long backtest the time; a worker tells of all of them.
    bool of_minutes = true;
    static constexpr int k_length_max = 500;
    friend bool operator==(const IndicatorSettings&, const IndicatorSettings&) = default;
};

// As of the last bar. The quarter-hour values are over the quarter-hour bars closed by then.
struct IndicatorValues {
    std::optional<VwapValues> vwap;
    std::optional<double> rsi_1m;
    std::optional<double> atr_1m;
    std::optional<double> atr_sma_1m;
    std::optional<double> rsi_15m;
    std::optional<double> atr_15m;
    std::optional<double> atr_sma_15m;
    std::optional<double> ema_slow_15m;
    std::optional<double> ema_fast_15m;
    std::optional<MacdValues> macd_15m;
    std::uint64_t bars_1m = 0;
    std::uint64_t bars_15m = 0;
    friend bool operator==(const IndicatorValues&, const IndicatorValues&) = default;
};

class MarketIndicators {
  public:
    // `instrument` and `session` outlive it.
    MarketIndicators(const model::Instrument& instrument, const time::FuturesSession& session,
                     const IndicatorSettings& settings = {});

    // Takes the next bar; each must start after the one before. A quarter of an hour that it
    // completes or leaves behind is closed first, as docs/indicators.md says.
    void add(const model::Bar& minute);
    // Closes the last quarter of an hour at the end of a file.
    void finish();

    // Those of quarters of an hour are reckoned only when one closes.
    [[nodiscard]] const IndicatorValues& values() const { return values_; }
    // The quarter-hour bars that the last add() or finish() closed, oldest first; two at the most.
    [[nodiscard]] const std::vector<model::Bar>& closed_quarters() const { return closed_; }
    // Adds every word of the state to the hash.
    void add_to(RunHash* hash) const;

    // All of the state in one string for the state file.
    [[nodiscard]] std::string save() const;
    // Errc::corrupt when it is not what save() writes; Errc::invalid when it was saved for another
    // instrument or other settings. On an error nothing is changed.
    Result<void> restore(std::string_view saved);

  private:
    struct State {
        explicit State(const IndicatorSettings& settings);

        Vwap vwap;
        WilderRsi rsi_1m;
        AverageTrueRange atr_1m;
        QuarterHours quarters;
        WilderRsi rsi_15m;
        AverageTrueRange atr_15m;
        Ema ema_slow_15m;
        Ema ema_fast_15m;
        Macd macd_15m;
        std::int64_t session_day = INT64_MIN;
        std::uint64_t bars_1m = 0;
        std::uint64_t bars_15m = 0;
    };
    template <class Self, class Visitor>
    static void visit(Self& state, Visitor& visitor);
    void close_quarter(const model::Bar& quarter);
    // `minute` begins or ends a quarter of an hour.
    [[gnu::noinline]] void end_quarter(const model::Bar& minute);
    void look_at_day(UtcTime at);
    void reckon_minute();
    void reckon_quarter();
    [[nodiscard]] std::uint64_t settings_word() const;

    const model::Instrument* instrument_;
    const time::FuturesSession* session_;
    IndicatorSettings settings_;
    State state_;
    IndicatorValues values_;  // of state_
    std::vector<model::Bar> closed_;
    // Until when the trading day of the last bar goes on: a cache, not state.
    UtcTime day_begins_{};
    UtcTime day_ends_{};
    double tick_;  // in price units
    double vwap_unit_;
};

// Adds every field of a bar.
void add_bar(RunHash* hash, const model::Bar& bar);

}  // namespace bullpen::indicators
