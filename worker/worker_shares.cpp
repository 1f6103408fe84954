// The side of a worker whose account trades shares: it follows no instrument, its session at the
// broker is that of its jobs, and the market's time is what the broker says.
#include "common/base/errc.hpp"
#include "worker/account_ports.hpp"
#include "worker/jobs/budget_records.hpp"
#include "worker/trader_setup.hpp"
#include "worker/worker.hpp"

namespace bullpen::worker {

namespace {

using model::Reason;
using model::SessionState;
using model::TradingMode;

// How long before the end of a stop it is given up to wait for the broker.
constexpr Nanos k_away_of_drain = std::chrono::seconds(6);

broker::SharePermit permit_of(TradingMode mode) {
    switch (mode) {
        case TradingMode::active: return broker::SharePermit::all;
        case TradingMode::fenced: return broker::SharePermit::nothing;
        case TradingMode::reducing:
        case TradingMode::idle:
        case TradingMode::halted: return broker::SharePermit::exits;
    }
    return broker::SharePermit::nothing;
}

}  // namespace

bool Worker::trades_shares() const {
    return context_.settings().trading == config::TradingKind::shares;
}

bool Worker::make_share_port() {
    auto made = worker::make_share_port(context_);
    if (!made) {
        end(exit_code_for(made.error()), Reason::refused_configuration, made.error().message());
        return false;
    }
    shares_ = std::move(*made);
    auto minder = ShareMinder::create(context_, *shares_);
    if (!minder) {
        end(exit_code_for(minder.error()), Reason::refused_configuration, minder.error().message());
        return false;
    }
    minder_ = std::move(*minder);
    count_orders();
    return true;
}

// The broker's limits are the account's: what another process sent today counts.
void Worker::count_orders() {
    const auto path = jobs::budget_path(context_.paths().directory);
    const auto kept = jobs::load_budget(context_.files(), path, context_.id());
    if (!kept) {
        last_error_ = "orders of today are not counted on: " + kept.error().message();
        context_.log().error("orders_not_counted", {{"trouble", kept.error().message()}});
    }
    shares_->count(kept ? *kept : broker::ShareBudget::Kept{},
                   {[this](UtcTime at) { return minder_->trading_day(at); },
                    [this, path](const broker::ShareBudget::Kept& counted) {
                        return jobs::save(context_.files(), path, context_.id(), counted);
                    }},
                   clock_.now());
}

void Worker::serve_shares(Instant now) {
    if (shares_ == nullptr || closed())
        return;
    shares_due_ = shares_->poll(now);
    if (session_ == SessionState::connecting && shares_->connected()) {
        connect_delay_ = Nanos(std::chrono::seconds(1));
        context_.log().info("broker_connected");
        apply(SessionEvent::connected);
    } else if (session_ == SessionState::trading && !shares_->connected()) {
        context_.log().warn("broker_lost", {{"trouble", shares_->trouble()}});
        last_error_ = "no session at the broker: " + shares_->trouble();
        apply(SessionEvent::connection_lost);
    } else if (session_ == SessionState::reconciling && !shares_->connected()) {
        apply(SessionEvent::connection_lost);
    }
    if (shares_->take_news()) {
        minder_->wake();
        if (jobs_ != nullptr)
            jobs_->wake();
    }
    mind_shares(now);
}

// To what rest the account is to be brought, and to be kept at.
std::optional<jobs::RestPolicy> Worker::wanted_rest() const {
    using enum jobs::RestPolicy;
    if (options_.recover != config::RecoveryPolicy::none)
        return options_.recover == config::RecoveryPolicy::flatten ? flatten : protect;
    if (ends_with_token())
        return protect;
    if (session_ == SessionState::draining) {
        const auto at_stop = context_.settings().orders->at_stop;
        return leaves_market_ || at_stop == config::AtStop::flatten ? flatten : protect;
    }
    const bool halted = latch_ && latch_->mode == TradingMode::halted;
    return halted || flatten_wanted_ ? std::optional(flatten) : std::nullopt;
}

void Worker::mind_shares(Instant now) {
    if (!recovered_)
        return;
    minder_->want(wanted_rest());
    // Before the mode was judged, nothing may be sent.
    if (session_ != SessionState::connecting)
        minder_->serve(now);
    if (flatten_wanted_ && minder_->rested() && minder_->rested()->ok)
        flatten_wanted_ = false;
    if (auto trouble = minder_->take_trouble(); !trouble.empty())
        last_error_ = std::move(trouble);
}

bool Worker::ends_with_token() const {
    return ending_.reason == Reason::token_missing;
}

// Without its token an account of shares can do nothing at its broker, and a job would only fail at
// it. What is held stays behind its stops there; what jobs were at is in the journal, and the
// worker that has the next token goes on with it. Other accounts go on as they are: what follows
// prices must be able to close by them.
void Worker::watch_token(Instant now) {
    if (!trades_shares() || options_.recover != config::RecoveryPolicy::none || closed() ||
        session_ == SessionState::draining || drain_wanted_ || !token_.is_to_rest(now.utc))
        return;
    context_.log().warn("token_ends", {{"field", token_.field()}, {"at", *token_.ends()}});
    request_drain(Reason::token_missing,
                  "its " + token_.field() + " ended at " + format_utc(*token_.ends()) +
                      "; bullpenctl credentials set " + context_.id().str() + " " + token_.field());
}

// A stop leaves what is held behind its stops at the broker, unless the settings say otherwise.
void Worker::drain_shares(Instant now) {
    const bool token = ends_with_token();
    const auto at_stop = token            ? config::AtStop::leave_protected
                         : leaves_market_ ? config::AtStop::flatten
                                          : context_.settings().orders->at_stop;
    const auto standing = minder_->standing(now.mono);
    const bool flat = standing && standing->flat;
    if (at_stop == config::AtStop::refuse && !flat) {
        last_error_ = "it does not stop while shares are held: " + position_text();
        return;
    }
    const auto& rested = minder_->rested();
    const bool away = !shares_->connected() && now.mono >= drain_until_ - k_away_of_drain;
    // The end of a token is waited for, so that the account is not begun anew with the old one.
    if (token ? !token_.is_over(now.utc) : !rested && !away && now.mono < drain_until_)
        return;
    desk_stopped_ = true;
    const std::string position = position_text();
    const std::string text = rested ? rested->text
                             : away ? "no session at the broker"
                                    : "out of time";
    const log::Fields fields = {
        {"policy", config::code(at_stop)}, {"position", position}, {"text", text}};
    if (rested && rested->ok)
        context_.log().info("at_rest", fields);
    else
        context_.log().error("not_at_rest", fields);
    if (!flat)
        left_ = position + ": " + text;
    finish_drain();
}

// What a launch that only recovers was to do is done, and the daemon was told how it stands now.
bool Worker::shares_recovered() {
    const auto& rested = minder_->rested();
    if (!rested)
        return false;
    if (link_ != nullptr && news_.next_deadline() && !lease_.daemon_absent(clock_.mono()))
        return false;
    if (!rested->ok)
        context_.log().error("not_at_rest", {{"policy", config::code(options_.recover)},
                                             {"position", position_text()},
                                             {"text", rested->text}});
    return true;
}

std::optional<std::int64_t> Worker::held_quantity(MonoTime now) const {
    const auto standing = minder_->standing(now);
    return standing ? std::optional(standing->shares) : std::nullopt;
}

void Worker::tell_shares(ipc::Heartbeat& beat, MonoTime now) const {
    const auto standing = minder_->standing(now);
    tell_orders(beat);
    beat.at_rest = false;
    beat.quantity.reset();
    beat.flat = standing && standing->flat && !flatten_wanted_;
    beat.day_pnl.clear();
    beat.position = standing ? jobs::text_of(*standing) : "unknown";
    if (!standing)
        return;
    beat.quantity = standing->shares;
    if (standing->day_pnl)
        beat.day_pnl = model::text(*standing->day_pnl);
    if (const auto& limit = minder_->loss_limit(); limit && standing->day_pnl) {
        beat.limits.push_back(
            {"daily_loss", "money", -standing->day_pnl->millionths, limit->millionths});
    }
    const auto count = [&](std::string name, std::size_t value) {
        if (value > 0)
            beat.counters.emplace_back(std::move(name), static_cast<std::int64_t>(value));
    };
    count("shares", standing->symbols);
    count("unprotected", standing->naked.size());
    count("working_orders", standing->working);
    beat.at_rest = is_at_rest(*standing);
}

// What is held behind its stops at the broker is no reason to wait for a restart, when that leaves
// it there; what is under way is.
bool Worker::is_at_rest(const jobs::ShareStanding& standing) const {
    const bool stays = context_.settings().orders->at_stop == config::AtStop::leave_protected;
    const bool safe =
        standing.flat || (stays && standing.naked.empty() && standing.own_working == 0);
    return safe && !wanted_rest() && (jobs_ == nullptr || !jobs_->under_way());
}

// What was sent of what the broker takes in a day, and what had no room.
void Worker::tell_orders(ipc::Heartbeat& beat) const {
    using broker::ShareBudget;
    const auto counted = shares_->counted();
    beat.limits.push_back({"orders_day", "orders", static_cast<std::int64_t>(counted.sent),
                           static_cast<std::int64_t>(ShareBudget::k_orders.back())});
    const auto count = [&](const std::string& name, std::size_t value) {
        if (value > 0)
            beat.counters.emplace_back(name, static_cast<std::int64_t>(value));
    };
    const std::string denied = "denied_" + std::string(ShareBudget::k_reason);
    for (const auto limit :
         {ShareBudget::Limit::second, ShareBudget::Limit::minute, ShareBudget::Limit::day})
        count(denied + "_" + std::string(code(limit)),
              counted.refused.at(static_cast<std::size_t>(limit)));
    count(denied + "_broker", shares_->too_fast());
    if (const auto& last = shares_->denied()) {
        beat.refusal = last->text;
        beat.refused_at = last->at;
    }
}

// What is sent from now on keeps to the mode that was just judged.
void Worker::judge_shares(UtcTime now) {
    hold_if(session_ == SessionState::connecting, Reason::broker_unreachable, TradingMode::idle,
            now);
    // Until its market has said that another day has begun.
    if (minder_ == nullptr)
        return;
    if (const auto& loss = minder_->loss_reached())
        gate_.hold_each(Reason::limit_reached, TradingMode::idle, now, std::nullopt,
                        jobs::text_of(*loss));
    else
        gate_.lift(Reason::limit_reached, now);
}

void Worker::permit_shares() {
    if (shares_ != nullptr)
        shares_->permit(permit_of(gate_.current().mode));
}

}  // namespace bullpen::worker
