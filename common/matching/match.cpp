// The walk of a bar, ticks, and what a fill does to an account.
#include <algorithm>
#include <cstdlib>
#include <limits>

#include "common/base/assert.hpp"
#include "common/matching/exchange.hpp"

namespace bullpen::matching {

namespace {

bool is_buy(const Order& order) {
    return order.request.side == model::Side::buy;
}
bool is_stop(const Order& order) {
    return order.request.type == model::OrderType::stop;
}
bool is_limit(const Order& order) {
    return order.request.type == model::OrderType::limit;
}
// Waits for a price of its own: a limit always, a stop until it was reached.
bool waits_for_price(const Order& order) {
    return is_limit(order) || (is_stop(order) && !order.triggered);
}
// Whether a falling price reaches it: a sell stop, a buy limit.
bool waits_below(const Order& order) {
    return is_stop(order) != is_buy(order);
}
// The price at which the market, having moved that far, executes it.
model::Price trigger(const Order& order, const Costs& costs) {
    if (is_stop(order))
        return order.request.stop;
    return is_buy(order) ? order.request.limit - costs.limit_through
                         : order.request.limit + costs.limit_through;
}
model::Price worsened(const Costs& costs, model::Side side, model::Price price) {
    return side == model::Side::buy ? price + costs.slippage : price - costs.slippage;
}
// A stop comes before a limit, and else the older before the younger.
bool comes_before(const Order* a, const Order* b) {
    return is_stop(*a) != is_stop(*b) ? is_stop(*a) : a->number < b->number;
}

}  // namespace

void Exchange::put_in(Book& book, Order& order) {
    Market& m = markets_[book.market.index];
    book.resting.push_back(&order);
    refresh(m, book);
}

void Exchange::take_out(Book& book, Order& order) {
    const auto found = std::find(book.resting.begin(), book.resting.end(), &order);
    if (found == book.resting.end())
        return;
    book.resting.erase(found);
    Market& m = markets_[book.market.index];
    refresh(m, book);
}

void Exchange::refresh(Market& m, Book& book) {
    book.reach = Reach{};
    for (const Order* order : book.resting) {
        if (order->status == Status::pending)
            continue;
        if (order->request.time_in_force == model::TimeInForce::ioc || !waits_for_price(*order))
            book.reach.at_once = true;
        if (!waits_for_price(*order))
            continue;
        const auto at = trigger(*order, m.costs);
        if (waits_below(*order))
            book.reach.below = std::max(book.reach.below, at);
        else
            book.reach.above = std::min(book.reach.above, at);
    }
    m.reach = Reach{};
    for (const Book* one : m.books) {
        m.reach.below = std::max(m.reach.below, one->reach.below);
        m.reach.above = std::min(m.reach.above, one->reach.above);
        m.reach.at_once = m.reach.at_once || one->reach.at_once;
    }
}

void Exchange::begin_walk(const Market& m, Book& book) {
    if (book.walk.bar_number == m.bar_number)
        return;
    book.walk = Walk{};
    book.walk.bar_number = m.bar_number;
    book.walk.at = m.bar.open;
}

// One execution of an order at a price, with what it does to position and cash.
void Exchange::fill(Market& m, Book& book, Order& order, model::Price price) {
    auto quantity = order.left();
    if (order.filled == 0 && order.request.first_part > 0)
        quantity = std::min(quantity, order.request.first_part);
    const auto sign = model::sign(order.request.side);
    if (order.request.reduce_only) {
        quantity = std::min(quantity, std::max<std::int64_t>(0, -sign * book.position.quantity));
        if (quantity == 0)
            return finish(book, order, Status::cancelled, Refusal::nothing_held);
    }
    Account& account = accounts_[book.account.index];
    const auto change = model::apply(book.position, order.request.side, quantity, price);
    const auto fee = m.costs.commission * quantity;
    book.position = change.after;
    account.cash = account.cash + model::value_of_ticks(*m.instrument, change.realised_ticks) - fee;
    order.filled += quantity;
    order.triggered = true;
    order.updated = m.now;

    Execution execution;
    execution.number = ++last_execution_;
    execution.order = order.number;
    execution.account = book.account;
    execution.market = book.market;
    execution.client = order.request.client;
    execution.side = order.request.side;
    execution.quantity = quantity;
    execution.price = price;
    execution.time = m.now;
    execution.fee = fee;
    execution.realised_ticks = change.realised_ticks;
    execution.position_after = book.position;
    execution.cash_after = account.cash;
    account.executions.push_back(execution);

    if (order.left() == 0) {
        order.status = Status::filled;
        take_out(book, order);
    } else {
        refresh(m, book);
    }
    tell(EventKind::filled, order);
    events_.back().execution = execution;
}

Refusal Exchange::fill_now(std::uint64_t number) {
    const auto found = orders_.find(number);
    if (found == orders_.end())
        return Refusal::unknown_order;
    Order& order = found->second;
    if (order.status != Status::working)
        return Refusal::too_late;
    Market& m = markets_[order.market.index];
    if (!is_limit(order) && !m.priced)
        return Refusal::by_rule;
    Book& book = book_of(order.account, order.market);
    order.request.first_part = 0;
    fill(m, book, order,
         is_limit(order) ? order.request.limit : worsened(m.costs, order.request.side, m.last));
    return Refusal::none;
}

// An order that has just come, or was changed: at the price of the moment, if it will have it.
void Exchange::match_arrival(Market& m, Book& book, Order& order) {
    if (m.phase == Phase::closed)
        return;
    const bool buy = is_buy(order);
    auto last = m.last;
    auto quote = m.last;
    if (m.phase == Phase::in_bar) {
        begin_walk(m, book);
        last = quote = book.walk.at;
    } else if (buy ? m.ask.has_value() : m.bid.has_value()) {
        quote = buy ? *m.ask : *m.bid;
    } else if (!m.priced) {
        return;
    }
    const auto& request = order.request;
    if (is_limit(order)) {
        if (buy ? quote <= request.limit : quote >= request.limit)
            fill(m, book, order, quote);
    } else if (!is_stop(order) || order.triggered ||
               (m.priced && (buy ? last >= request.stop : last <= request.stop))) {
        fill(m, book, order, worsened(m.costs, request.side, quote));
    }
    if (request.time_in_force == model::TimeInForce::ioc && !is_final(order.status))
        finish(book, order, Status::cancelled, Refusal::none);
}

void Exchange::open_books(Market& m) {
    for (Book* book : m.books) {
        if (book->resting.empty())
            continue;
        begin_walk(m, *book);
        if (!book->reach.touches(m.bar.open, m.bar.open))
            continue;
        due_.clear();
        for (Order* order : book->resting) {
            if (order->status == Status::working)
                due_.push_back(order);
        }
        std::sort(due_.begin(), due_.end(), comes_before);
        for (Order* order : due_) {
            if (is_final(order->status))
                continue;
            const auto at = trigger(*order, m.costs);
            const bool reached = !waits_for_price(*order) ||
                                 (waits_below(*order) ? m.bar.open <= at : m.bar.open >= at);
            if (reached) {
                fill(m, *book, *order,
                     is_limit(*order) ? m.bar.open
                                      : worsened(m.costs, order->request.side, m.bar.open));
            }
            if (order->request.time_in_force == model::TimeInForce::ioc && !is_final(order->status))
                finish(*book, *order, Status::cancelled, Refusal::none);
        }
    }
}

bool Exchange::advance_books(Market& m) {
    m.now = m.bar.end - Nanos(1);
    bool filled = false;
    for (Book* book : m.books) {
        if (book->resting.empty() || !book->reach.touches(m.bar.low, m.bar.high))
            continue;
        begin_walk(m, *book);
        filled = step(m, *book) || filled;
    }
    return filled;
}

// Which extreme comes first: the one against the position; without one, the one that is nearest to
// an order. Of two that are equally near the lower.
bool Exchange::heads_down(const Book& book) {
    const auto& walk = book.walk;
    if (walk.low_reached || walk.high_reached)
        return !walk.low_reached;
    if (!book.position.flat())
        return book.position.quantity > 0;
    constexpr Reach k_nothing;
    if (book.reach.below == k_nothing.below || book.reach.above == k_nothing.above)
        return book.reach.above == k_nothing.above;
    return walk.at - book.reach.below <= book.reach.above - walk.at;
}

bool Exchange::step(Market& m, Book& book) {
    auto& walk = book.walk;
    for (;;) {
        if (fill_waiting(m, book))
            return true;
        if (walk.close_reached)
            return false;
        if (walk.low_reached && walk.high_reached) {
            if (fill_towards(m, book, m.bar.close, m.bar.close < walk.at))
                return true;
            walk.close_reached = true;
        } else if (heads_down(book)) {
            if (fill_towards(m, book, m.bar.low, true))
                return true;
            walk.low_reached = true;
        } else {
            if (fill_towards(m, book, m.bar.high, false))
                return true;
            walk.high_reached = true;
        }
    }
}

// What fills at whatever price there is: market orders, and stops that were reached.
bool Exchange::fill_waiting(Market& m, Book& book) {
    if (!book.reach.at_once)
        return false;
    due_.clear();
    for (Order* order : book.resting) {
        if (order->status == Status::working && !waits_for_price(*order))
            due_.push_back(order);
    }
    std::sort(due_.begin(), due_.end(), comes_before);
    const auto events = events_.size();
    for (Order* order : due_) {
        fill(m, book, *order, worsened(m.costs, order->request.side, book.walk.at));
    }
    return events_.size() > events;
}

// Goes from where the walk is to `end`, but only to the first price at which an order fills; all
// orders of that price fill. The rest of a limit that was filled in part fills where the walk is.
bool Exchange::fill_towards(Market& m, Book& book, model::Price end, bool down) {
    auto& walk = book.walk;
    const auto hit = down ? book.reach.below : book.reach.above;
    if (down ? hit < end : hit > end) {
        walk.at = end;
        return false;
    }
    walk.at = down ? std::min(walk.at, hit) : std::max(walk.at, hit);
    due_.clear();
    for (Order* order : book.resting) {
        if (order->status != Status::working || !waits_for_price(*order) ||
            waits_below(*order) != down)
            continue;
        const auto at = trigger(*order, m.costs);
        if (down ? at >= walk.at : at <= walk.at)
            due_.push_back(order);
    }
    std::sort(due_.begin(), due_.end(), comes_before);
    for (Order* order : due_) {
        auto price = walk.at;
        if (!is_limit(*order))
            price = worsened(m.costs, order->request.side, walk.at);
        else if (trigger(*order, m.costs) == walk.at)
            // The market went through the limit to get here, unless it opened here.
            price = std::clamp(order->request.limit, m.bar.low, m.bar.high);
        fill(m, book, *order, price);
    }
    return true;
}

void Exchange::on_tick(MarketRef market, const model::Tick& tick) {
    Market& m = markets_.at(market.index);
    close_bar(m);
    m.phase = Phase::ticks;
    m.now = tick.time;
    switch (tick.kind) {
        case model::TickKind::bid: m.bid = tick.price; break;
        case model::TickKind::ask: m.ask = tick.price; break;
        case model::TickKind::trade:
            m.last = tick.price;
            m.priced = true;
            break;
    }
    for (Book* book : m.books) {
        if (!book->resting.empty())
            match_tick(m, *book, tick);
    }
}

void Exchange::on_trade(MarketRef market, const model::QuotedTrade& trade) {
    using model::TickKind;
    // Of two sides that move, the one that makes room first: they never cross.
    const auto& m = markets_.at(market.index);
    const bool rises = m.ask && trade.bid > *m.ask;
    const model::Tick bid{trade.time, 0, trade.bid, 0, TickKind::bid};
    const model::Tick ask{trade.time, 0, trade.ask, 0, TickKind::ask};
    on_tick(market, rises ? ask : bid);
    on_tick(market, rises ? bid : ask);
    on_tick(market, {trade.time, 0, trade.price, trade.size, TickKind::trade});
}

// A trade reaches stops and limits; a quote reaches limits that it crosses, and whatever waits for
// any price at all.
void Exchange::match_tick(Market& m, Book& book, const model::Tick& tick) {
    due_.clear();
    for (Order* order : book.resting) {
        if (order->status == Status::working)
            due_.push_back(order);
    }
    std::sort(due_.begin(), due_.end(), comes_before);
    const bool trade = tick.kind == model::TickKind::trade;
    for (Order* order : due_) {
        const bool buy = is_buy(*order);
        if (!waits_for_price(*order)) {
            match_arrival(m, book, *order);
            continue;
        }
        const auto at = trigger(*order, m.costs);
        const bool reached = waits_below(*order) ? tick.price <= at : tick.price >= at;
        const bool own_side = tick.kind == (buy ? model::TickKind::ask : model::TickKind::bid);
        if (!reached)
            continue;
        if (is_limit(*order) && (trade || own_side)) {
            fill(m, book, *order, order->request.limit);
        } else if (is_stop(*order) && trade) {
            auto price = tick.price;
            if (buy && m.ask)
                price = std::max(price, *m.ask);
            if (!buy && m.bid)
                price = std::min(price, *m.bid);
            fill(m, book, *order, worsened(m.costs, order->request.side, price));
        }
    }
}

}  // namespace bullpen::matching
