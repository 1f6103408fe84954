// Trader: everything between the bars of one instrument and the orders of one account: session,
// strategy, risk gate and order manager, in the order in which they must be told. The same Trader
// runs live, on paper, in shadow mode and in a backtest; only the port, the recorder and the times
// that come in differ.
//
// One account, one instrument, one thread, no clock. Calls in the order of events:
//
//     begin_bar()    the bar's time begins: what is decided from now on is judged by its session.
//                    The trading day begins with the first fill or bar of it
//     serve()        what the broker has to say, as often as it has
//     on_tick()      a trade within the bar and the quote that it met: what is held is judged by
//                    it. Only of a feed of ticks
//     on_bar()       the bar is complete, and the indicators took it: exits, then entries
//
// Its state is a function of what a journal holds: bars, ticks, modes and the order manager's
// records, in their order. restore() and the replay calls before start() bring it back; a decision
// on the newest bar that nobody carried out any more waits for resume_decision().
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/settings.hpp"
#include "common/model/bar.hpp"
#include "common/model/instrument.hpp"
#include "common/model/tick.hpp"
#include "common/time/session_clock.hpp"
#include "worker/broker/port.hpp"
#include "worker/execution/kill_points.hpp"
#include "worker/execution/order_manager.hpp"
#include "worker/execution/recorder.hpp"
#include "worker/risk/risk_gate.hpp"
#include "worker/strategy/runner.hpp"
#include "worker/trading/gate_approver.hpp"
#include "worker/trading/instrument_check.hpp"

namespace bullpen::trading {

struct TraderSettings {
    const model::Instrument* instrument = nullptr;  // outlives the trader
    config::StrategySettings strategy;
    config::RiskSettings risk;
    config::SessionSettings session;
    model::RulePack pack;
    execution::OrderManagerSettings orders;
    // The account is only made safe, and the strategy that it names there is not: nothing is
    // decided, and what the strategy had saved is kept.
    bool without_strategy = false;
    // Somebody is asked before each entry: see question().
    bool asks_before_entry = false;
    // Of the market's hours; the built-in table when it is null. Read at create() only.
    const time::HolidayTable* holidays = nullptr;
};

// The minute that a trade is in, as far as the trade tells: what is decided on it is named by that.
model::Bar bar_of(const model::QuotedTrade& tick);

// Why a signal of the strategy became no order.
struct Unmade {
    execution::Refusal refusal = execution::Refusal::none;
    std::optional<risk::Denial> denial;  // when it was the risk gate
    UtcTime at{};                        // of the market: the end of the signal's bar
};

struct TraderCounters {
    std::uint64_t bars = 0;
    std::uint64_t signals = 0;  // to enter
    std::uint64_t entries = 0;  // that became orders
    // By code; those of the risk gate are told apart.
    std::array<std::uint64_t, static_cast<std::size_t>(execution::Refusal::count_)> refused{};
    std::array<std::uint64_t, risk::k_denial_codes> denied{};
    std::uint64_t exits = 0;
    std::uint64_t partials = 0;
    std::uint64_t stop_moves = 0;
    // Of a feed of ticks: those that were told, and exits and parts that were decided on one.
    std::uint64_t ticks = 0;
    std::uint64_t exits_on_ticks = 0;
    friend bool operator==(const TraderCounters&, const TraderCounters&) = default;
};

class Trader {
  public:
    // `port` and `recorder` outlive it, and `kill_points`, which is for tests. Errc::invalid for
    // settings that contradict each other.
    static Result<std::unique_ptr<Trader>> create(TraderSettings settings, broker::Port& port,
                                                  execution::Recorder& recorder,
                                                  execution::KillPoints* kill_points = nullptr);
    Trader(const Trader&) = delete;
    Trader& operator=(const Trader&) = delete;
    ~Trader();

    // What the bars' indicators must be made with.
    [[nodiscard]] indicators::IndicatorSettings indicator_settings() const;

    [[nodiscard]] bool has_strategy() const { return !settings_.without_strategy; }

    // --- recovery, before start() ---------------------------------------------------------------
    // One JSON object. What of it belongs to other settings of the strategy begins anew; the errors
    // are corrupt, newer_version and wrong_account, and then nothing is to be done with the trader.
    [[nodiscard]] std::string save() const { return save(mode()); }
    // As if this were the mode.
    [[nodiscard]] std::string save(model::TradingMode as) const;
    Result<void> restore(std::string_view saved);
    // The limits alone go on from what another trader's gate saved; what that one held is not held
    // here. Errors as of restore().
    Result<void> take_limits(std::string_view saved);
    void replay(const execution::Record& record);
    // The strategy decides as it did then. What follows of it is in the records, but for the
    // newest bar.
    void replay_bar(const model::Bar& bar, const indicators::IndicatorValues& values,
                    std::span<const model::Bar> closed_quarters);

