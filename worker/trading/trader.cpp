#include "worker/trading/trader.hpp"

#include <algorithm>
#include <utility>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/time/market.hpp"
#include "worker/execution/close_reason.hpp"
#include "worker/risk/session_rules.hpp"
#include "worker/strategy/session_view.hpp"

namespace bullpen::trading {

namespace {

using execution::Refusal;
using model::Purpose;

// From the beginning of its signal's bar on an entry may wait so long to be executed.
constexpr Nanos k_entry_life = std::chrono::minutes(6);

Result<strategy::StrategyRunner> make_strategy(const TraderSettings& settings) {
    if (settings.without_strategy)
        return strategy::StrategyRunner::absent();
    return strategy::StrategyRunner::create(settings.strategy, *settings.instrument);
}

}  // namespace

model::Bar bar_of(const model::QuotedTrade& tick) {
    model::Bar bar;
    bar.start = std::chrono::floor<std::chrono::minutes>(tick.time);
    bar.open = bar.high = bar.low = bar.close = tick.price;
    bar.volume = tick.size;
    return bar;
}

// The way through the gate, which also lets the trader know of every record that counts.
class Trader::Gatekeeper final : public GateApprover {
  public:
    Gatekeeper(risk::RiskGate& gate, Trader& trader) : GateApprover(gate), trader_(trader) {}
    execution::Verdict approve(const model::OrderTerms& terms, const execution::Exposure& exposure,
                               const std::optional<execution::Plan>& plan, Instant now) override {
        trader_.follow_ledger();
        return GateApprover::approve(terms, exposure, plan, now);
    }
    void learn(const execution::Record& record) override {
        trader_.follow_ledger();
        trader_.count(record);
    }

