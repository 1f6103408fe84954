#include "worker/trading/trader.hpp"

#include <algorithm>
#include <utility>

#include "common/base/errc.hpp"
#include "common/time/market.hpp"
#include "worker/risk/session_rules.hpp"
#include "worker/strategy/session_view.hpp"

namespace bullpen::trading {

namespace {

using execution::Refusal;
using model::Purpose;

}  // namespace

// Hands every record on, and tells the trader what it must know of it: the risk gate counts each
// execution once, because the ledger does.
class Trader::FillTap final : public execution::Recorder {
  public:
    FillTap(Trader& trader, execution::Recorder& next) : trader_(trader), next_(next) {}

    Result<void> durable(const execution::Record& record) override {
        BULLPEN_CHECK(next_.durable(record));
        trader_.count(record);
        return {};
    }
    Result<void> record(const execution::Record& record) override {
        BULLPEN_CHECK(next_.record(record));
        trader_.count(record);
        return {};
    }

  private:
    Trader& trader_;
    execution::Recorder& next_;
};

Result<std::unique_ptr<Trader>> Trader::create(TraderSettings settings, broker::Port& port,
                                               execution::Recorder& recorder,
                                               execution::KillPoints* kill_points) {
    const auto market = time::market_from(settings.instrument->market);
    if (!market) {
        return fail(Errc::invalid, "the hours of " + std::string(settings.instrument->symbol) +
                                       " are those of an unknown market '" +
                                       std::string(settings.instrument->market) + "'");
    }
    const auto rules = risk::session_rules(settings.session, settings.pack);
    BULLPEN_TRY(auto calendar,
                time::MarketCalendar::load(*market, settings.holidays != nullptr
                                                        ? *settings.holidays
                                                        : time::HolidayTable::built_in()));
    BULLPEN_TRY(auto strategy,
                strategy::StrategyRunner::create(settings.strategy, *settings.instrument));
    return std::unique_ptr<Trader>(new Trader(std::move(settings),
                                              time::SessionClock(std::move(calendar), rules),
                                              std::move(strategy), port, recorder, kill_points));
}

Trader::Trader(TraderSettings settings, time::SessionClock clock, strategy::StrategyRunner strategy,
               broker::Port& port, execution::Recorder& recorder,
               execution::KillPoints* kill_points)
    : settings_(std::move(settings)),
      symbol_(model::Symbol::cut(settings_.instrument->symbol)),
      strategy_name_(model::Symbol::cut(settings_.strategy.name)),
      clock_(std::move(clock)),
      cursor_(clock_),
      strategy_(std::move(strategy)),
      gate_(*settings_.instrument, settings_.risk, settings_.pack),
      port_(port),
      tap_(std::make_unique<FillTap>(*this, recorder)),
      approver_(std::make_unique<GateApprover>(gate_)),
      orders_(std::make_unique<execution::OrderManager>(std::span(&settings_.instrument, 1),
                                                        settings_.orders, port_, *tap_, *approver_,
                                                        kill_points)) {
    events_.reserve(64);
}

Trader::~Trader() = default;

indicators::IndicatorSettings Trader::indicator_settings() const {
    return strategy_.indicator_settings();
}

Result<void> Trader::start(Fence fence, Instant now) {
    look_at_session(now.utc);
    BULLPEN_CHECK(orders_->start(fence, now));
    port_.connect(now);
    (void)port_.query_balance(now);
    serve(now);
    return {};
}

void Trader::look_at_session(UtcTime at) {
    const auto& facts = cursor_.at(at);
    if (facts.begin != session_.begin || facts.end != session_.end) [[unlikely]] {
        session_ = facts;
        gate_.on_session(session_);
    }
}

void Trader::begin_bar(const model::Bar& bar, Instant now) {
    look_at_session(bar.start);
    orders_->on_time(now);
}

void Trader::serve(Instant now) {
    do {
        events_.clear();
        port_deadline_ = port_.poll(now, events_);
        for (const auto& event : events_) {
            if (const auto* balance = std::get_if<broker::BalanceAnswer>(&event);
                balance != nullptr && balance->balance)
                gate_.on_balance(*balance->balance, balance->may_trade);
            orders_->on_event(event, now);
        }
        orders_->on_time(now);
    } while (!events_.empty());
}

std::optional<MonoTime> Trader::next_deadline() const {
    const auto own = orders_->next_deadline();
    if (!own || !port_deadline_)
        return own ? own : port_deadline_;
    return std::min(*own, *port_deadline_);
}

void Trader::on_bar(const model::Bar& bar, const indicators::IndicatorValues& values,
                    std::span<const model::Bar> closed_quarters, Instant now) {
    ++counters_.bars;
    look_at_session(bar.end());
    gate_.on_bar(bar);
    orders_->on_mark(symbol_, bar.close);
    if (!gate_.position().flat()) [[unlikely]]
        look_at_limits(now);
    carry_out(strategy_.on_bar(bar, values, closed_quarters, facts(bar.end())), bar, now);
}

void Trader::look_at_limits(Instant now) {
    const auto latch = gate_.latch();
    if (!latch || flattened_for_ == latch)
        return;
    flattened_for_ = latch;
    orders_->flatten(symbol_, execution::Label::cut(risk::code(latch->limit)), now);
}

void Trader::flatten(execution::Label why, Instant now) {
    orders_->flatten_all(why, now);
}

void Trader::refresh_position() {
    position_stale_ = false;
    const auto& ledger = orders_->book().ledger();
    const auto exposure = orders_->exposure(symbol_);
    position_ = {};
    position_.quantity = exposure.held;
    position_.entry_working = exposure.entries_buy + exposure.entries_sell > 0;
    const auto* guard = orders_->book().guard(symbol_);
    position_.exit_working = exposure.exits > 0 || (guard != nullptr && guard->closing.active);
    position_.closed = static_cast<std::int64_t>(ledger.totals().trades);
    position_.closed_ticks = last_trade_ticks_;
    const auto* line = ledger.find(symbol_);
    if (line == nullptr || line->position.flat())
        return;
    position_.average = model::average_price(line->position);
    position_.entered = line->trade.opened;
    if (guard != nullptr && guard->protect && orders_->protected_quantity(symbol_) > 0)
        position_.stop = guard->stop;
}

strategy::Facts Trader::facts(UtcTime now) {
    if (position_stale_) [[unlikely]]
        refresh_position();
    strategy::Facts facts;
    facts.now = now;
    facts.session = strategy::session_facts(session_, now);
    facts.position = position_;
    facts.entries_allowed = approver_->mode() == model::TradingMode::active;
    return facts;
}

model::IntentKey Trader::key(const model::Bar& bar, Purpose leg) const {
    return {strategy_name_, symbol_, bar.start, leg, 0};
}

void Trader::carry_out(const strategy::Decisions& decisions, const model::Bar& bar, Instant now) {
    if (decisions.none()) [[likely]]
        return;
    if (const auto* enter_action = decisions.get<strategy::Enter>()) {
        enter(*enter_action, bar, now);
    } else if (const auto* exit_action = decisions.get<strategy::Exit>()) {
        exit(*exit_action, bar, now);
    } else if (const auto* partial_action = decisions.get<strategy::Partial>()) {
        partial(*partial_action, bar, now);
    } else if (const auto* move = decisions.get<strategy::MoveStop>()) {
        if (orders_->move_stop(symbol_, move->price, now).made())
            ++counters_.stop_moves;
    }
    serve(now);
}

void Trader::enter(const strategy::Enter& enter, const model::Bar& bar, Instant now) {
    ++counters_.signals;
    execution::Entry entry;
    entry.account = settings_.orders.account;
    entry.key = key(bar, Purpose::entry);
    entry.side = enter.side;
    entry.quantity = gate_.size(enter.side, enter.signal, enter.stop);
    entry.expected = enter.signal;
    entry.stop = enter.stop;
    entry.why = execution::Label::cut("signal");
    if (entry.quantity == 0)
        return unmade({}, true, now.utc);
    approver_->set_target(enter.target);
    const auto decided = orders_->enter(entry, now);
    approver_->set_target(std::nullopt);
    if (!decided.made())
        return unmade(decided, false, now.utc);
    ++counters_.entries;
}

void Trader::unmade(const execution::Decided& decided, bool no_size, UtcTime now) {
    last_unmade_ = Unmade{decided.refusal, std::nullopt, no_size, now};
    if (no_size) {
        ++counters_.no_size;
    } else if (decided.refusal == Refusal::risk_gate) {
        last_unmade_->denial = approver_->last_denial();
        ++counters_.denied.at(decided.denial);
    } else {
        ++counters_.refused.at(static_cast<std::size_t>(decided.refusal));
    }
}

void Trader::exit(const strategy::Exit& exit, const model::Bar& bar, Instant now) {
    execution::Exit order;
    order.key = key(bar, Purpose::exit);
    order.expected = bar.close;
    order.why = execution::Label::cut(strategy::code(exit.reason));
    if (orders_->exit(order, now).made())
        ++counters_.exits;
}

void Trader::partial(const strategy::Partial& partial, const model::Bar& bar, Instant now) {
    execution::Exit order;
    order.key = key(bar, Purpose::partial_exit);
    order.quantity = partial.quantity;
    order.expected = bar.close;
    order.why = execution::Label::cut("partial");
    if (orders_->exit(order, now).made())
        ++counters_.partials;
}

}  // namespace bullpen::trading
