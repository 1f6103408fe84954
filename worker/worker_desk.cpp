// The side of a worker that trades: when its desk may begin, what its orders mean for session and
// mode, and how it comes to rest.
#include "worker/worker.hpp"

namespace bullpen::worker {

namespace {

using execution::StopState;
using model::Reason;
using model::SessionState;
using model::TradingMode;

// What one of the session's states means for the session clock of an account that trades.
constexpr Nanos k_connect_wait = Millis(50);

}  // namespace

std::array<int, 3> Worker::fds() const {
    const auto* desk = engine_ ? engine_->desk() : nullptr;
    return {link_ ? link_->fd() : -1, desk != nullptr && desk->started() ? desk->fd() : -1,
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
    context_.log().info("trading_begins", {{"fence", fence.value}, {"shadow", desk.shadow()}});
    follow_desk(now);
}

void Worker::serve_desk(Instant now) {
    auto* desk = engine_ ? engine_->desk() : nullptr;
    if (desk == nullptr || !desk->started() || closed())
        return;
    desk->serve(now);
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
    if (const auto halt = desk.take_halt()) {
        last_error_ = execution::code(*halt);
        on_operator(TradingMode::halted, std::string(model::code(Reason::order_trouble)),
                    std::nullopt, now);
    }
}

void Worker::judge_desk(Instant now) {
    auto& desk = *engine_->desk();
    const bool waits = session_ == SessionState::connecting && attached_;
    hold_if(waits, Reason::broker_unreachable, TradingMode::idle, now.utc);
    const auto& session = desk.trader().session();
    const bool known = desk.trader().market_time() != UtcTime{};
    const bool shut = known && session.shut != time::Shut::open;
    hold_if(shut && session.shut == time::Shut::maintenance, Reason::maintenance_break,
            TradingMode::idle, now.utc);
    hold_if(shut && session.shut != time::Shut::maintenance, Reason::session_closed,
            TradingMode::idle, now.utc);
    const auto latch = desk.trader().risk().latch();
    hold_if(latch.has_value(), Reason::limit_reached, TradingMode::idle, now.utc,
            latch ? std::string(risk::code(latch->limit)) : "");
}

// Only where the market's clock is at the broker: a feed of our own cannot fall silent unnoticed.
void Worker::watch_feed(Instant now) {
    auto& desk = *engine_->desk();
    if (!desk.paces() || session_ != SessionState::trading || desk.market_ended()) {
        feed_watch_.on_quiet();
        return;
    }
    const auto mute_from = data_.feed().market_mute_from();
    if (!mute_from || now.mono < *mute_from) {
        feed_watch_.on_quiet();
        return;
    }
    switch (feed_watch_.look(now.mono)) {
        case FeedStep::none: break;
        case FeedStep::reconnect:
            last_error_ = "the market is mute: connecting anew";
            context_.log().warn("feed_mute", {{"trouble", last_error_}});
            desk.reconnect("the market is mute", now);
            break;
        case FeedStep::alarm:
            last_error_ = "the market stays mute: check the exchange";
            context_.log().error("feed_mute", {{"trouble", last_error_}});
            break;
    }
}

void Worker::drain_desk(Instant now) {
    if (desk_stopped_)
        return;
    const auto state = engine_->desk()->stop(now);
    const auto& at_stop = context_.settings().orders.at_stop;
    if (state == StopState::refused) {
        last_error_ = "it does not stop while a position is open: " + position_text();
        return;
    }
    if (state == StopState::under_way && now.mono < drain_until_)
        return;
    desk_stopped_ = true;
    const auto position = position_text();
    if (state == StopState::done)
        context_.log().info("at_rest", {{"policy", config::code(at_stop)}, {"position", position}});
    else
        context_.log().error("not_at_rest",
                             {{"policy", config::code(at_stop)}, {"position", position}});
    finish_drain();
}

}  // namespace bullpen::worker