  private:
    Trader& trader_;
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
    BULLPEN_TRY(auto strategy, make_strategy(settings));
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
      approver_(std::make_unique<Gatekeeper>(gate_, *this)),
      orders_(std::make_unique<execution::OrderManager>(std::span(&settings_.instrument, 1),
                                                        settings_.orders, port_, recorder,
                                                        *approver_, kill_points)),
      instrument_check_(*settings_.instrument, settings_.orders.answer_wait) {
    events_.reserve(64);
}

Trader::~Trader() = default;

indicators::IndicatorSettings Trader::indicator_settings() const {
    return strategy_.indicator_settings();
}

void Trader::set_mode(model::TradingMode mode) {
    approver_->set_mode(mode);
}

model::TradingMode Trader::mode() const {
    return approver_->mode();
}

Result<void> Trader::take_limits(std::string_view saved) {
    BULLPEN_CHECK(gate_.restore(saved));
    gate_.adopt({});
    return {};
}

Result<void> Trader::start(Fence fence, Instant now) {
    live_ = true;
    if (market_time_ != UtcTime{})
        mended_horizon_ = orders_->mend_horizon(market_time_);
    BULLPEN_CHECK(orders_->start(fence, now));
    port_.connect(now);
    serve(now);
    return {};
}

void Trader::begin_session(UtcTime at) {
    session_ = cursor_.at(at);
    gate_.on_hours(session_);
    facts_.session = strategy::session_facts(session_, at);
    session_told_ = at;
}

// With what a journal holds, and nothing else: what is saved must be what is rebuilt from it.
inline void Trader::begin_day_of(UtcTime at) {
    look_at_session(at);
    if (gate_.trading_day() != session_.day) [[unlikely]]
        gate_.on_session(session_);
}

void Trader::begin_market() {
    strategy_.begin_market();
    const auto& book = orders_->book();
    const auto& totals = book.ledger().totals();
    if (!book.orders().empty() || totals.executions > 0 || totals.trades > 0)
        return;
    market_time_ = bar_time_ = {};
    approver_->set_time(market_time_);
    gate_.begin_market();
    auto strategy = make_strategy(settings_);
    BULLPEN_ASSERT(strategy.has_value(), "it was made of the same settings before");
    strategy_ = std::move(*strategy);
    pending_.reset();
    asked_.reset();
}

void Trader::set_holidays(time::MarketHolidays holidays, Instant now) {
    clock_.set_holidays(std::move(holidays));
    cursor_.reset();
    if (market_time_ == UtcTime{})
        return;
    begin_session(market_time_);
    orders_->on_time(now);
}

void Trader::serve(Instant now) {
    do {
        events_.clear();
        port_deadline_ = port_.poll(now, events_);
        for (const auto& event : events_) {
            instrument_check_.on_event(event, now);
            orders_->on_event(event, now);
        }
        orders_->on_time(now);
        instrument_check_.on_time(port_, now);
    } while (!events_.empty());
    follow_ledger();
    if (mode() == model::TradingMode::halted) [[unlikely]]
        stay_flat(now);
}

// The word of an entry may come when all was closed and verified, and somebody else's order fill.
void Trader::stay_flat(Instant now) {
    for (std::size_t i = 0; i < orders_->book().guards().size(); ++i) {
        const auto& guard = orders_->book().guards()[i];
        if (!guard.closing.active && orders_->book().held(guard.symbol) != 0)
            orders_->flatten(model::Symbol(guard.symbol),
                             execution::label(execution::CloseReason::halted), now);
    }
}

void Trader::count(const execution::Record& record) {
    position_stale_ = true;
    if (const auto* filled = std::get_if<execution::Filled>(&record)) {
        if (filled->fill.symbol != symbol_)
            return;
        begin_day_of(filled->fill.time);
        market_time_ = std::max(market_time_, filled->fill.time);
        approver_->set_time(market_time_);
        const auto* order = orders_->book().find(filled->fill.order);
        gate_.on_fill(filled->fill, order != nullptr ? order->expected : std::nullopt);
    } else if (const auto* traded = std::get_if<execution::Traded>(&record)) {
        const auto& trade = traded->trade;
        last_trade_ticks_ = model::sign(trade.side) * (trade.exit_ticks - trade.entry_ticks);
    } else if (const auto* intended = std::get_if<execution::Intended>(&record)) {
        if (intended->terms.purpose == Purpose::entry)
            ++counters_.entries;
        if (!live_)
            gate_.replay_approval(market_time_);
    } else if (const auto* denied = std::get_if<execution::Denied>(&record)) {
        const bool by_gate = denied->refusal == static_cast<std::uint16_t>(Refusal::risk_gate);
        if (by_gate && denied->denial < counters_.denied.size())
            ++counters_.denied[denied->denial];
        if (!live_) {
            if (by_gate)
                gate_.count_denial();
            else if (denied->refusal < counters_.refused.size())
                ++counters_.refused[denied->refusal];
            pending_.reset();
        }
    } else if (const auto* begun = std::get_if<execution::ExitBegun>(&record)) {
        counters_.exits += begun->key.leg == Purpose::exit ? 1U : 0U;
        counters_.partials += begun->key.leg == Purpose::partial_exit ? 1U : 0U;
        pending_.reset();
    } else if (std::holds_alternative<execution::Planned>(record)) {
        ++counters_.stop_moves;
        pending_.reset();
    } else if (std::holds_alternative<execution::Adopted>(record)) {
        adopted_ = true;
    } else if (const auto* balance = std::get_if<execution::Balance>(&record)) {
        gate_.on_balance(balance->cash, market_time_ == UtcTime{} ? balance->at : market_time_,
                         balance->may_trade);
    }
}

// Executions count one by one; what was taken over without them is told as a whole, before anything
// that comes after it: the same fill closes what is held, or opens what is not.
void Trader::follow_ledger() {
    if (!std::exchange(adopted_, false)) [[likely]]
        return;
    const auto* line = orders_->book().ledger().find(symbol_);
    // At no price it would be a profit or a loss that nobody made; see Line::unpriced().
    const bool known = line != nullptr && !line->unpriced();
    const auto held = known ? line->position : model::Position{};
    if (gate_.position().quantity != held.quantity)
        gate_.adopt(held);
}

std::optional<MonoTime> Trader::next_deadline() const {
    std::optional<MonoTime> next;
    for (const auto& due :
         {orders_->next_deadline(), port_deadline_, instrument_check_.next_deadline()}) {
        if (due && (!next || *due < *next))
            next = due;
    }
    return next;
}

void Trader::answer(Refusal refusal, Instant now) {
    if (!asked_)
        return;
    const auto asked = *std::exchange(asked_, std::nullopt);
    enter(asked.enter, asked.bar, Leave{refusal, std::abs(asked.quantity)}, now);
    serve(now);
}

// Whether limits are to see it. They must not see old prices as new ones, when the indicators begin
// anew over bars that were taken, or fills told of what came after. The fills of a bar, and those
// that came while it was on its way, are no such news.
bool Trader::is_news(const model::Bar& bar) const {
    return bar.end() > bar_time_ && bar.end() + model::k_minute >= market_time_;
}

inline void Trader::take_bar(const model::Bar& bar) {
    const UtcTime end = bar.end();
    ++counters_.bars;
    bar_time_ = end;
    begin_day_of(end);
    market_time_ = std::max(market_time_, end);
    approver_->set_time(market_time_);
    gate_.on_bar(bar);
    orders_->on_mark(symbol_, bar.close);
}

void Trader::on_bar(const model::Bar& bar, const indicators::IndicatorValues& values,
                    std::span<const model::Bar> closed_quarters, Instant now) {
    if (asked_) [[unlikely]]
        answer(Refusal::no_grant, now);
    take_bar(bar);
    // Before a limit may close what is held, so that whoever replays the bar, and knows only what
    // was recorded after it, sees what the strategy saw.
    const auto& decisions = strategy_.on_bar(bar, values, closed_quarters, facts(bar.end()));
    if (!gate_.position().flat() && look_at_limits(now)) [[unlikely]]
        return;
    if (facts_.position.entry_working) [[unlikely]]
        take_back_old_entry(bar, now);
    if (!decisions.none()) [[unlikely]]
        carry_out(decisions.action(), bar, now);
}

// Spreads are judged whatever is held, and prices only when something is: what is entered is
// decided on bars.
const strategy::Decisions* Trader::take_tick(const model::QuotedTrade& tick) {
    ++counters_.ticks;
    begin_day_of(tick.time);
    market_time_ = std::max(market_time_, tick.time);
    approver_->set_time(market_time_);
    gate_.on_quote({tick.bid, tick.ask}, tick.time);
    const auto& now = facts(tick.time);
    strategy_.on_quote({tick.bid, tick.ask, {}, {}}, now);
    if (gate_.position().flat() && now.position.flat())
        return nullptr;
    gate_.on_price(tick.price, tick.time);
    orders_->on_mark(symbol_, tick.price);
    const auto& decisions = strategy_.on_price(tick.price, now);
    if (decisions.get<strategy::Exit>() != nullptr || decisions.get<strategy::Partial>() != nullptr)
        ++counters_.exits_on_ticks;
    return &decisions;
}

bool Trader::on_tick(const model::QuotedTrade& tick, Instant now) {
    const auto* decisions = take_tick(tick);
    if (decisions == nullptr)
        return false;
    if (!gate_.position().flat() && look_at_limits(now))
        return true;
    if (!decisions->none())
        carry_out(decisions->action(), bar_of(tick), now);
    return true;
}

// A signal is of its market. An entry that waits for minutes, at an exchange that is stuck or finds
// no other side, would be executed in another one.
void Trader::take_back_old_entry(const model::Bar& bar, Instant now) {
    const bool is_old = orders_->book().live().any([&](const execution::Order& order) {
        return order.is_entry() && execution::is_open(order.status) && !order.unwanted &&
               bar.end() - order.terms.key.signal_bar > k_entry_life;
    });
    if (is_old)
        orders_->cancel_entries(now);
}

void Trader::on_missed_bar(const model::Bar& bar, const indicators::IndicatorValues& values,
                           std::span<const model::Bar> closed_quarters, Instant now) {
    answer(Refusal::no_grant, now);
    const bool news = is_news(bar);
    if (news)
        take_bar(bar);
    else
        look_at_session(bar.end());
    auto then = facts(bar.end());
    then.entries_allowed = false;
    (void)strategy_.on_bar(bar, values, closed_quarters, then);
    if (news && !gate_.position().flat())
        (void)look_at_limits(now);
}

bool Trader::look_at_limits(Instant now) {
    const auto latch = gate_.latch();
    if (!latch || flattened_for_ == latch)
        return false;
    flattened_for_ = latch;
    orders_->flatten(symbol_, execution::Label::cut(risk::code(latch->limit)), now);
    return true;
}

std::optional<UtcTime> Trader::next_trading_day() const {
    // Changes of the session until then: a day has a few, a row of holidays some more.
    constexpr int k_steps_max = 64;
    const auto day = gate_.trading_day().value_or(session_.day);
    auto facts = session_;
    for (int i = 0; i < k_steps_max && facts.end != UtcTime::max(); ++i) {
        if (facts.day > day)
            return facts.begin;
        facts = clock_.facts(facts.end);
    }
    return std::nullopt;
}

std::optional<UtcTime> Trader::opened() const {
    const auto* line = orders_->book().ledger().find(symbol_);
    if (line == nullptr || line->position.flat() || line->undated())
        return std::nullopt;
    return line->trade.opened;
}

void Trader::flatten(execution::Label why, Instant now) {
    orders_->flatten_all(why, now);
}

void Trader::refresh_position() {
    position_stale_ = false;
    const auto& ledger = orders_->book().ledger();
    const auto exposure = orders_->exposure(symbol_);
    auto& position = facts_.position;
    position = {};
    position.quantity = exposure.held;
    position.entry_working = exposure.entries_buy + exposure.entries_sell > 0;
    const auto* guard = orders_->book().guard(symbol_);
    position.exit_working = exposure.exits > 0 || (guard != nullptr && guard->closing.active);
    position.closed = static_cast<std::int64_t>(ledger.totals().trades);
    position.closed_ticks = last_trade_ticks_;
    const auto* line = ledger.find(symbol_);
    if (line == nullptr || line->position.flat())
        return;
    // As if it were still on its way: nothing can be decided about it, and nothing is entered.
    if (line->unpriced() || line->undated()) {
        position.quantity = 0;
        position.entry_working = true;
        return;
    }
    position.average = model::average_price(line->position);
    position.entered = line->trade.opened;
    if (guard != nullptr && guard->protect && orders_->protected_quantity(symbol_) > 0)
        position.stop = guard->stop;
}

const strategy::Facts& Trader::facts(UtcTime now) {
    if (position_stale_) [[unlikely]]
        refresh_position();
    facts_.now = now;
    if (now - session_told_ == model::k_minute) [[likely]]
        strategy::bring_on_a_minute(facts_.session, session_, now);
    else
        strategy::bring_to(facts_.session, session_, now);
    session_told_ = now;
    facts_.entries_allowed = approver_->mode() == model::TradingMode::active;
    return facts_;
}

model::IntentKey Trader::key(const model::Bar& bar, Purpose leg) const {
    return {strategy_name_, symbol_, bar.start, leg, 0};
}

void Trader::carry_out(const strategy::Action& action, const model::Bar& bar, Instant now) {
    if (const auto* enter_action = std::get_if<strategy::Enter>(&action)) {
        ++counters_.signals;
        enter(*enter_action, bar,
              settings_.asks_before_entry ? std::nullopt : std::optional(Leave{}), now);
    } else if (const auto* exit_action = std::get_if<strategy::Exit>(&action)) {
        exit(*exit_action, bar, now);
    } else if (const auto* partial_action = std::get_if<strategy::Partial>(&action)) {
        partial(*partial_action, bar, now);
    } else if (const auto* move = std::get_if<strategy::MoveStop>(&action);
               move != nullptr && !modifications_forbidden_) {
        (void)orders_->move_stop({settings_.orders.account, symbol_, move->price,
                                  execution::Label::cut(strategy::code(move->reason))},
                                 now);
    }
    serve(now);
}

void Trader::enter(const strategy::Enter& enter, const model::Bar& bar, std::optional<Leave> leave,
                   Instant now) {
    execution::Entry entry;
    entry.account = settings_.orders.account;
    entry.key = key(bar, Purpose::entry);
    entry.side = enter.side;
    const auto sizing = gate_.size(enter.side, enter.signal, enter.stop);
    entry.quantity = sizing.contracts;
    entry.expected = enter.signal;
    entry.stop = enter.stop;
    entry.why = execution::Label::cut("signal");
    if (sizing.denial) {
        entry.quantity = 1;  // the least that there is
        return unmade(orders_->refuse(entry, approver_->deny(*sizing.denial), now), bar.end());
    }
    if (!instrument_check_.agreed())
        return unmade(orders_->refuse(entry, Refusal::instrument, now), bar.end());
    // What this side refuses itself is not asked for.
    if (!leave && orders_->entries(symbol_, now) == Refusal::none) {
        asked_ = Asked{enter, bar, model::sign(entry.side) * entry.quantity};
        return;
    }
    if (leave && leave->refusal != Refusal::none)
        return unmade(orders_->refuse(entry, leave->refusal, now), bar.end());
    if (leave)
        entry.quantity = std::min(entry.quantity, leave->quantity_max);
    approver_->set_target(enter.target);
    const auto decided = orders_->enter(entry, now);
    approver_->set_target(std::nullopt);
    if (!decided.made())
        unmade(decided, bar.end());
}

void Trader::unmade(const execution::Decided& decided, UtcTime at) {
    last_unmade_ = Unmade{decided.refusal, std::nullopt, at};
    if (decided.refusal == Refusal::risk_gate)
        last_unmade_->denial = approver_->last_denial();
    else
        ++counters_.refused.at(static_cast<std::size_t>(decided.refusal));
}

void Trader::exit(const strategy::Exit& exit, const model::Bar& bar, Instant now) {
    execution::Exit order;
    order.account = settings_.orders.account;
    order.key = key(bar, Purpose::exit);
    order.expected = bar.close;
    order.why = execution::Label::cut(strategy::code(exit.reason));
    (void)orders_->exit(order, now);
}

void Trader::partial(const strategy::Partial& partial, const model::Bar& bar, Instant now) {
    execution::Exit order;
    order.account = settings_.orders.account;
    order.key = key(bar, Purpose::partial_exit);
    order.quantity = partial.quantity;
    order.expected = bar.close;
    order.why = execution::label(execution::CloseReason::partial);
    (void)orders_->exit(order, now);
}

}  // namespace bullpen::trading
