// What is asked of the broker: orders that are unknown, what both sides hold, and whether they
// agree.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "worker/execution/close_reason.hpp"
#include "worker/execution/order_manager.hpp"
#include "worker/execution/planted.hpp"

namespace bullpen::execution {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// When an unknown order is asked for, counted from the time when it became unknown. Who is not
// found by the last of them is not there, if the session was up.
constexpr std::array<Nanos, 6> k_ask_at{milliseconds(500),   milliseconds(1500),
                                        milliseconds(3500),  milliseconds(7500),
                                        milliseconds(15500), milliseconds(30500)};
constexpr Nanos k_ask_on = seconds(15);  // thereafter
constexpr std::array<Nanos, 6> k_query_waits{milliseconds(500), seconds(1), seconds(2),
                                             seconds(4),        seconds(8), seconds(15)};
// At the most, where something may be held that no stop stands behind.
constexpr Nanos k_query_wait_bare = seconds(2);
// The broker's clock is not ours, and an order is listed a moment after it is placed.
constexpr Nanos k_order_margin = seconds(5);
constexpr Nanos k_fill_overlap = std::chrono::minutes(5);
constexpr Nanos k_first_look_back = std::chrono::hours(24 * 7);
constexpr Nanos k_look_back = seconds(60);
// What just changed explains a difference.
constexpr Nanos k_settle = seconds(2);
constexpr Nanos k_compare_again = milliseconds(250);

}  // namespace

void OrderManager::want(Query query, MonoTime not_before) {
    Asking& asking = asking_.at(static_cast<std::size_t>(query));
    asking.not_before = asking.wanted ? std::min(asking.not_before, not_before) : not_before;
    asking.wanted = true;
}

void OrderManager::begin_round(Instant now) {
    round_active_ = true;
    ++round_;
    next_round_ =
        settings_.reconcile_every > Nanos{} ? now.mono + settings_.reconcile_every : k_never;
    want(Query::orders);
    want(Query::fills);
    want(Query::positions);
}

void OrderManager::ask(Instant now) {
    if (!session_up_)
        return;
    for (std::size_t i = 0; i < k_queries; ++i) {
        const Asking& asking = asking_.at(i);
        if (!asking.wanted || asking.number != 0 || asking.not_before > now.mono || !may_ask(now) ||
            (asking.failures > 0 && !retries_.take(now.mono)))
            continue;
        ask_one(static_cast<Query>(i), now);
    }
}

// What may be held without a stop is asked for as if every question had an answer.
bool OrderManager::may_ask(Instant now) const {
    return breakers_[static_cast<std::size_t>(Channel::queries)].allows(now.mono) || may_be_bare();
}

void OrderManager::ask_one(Query query, Instant now) {
    Asking& asking = asking_.at(static_cast<std::size_t>(query));
    asking.wanted = false;
    asking.fresh = false;
    asking.round = round_;
    asking.asked = now.mono;
    asking.asked_utc = now.utc;
    asking.due = now.mono + settings_.answer_wait;
    breaker(Channel::queries).attempted(now.mono);
    switch (query) {
        case Query::orders: {
            asking.since = now.utc - (reconciled_ ? k_look_back : k_first_look_back);
            for (const Order& order : book_.live()) {
                if (is_open(order.status))
                    asking.since = std::min(asking.since, order.decided - k_order_margin);
            }
            asking.number = port_.query_orders(asking.since, now);
            break;
        }
        case Query::fills:
            asking.since = std::max(book_.fills_since() - k_fill_overlap, book_.ledger().horizon());
            asking.number = port_.query_fills(asking.since, now);
            break;
        case Query::balance:
            balance_version_ = version_;
            asking.number = port_.query_balance(now);
            break;
        default: positions_version_ = version_; asking.number = port_.query_positions(now);
    }
}

// Whether it is the answer that was waited for, and says something.
bool OrderManager::answered(Query query, std::uint64_t number, bool known, Instant now) {
    Asking& asking = asking_.at(static_cast<std::size_t>(query));
    if (number == 0 || asking.number != number)
        return false;
    asking.number = 0;
    if (known) {
        asking.failures = 0;
        asking.answered = asking.fresh = true;
        count_success(Channel::queries, now);
        return true;
    }
    count_failure(Channel::queries, now);
    Nanos wait = k_query_waits.at(std::min(asking.failures, k_query_waits.size() - 1));
    if (wait > k_query_wait_bare && may_be_bare())
        wait = k_query_wait_bare;
    ++asking.failures;
    want(query, now.mono + wait);
    return false;
}

