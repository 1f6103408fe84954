// What the broker tells: each event becomes a record if it changes anything, and is applied.
#include <algorithm>
#include <string_view>

#include "worker/execution/order_manager.hpp"
#include "worker/execution/planted.hpp"

namespace bullpen::execution {

namespace {

bool undoes_counted(const Ledger& ledger, const model::Fill& fill) {
    if (!broker::is_void(fill.execution))
        return false;
    model::Fill undone = fill;
    undone.execution = model::ExecutionId::cut(fill.execution.view().substr(broker::k_void.size()));
    return ledger.taking(undone) == Taking::duplicate;
}

}  // namespace

void OrderManager::on(const broker::Connected& event, Instant now) {
    if (event.account != settings_.account.view()) {
        wrong_account_ = true;
        session_up_ = false;
        tell(NoticeKind::wrong_account, now);
        return;
    }
    wrong_account_ = false;
    session_up_ = true;
    session_since_ = now.mono;
    reconciled_ = false;
    reconciler_.forget();
    forget_questions();
    tell(NoticeKind::connected, now);
    begin_round(now);
}

void OrderManager::on(const broker::Disconnected& event, Instant now) {
    session_up_ = false;
    reconciled_ = false;
    next_round_ = k_never;
    for (Watch& watch : watches_)
        watch.told.reset();
    market_told_ = {};
    forget_questions();
    count_failure(Channel::session, now);
    tell(NoticeKind::disconnected, now, {}, {}, event.final ? 1 : 0);
}

// Questions of a session that is gone have no answer.
void OrderManager::forget_questions() {
    for (Asking& asking : asking_)
        asking = {};
    breaker(Channel::orders).forgotten();
    breaker(Channel::queries).forgotten();
}

void OrderManager::on(const broker::Answer& event, Instant now) {
    const bool accepted = event.outcome == broker::Outcome::accepted;
    const Order* order = book_.find(event.order);
    if (order == nullptr)
        return;  // of an order that was not ours; see cancel_orphans()
    // The answer to a change before the one that is out.
    if (event.command == broker::OrderCommand::replace && event.quantity != 0 &&
        order->status == Status::replacing &&
        (event.quantity != order->new_quantity || event.price != order->new_price))
        return;
    const bool at_once = event.command == broker::OrderCommand::cancel ||
                         (event.command == broker::OrderCommand::submit &&
                          order->terms.type == model::OrderType::market);
    if (at_once && accepted) {
        // Taken, and soon done; that it ended is said by a report, which may be lost.
        for (Awaited& awaited : awaited_) {
            if (awaited.order == event.order && awaited.command == event.command)
                awaited.answered = true;
        }
    } else {
        stop_awaiting(event.order, event.command);
    }
    if (event.outcome == broker::Outcome::unknown)
        count_failure(Channel::orders, now);
    else if (accepted)
        count_success(Channel::orders, now);
    else
        breaker(Channel::orders).forgotten();
    if (!accepted && event.command != broker::OrderCommand::submit)
        watch(order->terms.symbol).retry_at = now.mono + k_retry;
    const bool again = planted(Defect::unknown_sent_again) &&
                       event.command == broker::OrderCommand::submit &&
                       event.outcome == broker::Outcome::unknown;
    const auto outcome = again ? broker::Outcome::not_sent : event.outcome;
    if (accepted && order->status == Status::replacing)
        remember_replaced(*order, now);
    // That it was taken does not say that it works.
    if (accepted && event.command == broker::OrderCommand::submit && order->is_stop() &&
        is_open(order->status) && !is_settled(order->status) && !may_be_pending(*order))
        pending_.push_back({event.order, now.mono, false});
    (void)commit(Answered{event.order, event.command, outcome, event.broker_order,
                          Label::cut(event.text), now.utc},
                 KillPoint::before_answer_record, KillPoint::after_answer_record, now);
}

void OrderManager::remember_replaced(const Order& order, Instant now) {
    std::erase_if(replaced_, [&](const Replaced& old) {
        const Order* found = book_.find(old.order);
        return found == nullptr || !is_open(found->status);
    });
    if (replaced_.size() == k_replaced_max)
        replaced_.erase(replaced_.begin());
    replaced_.push_back({order.terms.id, order.terms.quantity, order.price(), now.mono});
}

// A report may have been on its way when the change was made, or come a second time. The broker's
// time in it does not tell: an answer to a change has none.
bool OrderManager::was_replaced(const Reported& report, std::optional<MonoTime> asked) const {
    return std::any_of(replaced_.begin(), replaced_.end(), [&](const Replaced& old) {
        return old.order == report.order && old.quantity == report.quantity &&
               (old.price == report.stop || old.price == report.limit) &&
               !(asked && *asked > old.at);
    });
}

bool OrderManager::take_report(const broker::OrderReport& report, std::optional<MonoTime> asked,
                               Instant now) {
    Reported record{report.order,    report.broker_order, report.status,
                    report.quantity, report.filled,       report.limit,
                    report.stop,     report.updated,      now.utc};
    if (record.order.empty() && !report.broker_order.empty()) {
        for (const Order& order : book_.orders()) {
            if (order.broker_order == report.broker_order)
                record.order = order.terms.id;
        }
    }
    const bool other_cover = note_pending(record.order, report.status, now);
    // Whatever else it tells is taken; what it says of the terms is left out.
    if (was_replaced(record, asked))
        record.quantity = 0;
    if (!book_.news(record))
        return other_cover;
    (void)commit(record, KillPoint::before_report_record, KillPoint::after_report_record, now);
    return true;
}

bool OrderManager::note_pending(const model::ClientOrderId& order, broker::BrokerStatus status,
                                Instant now) {
    const Order* found = book_.find(order);
    if (found == nullptr || found->is_entry())
        return false;
    const bool pending = status == broker::BrokerStatus::pending && is_open(found->status);
    if (pending ? is_pending(*found) : !may_be_pending(*found))
        return false;
    std::erase_if(pending_, [&](const Pending& other) { return other.order == order; });
    if (pending)
        pending_.push_back({order, now.mono, true});
    return true;
}

bool OrderManager::is_pending(const Order& order) const {
    return std::any_of(pending_.begin(), pending_.end(), [&](const Pending& other) {
        return other.told && other.order == order.terms.id &&
               !planted(Defect::pending_stop_believed);
    });
}

bool OrderManager::may_be_pending(const Order& order) const {
    return std::any_of(pending_.begin(), pending_.end(), [&](const Pending& other) {
        return other.order == order.terms.id && !planted(Defect::pending_stop_believed);
    });
}

void OrderManager::on(const model::Fill& event, Instant now) {
    take_fill(event, now);
}

void OrderManager::take_fill(const model::Fill& fill, Instant now) {
    const Taking taking = book_.ledger().taking(fill);
    if (taking == Taking::duplicate)
        return;
    if (taking == Taking::too_old) {
        // An order of ours is forgotten only when all of it was counted, this execution too.
        const auto parts = fill.order.parts();
        if (parts && std::string_view(parts->tag.data(), parts->tag.size()) == settings_.tag &&
            book_.find(fill.order) == nullptr)
            return;
        tell(NoticeKind::fill_too_old, now, fill.symbol, fill.order, 0, fill.quantity, fill.price);
        return;
    }
    Filled record{fill, now.utc};
    if (book_.find(fill.order) == nullptr && !fill.broker_order.empty()) {
        for (const Order& order : book_.orders()) {
            if (order.broker_order == fill.broker_order)
                record.fill.order = order.terms.id;
        }
    }
    const bool ours = book_.find(record.fill.order) != nullptr;
    // Before this side existed: what came of it is in the position that it began with. What undoes
    // an execution that was counted is not, whatever the market's time.
    if (!ours && fill.time < book_.begun() && !undoes_counted(book_.ledger(), fill))
        return;
    price_what_came(fill.symbol, fill.price, fill.time, now);
    const Change change =
        commit(record, KillPoint::before_fill_record, KillPoint::after_fill_record, now);
    reached(KillPoint::after_fill_applied);
    Watch& watch = this->watch(fill.symbol);
    ++watch.version;
    watch.changed = now.mono;
    watch.came_from_outside = watch.came_from_outside || !ours;
    const auto kind = ours                              ? NoticeKind::filled
                      : broker::is_void(fill.execution) ? NoticeKind::trade_voided
                                                        : NoticeKind::foreign_fill;
    tell(kind, now, fill.symbol, record.fill.order, 0, fill.quantity, fill.price);
    if (!notices_.empty())
        notices_.back().slippage_ticks = change.posting.slippage_ticks;
    posted(fill.symbol, change.posting, now);
}

void OrderManager::posted(const model::Symbol& symbol, const Posting& posting, Instant now) {
    tell(NoticeKind::position_changed, now, symbol, {}, 0, posting.after.quantity);
    if (posting.closed)
        keep_trade(*posting.closed, now);
    Watch& watch = this->watch(symbol);
    if (posting.after.flat())
        watch.was_protected = false;
    if (posting.after.flat() && settings_.verify_after_exit)
        watch.verify = true;
}

void OrderManager::on(const broker::OrdersAnswer& event, Instant now) {
    if (event.orders) {
        const Asking& asking = asking_[static_cast<std::size_t>(Query::orders)];
        const bool current = event.query != 0 && event.query == asking.number;
        for (const broker::OrderReport& report : *event.orders)
            (void)take_report(report, current ? std::optional(asking.asked) : std::nullopt, now);
    }
    if (!answered(Query::orders, event.query, event.orders.has_value(), now))
        return;
    check_absence(*event.orders, now);
    cancel_orphans(*event.orders, now);
    reconcile(now);
}

void OrderManager::on(const broker::FillsAnswer& event, Instant now) {
    if (event.fills && !planted(Defect::missed_fills_not_asked)) {
        // In the order in which they happened, whatever order they are listed in.
        std::vector<model::Fill> fills = *event.fills;
        std::stable_sort(fills.begin(), fills.end(),
                         [](const auto& a, const auto& b) { return a.time < b.time; });
        for (const model::Fill& fill : fills)
            take_fill(fill, now);
    }
    if (answered(Query::fills, event.query, event.fills.has_value(), now))
        reconcile(now);
}

void OrderManager::on(const broker::PositionsAnswer& event, Instant now) {
    if (!answered(Query::positions, event.query, event.positions.has_value(), now))
        return;
    positions_ = event.positions;
    reconcile(now);
}

void OrderManager::on(const broker::BalanceAnswer& event, Instant now) {
    if (!answered(Query::balance, event.query, event.balance.has_value(), now))
        return;
    // Whether it has what was counted since it was asked for cannot be told.
    if (version_ != balance_version_)
        return want(Query::balance);
    const bool same =
        balance_ && balance_->cash == *event.balance && balance_->may_trade == event.may_trade;
    if (same)
        return;
    balance_ = Balance{*event.balance, event.may_trade, now.utc};
    (void)commit(*balance_, now);
    if (!event.may_trade)
        tell(NoticeKind::cannot_trade, now);
}

// The caller compares instruments, and refuses entries; the manager holds no opinion.
void OrderManager::on(const broker::InstrumentAnswer& /*event*/, Instant /*now*/) {}

void OrderManager::count_failure(Channel channel, Instant now) {
    if (breaker(channel).failed(now.mono))
        tell(NoticeKind::breaker_opened, now, {}, {}, static_cast<std::uint16_t>(channel));
}

void OrderManager::count_success(Channel channel, Instant now) {
    if (breaker(channel).state(now.mono) != Breaker::State::closed)
        tell(NoticeKind::breaker_closed, now, {}, {}, static_cast<std::uint16_t>(channel));
    breaker(channel).succeeded();
}

}  // namespace bullpen::execution
