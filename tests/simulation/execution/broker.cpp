#include "broker.hpp"

#include <algorithm>
#include <cstdlib>

namespace bullpen::simulation {

using broker::BrokerStatus;
using broker::OrderCommand;
using broker::Outcome;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t k_tick_value = 1'250'000;  // of MES, in millionths of a dollar

Nanos Broker::delay() {
    return Nanos(
        random_.between(100'000, std::max<std::int64_t>(personality_.latency.count(), 200'000)));
}

void Broker::tell(broker::Event event, Instant now, bool droppable) {
    if (!connected_)
        return;
    (void)droppable;
    MonoTime at = now.mono + delay();
    if (random_.chance(personality_.slow_event))
        at += Nanos(random_.between(0, 5'000'000'000));
    if (random_.chance(personality_.duplicate))
        tellings_.push_back({at + delay() * 20, ++told_, event});
    tellings_.push_back({at, ++told_, std::move(event)});
}

std::optional<MonoTime> Broker::poll(Instant now, std::vector<broker::Event>& events) {
    std::vector<Telling> due;
    std::erase_if(tellings_, [&](Telling& telling) {
        if (telling.at > now.mono)
            return false;
        due.push_back(std::move(telling));
        return true;
    });
    std::sort(due.begin(), due.end(), [](const Telling& a, const Telling& b) {
        return a.at != b.at ? a.at < b.at : a.order < b.order;
    });
    for (Telling& telling : due)
        events.push_back(std::move(telling.event));
    return std::nullopt;
}

void Broker::connect(Instant now) {
    connecting_ = true;
    up_at_ = std::max(up_at_, now.mono + delay());
}

void Broker::peer_died(Instant /*now*/) {
    connected_ = false;
    connecting_ = false;
    tellings_.clear();
}

void Broker::request(Request request, Instant now) {
    const auto says = [&](Outcome outcome, Nanos after) {
        const auto command = request.ask == Ask::submit   ? OrderCommand::submit
                             : request.ask == Ask::cancel ? OrderCommand::cancel
                                                          : OrderCommand::replace;
        tellings_.push_back({now.mono + after, ++told_,
                             broker::Answer{command,
                                            outcome,
                                            request.terms.id,
                                            {},
                                            "by the adapter",
                                            request.quantity,
                                            request.price}});
    };
    if (!connected_ || random_.chance(personality_.not_sent))
        return says(Outcome::not_sent, delay());
    if (random_.chance(personality_.lose_request)) {
        if (random_.chance(0.5))
            says(Outcome::unknown, milliseconds(800));
        return;
    }
    request.at = now.mono + delay();
    if (random_.chance(personality_.late_request)) {
        request.at += Nanos(random_.between(0, 20'000'000'000));
        says(Outcome::unknown, milliseconds(500));
        request.silent = true;
    }
    if (random_.chance(personality_.lose_answer)) {
        request.silent = true;
        if (random_.chance(0.5))
            says(Outcome::unknown, milliseconds(900));
    }
    requests_.push_back(request);
}

void Broker::submit(const risk::Approved<model::OrderTerms>& terms, Instant now) {
    request({Ask::submit, {}, *terms, 0, {}, 0, false, false}, now);
}

void Broker::cancel(const model::ClientOrderId& order, Instant now) {
    Request made;
    made.ask = Ask::cancel;
    made.terms.id = order;
    request(made, now);
}

void Broker::replace(const model::ClientOrderId& order, std::int64_t quantity, model::Price price,
                     Instant now) {
    Request made;
    made.ask = Ask::replace;
    made.terms.id = order;
    made.quantity = quantity;
    made.price = price;
    request(made, now);
}

std::uint64_t Broker::query(Ask ask, Instant now) {
    Request made;
    made.ask = ask;
    made.number = ++number_;
    made.at = now.mono + delay();
    made.silent = random_.chance(personality_.query_lost);
    made.unknown = random_.chance(personality_.query_fails);
    if (connected_)
        requests_.push_back(made);
    return made.number;
}
std::uint64_t Broker::query_orders(UtcTime /*since*/, Instant now) {
    return query(Ask::orders, now);
}
std::uint64_t Broker::query_fills(UtcTime /*since*/, Instant now) {
    return query(Ask::fills, now);
}
std::uint64_t Broker::query_positions(Instant now) {
    return query(Ask::positions, now);
}
// Nothing that is decided here depends on it.
std::uint64_t Broker::query_balance(Instant now) {
    const auto number = ++number_;
    if (connected_) {
        const model::Money cash{cash_ticks_ * k_tick_value, model::k_usd};
        tellings_.push_back(
            {now.mono + milliseconds(1), ++told_, broker::BalanceAnswer{number, cash, true, {}}});
    }
    return number;
}
std::uint64_t Broker::query_instrument(const model::Symbol& /*symbol*/, Instant /*now*/) {
    return ++number_;
}

BrokerOrder* Broker::find(const model::ClientOrderId& id) {
    const auto found = std::find_if(orders_.begin(), orders_.end(),
                                    [&](const BrokerOrder& order) { return order.terms.id == id; });
    return found == orders_.end() ? nullptr : &*found;
}

broker::OrderReport Broker::report_of(const BrokerOrder& order) const {
    broker::OrderReport report;
    report.order = order.terms.id;
    report.broker_order = model::BrokerOrderId::cut(order.terms.id.view());
    report.symbol = order.terms.symbol;
    report.side = order.terms.side;
    report.type = order.terms.type;
    report.quantity = order.terms.quantity;
    report.filled = order.filled;
    report.limit = order.terms.limit;
    report.stop = order.terms.stop;
    report.status = order.status;
    report.updated = order.updated;
    return report;
}

void Broker::report(BrokerOrder& order, Instant now) {
    order.updated = std::max(now.utc, order.updated + Nanos(1));
    if (!random_.chance(personality_.omit_report))
        tell(report_of(order), now);
}

void Broker::answer(const Request& request, Outcome outcome, Instant now) {
    if (request.silent)
        return;
    const auto command = request.ask == Ask::submit   ? OrderCommand::submit
                         : request.ask == Ask::cancel ? OrderCommand::cancel
                                                      : OrderCommand::replace;
    tell(broker::Answer{command, outcome, request.terms.id,
                        model::BrokerOrderId::cut(request.terms.id.view()), "", request.quantity,
                        request.price},
         now);
}

// What no order may do by reaching the broker.
void Broker::judge(const model::OrderTerms& terms) {
    const auto complain = [&](const std::string& text) {
        if (complaint_.empty() && !is_doubtful())
            complaint_ = terms.id.str() + " " + model::text(terms.key) + ": " + text;
    };
    std::int64_t closing = 0;
    for (const BrokerOrder& order : orders_) {
        if (order.terms.id == terms.id)
            complain("an id twice");
        if (order.terms.key == terms.key)
            complain("a decision twice");
        auto key = order.terms.key;
        key.attempt = terms.key.attempt;
        if (terms.purpose == model::Purpose::entry && key == terms.key &&
            (order.live() || order.filled > 0))
            complain("a decision again while its order lives or was filled");
        if (order.closes())
            closing += order.remaining();
    }
    const bool exits =
        terms.purpose != model::Purpose::entry && terms.purpose != model::Purpose::protective_stop;
    if (exits &&
        (closing + terms.quantity > std::abs(position_) || position_ * sign(terms.side) >= 0))
        complain("closes " + std::to_string(terms.quantity) + " beside " + std::to_string(closing) +
                 " of " + std::to_string(position_));
}

void Broker::handle_submit(const Request& request, Instant now) {
    judge(request.terms);
    const bool stop = request.terms.purpose == model::Purpose::protective_stop;
    const bool entry = request.terms.purpose == model::Purpose::entry;
    BrokerOrder order{request.terms, BrokerStatus::working, 0, now.utc, now.mono, false};
    if ((stop && random_.chance(personality_.reject_stop)) ||
        (entry && random_.chance(personality_.reject))) {
        order.status = BrokerStatus::rejected;
        orders_.push_back(order);
        return answer(request, Outcome::rejected, now);
    }
    if (!entry && random_.chance(personality_.keep_pending)) {
        ++kept_pending_;
        order.status = BrokerStatus::pending;
        order.works_from = random_.chance(0.5)
                               ? MonoTime(Nanos::max())
                               : now.mono + Nanos(random_.between(0, 20'000'000'000));
    }
    orders_.push_back(order);
    answer(request, Outcome::accepted, now);
    report(orders_.back(), now);
}

void Broker::handle_cancel(const Request& request, Instant now) {
    BrokerOrder* order = find(request.terms.id);
    if (order == nullptr || !order->live() || random_.chance(personality_.refuse_cancel))
        return answer(request, Outcome::rejected, now);
    const bool worked = order->works();
    order->status = BrokerStatus::cancelled;
    const bool stands = std::any_of(orders_.begin(), orders_.end(), [&](const BrokerOrder& other) {
        return (other.works() || other.taken) && other.closes() &&
               position_ * sign(other.terms.side) < 0;
    });
    if (order->is_stop() && worked && position_ * sign(order->terms.side) < 0 && !stands &&
        !closing_ && complaint_.empty() && !is_doubtful())
        complaint_ = order->terms.id.str() + ": its cancel leaves no stop behind " +
                     std::to_string(position_);
    answer(request, Outcome::accepted, now);
    report(*order, now);
}

void Broker::handle_replace(const Request& request, Instant now) {
    BrokerOrder* order = find(request.terms.id);
    if (order == nullptr || !order->live() || request.quantity <= order->filled)
        return answer(request, Outcome::rejected, now);
    order->terms.quantity = request.quantity;
    order->terms.stop = request.price;
    answer(request, Outcome::accepted, now);
    report(*order, now);
}

void Broker::handle(const Request& request, Instant now) {
    switch (request.ask) {
        case Ask::submit: return handle_submit(request, now);
        case Ask::cancel: return handle_cancel(request, now);
        case Ask::replace: return handle_replace(request, now);
        default: break;
    }
    if (request.silent)
        return;
    if (request.ask == Ask::orders) {
        broker::OrdersAnswer made{request.number, std::nullopt, ""};
        if (!request.unknown) {
            made.orders.emplace();
            for (const BrokerOrder& order : orders_) {
                if (!order.dropped)
                    made.orders->push_back(report_of(order));
            }
        }
        tell(made, now);
    } else if (request.ask == Ask::fills) {
        broker::FillsAnswer made{request.number, std::nullopt, ""};
        if (!request.unknown)
            made.fills = executions_;
        tell(made, now);
    } else {
        broker::PositionsAnswer made{request.number, std::nullopt, ""};
        if (!request.unknown) {
            made.positions.emplace();
            if (position_ != 0)
                made.positions->push_back({model::Symbol::cut("MES"), position_, price_});
        }
        tell(made, now);
    }
}

void Broker::execute(BrokerOrder& order, std::int64_t quantity, Instant now) {
    order.filled += quantity;
    model::Fill fill;
    fill.execution = model::ExecutionId::cut("X" + std::to_string(executions_.size() + 1));
    fill.order = order.terms.id;
    fill.broker_order = model::BrokerOrderId::cut(order.terms.id.view());
    fill.symbol = order.terms.symbol;
    fill.side = order.terms.side;
    fill.quantity = quantity;
    fill.price = price_;
    fill.time = now.utc;
    fill.fee = {620'000 * quantity, model::k_usd};
    position_ += sign(order.terms.side) * quantity;
    cash_ticks_ -= sign(order.terms.side) * quantity * price_.ticks;
    executions_.push_back(fill);
    if (random_.chance(personality_.void_fill))
        to_take_back_.emplace_back(now.mono + Nanos(random_.between(0, 5'000'000'000)), fill);
    if (order.filled == order.terms.quantity)
        order.status = BrokerStatus::filled;
    if (!random_.chance(personality_.omit_fill))
        tell(fill, now);
    report(order, now);
}

void Broker::match(BrokerOrder& order, Instant now) {
    if (order.terms.type == model::OrderType::stop && !order.triggered) {
        order.triggered = order.terms.side == model::Side::sell ? price_ <= order.terms.stop
                                                                : price_ >= order.terms.stop;
        if (!order.triggered)
            return;
    }
    if (now.mono < order.next_fill)
        return;
    if (order.terms.type == model::OrderType::limit) {
        const bool has = order.terms.side == model::Side::sell ? price_ >= order.terms.limit
                                                               : price_ <= order.terms.limit;
        if (!has) {
            if (order.terms.time_in_force == model::TimeInForce::ioc) {
                order.status = BrokerStatus::cancelled;
                report(order, now);
            }
            return;
        }
    }
    std::int64_t quantity = order.remaining();
    if (quantity > 1 && random_.chance(personality_.part_fill)) {
        quantity = random_.between(1, quantity);
        order.next_fill = now.mono + Nanos(random_.between(0, 1'500'000'000));
    }
    execute(order, quantity, now);
}

// Stops go that nobody asked to cancel: some are told of and listed as cancelled, some are not.
void Broker::take_away(double passed, Instant now) {
    for (BrokerOrder& order : orders_) {
        if (!order.is_stop() || !order.works() || order.triggered)
            continue;
        if (random_.chance(personality_.cancel_stop * std::min(passed, 1.0))) {
            ++took_away_;
            order.taken = true;
            order.status = BrokerStatus::cancelled;
            report(order, now);
        } else if (random_.chance(personality_.drop_stop * std::min(passed, 1.0))) {
            ++took_away_;
            order.status = BrokerStatus::cancelled;
            order.taken = order.dropped = true;
        }
    }
}

void Broker::take_back(const model::Fill& fill, Instant now) {
    model::Fill undone = fill;
    undone.execution = broker::void_of(fill.execution);
    undone.order = {};
    undone.broker_order = {};
    undone.side = fill.side == model::Side::buy ? model::Side::sell : model::Side::buy;
    undone.time = now.utc;
    undone.fee = {-fill.fee.millionths, fill.fee.currency};
    position_ += sign(undone.side) * undone.quantity;
    cash_ticks_ -= sign(undone.side) * undone.quantity * undone.price.ticks;
    executions_.push_back(undone);
    ++took_back_;
    took_back_at_ = now.mono;
    if (!random_.chance(personality_.omit_fill))
        tell(undone, now);
}

bool Broker::is_doubtful() const {
    return took_back_at_ && last_step_ - *took_back_at_ < seconds(90);
}

void Broker::step(Instant now) {
    const double passed = static_cast<double>((now.mono - last_step_).count()) / 1e9;
    last_step_ = now.mono;
    if (connected_ && random_.chance(personality_.hang_up * std::min(passed, 1.0))) {
        tell(broker::Disconnected{"hung up", false}, now);
        std::erase_if(tellings_, [&](const Telling& telling) {
            return !std::holds_alternative<broker::Disconnected>(telling.event) &&
                   random_.chance(0.7);
        });
        for (Telling& telling : tellings_)
            telling.at = std::min(telling.at, now.mono + milliseconds(1));
        connected_ = false;
        connecting_ = true;
        up_at_ = now.mono + Nanos(random_.between(100'000'000, 20'000'000'000));
    }
    if (!connected_ && connecting_ && now.mono >= up_at_) {
        connected_ = true;
        connecting_ = false;
        tellings_.push_back({now.mono, ++told_, broker::Connected{"PA-1"}});
    }
    std::vector<Request> due;
    std::erase_if(requests_, [&](const Request& request) {
        if (request.at > now.mono)
            return false;
        due.push_back(request);
        return true;
    });
    for (const Request& request : due)
        handle(request, now);
    take_away(passed, now);
    std::erase_if(to_take_back_, [&](const auto& due) {
        if (due.first > now.mono)
            return false;
        take_back(due.second, now);
        return true;
    });
    for (std::size_t i = 0; i < orders_.size(); ++i) {
        BrokerOrder& order = orders_[i];
        if (order.status == BrokerStatus::pending && now.mono >= order.works_from) {
            order.status = BrokerStatus::working;
            report(order, now);
        }
        if (order.works())
            match(order, now);
    }
}

}  // namespace bullpen::simulation
