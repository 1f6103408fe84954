// TradingDesk: the trading side of one account: its trader, the port to its broker, and the journal
// that the trader's records go to. The engine gives it the bars, the worker its mode and its time;
// what it says of itself is for the log, the beat and the operator.
//
// Made with the account's context. In recovery: restore(), then the replay calls in the order of
// the journal; then start(). One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/storage/journal.hpp"
#include "ipc/message.hpp"
#include "worker/account_context.hpp"
#include "worker/broker/shadow_port.hpp"
#include "worker/broker/venue_port.hpp"
#include "worker/calendar_watch.hpp"
#include "worker/day_end.hpp"
#include "worker/mode_gate.hpp"
#include "worker/observer.hpp"
#include "worker/tick_stream.hpp"
#include "worker/trading/trader.hpp"

namespace bullpen::worker {

// What is held, as the beat tells it.
struct DeskPosition {
    std::optional<std::int64_t> quantity;  // none: not known
    bool flat = false;                     // proven, and no order is left; so a shadow's, too
    std::string text;                      // "long 2 at 5001.25", "flat", "unknown"
};

class TradingDesk {
  public:
    // None when the account only observes. `instrument` outlives it. Errc::invalid and not_found
    // for settings that cannot trade; to recover, which trades nothing, it goes without a strategy,
    // a rule pack or holidays that there are not. `kill_points` is for tests.
    static Result<std::unique_ptr<TradingDesk>> create(
        AccountContext& context, const model::Instrument& instrument,
        config::RecoveryPolicy recover = config::RecoveryPolicy::none,
        execution::KillPoints* kill_points = nullptr);
    TradingDesk(const TradingDesk&) = delete;
    TradingDesk& operator=(const TradingDesk&) = delete;
    ~TradingDesk();

    [[nodiscard]] indicators::IndicatorSettings indicator_settings() const {
        return trader_->indicator_settings();
    }

    // --- recovery -------------------------------------------------------------------------------
    // With the mode that the journal has: what counts now may not be in it yet, and whoever goes on
    // from here would not note it.
    [[nodiscard]] std::string save() const { return trader_->save(noted_mode()); }
    Result<void> restore(std::string_view saved);
    Result<void> replay(const storage::JournalRecord& record);
    void replay_bar(const Observer& observer);
    void replay_tick(const model::QuotedTrade& tick) { trader_->replay_tick(tick); }
    void replay_mode(model::TradingMode mode);
    // The journal has this mode; another one is noted before the next bar.
    [[nodiscard]] model::TradingMode noted_mode() const { return noted_mode_; }
    void note_mode(model::TradingMode mode) {
        noted_mode_ = mode;
        mode_noted_ = true;
    }
    // Whatever it is, it is noted with the next bar: the records may end with that of another desk.
    void forget_noted_mode() { mode_noted_ = false; }
    [[nodiscard]] bool must_note(model::TradingMode mode) const {
        return !mode_noted_ || mode != noted_mode_;
    }
    // By its records it holds something, or has an order.
    [[nodiscard]] bool at_work() const;
    // A snapshot may be taken: the journal has all that the books have.
    [[nodiscard]] bool may_save() const { return !trader_->orders().ahead_of_journal(); }

