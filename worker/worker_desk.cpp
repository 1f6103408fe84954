// The side of a worker that trades: when its desk may begin, what its orders mean for session and
// mode, and how it comes to rest.
#include <utility>

#include "worker/execution/close_reason.hpp"
#include "worker/refusal_text.hpp"
#include "worker/risk/overdue.hpp"
#include "worker/strategy/decisions.hpp"
#include "worker/trader_setup.hpp"
#include "worker/worker.hpp"

namespace bullpen::worker {

namespace {

using execution::StopState;
using model::Reason;
using model::SessionState;
using model::TradingMode;

// How often a desk that waits for the lease looks again whether it has come.
constexpr Nanos k_connect_wait = Millis(50);

bool is_live(const AccountContext& context) {
    return config::is_live(context.settings().feed.kind);
}

}  // namespace

std::array<int, 3> Worker::fds() const {
    const auto* desk = engine_ ? engine_->desk() : nullptr;
    const int broker = shares_ != nullptr                   ? shares_->fd()
                       : desk != nullptr && desk->started() ? desk->fd()
                                                            : -1;
    return {link_ ? link_->fd() : -1, broker,
            data_.shared() != nullptr ? data_.shared()->fd() : -1};
}

// Orders carry the fence of the lease. Without a daemon the account's lock alone proves that this
// process is the one, and the orders' numbers go on under the fence that they have.
void Worker::start_desk(Instant now) {
    auto& desk = *engine_->desk();
    if (desk.started()) {
        follow_desk(now);
        return;
    }
    Fence fence{std::max<std::uint64_t>(desk.fence().value, 1)};
    if (lease_.welcomed_ever()) {
        fence = lease_.fence();
    } else if (link_ != nullptr && !lease_.daemon_absent(now.mono)) {
        next_connect_ = now.mono + k_connect_wait;
        connect_delay_ = k_connect_wait;
        return;
    }
    if (auto started = engine_->start_desk(fence, now); !started) {
        last_error_ = started.error().message();
        if (storage::is_out_of_space(started.error()))
            checkpoint_blocked_ = true;
        else
            end(exit_code_for(started.error()), Reason::none, last_error_);
        return;
    }
    context_.log().info("trading_begins", {{"fence", fence.value}});
    if (resume_wanted_)
        on_resume(*std::exchange(resume_wanted_, std::nullopt), now);
    // The process before this one died between the record of it and the halt.
    if (!latch_ && desk.stop_refused())
        halt_itself(execution::NoticeKind::stop_failed, now);
    follow_desk(now);
}

void Worker::halt_itself(execution::NoticeKind why, Instant now) {
    last_error_ = execution::code(why);
    on_operator(TradingMode::halted, std::string(model::code(Reason::order_trouble)), std::nullopt,
                now);
}

void Worker::serve_desk(Instant now) {
    auto* desk = engine_ ? engine_->desk() : nullptr;
    if (desk == nullptr || !desk->started() || closed())
        return;
    desk->serve(now);
    if (flatten_wanted_ && desk->reconciled()) {
        flatten_wanted_ = false;
        desk->flatten(code(execution::CloseReason::by_operator), now);
    }
    follow_desk(now);
    watch_feed(now);
}

// The session follows the broker's: without one nothing can be sent, and before both sides were
// compared nothing may be.
void Worker::follow_desk(Instant now) {
    auto& desk = *engine_->desk();
    if (session_ == SessionState::connecting && attached_ && desk.connected())
        apply(SessionEvent::connected);
    if (session_ == SessionState::reconciling && !desk.connected())
        apply(SessionEvent::connection_lost);
    if (session_ == SessionState::reconciling && desk.reconciled() &&
        options_.recover == config::RecoveryPolicy::none)
        apply(SessionEvent::reconciled);
    if (session_ == SessionState::trading && !desk.connected()) {
        context_.log().warn("broker_lost");
        apply(SessionEvent::connection_lost);
    }
    if (const auto halt = desk.take_halt())
        halt_itself(*halt, now);
}

void Worker::judge_desk(Instant now) {
    auto& desk = *engine_->desk();
    if (auto alarm = desk.take_trouble(); !alarm.empty())
        last_error_ = std::move(alarm);
    const bool waits = session_ == SessionState::connecting && attached_;
    hold_if(waits, Reason::broker_unreachable, TradingMode::idle, now.utc, desk.session_trouble());
    const auto& trouble = desk.trader().instrument_check().trouble();
    if (trouble.empty() == gate_.holds(Reason::instrument_mismatch)) {
        if (trouble.empty())
            context_.log().info("instrument_agreed");
        else
            context_.log().error("instrument_mismatch", {{"trouble", trouble}});
    }
    hold_if(!trouble.empty(), Reason::instrument_mismatch, TradingMode::idle, now.utc, trouble);
    const auto unexplained = desk.unexplained();
    if (!unexplained.empty() && !gate_.holds(Reason::position_unexpected))
        context_.log().error("position_unexpected", {{"text", unexplained}});
    hold_if(!unexplained.empty(), Reason::position_unexpected, TradingMode::idle, now.utc,
            unexplained);
    const auto& session = desk.trader().session();
    const bool known = desk.trader().market_time() != UtcTime{};
    const bool shut = known && session.shut != time::Shut::open;
    const auto follow = [&](bool held, Reason reason) {
        // A market with a time of its own opens at nobody's wall clock.
        std::optional<UtcTime> until;
        if (session.next_open > now.utc && is_live(context_))
            until = session.next_open;
        if (held)
            gate_.hold(reason, TradingMode::idle, now.utc, until);
        else
            gate_.lift(reason, now.utc);
    };
    follow(shut && session.shut == time::Shut::maintenance, Reason::maintenance_break);
    follow(shut && session.shut != time::Shut::maintenance, Reason::session_closed);
    judge_limits(now);
    judge_calendar(now);
    close_overdue(now);
}

// A limit that was reached, and whatever else refuses each entry until the next day or for good.
void Worker::judge_limits(Instant now) {
    const auto& trader = engine_->desk()->trader();
    const auto latch = trader.risk().latch();
    const auto standing = trader.risk().standing_denial();
    if (!latch && !standing) {
        gate_.lift(Reason::limit_reached, now.utc);
        return;
    }
    using risk::DenialCode;
    const bool for_a_day = latch ? !latch->for_good
                                 : standing == DenialCode::trades_reached ||
                                       standing == DenialCode::orders_of_day ||
                                       standing == DenialCode::daily_loss_headroom;
    std::optional<UtcTime> until;
    if (for_a_day && is_live(context_))
        until = trader.next_trading_day();
    gate_.hold_each(Reason::limit_reached, TradingMode::idle, now.utc, until,
                    latch ? limit_text(latch->limit) : standing_text(*standing));
}

// A market that is simulated has a time of its own, by which positions are judged there.
void Worker::close_overdue(Instant now) {
    auto& desk = *engine_->desk();
    const auto& trader = desk.trader();
    const auto opened = trader.opened();
    if (!opened || session_ != SessionState::trading || !desk.reconciled() || desk.flattening())
        return;
    const UtcTime told = trader.market_time();
    const bool live = is_live(context_);
    const UtcTime at = live ? std::max(told, now.utc) : told;
    const auto why = risk::overdue(trader.session_at(at), trader.session_at(*opened), at);
    if (why == risk::Overdue::none)
        return;
    last_error_ =
        "overdue (" + std::string(code(why)) + "): " + position_text() + " is closed by the clock";
    context_.log().error("overdue", {{"why", code(why)}, {"position", position_text()}});
    desk.flatten(code(why), now);
}

// A market that is simulated has a time of its own, and the calendar is asked about that one: about
// the end of its next bar, on which the next decision is. Before its first bar it has none.
void Worker::judge_calendar(Instant now) {
    auto& desk = *engine_->desk();
    const UtcTime told = desk.trader().market_time();
    const Nanos span = data_.is_open() ? Nanos(data_.feed().span()) : Nanos(model::k_minute);
    const bool live = is_live(context_) || told == UtcTime{};
    const UtcTime at = live ? now.utc : told + span;
    calendar_->look(now, at);
    desk.follow_market_days(*calendar_, now);
    const auto answer = calendar_->query(at);
    const bool reduces = answer.actions.reduce || answer.actions.cancel_resting;
    const auto mode = reduces && !answer.entries ? TradingMode::reducing : TradingMode::idle;
    std::optional<UtcTime> until;
    if (live && answer.to < calendar_->timeline().ends())
        until = answer.to;
    const auto hold = [&](bool held, Reason reason) {
        if (held)
            gate_.hold(reason, mode, now.utc, until, CalendarWatch::text(answer));
        else
            gate_.lift(reason, now.utc);
    };
    hold(answer.standing == events::Standing::blocked, Reason::event_blackout);
    hold(answer.standing == events::Standing::unknown && !answer.entries, Reason::calendar_unknown);
    desk.forbid_modifications(answer.actions.forbid_modifications);
    if (!answer.actions.flatten) {
        flattened_for_.reset();
    } else if (flattened_for_ != answer.from && session_ == SessionState::trading &&
               desk.reconciled()) {
        flattened_for_ = answer.from;
        desk.flatten(code(strategy::ExitReason::event), now);
    }
}

// What the strategy wants to enter and the owner's other accounts may stand against.
void Worker::ask_for_entries(Instant now) {
    auto* desk = engine_ ? engine_->desk() : nullptr;
    if (desk == nullptr)
        return;
    if (desk->question()) {
        asker_.follow(desk->question(), now.mono);
        const auto verdict = asker_.verdict(link_ != nullptr && lease_.welcomed(), now.mono);
        if (verdict != EntryAsker::Verdict::waiting) {
            using enum EntryAsker::Verdict;
            if (!asker_.words().empty())
                context_.log().warn("entry_judged",
                                    {{"granted", verdict == granted}, {"against", asker_.words()}});
            desk->answer(verdict == granted   ? execution::Refusal::none
                         : verdict == refused ? execution::Refusal::not_granted
                                              : execution::Refusal::no_grant,
                         now);
            // The market may wait for what was decided on this bar.
            last_turn_.more = true;
        }
    }
    asker_.follow(desk->question(), now.mono);
}

// Only where the market's clock is at the broker: a feed of our own cannot fall silent unnoticed.
void Worker::watch_feed(Instant now) {
    auto& desk = *engine_->desk();
    if (!desk.paces() || desk.market_ended()) {
        feed_watch_.on_quiet();
        return;
    }
    // A session that comes again is a step of what is done about it, and not its end.
    if (session_ != SessionState::trading)
        return;
    const bool mute_ticks = desk.ticks() != nullptr && desk.ticks()->is_mute();
    const std::string what =
        mute_ticks ? "the market tells no trades and quotes" : "the market is mute";
    const auto mute_from = data_.feed().market_mute_from();
    const Nanos silence = silence_of(desk.trader().session(), desk.trader().market_time(),
                                     context_.settings().feed.speed);
    if (!mute_ticks && (!mute_from || now.mono < *mute_from + silence)) {
        feed_watch_.on_quiet();
        return;
    }
    switch (feed_watch_.look(now.mono)) {
        case FeedStep::none: break;
        case FeedStep::subscribe:
            last_error_ = what + ": subscribing anew";
            context_.log().warn("feed_mute", {{"trouble", last_error_}});
            desk.subscribe(now);
            break;
        case FeedStep::reconnect:
            last_error_ = what + ": connecting anew";
            context_.log().warn("feed_mute", {{"trouble", last_error_}});
            desk.reconnect(what, now);
            break;
        case FeedStep::alarm:
            last_error_ = (mute_ticks ? "the market still tells no trades and quotes"
                                      : "the market stays mute") +
                          std::string(": check the exchange");
            context_.log().error("feed_mute", {{"trouble", last_error_}});
            break;
    }
}

bool Worker::waits_for_strategy() const {
    return !desk_stopped_ && !leaves_market_ && attached_ &&
           context_.settings().orders->at_stop == config::AtStop::refuse;
}

void Worker::drain_desk(Instant now) {
    if (desk_stopped_)
        return;
    if (minder_ != nullptr)
        return drain_shares(now);
    const auto at_stop =
        leaves_market_ ? config::AtStop::flatten : context_.settings().orders->at_stop;
    const auto state = engine_->desk()->stop(stop_policy(at_stop), now);
    if (state == StopState::refused) {
        last_error_ = "it does not stop while a position is open: " + position_text();
        return;
    }
    if (state == StopState::under_way && now.mono < drain_until_)
        return;
    desk_stopped_ = true;
    const auto position = position_text();
    const auto unexplained = engine_->desk()->unexplained();
    if (state == StopState::done && unexplained.empty())
        context_.log().info("at_rest", {{"policy", config::code(at_stop)}, {"position", position}});
    else
        context_.log().error("not_at_rest",
                             {{"policy", config::code(at_stop)}, {"position", position}});
    // Who told it to stop hears so, too.
    if (!engine_->desk()->shadow() && engine_->desk()->position().quantity != 0)
        left_ = position + (state == StopState::done ? ", behind its stop at the broker"
                                                     : ", and no stop is known to protect it");
    if (!unexplained.empty()) {
        ending_.reason = Reason::position_unexpected;
        ending_.sentence = "not flat: " + unexplained;
        last_error_ = ending_.sentence + ", and orders.unexpected = \"alert\" touches nothing";
    }
    finish_drain();
}

namespace {

std::string_view code(risk::Distance::Unit unit) {
    switch (unit) {
        case risk::Distance::Unit::money: return "money";
        case risk::Distance::Unit::contracts: return "contracts";
        case risk::Distance::Unit::trades: return "trades";
        case risk::Distance::Unit::orders: return "orders";
    }
    return "money";
}

}  // namespace

// How far the account is from its limits, and why it does not enter.
void Worker::tell_trading(const TradingDesk& desk, ipc::Heartbeat& beat) {
    const auto& trader = desk.trader();
    for (const auto& distance : trader.risk().distances(trader.market_time())) {
        beat.limits.push_back({std::string(distance.name), std::string(code(distance.unit)),
                               distance.used, distance.limit});
    }
    const auto& gates = trader.strategy().gates();
    if (auto last = last_refusal(trader.last_unmade(), gates)) {
        beat.refusal = std::move(last->text);
        beat.refused_at = last->at;
        beat.refused_until = last->until;
    }
    // Where the account's mode would let it enter.
    if (beat.mode == TradingMode::active)
        beat.reason_text = newest_bar_text(gates);
    const auto count = [&](std::string name, std::uint64_t value) {
        if (value > 0)
            beat.counters.emplace_back(std::move(name), static_cast<std::int64_t>(value));
    };
    const auto& counters = trader.counters();
    count("signals", counters.signals);
    count("entries", counters.entries);
    count("trades", trader.orders().book().ledger().totals().trades);
    count("tick_told", counters.ticks);
    count("tick_exits", counters.exits_on_ticks);
    if (const auto* ticks = desk.ticks()) {
        count("tick_bars", ticks->counters().bars_formed);
        count("tick_bars_of_source", ticks->counters().bars_of_source);
        count("tick_lost", ticks->counters().lost);
        count("tick_dropped", ticks->counters().dropped);
        count("tick_late", ticks->of_bars().late);
    }
    for (std::size_t i = 0; i < strategy::k_gates; ++i) {
        const auto gate = static_cast<strategy::Gate>(i);
        count("gate_" + std::string(strategy::code(gate)), gates.count(gate));
    }
    for (std::size_t i = 0; i < counters.denied.size(); ++i) {
        count("denied_" + std::string(risk::code(static_cast<risk::DenialCode>(i))),
              counters.denied[i]);
    }
    for (std::size_t i = 0; i < counters.refused.size(); ++i) {
        count("refused_" + std::string(execution::code(static_cast<execution::Refusal>(i))),
              counters.refused[i]);
    }
}

}  // namespace bullpen::worker
