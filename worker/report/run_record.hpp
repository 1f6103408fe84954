// RunRecord: what is known of a stretch of trading, from a backtest or from an account's journal,
// and what follows from it: statistics, a row for each trading day, groups of trades. Plain values;
// pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/model/instrument.hpp"
#include "common/time/market_calendar.hpp"
#include "worker/execution/record.hpp"
#include "worker/report/statistics.hpp"

namespace bullpen::report {

// Money that was taken out of an account: no loss, and in no figure.
struct Payout {
    time::TradingDay day{};
    model::Money amount;
    friend bool operator==(const Payout&, const Payout&) = default;
};

struct RunRecord {
    std::string title;                                       // "mes01", "vwap_bounce on ES"
    std::string kind;                                        // "account" or "backtest"
    bool shadow = false;                                     // would-be orders; nothing was sent
    std::vector<std::pair<std::string, std::string>> facts;  // what else is to be said, in order
    const model::Instruments* instruments = nullptr;         // outlives it
    const time::MarketCalendar* calendar = nullptr;          // outlives it
    model::Money start;                                      // equity before the first bar
    model::Money nominal;  // the account's size, where its equity counts from zero; see Statistics
    std::vector<execution::Trade> trades;  // in the order in which they closed
    std::vector<DayEquity> days;           // in order
    std::vector<Payout> payouts;           // in order
    std::optional<UtcTime> first;          // of the first bar
    std::optional<UtcTime> last;           // of the last bar's end
    std::int64_t open_contracts = 0;       // held at the end

    [[nodiscard]] Statistics statistics() const;
};

// One trading day.
struct DayRow {
    time::TradingDay day{};
    std::uint64_t trades = 0;  // that closed on it
    std::uint64_t wins = 0;
    model::Money net;       // of those trades
    model::Money fees;      // of those trades
    model::Money equity;    // at the day's last bar
    model::Money change;    // against the day before, open profit included
    model::Money drawdown;  // below the highest equity of a day's end so far
};
// A row for each day with a bar or a trade.
std::vector<DayRow> day_rows(const RunRecord& run);

// Trades that have something in common.
struct Group {
    std::string name;
    std::uint64_t trades = 0;
    std::uint64_t wins = 0;
    model::Money net;
};
// By the hour of the entry on the wall clock of the market, from the first to the last hour with
// one: "09", "10", ...
std::vector<Group> by_hour(const RunRecord& run);
// By what closed the trade, the most frequent first.
std::vector<Group> by_exit(const RunRecord& run);

// The last trades of the run, so many at most.
std::span<const execution::Trade> last_trades(const RunRecord& run, std::size_t last_max);

// The reason of the order that closed it, else what that order was for.
std::string exit_reason(const execution::Trade& trade);
// "long" or "short".
std::string_view direction(const execution::Trade& trade);
// Mean price of what went in or out, as a decimal of at most `digits` more than the tick's.
std::string mean_price(const model::Instruments& instruments, const model::Symbol& symbol,
                       std::int64_t ticks, std::int64_t quantity);
// Ticks won for each contract against the ticks risked at the entry; none without a stop.
std::optional<double> r_multiple(const execution::Trade& trade);

// Where a stretch begins or ends: with a trading day of the run's market, or at a time.
using Bound = std::variant<time::TradingDay, UtcTime>;

// Only what closed in [from, to), and the days within; `start` becomes the equity before. A day is
// not cut: one in which a bound's time lies stays whole.
void restrict_to(RunRecord& run, std::optional<Bound> from, std::optional<Bound> to);

}  // namespace bullpen::report