    // --- at work --------------------------------------------------------------------------------
    // A fence that orders of this account carry already may be used again; a lower one may not.
    Result<void> start(Fence fence, Instant now);
    [[nodiscard]] bool started() const { return started_; }
    // The highest fence that the account's orders carry.
    [[nodiscard]] Fence fence() const { return trader_->orders().book().fence(); }
    void set_mode(model::TradingMode mode, Instant now);
    // What the broker has to say, and what became due.
    void serve(Instant now);
    // Before a bar is in the journal: the simulated broker of an account in the shadow sees it.
    void before_bar(const model::Bar& bar, Instant now);
    // That the feed's bar is the one that the exchange had. Errc::invalid when it is not.
    [[nodiscard]] Result<void> check_bar(std::uint64_t index, const model::Bar& bar) const;
    // The next tick of the bar that is made now, `bar` by its number, if the account's feed tells
    // ticks; null while there is none. `behind`: so many bars are over and not taken; with more
    // than one, and while a decision from before waits, ticks are not told.
    [[nodiscard]] const model::QuotedTrade* next_tick(std::uint64_t bar, std::uint64_t behind);
    // That tick, which the journal has.
    void on_tick(Instant now);
    // The feed's bar as the account takes it: made of its ticks, where all of them came.
    // Errc::invalid when that is another one.
    [[nodiscard]] Result<model::Bar> formed(std::uint64_t index, const model::Bar& bar);
    // None when the account's feed tells none.
    [[nodiscard]] const TickStream* ticks() const { return ticks_ ? &*ticks_ : nullptr; }
    // A bar that the journal has; `observer` took it. `newest`: no later bar is over.
    void on_bar(const Observer& observer, bool newest, Instant now);
    // Everything of the market's last step was taken: it may go on once the orders are at rest.
    void acknowledge(Instant now);
    // Bars of another market begin, now or in a replay.
    void begin_market() { trader_->begin_market(); }
    // Before a bar is in the journal: whether it is after all that the account has seen, else
    // nothing is entered on it.
    [[nodiscard]] bool goes_on(const model::Bar& bar);
    // Where the market is while that is not so.
    [[nodiscard]] const std::optional<UtcTime>& market_behind() const { return market_behind_; }
    // Before a bar is in the journal: whether entries may be decided on it. One
    // that may not is noted as a bar of the mode idle, so that a replay decides the same.
    void allow_entries(bool allowed, Instant now);
    // What the calendar says of the market's days, when it may have changed.
    void follow_market_days(const CalendarWatch& calendar, Instant now);
    void forbid_modifications(bool forbidden) { trader_->forbid_modifications(forbidden); }
    // The decision that a process before this one could not carry out.
    void resume_decision(bool newest, Instant now);
    void flatten(std::string_view why, Instant now);
    // What is held is being closed, and nothing but the broker's word that it is flat ends it.
    [[nodiscard]] bool flattening() const;
    void resume(Instant now) { trader_->orders().resume(now); }
    // A stop could not be placed, and nobody has resumed the account since.
    [[nodiscard]] bool stop_refused() const;
    // Brings the account to rest by `policy`; to be asked again after every serve() until it is not
    // under way.
    execution::StopState stop(execution::StopPolicy policy, Instant now);
    // The broker is asked to tell the market anew: over the connection that there is, or a new one.
    void subscribe(Instant now);
    void reconnect(std::string_view why, Instant now);
    // An operator's order needs the broker: without a session one is asked for at once, also where
    // the broker had ended it for good.
    void connect_again(Instant now);
    // Why there is no session with the broker, and what brings one; empty with one.
    [[nodiscard]] std::string session_trouble() const;

    [[nodiscard]] bool connected() const { return started_ && trader_->orders().session_up(); }
    [[nodiscard]] bool reconciled() const { return started_ && trader_->orders().reconciled(); }
    // Whose market's bars the account takes: how many of them are over, as far as is known. None
    // when the account's own feed says when a bar is.
    [[nodiscard]] std::optional<std::uint64_t> bars_over() const { return bars_over_; }
    [[nodiscard]] bool paces() const { return venue_ != nullptr; }
    [[nodiscard]] bool market_ended() const { return market_ended_; }
    // When the market was heard of last.
    [[nodiscard]] const std::optional<MonoTime>& last_step() const { return last_step_; }
    [[nodiscard]] bool shadow() const { return shadow_ != nullptr; }
    [[nodiscard]] int fd() const { return port().fd(); }
    [[nodiscard]] std::optional<MonoTime> next_deadline() const;
    // By when what was sent to the broker has its answer or is taken for unknown, which serve()
    // does; none when no answer is awaited.
    [[nodiscard]] std::optional<MonoTime> answer_due() const;