void OrderManager::begin_unknown(const model::ClientOrderId& order, Instant now) {
    forget_unknown(order);
    unknown_.push_back({order, now.mono, now.mono + k_ask_at[0], 0});
}

void OrderManager::forget_unknown(const model::ClientOrderId& order) {
    std::erase_if(unknown_, [&](const Unknown& unknown) { return unknown.order == order; });
}

void OrderManager::pursue_unknown(Instant now) {
    for (Unknown& unknown : unknown_) {
        if (unknown.next > now.mono)
            continue;
        want(Query::orders);
        want(Query::fills);
        ++unknown.asked;
        unknown.next = unknown.asked < k_ask_at.size() ? unknown.since + k_ask_at.at(unknown.asked)
                                                       : now.mono + k_ask_on;
    }
}

// The report of what was taken may be lost: a stop is believed in for no longer than must be.
void OrderManager::ask_for_unheard(Instant now) {
    for (Pending& pending : pending_) {
        if (pending.told || now.mono - pending.since < k_unheard_max)
            continue;
        pending.since = now.mono;
        want(Query::orders);
    }
}

// A complete answer lacks an order that should be in it. One that was seen is asked for; one that
// was asked for long enough is not there.
void OrderManager::check_absence(const std::vector<broker::OrderReport>& reports, Instant now) {
    const Asking& asking = asking_[static_cast<std::size_t>(Query::orders)];
    std::vector<Concluded> concluded;
    for (const Order& order : book_.live()) {
        // An order that is younger than the question cannot be in the answer.
        if (!is_open(order.status) || order.decided < asking.since ||
            order.decided + k_settle > asking.asked_utc)
            continue;
        const auto listed = std::find_if(reports.begin(), reports.end(), [&](const auto& report) {
            return report.order == order.terms.id ||
                   (report.order.empty() && !report.broker_order.empty() &&
                    report.broker_order == order.broker_order);
        });
        const bool is_listed = listed != reports.end();
        if (order.status != Status::unknown) {
            if (!is_listed && order.seen && !planted(Defect::missing_stop_believed) &&
                order_step(order.status, OrderEvent::missing))
                concluded.push_back({order.terms.id, Conclusion::missing, now.utc});
            continue;
        }
        const auto unknown =
            std::find_if(unknown_.begin(), unknown_.end(),
                         [&](const Unknown& other) { return other.order == order.terms.id; });
        const Nanos wait = order.is_stop() && !is_listed && port_.in_order()
                               ? std::min(settings_.absent_after, settings_.stop_absent_after)
                               : settings_.absent_after;
        if (unknown == unknown_.end() || asking.asked - unknown->since < wait ||
            asking.asked < session_since_)
            continue;
        const auto conclusion = is_listed    ? Conclusion::unchanged
                                : order.seen ? Conclusion::vanished
                                             : Conclusion::absent;
        if (!is_listed || (order.new_quantity != 0 && !broker::is_final(listed->status)))
            concluded.push_back({order.terms.id, conclusion, now.utc});
    }
    for (const Concluded& conclusion : concluded)
        (void)commit(conclusion, now);
}

// Whatever lives at the broker and is not alive in our book has no one to answer for it.
void OrderManager::cancel_orphans(const std::vector<broker::OrderReport>& reports, Instant now) {
    for (const broker::OrderReport& report : reports) {
        if (broker::is_final(report.status))
            continue;
        const Order* order = book_.find(report.order);
        const bool by_broker_id =
            report.order.empty() &&
            std::any_of(book_.orders().begin(), book_.orders().end(), [&](const Order& other) {
                return !report.broker_order.empty() && other.broker_order == report.broker_order;
            });
        if (by_broker_id || (order != nullptr && is_open(order->status)))
            continue;
        // What ended after the question was asked was alive when it was answered.
        if (order != nullptr && report.updated <= order->updated)
            continue;
        tell(NoticeKind::orphan_order, now, report.symbol, report.order, 0,
             report.quantity - report.filled);
        const bool own_tag = report.order.parts() &&
                             report.order.view().substr(0, model::ClientOrderId::k_tag_size) ==
                                 std::string_view(settings_.tag);
        if (silent_ || report.order.empty() || !session_is_ours(now) ||
            (!own_tag && settings_.unexpected == UnexpectedPolicy::alert))
            continue;
        (void)commit(Commanded{report.order, broker::OrderCommand::cancel, 0, {}, now.utc},
                     KillPoint::before_cancel_record, KillPoint::after_cancel_record, now);
        reached(KillPoint::before_cancel_send);
        port_.cancel(report.order, now);
        reached(KillPoint::after_cancel_send);
    }
}

