// Three trades of two trading days, small enough for a pencil.
#pragma once

#include "worker/report/run_record.hpp"

namespace bullpen::test {

inline model::Money dollars(std::int64_t amount) {
    return {amount * 1'000'000, model::k_usd};
}

struct SmallRun {
    time::MarketCalendar calendar =
        time::MarketCalendar::load(time::Market::cme_equity_index).value();
    report::RunRecord run;

    SmallRun() {
        run.title = "small";
        run.kind = "account";
        run.instruments = &model::Instruments::built_in();
        run.calendar = &calendar;
        run.start = dollars(10'000);
        run.first = parse_utc("2025-03-10T14:00:00Z").value();
        run.last = parse_utc("2025-03-12T21:00:00Z").value();
        // New York is four hours behind UTC.
        add("2025-03-10T23:00:00Z", "2025-03-10T23:10:00Z", 102, 2, model::Purpose::exit, "target");
        add("2025-03-11T13:31:00Z", "2025-03-11T13:40:00Z", -38, 2, model::Purpose::protective_stop,
            "protective stop");
        add("2025-03-12T14:02:00Z", "2025-03-12T14:30:00Z", -40, 2, model::Purpose::protective_stop,
            "protective stop");
        auto& first = run.trades[0];
        first.quantity = 2;
        first.entry_ticks = 20'000 + 20'002;
        first.exit_ticks = 40'086;
        first.protected_ = true;
        first.initial_stop = {19'990};
        using namespace std::chrono;
        run.days = {{sys_days(2025y / 3 / 10), dollars(10'000)},
                    {sys_days(2025y / 3 / 11), dollars(10'060)},
                    {sys_days(2025y / 3 / 12), dollars(10'018)}};
    }

  private:
    void add(const char* opened, const char* closed, std::int64_t gross, std::int64_t fees,
             model::Purpose by, const char* why) {
        execution::Trade trade;
        trade.number = run.trades.size() + 1;
        trade.symbol = model::Symbol::cut("MES");
        trade.side = model::Side::buy;
        trade.opened = parse_utc(opened).value();
        trade.closed = parse_utc(closed).value();
        trade.quantity = 1;
        trade.entry_ticks = 20'000;
        trade.exit_ticks = 20'000;
        trade.gross = dollars(gross);
        trade.fees = dollars(fees);
        trade.closed_by = by;
        trade.why = execution::Label::cut(why);
        run.trades.push_back(trade);
    }
};

}  // namespace bullpen::test
