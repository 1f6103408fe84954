#include "worker/execution/book.hpp"

#include <algorithm>
#include <utility>

#include "common/base/assert.hpp"
#include "worker/execution/close_reason.hpp"
#include "worker/execution/planted.hpp"

namespace bullpen::execution {

namespace {

bool same_decision(const model::IntentKey& a, const model::IntentKey& b) {
    return a.signal_bar == b.signal_bar && a.leg == b.leg && a.symbol == b.symbol &&
           a.strategy == b.strategy;
}

OrderEvent event_of(const Answered& record) {
    using enum OrderEvent;
    constexpr std::array<std::array<OrderEvent, 4>, 3> k_events{{
        {accepted, refused, not_sent, unknown},
        {cancel_accepted, cancel_refused, cancel_not_sent, cancel_unknown},
        {replace_accepted, replace_refused, replace_not_sent, replace_unknown},
    }};
    return k_events.at(static_cast<std::size_t>(record.command))
        .at(static_cast<std::size_t>(record.outcome));
}

OrderEvent event_of(broker::BrokerStatus status) {
    switch (status) {
        case broker::BrokerStatus::pending:
        case broker::BrokerStatus::working: return OrderEvent::seen_live;
        case broker::BrokerStatus::filled: return OrderEvent::seen_filled;
        case broker::BrokerStatus::cancelled: return OrderEvent::seen_cancelled;
        case broker::BrokerStatus::rejected: return OrderEvent::seen_rejected;
        case broker::BrokerStatus::expired: return OrderEvent::seen_expired;
    }
    BULLPEN_ASSERT(false, "a status of the port");
    return OrderEvent::seen_live;
}

OrderEvent event_of(Conclusion conclusion) {
    switch (conclusion) {
        case Conclusion::missing: return OrderEvent::missing;
        case Conclusion::absent: return OrderEvent::absent;
        case Conclusion::unchanged: return OrderEvent::seen_live;
        default: return OrderEvent::vanished;
    }
}

void set_price(Order& order, model::Price price) {
    auto& terms = order.terms;
    (terms.type == model::OrderType::stop ? terms.stop : terms.limit) = price;
    // A stop slips against where it stands, not where it once stood.
    if (order.is_stop())
        order.expected = price;
}

// A report that arrives after a newer one tells of executions at most.
bool is_stale(const Order& order, const Reported& report) {
    return report.updated < order.updated && !broker::is_final(report.status);
}

std::int64_t reported_fill(const Order& order, const Reported& report) {
    const bool whole = report.status == broker::BrokerStatus::filled && report.filled == 0;
    return whole ? std::max(report.quantity, order.terms.quantity) : report.filled;
}

model::Price report_price(const Order& order, const Reported& report) {
    return order.terms.type == model::OrderType::stop ? report.stop : report.limit;
}

// Whether the terms at the broker are not what is known of them. While a change is out both are.
bool other_terms(const Order& order, const Reported& report) {
    if (report.quantity <= 0 || broker::is_final(report.status) ||
        order.status == Status::replacing)
        return false;
    return report.quantity != order.terms.quantity ||
           (order.terms.type != model::OrderType::market &&
            report_price(order, report) != order.price());
}

// A change is out, or nobody knows what became of it, and the report has the terms before it: it
// may have been made before the change, and says nothing of its fate.
bool is_before_change(const Order& order, const Reported& report) {
    const bool pending = order.status == Status::unknown && order.new_quantity != 0;
    return pending && !broker::is_final(report.status) &&
           (report.quantity != order.new_quantity ||
            report_price(order, report) != order.new_price);
}

// What is protected and closed without the strategy has the wall clock's time for its bar, and a
// market may be years behind that. Nothing of both is ever too old.
bool is_own(const model::IntentKey& key) {
    return key.leg == model::Purpose::protective_stop || key.leg == model::Purpose::flatten;
}

}  // namespace

Book::Book(std::span<const model::Instrument* const> instruments) : ledger_(instruments) {
    orders_.reserve(k_orders_kept + 8);
    live_.reserve(k_orders_kept);
    decisions_.reserve(k_keys_kept + 1);
    guards_.reserve(instruments.size() + 4);
    for (const model::Instrument* instrument : instruments)
        guards_.emplace_back().symbol = model::Symbol::cut(instrument->symbol);
}

const Order* Book::find(const model::ClientOrderId& id) const {
    if (id.empty())
        return nullptr;
    // What is told is of the newest orders, as a rule.
    for (std::size_t i = orders_.size(); i-- > 0;) {
        if (orders_[i].terms.id == id)
            return &orders_[i];
    }
    return nullptr;
}

Order* Book::order_of(const model::ClientOrderId& id) {
    return const_cast<Order*>(find(id));
}

const Guard* Book::guard(const model::Symbol& symbol) const {
    for (const Guard& guard : guards_) {
        if (guard.symbol == symbol)
            return &guard;
    }
    return nullptr;
}

Guard& Book::guard_of(const model::Symbol& symbol) {
    if (const Guard* found = guard(symbol))
        return const_cast<Guard&>(*found);
    guards_.emplace_back().symbol = symbol;
    return guards_.back();
}

std::int64_t Book::held(const model::Symbol& symbol) const {
    const Line* line = ledger_.find(symbol);
    std::int64_t held = line == nullptr ? 0 : line->position.quantity;
    for (const Order& order : live()) {
        if (order.reported > order.filled && order.terms.symbol == symbol)
            held += sign(order.terms.side) * order.untold();
    }
    return held;
}

// From the newest on: most of what is asked for again was decided a moment ago.
std::optional<std::size_t> Book::find_decision(const model::IntentKey& key) const {
    if (key.signal_bar > newest_signal_)
        return std::nullopt;
    for (std::size_t i = decisions_.size(); i-- > 0;) {
        const Decision& decision = decisions_[i];
        if (decision.newest < key.signal_bar)
            return std::nullopt;
        if (same_decision(decision.key, key))
            return i;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> Book::attempt(const model::IntentKey& key) const {
    const auto found = find_decision(key);
    if (!found)
        return 0;
    const Decision& decision = decisions_[*found];
    const bool repeats =
        key.leg == model::Purpose::protective_stop || key.leg == model::Purpose::flatten;
    const Order* order = find(decision.order);
    if (!repeats && (order == nullptr || order->status != Status::not_sent))
        return std::nullopt;
    return decision.key.attempt + 1;
}

bool Book::forgotten(const model::IntentKey& key) const {
    return decisions_horizon_ != UtcTime{} && key.signal_bar <= decisions_horizon_ &&
           !find_decision(key);
}

std::optional<UtcTime> Book::mend_horizon(UtcTime market) {
    if (decisions_horizon_ <= market)
        return std::nullopt;
    const auto was = std::exchange(decisions_horizon_, market);
    // What the strategy decided and was forgotten is older than what it decided and is remembered.
    for (const Decision& decision : decisions_) {
        if (!is_own(decision.key))
            decisions_horizon_ = std::min(decisions_horizon_, decision.key.signal_bar);
    }
    return was;
}

void Book::remember(const model::IntentKey& key, const model::ClientOrderId& order) {
    if (const auto found = find_decision(key))
        decisions_.erase(*found);
    const UtcTime before = decisions_.empty() ? UtcTime::min() : decisions_.back().newest;
    decisions_.push_back({key, order, std::max(before, key.signal_bar)});
    newest_signal_ = std::max(newest_signal_, key.signal_bar);
    if (decisions_.size() <= k_keys_kept)
        return;
    const auto& oldest = decisions_.front().key;
    if (!is_own(oldest))
        decisions_horizon_ = std::max(decisions_horizon_, oldest.signal_bar);
    decisions_.erase(0);
}

// Orders that ended are remembered for what may still be told of them, the newest ones longest.
void Book::forget_orders() {
    while (orders_.size() > k_orders_kept) {
        const auto found = std::find_if(orders_.begin(), orders_.end(), [&](const Order& order) {
            const Guard* kept = guard(order.terms.symbol);
            return is_final(order.status) && order.untold() == 0 &&
                   (kept == nullptr || kept->closing.order != order.terms.id);
        });
        if (found == orders_.end())
            return;
        const auto gone = static_cast<std::size_t>(found - orders_.begin());
        orders_.erase(gone);
        for (std::size_t& at : live_)
            at -= at > gone ? 1 : 0;
    }
}

void Book::look_at_life(const Order& order) {
    const auto at = static_cast<std::size_t>(&order - &orders_[0]);
    const auto found = std::lower_bound(live_.begin(), live_.end(), at);
    const bool listed = found != live_.end() && *found == at;
    const bool lives = is_open(order.status) || order.untold() > 0;
    if (lives && !listed)
        live_.insert(found, at);
    else if (!lives && listed)
        live_.erase(found);
}

void Book::look_at_lives() {
    for (const Order& order : orders_)
        look_at_life(order);
}

void Book::step(Order& order, OrderEvent event, Change& change) {
    change.known = true;
    change.before = order.status;
    const auto step = order_step(order.status, event);
    BULLPEN_ASSERT(step.has_value(), "an order gets only commands that its status admits");
    order.status = step->status;
    if (order.status == Status::working && order.executed() > 0)
        order.status = Status::part_filled;
    change.after = order.status;
    change.actions = step->actions;
    if (step->actions.stray)
        order.unwanted = true;
    if (is_final(order.status) && !is_final(change.before))
        ended(order, change);
}

// A stop that the broker or the gate did not take: the stop before it stands, or nothing does.
void Book::ended(Order& order, Change& change) {
    order.new_quantity = 0;
    if (!order.is_stop() || order.status != Status::rejected || order.unwanted)
        return;
    for (const Order& other : live()) {
        if (other.is_stop() && other.terms.symbol == order.terms.symbol &&
            other.terms.side == order.terms.side && is_settled(other.status) && !other.unwanted) {
            Guard& guard = guard_of(order.terms.symbol);
            guard.stop = other.terms.stop;
            guard.moved = {};
            change.stop_kept = true;
            return;
        }
    }
    change.stop_failed = true;
}

Change Book::apply(const Record& record) {
    Change change;
    std::visit([&](const auto& typed) { apply(typed, change); }, record);
    return change;
}

void Book::apply(const Started& record, Change& /*change*/) {
    if (begun_ == UtcTime{})
        begun_ = fills_since_ = record.at;
    if (record.fence > fence_) {
        fence_ = record.fence;
        next_sequence_ = 1;
    }
    if (planted(Defect::restart_forgets))
        return;
    for (Order& order : orders_) {
        Change ignored;
        step(order, OrderEvent::restarted, ignored);
    }
    look_at_lives();
}

void Book::apply(const Intended& record, Change& change) {
    Order order;
    order.terms = record.terms;
    order.expected = record.expected;
    order.protect = record.protect;
    order.stop = record.stop;
    order.why = record.why;
    order.decided = order.commanded = record.at;
    step(order, OrderEvent::intend, change);
    orders_.push_back(order);
    look_at_life(orders_.back());
    const auto parts = record.terms.id.parts();
    if (parts && parts->fence == fence_)
        next_sequence_ = std::max(next_sequence_, parts->sequence + 1);
    remember(record.terms.key, record.terms.id);
    Guard& guard = guard_of(record.terms.symbol);
    if (order.is_entry() && held(record.terms.symbol) == 0) {
        guard.protect = record.protect;
        guard.side = record.terms.side;
        guard.stop = record.stop;
        guard.moved = {};
        guard.cause = record.terms.key;
    }
    if (order.is_exit() && guard.closing.active) {
        guard.closing.order = record.terms.id;
        ++guard.closing.attempts;
    }
    forget_orders();
}

void Book::apply(const Denied& /*record*/, Change& /*change*/) {}
void Book::apply(const Traded& /*record*/, Change& /*change*/) {}

void Book::apply(const Sent& record, Change& change) {
    Order* order = order_of(record.order);
    if (order == nullptr || order->status != Status::intended)
        return;
    step(*order, OrderEvent::send, change);
    look_at_life(*order);
}

void Book::apply(const Commanded& record, Change& change) {
    Order* order = order_of(record.order);
    if (order == nullptr || !is_settled(order->status))
        return;
    order->commanded = record.at;
    if (record.command == broker::OrderCommand::cancel) {
        step(*order, OrderEvent::cancel, change);
        look_at_life(*order);
        return;
    }
    step(*order, OrderEvent::replace, change);
    look_at_life(*order);
    order->new_quantity = record.quantity;
    order->new_price = record.price;
    ++order->replaces;
}

void Book::apply(const Answered& record, Change& change) {
    Order* order = order_of(record.order);
    if (order == nullptr)
        return;
    if (order->broker_order.empty())
        order->broker_order = record.broker_order;
    const bool accepted = record.outcome == broker::Outcome::accepted;
    order->seen = order->seen || accepted;
    if (record.command == broker::OrderCommand::replace) {
        if (accepted && order->status == Status::replacing) {
            order->terms.quantity = order->new_quantity;
            set_price(*order, order->new_price);
        }
        if (record.outcome == broker::Outcome::rejected)
            order->replaceable = false;
        if (record.outcome != broker::Outcome::unknown)
            order->new_quantity = 0;
    }
    const bool believed =
        planted(Defect::refused_cancel_believed) && event_of(record) == OrderEvent::cancel_refused;
    step(*order, believed ? OrderEvent::seen_cancelled : event_of(record), change);
    look_at_life(*order);
}

void Book::apply(const Reported& record, Change& change) {
    Order* order = order_of(record.order);
    if (order == nullptr)
        return;
    change.known = true;
    change.before = change.after = order->status;
    if (order->broker_order.empty())
        order->broker_order = record.broker_order;
    order->seen = true;
    order->reported = std::max(order->reported, reported_fill(*order, record));
    look_at_life(*order);
    if (is_stale(*order, record) || is_before_change(*order, record))
        return;
    order->updated = std::max(order->updated, record.updated);
    const Status before = order->status;
    step(*order, event_of(record.status), change);
    look_at_life(*order);
    if (is_open(order->status) && other_terms(*order, record)) {
        order->terms.quantity = record.quantity;
        set_price(*order, report_price(*order, record));
    }
    if (before == Status::unknown && is_settled(order->status))
        order->new_quantity = 0;
}

bool Book::news(const Reported& report) const {
    const Order* order = find(report.order);
    if (order == nullptr)
        return false;
    if (!order->seen || reported_fill(*order, report) > order->reported)
        return true;
    if (order->broker_order.empty() && !report.broker_order.empty())
        return true;
    if (is_stale(*order, report) || is_before_change(*order, report))
        return false;
    const auto step = order_step(order->status, event_of(report.status));
    Status after = step->status;
    if (after == Status::working && order->executed() > 0)
        after = Status::part_filled;
    return after != order->status || step->actions != StepActions{} ||
           (is_open(order->status) && other_terms(*order, report));
}

void Book::apply(const Filled& record, Change& change) {
    const model::Fill& fill = record.fill;
    Order* order = order_of(fill.order);
    if (order == nullptr && fill.order.empty() && !fill.broker_order.empty()) {
        for (Order& other : orders_) {
            if (other.broker_order == fill.broker_order)
                order = &other;
        }
    }
    FillContext context;
    if (order != nullptr) {
        context = {true,           order->terms.purpose, order->terms.key, order->expected,
                   order->protect, order->stop,          order->why};
        if (const Guard* moved = guard(fill.symbol);
            moved != nullptr && !moved->moved.empty() &&
            order->terms.purpose == model::Purpose::protective_stop) {
            context.why = moved->moved;
        }
    } else {
        context.why = label(CloseReason::closed_elsewhere);
    }
    change.posting = ledger_.apply(fill, context);
    if (change.posting.taking != Taking::applied)
        return;
    Guard& guard = guard_of(fill.symbol);
    if (change.posting.after.flat())
        guard.moved = {};
    if (order == nullptr) {
        if (change.posting.before.flat())
            guard.protect = false;
        return;
    }
    order->filled += fill.quantity;
    order->seen = true;
    const bool whole = order->filled >= std::max(order->terms.quantity, order->new_quantity);
    step(*order, whole ? OrderEvent::last_fill : OrderEvent::part_fill, change);
    look_at_life(*order);
    if (order->is_entry() && order->protect &&
        (!guard.protect || guard.cause != order->terms.key)) {
        guard.protect = true;
        guard.side = order->terms.side;
        guard.stop = order->stop;
        guard.moved = {};
        guard.cause = order->terms.key;
    }
}

void Book::apply(const Concluded& record, Change& change) {
    Order* order = order_of(record.order);
    if (order == nullptr || !order_step(order->status, event_of(record.conclusion)))
        return;
    step(*order, event_of(record.conclusion), change);
    look_at_life(*order);
    if (is_settled(order->status))
        order->new_quantity = 0;
}

void Book::apply(const Unwanted& record, Change& /*change*/) {
    if (Order* order = order_of(record.order))
        order->unwanted = true;
}

void Book::apply(const Planned& record, Change& /*change*/) {
    Guard& guard = guard_of(record.symbol);
    guard.protect = true;
    guard.side = held(record.symbol) < 0 ? model::Side::sell : model::Side::buy;
    guard.stop = record.stop;
    guard.moved = record.why;
}

void Book::apply(const ExitBegun& record, Change& /*change*/) {
    guard_of(record.key.symbol).closing = {true, record, {}, 0};
}

void Book::apply(const ExitEnded& record, Change& /*change*/) {
    guard_of(record.symbol).closing = {};
}

void Book::apply(const Adopted& record, Change& change) {
    const Line* line = ledger_.find(record.symbol);
    if (line != nullptr && (line->unpriced() || line->undated()) &&
        line->position.quantity == record.quantity) {
        change.posting = ledger_.adopt(record);
        return;
    }
    // What was reported and never told is in the broker's number.
    for (Order& order : orders_) {
        if (order.terms.symbol == record.symbol)
            order.filled = order.executed();
    }
    look_at_lives();
    change.posting = ledger_.adopt(record);
    Guard& guard = guard_of(record.symbol);
    const auto& [before, after] = std::pair(change.posting.before, change.posting.after);
    if (after.flat())
        guard.moved = {};
    if (before.flat() || after.flat() || before.side() != after.side())
        guard.protect = false;
}

void Book::apply(const Blocked& record, Change& /*change*/) {
    Guard& guard = guard_of(record.symbol);
    (record.block == Block::mismatch ? guard.mismatch : guard.stop_refused) = record.on;
}

void Book::apply(const Reconciled& record, Change& /*change*/) {
    fills_since_ = std::max(fills_since_, record.fills_since);
}

void Book::apply(const Balance& /*record*/, Change& /*change*/) {}

}  // namespace bullpen::execution
