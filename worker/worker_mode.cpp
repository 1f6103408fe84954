// Why a worker does not trade: every reason is looked at in every turn.
#include "worker/worker.hpp"

namespace bullpen::worker {

namespace {

using model::Reason;
using model::SessionState;
using model::TradingMode;

std::string behind_text(const TradingDesk& desk) {
    return "its market is at " + format_utc(*desk.market_behind()) + ", and the account was at " +
           format_utc(desk.trader().market_time()) +
           " already: it enters again after that; take another account for an older market";
}

}  // namespace

void Worker::hold_if(bool held, Reason reason, TradingMode mode, UtcTime now, std::string text) {
    if (held)
        gate_.hold(reason, mode, now, std::nullopt, std::move(text));
    else
        gate_.lift(reason, now);
}

void Worker::judge(Instant now) {
    if (latch_ && latch_->until && *latch_->until <= now.utc) {
        latch_.reset();
        checkpoint_wanted_ = true;
    }
    const bool trading = session_ == SessionState::trading;
    hold_if(link_ == nullptr || lease_.daemon_absent(now.mono), Reason::daemon_absent,
            TradingMode::reducing, now.utc);
    if (lease_.clock_skewed()) {
        const auto skew = std::chrono::floor<Millis>(*lease_.skew()).count();
        gate_.hold(Reason::clock_skew, TradingMode::reducing, now.utc, std::nullopt,
                   "own clock minus the daemon's: " + std::to_string(skew) + " ms");
    } else {
        gate_.lift(Reason::clock_skew, now.utc);
    }
    hold_if(lease_.lapsed(now.mono), Reason::lease_expired, TradingMode::fenced, now.utc);
    hold_if(session_ == SessionState::reconciling, Reason::reconciling, TradingMode::idle, now.utc);
    if (engine_ && engine_->desk() != nullptr)
        judge_desk(now);
    else if (shares_ != nullptr)
        judge_shares(now.utc);
    else
        judge_market(now.utc);
    const bool warm = trades_shares() || (engine_ && engine_->observer().warm());
    const auto* desk = engine_ ? engine_->desk() : nullptr;
    const bool behind = desk != nullptr && desk->market_behind().has_value();
    hold_if(!warm || behind, Reason::warm_up, TradingMode::idle, now.utc,
            behind ? behind_text(*desk) : std::string());
    hold_if(trading && last_turn_.ended, Reason::feed_ended, TradingMode::idle, now.utc);
    const auto trouble =
        data_.shared() != nullptr ? data_.shared()->trouble(now.mono) : std::string();
    const bool stale = (session_ == SessionState::connecting && !attached_ && shares_ == nullptr) ||
                       feed_watch_.stale();
    hold_if(stale || !trouble.empty(), Reason::feed_stale, TradingMode::idle, now.utc,
            trouble.empty() ? last_error_ : trouble);
    judge_disk(checkpoint_blocked_ || (trading && last_turn_.disk_full), now.utc);
    // What holds on keeps its since, even when it was to be over by now.
    gate_.advance(now.utc);
    const auto& mode = gate_.current();
    if (engine_ && engine_->desk() != nullptr)
        engine_->desk()->set_mode(mode.mode, now);
    permit_shares();
    tell_mode(now);
}

void Worker::tell_mode(Instant now) {
    const auto line = mode_log_.look(gate_.current(), now.mono);
    if (!line)
        return;
    const auto& mode = line->mode;
    context_.log().info(line->lasts ? "mode_lasts" : "mode_changed",
                        {{"mode", model::code(mode.mode)},
                         {"reason", model::code(mode.reason)},
                         {"since", mode.since},
                         {"until", mode.until ? format_utc(*mode.until) : "unknown"},
                         {"untold", line->untold},
                         {"sentence", model::text(mode.reason).sentence},
                         {"text", mode.text}});
}

// Told whatever else holds the gate: a stricter mode must not hide a full disk.
void Worker::judge_disk(bool full, UtcTime now) {
    if (full && !gate_.holds(Reason::disk_full)) {
        last_error_ = "the disk is full: bars wait for space";
        context_.log().error("disk_full", {{"trouble", last_error_}});
    } else if (!full && gate_.holds(Reason::disk_full)) {
        context_.log().info("disk_has_space");
    }
    hold_if(full, Reason::disk_full, TradingMode::idle, now);
}

void Worker::judge_market(UtcTime now) {
    const auto& market = lease_.market();
    const auto follow = [&](std::string_view state, Reason reason) {
        if (market.state == state && (!market.until || *market.until > now))
            gate_.hold(reason, TradingMode::idle, now, market.until);
        else
            gate_.lift(reason, now);
    };
    follow("closed", Reason::session_closed);
    follow("break", Reason::maintenance_break);
}

}  // namespace bullpen::worker