    void replay_tick(const model::QuotedTrade& tick);

    // The bars from now on are of another market; in recovery, or at work with nothing open. Who
    // never had an order begins with it anew, whatever its time. Who traded stays at the time that
    // it has come to, and no bar of an older market is_ahead().
    void begin_market();
    // After every bar that was taken. Nothing is entered on a bar that is not: it would be counted
    // with days, limits and decisions that are over.
    [[nodiscard]] bool is_ahead(const model::Bar& bar) const { return bar.end() > bar_time_; }
    [[nodiscard]] bool is_ahead(const model::QuotedTrade& tick) const {
        return tick.time >= bar_time_;
    }

    // Begins to answer for the account, and to connect.
    Result<void> start(Fence fence, Instant now);
    // What the account may do; entries only in TradingMode::active.
    void set_mode(model::TradingMode mode);
    [[nodiscard]] model::TradingMode mode() const;
    // While it is set, stops stay where they are.
    void forbid_modifications(bool forbidden) { modifications_forbidden_ = forbidden; }

    // The market's days are others than at create(): a close or a session that nobody knew of. What
    // is open now follows them at once.
    void set_holidays(time::MarketHolidays holidays, Instant now);
    [[nodiscard]] const time::MarketHolidays& holidays() const {
        return clock_.calendar().holidays();
    }

    void begin_bar(UtcTime start, Instant now) {
        look_at_session(start);
        orders_->on_time(now);
    }
    void serve(Instant now);
    void on_bar(const model::Bar& bar, const indicators::IndicatorValues& values,
                std::span<const model::Bar> closed_quarters, Instant now);
    // Whether the strategy looked at what is held.
    bool on_tick(const model::QuotedTrade& tick, Instant now);
    // A bar that is over for so long that nothing can be decided on it any more: the strategy
    // learns from it.
    void on_missed_bar(const model::Bar& bar, const indicators::IndicatorValues& values,
                       std::span<const model::Bar> closed_quarters, Instant now);
    // Carries out the decision on the newest bar of the replay, if the broker does not have it.
    void resume_decision(Instant now);
    void drop_decision() { pending_.reset(); }
    [[nodiscard]] bool has_decision() const { return pending_.has_value(); }
    // The entry that waits for leave, in contracts, below zero to sell; none when none does. It
    // waits until answer(), or until the next bar, which is no.
    [[nodiscard]] std::optional<std::int64_t> question() const {
        return asked_ ? std::optional(asked_->quantity) : std::nullopt;
    }
    // `refusal` is none when it may be made; everything else is looked at once more.
    void answer(execution::Refusal refusal, Instant now);
    // An operator lets a loss floor that was reached begin anew; now, or in recovery.
    void restart_floor() { gate_.restart_floor(); }
    // So much was paid out; now, when the gate's check_payout() has nothing against it, or in
    // recovery.
    void on_payout(model::Money amount) { gate_.on_payout(amount); }
    // When serve() is to be called at the latest, without an event of the port.
    [[nodiscard]] std::optional<MonoTime> next_deadline() const;

    // Closes everything and cancels every order, until the broker says that it is so.
    void flatten(execution::Label why, Instant now);

    [[nodiscard]] execution::OrderManager& orders() { return *orders_; }
    [[nodiscard]] const execution::OrderManager& orders() const { return *orders_; }
    [[nodiscard]] const risk::RiskGate& risk() const { return gate_; }
    [[nodiscard]] const strategy::StrategyRunner& strategy() const { return strategy_; }
    // Whether the broker's instrument is ours. Nothing is entered until it is.
    [[nodiscard]] const InstrumentCheck& instrument_check() const { return instrument_check_; }
    // Nothing is on its way or to be asked: what happens next is the market's to say.
    [[nodiscard]] bool at_rest() const { return orders_->at_rest() && !instrument_check_.asking(); }
    [[nodiscard]] const TraderCounters& counters() const { return counters_; }
    [[nodiscard]] const std::optional<Unmade>& last_unmade() const { return last_unmade_; }
    [[nodiscard]] const time::SessionFacts& session() const { return session_; }
    // What the account's session rules say of another time.
    [[nodiscard]] time::SessionFacts session_at(UtcTime at) const { return clock_.facts(at); }
    // When the trading day after the one that is counted begins; none when no calendar says.
    [[nodiscard]] std::optional<UtcTime> next_trading_day() const;
    // When what is held was opened; none when nothing is.
    [[nodiscard]] std::optional<UtcTime> opened() const;
    // The market's time as far as bars and fills have told it.
    [[nodiscard]] UtcTime market_time() const { return market_time_; }
    // The horizon beyond the market's time that start() found and mended: see Book::mend_horizon().
    [[nodiscard]] std::optional<UtcTime> mended_horizon() const { return mended_horizon_; }
    [[nodiscard]] const TraderSettings& settings() const { return settings_; }
    // Whose orders and position restore() brought back, as the broker writes it; empty when nobody
    // said.
    [[nodiscard]] const execution::BrokerAccount& restored_account() const {
        return restored_account_;
    }
    // Why restore() let the strategy begin anew; empty when it did not.
    [[nodiscard]] const std::string& strategy_trouble() const { return strategy_trouble_; }