    // An entry that waits for the daemon's leave; see Trader::question().
    [[nodiscard]] std::optional<std::int64_t> question() const { return trader_->question(); }
    void answer(execution::Refusal refusal, Instant now);
    // The symbol of the big contract of what is traded here.
    [[nodiscard]] std::string product() const;
    // What may be held, with all that orders may still add; none when it is not known, and in the
    // shadow.
    [[nodiscard]] std::optional<ipc::Stake> stake() const;
    // A loss floor that was reached begins anew, now or in a replay.
    void restart_floor() { trader_->restart_floor(); }
    void on_payout(model::Money amount) { trader_->on_payout(amount); }

    [[nodiscard]] DeskPosition position() const;
    // What the broker holds and the account's records do not explain, where its policy is to touch
    // nothing; empty when there is no such thing.
    [[nodiscard]] std::string unexplained() const;
    [[nodiscard]] const trading::Trader& trader() const { return *trader_; }
    // Something that only an operator lifts: a stop could not be placed, the session is for another
    // account, a closing does not succeed. Taken once.
    [[nodiscard]] std::optional<execution::NoticeKind> take_halt();
    // The last alarm or failure since it was asked for; empty when there was none.
    [[nodiscard]] std::string take_trouble() { return std::exchange(last_trouble_, {}); }

  private:
    TradingDesk(AccountContext& context, const model::Instrument& instrument);

    void enforce(model::TradingMode mode, Instant now);
    Result<void> make_port();
    [[nodiscard]] broker::Port& port();
    [[nodiscard]] const broker::Port& port() const;
    void take_steps(Instant now);
    void tell_market(const ipc::VenueStep& step, Instant now);
    void seed_shadow();
    void tell_notices();
    void judge_slippage(const execution::Notice& fill);
    void tell(const execution::Notice& notice);
    void tell_would_be();
    void tell_risk();
    // The strategy found a position held beyond its alert.
    void tell_held_long(UtcTime at);
    void tell_day_end(UtcTime bar_end, bool newest);
    void audit_new(const model::OrderTerms& terms);
    [[nodiscard]] std::string denial_text(const execution::Notice& notice) const;
    [[nodiscard]] std::string_view why_of(const execution::Order& order) const;
    void audit(std::string_view event, log::Fields fields);
    [[nodiscard]] std::string price_text(model::Price price) const;

    AccountContext& context_;
    const model::Instrument& instrument_;
    // All that the home knows, the account's own first: what the broker tells of the past may be
    // of another one.
    std::vector<const model::Instrument*> instruments_;
    std::unique_ptr<broker::VenuePort> venue_;
    std::unique_ptr<broker::ShadowPort> shadow_;
    matching::MarketRef shadow_market_;
    std::unique_ptr<execution::Recorder> recorder_;
    std::unique_ptr<trading::Trader> trader_;
    std::optional<time::Market> market_;
    time::HolidayTable home_holidays_;  // before the calendar's words
    std::uint64_t calendar_seen_ = 0;   // its revision
    model::TradingMode noted_mode_ = model::TradingMode::idle;
    bool mode_noted_ = true;
    bool started_ = false;
    std::optional<TickStream> ticks_;
    std::optional<std::uint64_t> bars_over_;
    UtcTime opened_{};  // the newest bar that the exchange has opened
    bool market_ended_ = false;
    std::optional<ipc::VenueStep> closed_;  // the last bar that the exchange told whole
    std::optional<MonoTime> last_step_;
    std::optional<std::uint64_t> step_to_acknowledge_;
    std::optional<MonoTime> restless_since_;  // since when the market waits for the orders to rest
    Nanos restless_max_{};
    bool decision_waits_ = false;
    std::optional<UtcTime> market_behind_;
    std::optional<execution::NoticeKind> halt_;
    std::string last_trouble_;
    std::optional<risk::Latch> limit_told_;
    DayEnd day_end_;
};

}  // namespace bullpen::worker