bool OrderManager::is_under_way(const model::Symbol& symbol, Instant now) const {
    const Watch* watch = find_watch(symbol);
    if (watch != nullptr && watch->version > 0 && now.mono - watch->changed < k_settle)
        return true;
    return book_.live().any([&](const Order& order) {
        return order.terms.symbol == symbol &&
               (order.untold() > 0 ||
                (is_open(order.status) &&
                 (order.is_entry() || order.is_exit() || !is_settled(order.status))));
    });
}

// Compares both sides, once orders, fills and positions were told after the round began and nothing
// changed since positions were asked for.
void OrderManager::reconcile(Instant now) {
    if (!round_active_)
        return;
    for (const Query query : {Query::orders, Query::fills, Query::positions}) {
        const Asking& asking = asking_.at(static_cast<std::size_t>(query));
        if (!asking.fresh || asking.round != round_)
            return;
    }
    if (positions_version_ != version_) {
        asking_[static_cast<std::size_t>(Query::positions)].fresh = false;
        want(Query::positions, now.mono + k_compare_again);
        return;
    }
    std::vector<OwnPosition> own;
    for (const Guard& guard : book_.guards()) {
        const Watch* watch = find_watch(guard.symbol);
        own.push_back({guard.symbol, book_.held(guard.symbol), is_under_way(guard.symbol, now),
                       watch == nullptr ? 0 : watch->version});
    }
    const auto compared = reconciler_.compare(own, positions_, now.mono);
    bool again = false;
    for (const Comparison& comparison : compared) {
        again = again || comparison.finding == Finding::under_way ||
                comparison.finding == Finding::seen_once;
        act_on(comparison, now);
    }
    if (again) {
        // Asked anew, all of it: a fill that was not told explains most differences.
        ++round_;
        for (const Query query : {Query::orders, Query::fills, Query::positions})
            want(query, now.mono + Reconciler::k_confirm);
        return;
    }
    end_round(now);
}

void OrderManager::end_round(Instant now) {
    round_active_ = false;
    round_agreed_ = round_;
    const UtcTime since = asking_[static_cast<std::size_t>(Query::fills)].asked_utc;
    if (!reconciled_ || since - book_.fills_since() > k_fill_overlap)
        (void)commit(Reconciled{since, now.utc}, now);
    if (!reconciled_)
        tell(NoticeKind::reconciled, now);
    // A session that came as far as this is one that works.
    if (breaker(Channel::session).state(now.mono) == Breaker::State::half_open)
        count_success(Channel::session, now);
    reconciled_ = true;
    want(Query::balance);
}

void OrderManager::act_on(const Comparison& comparison, Instant now) {
    const model::Symbol symbol = comparison.symbol;
    const Guard* guard = book_.guard(symbol);
    const bool blocked = guard != nullptr && guard->mismatch;
    if (comparison.finding == Finding::agrees) {
        watch(symbol).unexplained.reset();
        if (blocked)
            (void)commit(Blocked{symbol, Block::mismatch, false, now.utc}, now);
        return;
    }
    if (comparison.finding == Finding::under_way || comparison.finding == Finding::seen_once)
        return;
    if (!blocked)
        tell(NoticeKind::mismatch, now, symbol, {}, 0, comparison.broker);
    // What is being closed, and what is gone, is the broker's to say under every policy.
    const bool closing = guard != nullptr && guard->closing.active;
    if (closing || comparison.finding == Finding::broker_flat) {
        take_over(comparison, now);
        return;
    }
    if (settings_.unexpected == UnexpectedPolicy::alert) {
        watch(symbol).unexplained = comparison.broker;
        if (!blocked)
            (void)commit(Blocked{symbol, Block::mismatch, true, now.utc}, now);
        return;
    }
    take_over(comparison, now);
    // Again with what it cost, by the policy; closing needs no price.
    watch(symbol).came_from_outside = settings_.unexpected != UnexpectedPolicy::flatten;
    if (settings_.unexpected == UnexpectedPolicy::flatten)
        flatten(symbol, label(CloseReason::unexpected_position), now);
    else
        act_on_what_came(symbol, now);
}

// The epoch while nobody told the time of a market that has one of its own.
UtcTime OrderManager::market_time(Instant now) const {
    return settings_.own_time ? std::max(approver_.market_time(), market_told_) : now.utc;
}

// None while the only one that is known may be of before an absence.
std::optional<model::Price> OrderManager::price_now(const Watch& watch) const {
    return watch.told || settings_.told_prices ? watch.told : watch.mark;
}