  private:
    class Gatekeeper;
    Trader(TraderSettings settings, time::SessionClock clock, strategy::StrategyRunner strategy,
           broker::Port& port, execution::Recorder& recorder, execution::KillPoints* kill_points);

    void look_at_session(UtcTime at) {
        if (!session_.holds(at)) [[unlikely]]
            begin_session(at);
    }
    void begin_session(UtcTime at);
    void begin_day_of(UtcTime at);
    void stay_flat(Instant now);
    // True when a limit that was reached now closes what is held.
    bool look_at_limits(Instant now);
    void take_bar(const model::Bar& bar);
    // What the strategy decides on it; none when nothing is held that it could judge.
    const strategy::Decisions* take_tick(const model::QuotedTrade& tick);
    [[nodiscard]] bool is_news(const model::Bar& bar) const;
    void keep_decision(const strategy::Decisions& decisions, const model::Bar& bar);
    void count(const execution::Record& record);
    void follow_ledger();
    void refresh_position();
    // Of the session that was looked at last. Good until it is asked again.
    [[nodiscard]] const strategy::Facts& facts(UtcTime now);
    void carry_out(const strategy::Action& action, const model::Bar& bar, Instant now);
    // What was answered to the question for leave.
    struct Leave {
        execution::Refusal refusal = execution::Refusal::none;
        std::int64_t quantity_max = std::numeric_limits<std::int64_t>::max();
    };
    // Without a leave, it is asked for first.
    void enter(const strategy::Enter& enter, const model::Bar& bar, std::optional<Leave> leave,
               Instant now);
    void take_back_old_entry(const model::Bar& bar, Instant now);
    void exit(const strategy::Exit& exit, const model::Bar& bar, Instant now);
    void partial(const strategy::Partial& partial, const model::Bar& bar, Instant now);
    void unmade(const execution::Decided& decided, UtcTime at);
    [[nodiscard]] model::IntentKey key(const model::Bar& bar, model::Purpose leg) const;

    TraderSettings settings_;
    model::Symbol symbol_;
    model::Symbol strategy_name_;
    time::SessionClock clock_;
    time::SessionCursor cursor_;
    time::SessionFacts session_;
    strategy::StrategyRunner strategy_;
    risk::RiskGate gate_;
    broker::Port& port_;
    std::unique_ptr<GateApprover> approver_;
    std::unique_ptr<execution::OrderManager> orders_;
    std::optional<MonoTime> port_deadline_;
    InstrumentCheck instrument_check_;
    std::vector<broker::Event> events_;  // reused
    // What the strategy was told last. Session and position are set when they change: a bar changes
    // neither, as a rule.
    strategy::Facts facts_;
    UtcTime session_told_{};  // the time that its session is told as of
    bool position_stale_ = true;
    execution::BrokerAccount restored_account_;
    std::int64_t last_trade_ticks_ = 0;
    std::optional<risk::Latch> flattened_for_;
    UtcTime market_time_{};
    UtcTime bar_time_{};  // end of the last bar that was taken
    bool live_ = false;   // started: what is recorded from now on passed the gate here
    bool modifications_forbidden_ = false;
    bool adopted_ = false;  // the ledger took over a position that the gate does not know
    struct Pending {
        strategy::Action action;
        model::Bar bar;
    };
    std::optional<Pending> pending_;
    struct Asked {
        strategy::Enter enter;
        model::Bar bar;
        std::int64_t quantity = 0;
    };
    std::optional<Asked> asked_;
    std::string strategy_trouble_;
    std::optional<UtcTime> mended_horizon_;
    TraderCounters counters_;
    std::optional<Unmade> last_unmade_;
};

}  // namespace bullpen::trading
