#include "worker/worker.hpp"

#include <algorithm>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/config/shared_names.hpp"
#include "worker/settings_record.hpp"

namespace bullpen::worker {

namespace {

using model::Reason;
using model::SessionState;
using model::TradingMode;

// How long until a source that failed is tried again, doubling.
constexpr Nanos k_connect_delay = std::chrono::seconds(1);
constexpr Nanos k_connect_delay_max = std::chrono::seconds(60);
// How long until a state file that found no space is tried again.
constexpr Nanos k_checkpoint_retry = std::chrono::seconds(5);
// How long a signal to end waits for the daemon's word why.
constexpr Millis k_word_wait{500};
// The share of stop_wait in which an account is brought to rest; the rest is for the records.
constexpr int k_drain_percent = 80;
// A worker without a lease has nothing that must happen sooner.
constexpr Nanos k_turn_max = std::chrono::seconds(1);

}  // namespace

Worker::Worker(AccountContext& context, std::unique_ptr<LeaseLink> link, WorkerOptions options)
    : context_(context),
      link_(std::move(link)),
      options_(std::move(options)),
      clock_(context.clock()),
      started_(clock_.utc()),
      token_(context.credentials(), started_),
      gate_(started_),
      lease_(clock_.mono(), context.settings().beat_interval),
      data_(context) {
    if (options_.unpaced)
        data_.run_unpaced();
    if (context.settings().trading == config::TradingKind::off)
        gate_.hold(Reason::observing, TradingMode::idle, started_);
    if (options_.recover != config::RecoveryPolicy::none)
        gate_.hold(Reason::recovery_launch, TradingMode::reducing, started_, std::nullopt,
                   std::string(config::code(options_.recover)));
    const auto now = clock_.mono();
    next_checkpoint_ = now + options_.checkpoint_interval;
    next_status_ = now + context.settings().log.status_interval;
    connect_delay_ = k_connect_delay;
}

Worker::~Worker() = default;

void Worker::apply(SessionEvent event) {
    const auto taken = step(session_, event);
    BULLPEN_ASSERT(taken.possible, "a session event came in a state where it cannot");
    if (taken.next != session_) {
        context_.log().info("session_changed",
                            {{"from", model::code(session_)}, {"to", model::code(taken.next)}});
    }
    session_ = taken.next;
    switch (taken.action) {
        case SessionAction::none: break;
        case SessionAction::recover: recover(); break;
        case SessionAction::connect:
            // A source that was just lost is given time before it is tried again.
            if (event == SessionEvent::connection_lost)
                next_connect_ = clock_.mono() + connect_delay_;
            else
                connect(clock_.now());
            break;
        case SessionAction::reconcile:
            // Without orders the records are all there is. A recovery goes no further; see
            // finish_recovery().
            if (engine_->desk() == nullptr && options_.recover == config::RecoveryPolicy::none)
                apply(SessionEvent::reconciled);
            break;
        case SessionAction::trade: break;
        case SessionAction::drain: drain(); break;
        case SessionAction::finish: finish(); break;
    }
}

MonoTime Worker::turn() {
    if (closed())
        return MonoTime::max();
    const auto begin = clock_.mono();
    // Reading what an account left takes as long as it has records, before anything waits for it.
    const bool watched = options_.probe && session_ != SessionState::locking;
    if (watched) {
        if (const auto stall = stall_.begin(begin, options_.probe))
            tell_stall(*stall, begin);
    }
    const auto next = take_turn();
    const auto end = clock_.mono();
    turn_times_.add(end - begin);
    if (watched && !closed()) {
        if (const auto stall = stall_.end(end, next, options_.probe))
            tell_stall(*stall, end);
    }
    return next;
}

void Worker::enter(Stage stage) {
    if (options_.probe)
        stall_.enter(stage, clock_.mono());
}

MonoTime Worker::take_turn() {
    auto now = clock_.now();
    if (session_ == SessionState::locking)
        apply(SessionEvent::lock_taken);
    if (link_ != nullptr)
        talk(now);
    watch_token(now);
    if (drain_wanted_ && !closed() && now.mono >= drain_at_) {
        drain_wanted_ = false;
        apply(SessionEvent::drain_requested);
    }
    enter(Stage::connect);
    if (session_ == SessionState::connecting && now.mono >= next_connect_)
        connect(now);
    if (auto* shared = data_.shared())
        shared->look(now);
    enter(Stage::desk);
    serve_desk(now);
    serve_shares(now);
    if (closed())
        return MonoTime::max();
    if (link_ != nullptr)
        say_ready();
    // What has just been lifted must not keep the account from its next decision.
    enter(Stage::judge);
    if (session_ == SessionState::trading && engine_->desk() != nullptr)
        judge(now);
    enter(Stage::bars);
    if (session_ == SessionState::trading)
        work(now);
    else if (session_ == SessionState::draining)
        drain_desk(now);
    if (session_ == SessionState::draining && waits_for_strategy())
        work(now);
    if (closed())
        return MonoTime::max();
    now = clock_.now();
    enter(Stage::jobs);
    serve_jobs(now);
    if (closed())
        return MonoTime::max();
    enter(Stage::judge);
    judge(now);
    enter(Stage::checkpoint);
    checkpoint_if_due(now);
    if (closed())
        return MonoTime::max();
    enter(Stage::report);
    log_status(now);
    ask_for_entries(now);
    send_beat_if_due(now);
    if (session_ == SessionState::reconciling)
        finish_recovery(now);
    return next_turn(now);
}

// Where nothing trades there is nothing to protect or to close. The daemon is told before the end,
// for as long as there is one.
void Worker::finish_recovery(Instant now) {
    const bool flatten = options_.recover == config::RecoveryPolicy::flatten;
    auto* desk = engine_->desk();
    if (desk != nullptr) {
        if (!desk->reconciled())
            return;
        const auto policy =
            flatten ? execution::StopPolicy::flatten : execution::StopPolicy::leave_protected;
        if (desk->stop(policy, now) != execution::StopState::done)
            return;
    }
    if (minder_ != nullptr && !shares_recovered())
        return;
    // What an earlier beat said was of before.
    rests_ = true;
    if (link_ != nullptr && !rest_told_ && !lease_.daemon_absent(now.mono))
        return;
    const std::string how(config::code(options_.recover));
    const auto position = position_text();
    context_.log().info("recovery_finished", {{"policy", how}, {"position", position}});
    const auto standing = minder_ != nullptr ? minder_->standing(now.mono) : std::nullopt;
    const bool is_flat =
        minder_ != nullptr ? standing && standing->flat : desk == nullptr || desk->position().flat;
    request_drain(Reason::recovery_launch,
                  is_flat ? how + ": no position is open"
                          : how + ": " + position + ", behind its stop at the broker");
}

// A daemon's child is told why by message, which left before the signal and may come after it; by
// hand it is the operator who stops it. One that stood still, and is told to end for that, waits
// for no word.
void Worker::on_signal(std::string name) {
    const auto now = clock_.mono();
    const bool told = drain_wanted_ || session_ == SessionState::draining;
    const bool awake = !lease_.beat_due(now) && !lease_.daemon_absent(now);
    if (link_ != nullptr && !told && lease_.welcomed() && awake)
        drain_at_ = now + k_word_wait;
    request_drain(context_.launch() ? Reason::draining : Reason::operator_stop, std::move(name));
}

void Worker::request_drain(Reason reason, std::string sentence) {
    if (reason != Reason::draining) {
        drain_at_ = MonoTime{};
        // A signal had said that it ends, not why; one that waits for the end of its token need
        // not wait when it is to end anyway.
        if ((ending_.reason == Reason::draining || ends_with_token()) && !closed())
            ending_ = {ending_.code, reason, sentence};
    }
    if (drain_wanted_ || session_ == SessionState::draining || closed())
        return;
    drain_wanted_ = true;
    ending_ = {ExitCode::done, reason, std::move(sentence)};
}

ExitCode Worker::exit_code_for(const Error& error) {
    const auto& code = error.code();
    // What only a person can put right is not tried again.
    for (const auto fatal : {Errc::invalid, Errc::not_found, Errc::wrong_account,
                             Errc::newer_version, Errc::corrupt, Errc::too_large}) {
        if (code == make_error_code(fatal))
            return ExitCode::config;
    }
    if (storage::is_missing(error))
        return ExitCode::config;
    return ExitCode::temporary;
}

void Worker::recover() {
    auto created = Engine::create(context_, options_.recover, options_.kill_points);
    if (!created) {
        end(exit_code_for(created.error()), Reason::refused_configuration,
            created.error().message());
        return;
    }
    engine_.emplace(std::move(*created));
    auto recovery = engine_->recover();
    if (!recovery) {
        end(exit_code_for(recovery.error()), Reason::none, recovery.error().message());
        return;
    }
    log_recovery(*recovery);
    if (auto noted = record_settings(context_); !noted) {
        last_error_ = noted.error().message();
        context_.log().error("audit_failed", {{"trouble", last_error_}});
    }
    if (auto noted = engine_->note_settings(); !noted) {
        end(exit_code_for(noted.error()), Reason::none, noted.error().message());
        return;
    }
    if (engine_->desk() != nullptr) {
        auto calendar = CalendarWatch::open(context_);
        if (!calendar) {
            end(exit_code_for(calendar.error()), Reason::refused_configuration,
                calendar.error().message());
            return;
        }
        calendar_.emplace(std::move(*calendar));
        engine_->stand_aside(&*calendar_);
    }
    if (trades_shares() && !make_share_port())
        return;
    if (options_.recover == config::RecoveryPolicy::none && !make_job_desk())
        return;
    if (jobs_ != nullptr && recovery->clean_exit)
        jobs_->note_ordered_stop();
    recovered_ = true;
    latch_ = recovery->latch;
    note_latch();
    if (latch_)
        gate_.hold(latch_->reason, latch_->mode, latch_->since, latch_->until);
    // From here on the state file must not say that the last run ended cleanly.
    if (recovery->clean_exit || recovery->origin != storage::StateOrigin::current)
        write_checkpoint(clock_.now());
    if (!closed())
        apply(SessionEvent::recovered);
}

void Worker::connect(Instant now) {
    next_connect_ = now.mono + connect_delay_;
    connect_delay_ = std::min(2 * connect_delay_, k_connect_delay_max);
    if (shares_ != nullptr) {
        shares_->connect(now);
        return;
    }
    if (!attached_ && !attach(now))
        return;
    if (engine_->desk() == nullptr)
        apply(SessionEvent::connected);
    else
        start_desk(now);
}

bool Worker::attach(Instant now) {
    // What is made safe needs the broker alone. Nothing that is wrong with the feed stands against
    // it.
    if (options_.recover != config::RecoveryPolicy::none) {
        attached_ = true;
        return true;
    }
    Result<EngineAttachment> done;
    if (auto opened = data_.open(); !opened)
        done = fail(opened.error());
    else
        done = engine_->attach(data_, now);
    if (!done) {
        const auto& error = done.error();
        last_error_ = error.message();
        if (storage::is_out_of_space(error))
            checkpoint_blocked_ = true;
        else
            end(exit_code_for(error), Reason::refused_configuration, last_error_);
        return false;
    }
    if (done->market_anew)
        context_.log().info("feed_began", {{"source", engine_->observer().feed_identity()}});
    if (done->indicators_anew)
        context_.log().info("indicators_began_anew", {{"warm", engine_->observer().warm()}});
    attached_ = true;
    return true;
}

void Worker::work(Instant now) {
    auto turn = engine_->turn(now, options_.bars_per_turn);
    if (!turn) {
        end(exit_code_for(turn.error()), Reason::none, turn.error().message());
        return;
    }
    last_turn_ = std::move(*turn);
    if (last_turn_.bars > 0)
        connect_delay_ = k_connect_delay;
    if (last_turn_.ended && !feed_end_told_)
        next_refused_rows_ = now.mono;
    tell_refused_rows(now.mono);
    if (last_turn_.ended)
        on_feed_ended();
    if (last_turn_.fault)
        on_feed_fault();
}

void Worker::on_feed_ended() {
    if (feed_end_told_)
        return;
    feed_end_told_ = true;
    const auto& observer = engine_->observer();
    context_.log().info("feed_ended", {{"bars", observer.position()},
                                       {"hash", observer.hash_text()},
                                       {"quality", data_.feed().quality().summary()}});
    if (options_.until_end)
        request_drain(Reason::feed_ended, "the source is used up");
}

void Worker::on_feed_fault() {
    last_error_ = last_turn_.fault->message();
    last_turn_ = {};
    context_.log().error("feed_failed", {{"trouble", last_error_}});
    attached_ = false;
    apply(SessionEvent::connection_lost);
}

void Worker::checkpoint_if_due(Instant now) {
    if (!recovered_ || session_ == SessionState::draining)
        return;
    const auto bars = engine_->bars_since_checkpoint();
    const bool due = now.mono >= next_checkpoint_ && (bars > 0 || checkpoint_wanted_);
    const bool many = !checkpoint_blocked_ && bars >= options_.checkpoint_bars;
    const bool wanted = !checkpoint_blocked_ && checkpoint_wanted_;
    if (due || many || wanted)
        write_checkpoint(now);
    else if (now.mono >= next_checkpoint_)
        next_checkpoint_ = now.mono + options_.checkpoint_interval;
}

void Worker::write_checkpoint(Instant now) {
    auto written = engine_->checkpoint(now.utc, latch_, false);
    if (written) {
        note_latch();
        next_checkpoint_ = now.mono + options_.checkpoint_interval;
        checkpoint_wanted_ = false;
        checkpoint_blocked_ = false;
        return;
    }
    last_error_ = written.error().message();
    if (storage::is_out_of_space(written.error())) {
        checkpoint_blocked_ = true;
        checkpoint_wanted_ = true;
        next_checkpoint_ = now.mono + k_checkpoint_retry;
        return;
    }
    end(ExitCode::temporary, Reason::none, last_error_);
}

std::string Worker::position_text() const {
    if (minder_ != nullptr) {
        const auto standing = minder_->standing(clock_.mono());
        return standing ? jobs::text_of(*standing) : "unknown";
    }
    const auto* desk = engine_ ? engine_->desk() : nullptr;
    return desk != nullptr ? desk->position().text : "flat";
}

// The settings that are in force by now give the account another market, or another account at the
// broker, or end its trading: no process will follow what it holds.
bool Worker::is_to_leave_market() const {
    const auto& own = context_.settings();
    const auto applied = config::applied_account(context_.home(), own.id);
    return link_ != nullptr && applied &&
           (applied->trading != own.trading || applied->broker != own.broker ||
            applied->login != own.login ||
            config::account_at_broker(*applied) != config::account_at_broker(own) ||
            config::market_name(applied->feed) != config::market_name(own.feed));
}

// An account that trades is brought to rest first, for as long as a stop may take.
void Worker::drain() {
    const auto now = clock_.now();
    leaves_market_ = is_to_leave_market();
    drain_until_ = now.mono + context_.settings().stop_wait * k_drain_percent / 100;
    gate_.hold(ends_with_token() ? Reason::token_missing : Reason::draining, TradingMode::reducing,
               now.utc);
    if (minder_ != nullptr && options_.recover == config::RecoveryPolicy::none && recovered_) {
        // What a job is at is told as interrupted by the next process; nothing waits for its turn.
        jobs_.reset();
        permit_shares();
        return mind_shares(now);
    }
    desk_stopped_ = !engine_ || engine_->desk() == nullptr || !engine_->desk()->started() ||
                    options_.recover != config::RecoveryPolicy::none;
    if (desk_stopped_)
        finish_drain();
}

void Worker::finish_drain() {
    const auto now = clock_.now();
    if (ends_with_token())
        ending_.code = ExitCode::held_elsewhere;
    if (recovered_) {
        const storage::LastWords words{value(ending_.code),
                                       std::string(model::code(ending_.reason)), ending_.sentence};
        auto written = engine_->checkpoint(now.utc, latch_, true, words);
        if (!written) {
            context_.log().warn("last_checkpoint_failed", {{"trouble", written.error().message()}});
        }
    }
    apply(SessionEvent::drained);
}

void Worker::end(ExitCode code, Reason reason, std::string sentence) {
    // It goes into the state file and to the daemon, as well as into the log.
    ending_ = {code, reason, context_.log().redactor().hide_known(std::move(sentence))};
    context_.log().error("worker_failed", {{"exit_code", value(code)},
                                           {"reason", model::code(reason)},
                                           {"trouble", ending_.sentence}});
    if (recovered_) {
        const storage::LastWords words{value(code), std::string(model::code(reason)),
                                       ending_.sentence};
        // It failed already; that its last words may be lost as well changes nothing.
        (void)engine_->checkpoint(clock_.utc(), latch_, false, words);
    }
    apply(SessionEvent::failed);
}

void Worker::finish() {
    if (link_ != nullptr) {
        // One that ends before it said who it is would not be heard.
        const auto now = clock_.now();
        if (!lease_.connected() || lease_.hello_due(now.mono))
            say_hello(now);
        // What was closed on the way is the last that is known of it.
        if (desk_stopped_ && lease_.welcomed())
            (void)link_->send(beat(now));
        (void)link_->send(ipc::Goodbye{value(ending_.code),
                                       std::string(model::code(ending_.reason)), ending_.sentence,
                                       left_});
    }
    if (ending_.code == ExitCode::done || ends_with_token())
        (void)context_.locks().account.mark_ended(clock_.utc());
    context_.log().info("closed", {{"exit_code", value(ending_.code)},
                                   {"reason", model::code(ending_.reason)},
                                   {"bars", engine_ ? engine_->observer().position() : 0},
                                   {"hash", engine_ ? engine_->observer().hash_text() : ""},
                                   {"dropped_lines", context_.log().dropped()}});
    log_performance();
    context_.log().flush();
    context_.performance().flush();
}

MonoTime Worker::next_turn(Instant now) const {
    // What came during the turn, a connection too, does not make the descriptor readable again.
    const bool heard =
        link_ != nullptr && (link_->pending() || link_->connected() != lease_.connected());
    if ((drain_wanted_ && now.mono >= drain_at_) || last_turn_.more || heard)
        return now.mono;
    auto next = now.mono + k_turn_max;
    if (drain_wanted_)
        next = std::min(next, drain_at_);
    if (link_ != nullptr)
        next =
            std::min({next, lease_.next_deadline(now.mono), asker_.next_deadline().value_or(next),
                      lease_.welcomed() ? news_.next_deadline().value_or(next) : next});
    if ((session_ == SessionState::trading || session_ == SessionState::draining) &&
        last_turn_.until)
        next = std::min(next, *last_turn_.until);
    if (shares_ != nullptr && token_.ends()) {
        const auto rests = *token_.ends() - (ends_with_token() ? Nanos{0} : TokenWatch::k_rest);
        next = std::min(next, now.mono + std::max(rests - now.utc, Nanos{0}));
    }
    if (const auto* shared = data_.shared()) {
        if (const auto look = shared->next_look())
            next = std::min(next, *look);
    }
    if (const auto due = jobs_ != nullptr ? jobs_->next_deadline() : std::nullopt)
        next = std::min(next, *due);
    if (shares_ != nullptr) {
        next = std::min({next, shares_due_.value_or(next), shares_->prices_due().value_or(next)});
        if (shares_->connected())
            next = std::min(next, minder_->next_deadline());
        if (session_ == SessionState::connecting)
            next = std::min(next, next_connect_);
    }
    if (const auto* desk = engine_ ? engine_->desk() : nullptr; desk != nullptr) {
        if (const auto due = desk->next_deadline())
            next = std::min(next, *due);
        // A desk that cannot start yet waits for the lease.
        if (session_ == SessionState::connecting && !desk->started())
            next = std::min(next, next_connect_);
    }
    return next;
}

}  // namespace bullpen::worker