void OrderManager::take_over(const Comparison& comparison, Instant now) {
    this->watch(comparison.symbol).unexplained.reset();
    const Line* line = book_.ledger().find(comparison.symbol);
    const bool holds = line != nullptr && !line->position.flat();
    auto known =
        comparison.average ? comparison.average : price_now(this->watch(comparison.symbol));
    // What went without a price went at what it cost: it won nothing that anybody can prove. So it
    // is with what came to it at a price that nobody knows.
    if (holds && (!known || std::abs(comparison.broker) < std::abs(line->position.quantity)))
        known = average_price(line->position);
    const model::Price price = known.value_or(model::Price{});
    const Change change =
        commit(Adopted{comparison.symbol, comparison.broker, price, market_time(now)}, now);
    ++this->watch(comparison.symbol).version;
    tell(NoticeKind::adopted, now, comparison.symbol, {}, 0, comparison.broker, price);
    posted(comparison.symbol, change.posting, now);
}

// What executions of others' orders left is not in doubt, and nobody here decided on it: the policy
// for what is unexpected says what becomes of it.
void OrderManager::act_on_what_came(const model::Symbol& symbol, Instant now) {
    date_what_came(symbol, now);
    Watch& watch = this->watch(symbol);
    if (!watch.came_from_outside || !may_send(now))
        return;
    const auto current = price_now(watch);
    if (current)
        price_what_came(symbol, *current, market_time(now), now);
    // Nobody knows yet where a stop would have to be; to be closed it needs none.
    if (is_unpriced(symbol) && settings_.unexpected != UnexpectedPolicy::flatten)
        return;
    const Guard& guard = *book_.guard(symbol);
    const std::int64_t held = book_.held(symbol);
    const bool is_late = watch.naked_since && now.mono - *watch.naked_since >= k_price_wait;
    if (awaits_price(symbol) && !guard.closing.active && !is_late)
        return;
    watch.came_from_outside = false;
    if (held == 0 || is_planned(guard, held) || guard.closing.active)
        return;
    const Line* line = book_.ledger().find(symbol);
    const bool known = line != nullptr && !line->position.flat();
    const auto average = known ? std::optional(average_price(line->position)) : current;
    if (settings_.unexpected == UnexpectedPolicy::flatten ||
        (settings_.unexpected == UnexpectedPolicy::protect && !average))
        flatten(symbol, label(CloseReason::unexpected_position), now);
    else if (settings_.unexpected == UnexpectedPolicy::protect)
        protect_what_came(symbol, held, *average, now);
}

bool OrderManager::is_planned(const Guard& guard, std::int64_t held) {
    return guard.protect && held * sign(guard.side) > 0;
}

// Whether what came from outside has no stop because no price of now is known.
bool OrderManager::awaits_price(const model::Symbol& symbol) const {
    const Watch* watch = find_watch(symbol);
    const Guard* guard = book_.guard(symbol);
    const std::int64_t held = book_.held(symbol);
    return watch != nullptr && guard != nullptr && watch->came_from_outside && held != 0 &&
           !is_planned(*guard, held) && settings_.unexpected == UnexpectedPolicy::protect &&
           (is_unpriced(symbol) || (settings_.told_prices && !watch->told));
}

void OrderManager::protect_what_came(const model::Symbol& symbol, std::int64_t held,
                                     model::Price average, Instant now) {
    const model::Ticks by = settings_.unexpected_stop;
    // The worse of both prices, so that the stop is on the right side of the market.
    const Watch& watch = this->watch(symbol);
    const model::Price mark = price_now(watch).value_or(watch.mark.value_or(average));
    const model::Price from = held > 0 ? std::min(average, mark) : std::max(average, mark);
    (void)commit(Planned{symbol, held > 0 ? from - by : from + by, now.utc, {}}, now);
}

bool OrderManager::is_unpriced(const model::Symbol& symbol) const {
    const Line* line = book_.ledger().find(symbol);
    return line != nullptr && line->unpriced();
}

// The first price that is known is what it is counted from: what it won before nobody can prove.
void OrderManager::price_what_came(const model::Symbol& symbol, model::Price price, UtcTime at,
                                   Instant now) {
    if (!is_unpriced(symbol))
        return;
    const std::int64_t held = book_.ledger().find(symbol)->position.quantity;
    (void)commit(Adopted{symbol, held, price, at}, now);
}

// Taken over before the market had said what time it has.
void OrderManager::date_what_came(const model::Symbol& symbol, Instant now) {
    const Line* line = book_.ledger().find(symbol);
    if (line == nullptr || !line->undated() || line->unpriced())
        return;
    const UtcTime at = market_time(now);
    if (at == UtcTime{})
        return;
    const auto [held, price] = std::pair(line->position.quantity, average_price(line->position));
    (void)commit(Adopted{symbol, held, price, at}, now);
}

}  // namespace bullpen::execution
