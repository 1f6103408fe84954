// The side of a worker that faces the daemon: hello, beats, and what it is told.
#include <unistd.h>

#include <algorithm>

#include "ipc/error_text.hpp"
#include "ipc/identity.hpp"
#include "worker/own_memory.hpp"
#include "worker/payout.hpp"
#include "worker/version.hpp"
#include "worker/worker.hpp"

namespace bullpen::worker {

namespace {

using model::Reason;
using model::SessionState;
using model::TradingMode;

// How long after its time the state file may be written before the timer counts as missed.
constexpr Nanos k_timer_grace = std::chrono::seconds(30);
// How long after its time an answer of the broker, or that there is none, may be taken.
constexpr Nanos k_answer_grace = std::chrono::seconds(5);

ipc::Obligation obligation(std::string name, std::optional<MonoTime> by, MonoTime now) {
    ipc::Obligation owed{.name = std::move(name)};
    if (by) {
        owed.done = false;
        owed.due_in = *by - now;
        owed.overdue = owed.due_in < Nanos{0};
    }
    return owed;
}

// Or it is so near that nothing can be traded above it any more.
bool floor_reached(const TradingDesk& desk) {
    const auto& risk = desk.trader().risk();
    const auto latch = risk.latch();
    return latch ? latch->limit == risk::Limit::loss_floor
                 : risk.standing_denial() == risk::DenialCode::loss_floor_headroom;
}

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

void Worker::talk(Instant now) {
    lease_.on_connection(link_->connected(), now.mono);
    link_->receive([&](const ipc::Message& message) { on_message(message, now); },
                   [&](const Error& error) {
                       last_error_ = error.message();
                       context_.log().warn("message_refused", {{"trouble", last_error_}});
                   });
    if (lease_.hello_due(now.mono))
        say_hello(now);
}

// In the turn in which it begins to work: the next one may be a second away.
void Worker::say_ready() {
    const bool works = session_ == SessionState::trading || (shares_ != nullptr && recovered_) ||
                       (attached_ && engine_->desk() != nullptr && engine_->desk()->started());
    if (works && lease_.welcomed() && !ready_said_)
        ready_said_ = link_->send(ipc::Ready{});
}

void Worker::say_hello(Instant now) {
    ipc::Hello hello{.account = context_.id(), .launch = *context_.launch()};
    hello.pid = ::getpid();
    hello.session = session_;
    hello.fence = lease_.fence();
    hello.program = "bullpen-worker";
    hello.version = std::string(k_version);
    if (lease_.welcomed_ever()) {
        ipc::Hello::Running running;
        running.started = started_;
        running.start_time = ipc::start_time_of(hello.pid).value_or(0);
        running.ready = ready_said_;
        hello.running = running;
    }
    asker_.on_new_connection();
    if (link_->send(hello))
        lease_.on_hello_sent(now.mono);
}

void Worker::on_message(const ipc::Message& message, Instant now) {
    lease_.on_word(now.mono);
    std::visit(
        Overloaded{
            [&](const ipc::Welcome& welcome) {
                if (!lease_.on_welcome(welcome, now)) {
                    context_.log().warn("protocol_not_spoken", {{"protocol", welcome.protocol},
                                                                {"min", ipc::k_protocol_min},
                                                                {"max", ipc::k_protocol}});
                    return;
                }
                if (engine_)
                    engine_->note_fence(lease_.fence());
                context_.log().info(
                    "welcomed", {{"fence", welcome.fence.value}, {"protocol", welcome.protocol}});
                // What was to begin with it begins now.
                if (session_ == SessionState::connecting)
                    next_connect_ = std::min(next_connect_, now.mono);
            },
            [&](const ipc::Ping& ping) { lease_.on_ping(ping, now); },
            [&](const ipc::Drain& drain) {
                const auto reason = model::reason_from(drain.reason).value_or(Reason::draining);
                request_drain(reason, "told by the daemon: " + drain.reason);
            },
            [&](const ipc::Halt& halt) {
                news_.answer();
                on_operator(TradingMode::halted, halt.reason, std::nullopt, now);
                connect_again(now);
            },
            [&](const ipc::Reduce& reduce) {
                news_.answer();
                flatten_wanted_ = flatten_wanted_ || reduce.flatten;
                on_operator(TradingMode::reducing, reduce.reason, reduce.until, now);
                if (reduce.flatten)
                    connect_again(now);
            },
            [&](const ipc::Resume& resume) {
                news_.answer();
                on_resume(resume, now);
                connect_again(now);
            },
            [&](const ipc::Grant& grant) { asker_.on_grant(grant); },
            [&](const ipc::RunJob& asked) { on_run_job(asked); },
            [&](const ipc::Payout& payout) { on_payout(payout, now); },
            // The rest is what workers say.
            [&](const auto&) {
                context_.log().warn("message_unexpected", {{"type", ipc::type_name(message)}});
            }},
        message);
}

void Worker::on_operator(TradingMode mode, const std::string& reason, std::optional<UtcTime> until,
                         Instant now) {
    auto known = model::reason_from(reason).value_or(Reason::none);
    if (known == Reason::none) {
        known = mode == TradingMode::halted ? Reason::operator_halt : Reason::operator_reduce;
    }
    // What is halted enters nothing either, and only resume brings it back.
    const bool stays = latch_ && latch_->mode == TradingMode::halted &&
                       mode == TradingMode::reducing && !resume_wanted_;
    if (!stays) {
        if (latch_)
            gate_.lift(latch_->reason, now.utc);
        resume_wanted_.reset();  // what is said last holds
        latch_ = Mode{mode, known, now.utc, until, {}};
        gate_.hold(known, mode, now.utc, until);
        checkpoint_wanted_ = true;
    }
    // The account itself stops where its orders are in trouble.
    const auto noted =
        context_.audit().append(known == Reason::order_trouble ? "own_halt" : "operator_order",
                                {{"mode", model::code(mode)},
                                 {"reason", model::code(known)},
                                 {"flatten", flatten_wanted_},
                                 {"until", until ? format_utc(*until) : "resume"}});
    if (!noted)
        last_error_ = noted.error().message();
}

// What an operator asks for needs the broker, also where another session took this one's place.
void Worker::connect_again(Instant now) {
    if (engine_ && engine_->desk() != nullptr)
        engine_->desk()->connect_again(now);
}

// Only of a floor that was reached: an operator who says it twice lowers it once.
void Worker::restart_floor() {
    const auto* desk = engine_ ? engine_->desk() : nullptr;
    if (desk == nullptr || !desk->started() || !floor_reached(*desk))
        return;
    const auto& floor = desk->trader().risk().floor();
    const auto before = model::text(floor.state().floor);
    const auto done = engine_->restart_floor();
    if (!done || !*done) {
        last_error_ = "the loss floor was not restarted: " +
                      (done ? std::string("the disk is full") : done.error().message());
        context_.log().error("floor_not_restarted", {{"trouble", last_error_}});
        return;
    }
    const auto after = model::text(floor.state().floor);
    context_.log().warn("floor_restarted", {{"from", before}, {"to", after}});
    if (auto noted = context_.audit().append("floor_restarted", {{"from", before}, {"to", after}});
        !noted)
        last_error_ = noted.error().message();
    checkpoint_wanted_ = true;
}

// Whoever told it looks for its request in the audit log: what is not there did not happen.
void Worker::on_payout(const ipc::Payout& payout, Instant now) {
    const auto trouble = pay_out(payout, now);
    if (trouble.empty())
        return;
    context_.log().warn("payout_refused", {{"amount", payout.amount}, {"trouble", trouble}});
    if (auto noted = context_.audit().append(
            "payout_refused",
            {{"amount", payout.amount}, {"trouble", trouble}, {"request", payout.request}});
        !noted)
        last_error_ = noted.error().message();
}

std::string Worker::pay_out(const ipc::Payout& payout, Instant now) {
    const auto* desk = engine_ ? engine_->desk() : nullptr;
    if (desk == nullptr || desk->shadow())
        return "the account trades no futures at a broker: nothing of it is counted here";
    if (!desk->started() || !desk->trader().has_strategy())
        return "the account has not begun to trade yet: say it again when it has";
    const auto currency = engine_->observer().instrument().tick_value.currency;
    const auto amount = payout_from_text(payout.amount, currency);
    if (!amount)
        return amount.error().message();
    const auto& gate = desk->trader().risk();
    if (const auto checked = gate.check_payout(*amount); !checked)
        return checked.error().message();
    const auto before = gate.floor().active() ? model::text(gate.floor().floor()) : std::string();
    const auto done = engine_->pay_out(*amount, now);
    if (!done || !*done)
        return done ? std::string("the disk is full") : done.error().message();
    const auto sum = model::text(*amount);
    const auto after = gate.floor().active() ? model::text(gate.floor().floor()) : std::string();
    context_.log().warn("payout", {{"amount", sum},
                                   {"currency", currency.code()},
                                   {"floor_from", before},
                                   {"floor_to", after}});
    if (auto noted = context_.audit().append("payout", {{"amount", sum},
                                                        {"currency", currency.code()},
                                                        {"floor_from", before},
                                                        {"floor_to", after},
                                                        {"request", payout.request}});
        !noted)
        last_error_ = noted.error().message();
    checkpoint_wanted_ = true;
    return {};
}

// What is lifted stands in the desk's books too, and they take nothing before it begins. All of it
// waits for that: with its mode alone lifted an account says that it trades, and enters nothing.
void Worker::on_resume(const ipc::Resume& resume, Instant now) {
    auto* desk = engine_ ? engine_->desk() : nullptr;
    if (desk != nullptr && !desk->started()) {
        const bool restart = resume_wanted_ && resume_wanted_->restart_floor;
        resume_wanted_ = ipc::Resume{.restart_floor = restart || resume.restart_floor};
        return;
    }
    if (resume.restart_floor)
        restart_floor();
    if (desk != nullptr)
        desk->resume(now);
    if (!latch_)
        return;
    gate_.lift(latch_->reason, now.utc);
    const auto noted = context_.audit().append(
        "operator_resume",
        {{"mode", model::code(latch_->mode)}, {"reason", model::code(latch_->reason)}});
    if (!noted)
        last_error_ = noted.error().message();
    latch_.reset();
    checkpoint_wanted_ = true;
}

std::optional<MonoTime> Worker::bar_due(Instant now) const {
    // A bar that waits for space on the disk is late for a known reason, which the mode tells.
    if (session_ != SessionState::trading || !data_.is_open() || last_turn_.disk_full ||
        last_turn_.ended)
        return std::nullopt;
    const auto by = data_.feed().expects_bar_by(now);
    // Where the exchange says when a bar is over, many may be there at once. Who is at them is not
    // late, however long a turn takes.
    const bool paced = engine_->desk() != nullptr && engine_->desk()->paces();
    return by && paced && last_turn_.more ? std::max(*by, now.mono + feed::k_bar_grace) : by;
}

// A broker that is slow is no fault of this process: when its answer does not come in time, that
// is to be noticed, and what was sent to be taken for unknown. Only who does neither is hung.
std::optional<MonoTime> Worker::answer_due() const {
    const auto* desk = engine_ ? engine_->desk() : nullptr;
    const auto by = shares_ != nullptr ? shares_->answer_due()
                    : desk != nullptr  ? desk->answer_due()
                                       : std::nullopt;
    return by ? std::optional(*by + k_answer_grace) : std::nullopt;
}

std::vector<ipc::Obligation> Worker::obligations(Instant now) const {
    std::optional<MonoTime> timer;
    if (recovered_ && !checkpoint_blocked_)
        timer = next_checkpoint_ + k_timer_grace;
    return {obligation("bar", bar_due(now), now.mono), obligation("timer", timer, now.mono),
            obligation("answer", answer_due(), now.mono)};
}

void Worker::send_beat_if_due(Instant now) {
    const auto& mode = gate_.current();
    const auto* desk = engine_ ? engine_->desk() : nullptr;
    news_.follow({session_, mode.mode, mode.reason,
                  minder_ != nullptr ? held_quantity(now.mono)
                  : desk != nullptr  ? desk->position().quantity
                                     : std::nullopt});
    const bool due = lease_.beat_due(now.mono) ||
                     (lease_.welcomed() && (asker_.beat_due(now.mono) || news_.beat_due(now.mono)));
    if (link_ == nullptr || !due || !link_->send(beat(now)))
        return;
    lease_.on_beat_sent(now.mono);
    asker_.on_beat_sent(now.mono);
    news_.on_beat_sent(now.mono);
    rest_told_ = rests_;
}

std::string Worker::dated_error(UtcTime now) {
    if (last_error_ != dated_error_) {
        dated_error_ = last_error_;
        error_at_ = now;
    }
    const auto text = context_.log().redactor().hide_known(last_error_);
    return text.empty() ? text : ipc::stamped(text, error_at_);
}

ipc::Heartbeat Worker::beat(Instant now) {
    const auto& mode = gate_.current();
    ipc::Heartbeat beat;
    beat.seq = ++beats_;
    beat.session = session_;
    beat.mode = mode.mode;
    beat.reason = std::string(model::code(mode.reason));
    beat.reason_text = mode.text;
    beat.since = mode.since;
    beat.until = mode.until;
    beat.obligations = obligations(now);
    // What only observes has nothing that could be open.
    beat.position = "flat";
    beat.quantity = 0;
    beat.flat = true;
    beat.day_pnl = "0";
    if (const auto* desk = engine_ ? engine_->desk() : nullptr; desk != nullptr) {
        const auto position = desk->position();
        beat.position = position.text;
        beat.quantity = position.quantity;
        beat.flat = position.flat && !flatten_wanted_;
        beat.floor_reached = floor_reached(*desk);
        beat.stake = desk->stake();
        beat.wish = asker_.wish(desk->product());
        beat.day_pnl = model::text(desk->trader().risk().day_profit());
        tell_trading(*desk, beat);
    }
    if (minder_ != nullptr)
        tell_shares(beat, now.mono);
    if (auto left = token_.use(now.utc))
        beat.limits.push_back(std::move(*left));
    if (latch_on_disk_)
        beat.latched = model::code(*latch_on_disk_);
    beat.rss_bytes = resident_bytes();
    beat.log_dropped = context_.log().dropped();
    beat.last_error = dated_error(now.utc);
    if (stall_.count() > 0) {
        beat.counters.emplace_back("stalls", static_cast<std::int64_t>(stall_.count()));
        beat.counters.emplace_back("stall_worst_ms",
                                   std::chrono::floor<Millis>(stall_.worst()).count());
    }
    if (engine_) {
        const auto& observer = engine_->observer();
        const auto& counters = observer.counters();
        const std::vector<std::pair<std::string, std::int64_t>> observed = {
            {"bars", counters.bars},
            {"quarters", counters.quarters},
            {"rises", counters.rises},
            {"falls", counters.falls},
            {"gaps", counters.gaps},
            {"checkpoints", static_cast<std::int64_t>(engine_->checkpoints())}};
        beat.counters.insert(beat.counters.begin(), observed.begin(), observed.end());
        if (data_.is_open()) {
            beat.counters.emplace_back("rows_refused",
                                       static_cast<std::int64_t>(data_.feed().quality().refused()));
        }
        if (data_.shared() != nullptr) {
            beat.counters.emplace_back("signals_missed",
                                       static_cast<std::int64_t>(data_.shared()->missed()));
        }
        if (observer.last_bar())
            beat.last_bar = observer.last_bar()->start;
        if (engine_->last_arrival())
            beat.bar_age = now.mono - *engine_->last_arrival();
        beat.bars = observer.position();
        beat.state_hash = observer.hash_text();
    }
    return beat;
}

}  // namespace bullpen::worker
