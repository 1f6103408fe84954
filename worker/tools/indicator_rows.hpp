// Indicator values as rows of text, in the columns of docs/indicators.md: a row for each minute,
// for each quarter of an hour, and for the last minute of each trading day. Pure.
//
// Prices are exact; what is reckoned has ten digits after the point; what is not warm is empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/model/bar.hpp"
#include "common/model/instrument.hpp"
#include "common/time/futures_session.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::tools {

class IndicatorRows {
  public:
    static constexpr std::string_view k_minute_header =
        "ts,utc,et,session,contract,open,high,low,close,volume,cum_vol,vwap,sd,u1,l1,u2,l2,u3,l3,"
        "u2p1,l2p1,u2p5,l2p5,u3p7,l3p7,rsi10_1m,atr14_1m,rsi10_15m,atr14_15m,atr14sma_15m,"
        "ema50_15m,ema21_15m\n";
    static constexpr std::string_view k_quarter_header =
        "ts,utc,session,open,high,low,close,volume,n_minutes,rsi10,atr14,atr14sma,ema50,ema21\n";
    static constexpr std::string_view k_session_header =
        "session,n_bars,first_utc,last_utc,contract,session_volume,vwap,sd,last_close,rsi10_1m,"
        "atr14_1m,rsi10_15m,atr14_15m,atr14sma_15m,ema50_15m,ema21_15m,n_15m_closed\n";

    // Both outlive it.
    IndicatorRows(const model::Instrument& instrument, const time::FuturesSession& session)
        : instrument_(&instrument), session_(&session) {}

    // Each returns a row that is valid until the next call.
    std::string_view minute(const model::Bar& bar, std::string_view contract,
                            const indicators::IndicatorValues& values);
    // A quarter's own values, even where one minute closed two. Called for every quarter.
    std::string_view quarter(const model::Bar& quarter);

    // The last minute counts; a row when the minute begins another trading day.
    std::optional<std::string> day(const model::Bar& bar, std::string_view contract,
                                   const indicators::IndicatorValues& values);
    // The row of the day that has not ended; none when there was no minute.
    std::optional<std::string> last_day();

  private:
    struct Day {
        time::TradingDay day{};
        std::uint64_t bars = 0;
        UtcTime first{};
        model::Bar last;
        std::string contract;  // of the last bar
        indicators::IndicatorValues values;
    };
    void begin(const model::Bar& bar);
    void add_values(const indicators::IndicatorValues& values);
    void add(std::string_view text);
    void add(model::Price price);
    void add(std::int64_t number);
    void add(std::optional<double> number);
    void add_time(UtcTime time);
    void add_date(time::TradingDay day);

    const model::Instrument* instrument_;
    const time::FuturesSession* session_;
    time::OffsetSpan offset_{};
    std::string row_;
    std::optional<Day> day_;
    // Of quarters of an hour, in ticks.
    indicators::WilderRsi rsi_{10};
    indicators::AverageTrueRange range_{14};
    indicators::Ema slow_{50};
    indicators::Ema fast_{21};
};

}  // namespace bullpen::tools
