#include "worker/backtest/backtest.hpp"

#include <algorithm>
#include <chrono>

#include "common/base/errc.hpp"
#include "worker/broker/exchange_port.hpp"
#include "worker/indicators/market_indicators.hpp"
#include "worker/risk/account_size.hpp"
#include "worker/risk/overdue.hpp"
#include "worker/strategy/decisions.hpp"

namespace bullpen::backtest {

namespace {

constexpr std::string_view k_account = "BACKTEST";
// How many bars pass between two words about progress.
constexpr std::uint64_t k_progress_bars = 16'384;

Instant at(UtcTime utc) {
    return {utc, MonoTime(utc.time_since_epoch())};
}

trading::TraderSettings trader_settings(const BacktestSettings& settings) {
    trading::TraderSettings made;
    made.instrument = settings.instrument;
    made.strategy = settings.strategy;
    made.risk = settings.risk;
    made.session = settings.session;
    made.pack = settings.pack;
    made.holidays = settings.holidays;
    // A backtest does not stand where its rules forbid to trade from.
    made.pack.hosting_allowed = true;
    made.orders.tag = "TEST";
    made.orders.account = execution::BrokerAccount::cut(k_account);
    // Both sides of it are in one process: nothing can differ.
    made.orders.reconcile_every = Nanos{0};
    made.orders.verify_after_exit = false;
    return made;
}

broker::ExchangePortSettings port_settings(const BacktestSettings& settings) {
    broker::ExchangePortSettings made;
    made.account = k_account;
    made.cash = settings.cash;
    return made;
}

// What was counted since.
trading::TraderCounters counted(trading::TraderCounters now,
                                const trading::TraderCounters& before) {
    now.bars -= before.bars;
    now.signals -= before.signals;
    now.entries -= before.entries;
    for (std::size_t i = 0; i < now.refused.size(); ++i)
        now.refused[i] -= before.refused[i];
    for (std::size_t i = 0; i < now.denied.size(); ++i)
        now.denied[i] -= before.denied[i];
    now.exits -= before.exits;
    now.partials -= before.partials;
    now.stop_moves -= before.stop_moves;
    return now;
}

void add(indicators::RunHash& hash, std::string_view text) {
    hash.add(static_cast<std::uint64_t>(text.size()));
    for (const char c : text)
        hash.add(static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
}

class Run {
  public:
    Run(const BacktestSettings& settings, broker::ExchangePort& port, matching::MarketRef market,
        trading::Trader& trader, time::FuturesSession session,
        std::optional<StandingAside> calendar)
        : settings_(settings),
          port_(port),
          market_(market),
          trader_(trader),
          session_(std::move(session)),
          calendar_(std::move(calendar)),
          symbol_(model::Symbol::cut(settings.instrument->symbol)),
          indicators_(*settings.instrument, session_, trader.indicator_settings()) {}

    void bar(const model::Bar& bar) {
        const auto begin = at(bar.start);
        const auto end = at(bar.end());
        look_at_day(bar);
        trader_.begin_bar(bar.start, begin);
        if (settings_.own_clock && (!trader_.risk().position().flat() ||
                                    bar.end() - bar.start > model::k_minute)) [[unlikely]]
            look_at_clock(bar);
        if (port_.pending() || !port_.pass_bar(market_, bar)) [[unlikely]]
            walk(bar, begin, end);
        indicators_.add(bar);
        if (calendar_) [[unlikely]]
            stand_aside(bar);
        trader_.on_bar(bar, indicators_.values(), indicators_.closed_quarters(), end);
        if (!trader_.orders().trades().empty() || !trader_.orders().notices().empty()) [[unlikely]]
            take();
        last_end_ = bar.end();
        if (calendar_) [[unlikely]]
            close_for_event(bar);
    }

    // Until then it only learns.
    void wait(bool waits) {
        waits_ = waits;
        trader_.set_mode(waits ? model::TradingMode::idle : model::TradingMode::active);
    }

    void finish() {
        if (port_.pending())
            trader_.serve(at(last_end_));
        take();
        end_of_day();
    }

    std::vector<execution::Trade> trades;
    std::vector<report::DayEquity> days;
    std::uint64_t gaps = 0;
    std::uint64_t overdue = 0;
    std::optional<UtcTime> overdue_since;

  private:
    // With a look at what happened after each step of the market.
    [[gnu::noinline]] void walk(const model::Bar& bar, Instant begin, Instant end) {
        port_.open_bar(market_, bar);
        do {
            if (port_.pending())
                trader_.serve(begin);
        } while (port_.advance(market_));
        if (port_.pending())
            trader_.serve(end);
    }
    // What is decided at the bar's end is decided as the calendar has it then.
    void stand_aside(const model::Bar& bar) {
        const auto& answer = calendar_->at(bar.end());
        trader_.forbid_modifications(answer.actions.forbid_modifications);
        if (!waits_) {
            trader_.set_mode(answer.entries ? model::TradingMode::active
                                            : model::TradingMode::idle);
        }
    }
    // A worker asks about its next decision, and closes before the market goes on.
    void close_for_event(const model::Bar& bar) {
        const auto now = at(bar.end());
        const auto& answer = calendar_->at(bar.end() + (bar.end() - bar.start));
        if (answer.actions.cancel_resting || answer.actions.reduce)
            trader_.orders().cancel_entries(now);
        if (!answer.actions.flatten) {
            flattened_for_.reset();
        } else if (flattened_for_ != answer.from) {
            flattened_for_ = answer.from;
            trader_.flatten(execution::Label::cut(code(strategy::ExitReason::event)), now);
        }
    }
    // Judged at the last moment before something can be done about it again: within a minute that
    // is now, else when the bar ends, or the account must be flat.
    [[gnu::noinline]] void look_at_clock(const model::Bar& bar) {
        const bool is_long = bar.end() - bar.start > model::k_minute;
        const auto& session = trader_.session();
        const UtcTime by =
            is_long ? std::min(bar.end(), session.flat_by) - Nanos(1) : UtcTime(bar.start);
        if (session.day == closed_day_ && session.holds(by) && by < session.forced_begins)
            return;
        const auto then = trader_.session_at(by);
        const auto opened = trader_.opened();
        if (is_long && risk::overdue(then, then, by) != risk::Overdue::none)
            trader_.orders().cancel_entries(at(bar.start));
        if (!opened)
            return;
        const auto why = risk::overdue(then, trader_.session_at(*opened), by);
        if (why == risk::Overdue::none) {
            if (then.shut == time::Shut::open)
                closed_day_ = session.day;
            return;
        }
        const auto* guard = trader_.orders().book().guard(symbol_);
        if (guard == nullptr || !guard->closing.active)
            trader_.flatten(execution::Label::cut(code(why)), at(bar.start));
    }
    void look_at_day(const model::Bar& bar) {
        if (last_end_ != UtcTime{} && !learnt() && bar.start - last_end_ > settings_.gap &&
            trader_.session().shut == time::Shut::open) [[unlikely]]
            ++gaps;
        if (bar.start < trader_.session().end) [[likely]]
            return;
        const auto before = trader_.risk().trading_day();
        if (before && last_end_ != UtcTime{})
            day_ = *before;
        trader_.begin_bar(bar.start, at(bar.start));
        if (day_ && trader_.session().day != *day_)
            end_of_day();
    }
    void end_of_day() {
        const auto day = day_ ? day_ : trader_.risk().trading_day();
        if (!day || last_end_ == UtcTime{})
            return;
        if (!days.empty() && days.back().day == *day)
            days.pop_back();
        if (!learnt())
            days.push_back({*day, port_.exchange().equity(port_.account())});
        port_.end_of_day(market_);
        day_.reset();
    }
    // Whether the last bar was only learnt from.
    [[nodiscard]] bool learnt() const {
        return settings_.trade_from && last_end_ <= *settings_.trade_from;
    }
    void take() {
        const auto closed = trader_.orders().trades();
        for (const auto& trade : closed) {
            if (trade.closed <= trader_.session_at(trade.opened).flat_by)
                continue;
            ++overdue;
            if (!overdue_since)
                overdue_since = trade.opened;
        }
        trades.insert(trades.end(), closed.begin(), closed.end());
        trader_.orders().take();
    }

    const BacktestSettings& settings_;
    broker::ExchangePort& port_;
    matching::MarketRef market_;
    trading::Trader& trader_;
    time::FuturesSession session_;
    std::optional<StandingAside> calendar_;
    std::optional<UtcTime> flattened_for_;  // the window whose beginning closed positions
    bool waits_ = false;
    std::optional<time::TradingDay> closed_day_;  // nothing that is held is of a day before
    model::Symbol symbol_;
    indicators::MarketIndicators indicators_;
    UtcTime last_end_{};
    std::optional<time::TradingDay> day_;
};

}  // namespace

matching::Costs default_costs(const model::Instrument& instrument) {
    return matching::expected_costs(instrument);
}

std::string hash_of(std::span<const execution::Trade> trades) {
    indicators::RunHash hash;
    for (const auto& trade : trades) {
        add(hash, trade.symbol.view());
        hash.add(static_cast<std::uint64_t>(trade.side));
        hash.add(unix_nanos(trade.opened));
        hash.add(unix_nanos(trade.closed));
        hash.add(trade.quantity);
        hash.add(trade.entry_ticks);
        hash.add(trade.exit_ticks);
        hash.add(trade.gross.millionths);
        hash.add(trade.fees.millionths);
        add(hash, trade.why.view());
    }
    return hash.hex();
}

Result<BacktestResult> run(const BacktestSettings& settings, std::span<const model::Bar> bars,
                           const Clock& clock, const Progress& progress) {
    broker::ExchangePort port(port_settings(settings));
    const auto market = port.add_market(*settings.instrument, settings.costs);
    execution::NoRecorder nowhere;
    execution::Recorder& recorder = settings.recorder != nullptr ? *settings.recorder : nowhere;
    BULLPEN_TRY(auto trader, trading::Trader::create(trader_settings(settings), port, recorder));
    BULLPEN_TRY(auto session, time::FuturesSession::load());
    BacktestResult result;
    result.start_cash = settings.cash;
    std::optional<StandingAside> calendar;
    if (settings.calendar != nullptr && settings.events.enabled) {
        BULLPEN_TRY(calendar, StandingAside::create(*settings.calendar, settings.events));
    }
    if (!settings.limits.empty())
        BULLPEN_CHECK(trader->take_limits(settings.limits));
    if (!bars.empty())
        BULLPEN_CHECK(trader->start(Fence{1}, at(bars.front().start)));
    Run engine(settings, port, market, *trader, std::move(session), std::move(calendar));
    const auto begin = clock.mono();
    bool waiting = settings.trade_from.has_value();
    trading::TraderCounters counters;
    strategy::GateCounters gates;
    engine.wait(waiting);
    for (const auto& bar : bars) {
        if (waiting && bar.end() > *settings.trade_from) [[unlikely]] {
            waiting = false;
            engine.wait(waiting);
            result.learnt = result.bars;
            counters = trader->counters();
            gates = trader->strategy().gates();
        }
        engine.bar(bar);
        ++result.bars;
        if (result.bars % k_progress_bars == 0 && progress && !progress(result.bars)) [[unlikely]]
            break;
    }
    engine.finish();
    const std::chrono::duration<double> took = clock.mono() - begin;
    result.engine_seconds = took.count();
    if (waiting)
        result.learnt = result.bars;
    if (result.bars > result.learnt) {
        result.first = bars[result.learnt].start;
        result.last = bars[result.bars - 1].end();
    }
    result.gaps = engine.gaps;
    result.overdue = engine.overdue;
    result.overdue_since = engine.overdue_since;
    result.trades = std::move(engine.trades);
    result.days = std::move(engine.days);
    result.totals = trader->orders().book().ledger().totals();
    result.open_contracts = trader->risk().position().quantity;
    result.end_equity = port.exchange().equity(port.account());
    result.nominal = {risk::missing_size(trader->risk().floor()), settings.cash.currency};
    result.counters = counted(trader->counters(), counters);
    result.gates = trader->strategy().gates();
    result.gates.subtract(gates);
    result.trades_hash = hash_of(result.trades);
    return result;
}

}  // namespace bullpen::backtest
