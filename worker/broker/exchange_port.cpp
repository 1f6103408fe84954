#include "worker/broker/exchange_port.hpp"

#include <array>
#include <charconv>

namespace bullpen::broker {

namespace {

constexpr std::size_t k_told_reserved = 64;

// `prefix` and a number, without allocating.
template <class Text>
Text numbered(std::string_view prefix, std::uint64_t number) {
    std::array<char, Text::k_size_max + 24> buffer{};
    const auto size = std::min<std::size_t>(prefix.size(), 20);
    std::copy_n(prefix.begin(), size, buffer.begin());
    const auto [end, error] =
        std::to_chars(buffer.data() + size, buffer.data() + buffer.size(), number);
    (void)error;
    return Text::cut({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

BrokerStatus status_of(matching::Status status) {
    switch (status) {
        case matching::Status::pending: return BrokerStatus::pending;
        case matching::Status::working: return BrokerStatus::working;
        case matching::Status::filled: return BrokerStatus::filled;
        case matching::Status::cancelled: return BrokerStatus::cancelled;
        case matching::Status::rejected: return BrokerStatus::rejected;
        case matching::Status::expired: return BrokerStatus::expired;
    }
    return BrokerStatus::working;
}

}  // namespace

ExchangePort::ExchangePort(ExchangePortSettings settings) : settings_(std::move(settings)) {
    account_ = exchange_.add_account(settings_.account, settings_.cash);
    told_.reserve(k_told_reserved);
}

matching::MarketRef ExchangePort::add_market(const model::Instrument& instrument,
                                             const matching::Costs& costs) {
    symbols_.push_back(model::Symbol::cut(instrument.symbol));
    return exchange_.add_market(instrument, costs);
}

void ExchangePort::restore(matching::MarketRef market, const model::Position& position,
                           std::span<const matching::OrderRequest> working) {
    exchange_.restore_position(account_, market, position);
    for (const auto& request : working)
        (void)exchange_.submit(account_, market, request);
}

std::optional<matching::MarketRef> ExchangePort::market_of(std::string_view symbol) const {
    for (std::uint32_t i = 0; i < symbols_.size(); ++i) {
        if (symbols_[i].view() == symbol)
            return matching::MarketRef{i};
    }
    return std::nullopt;
}

model::BrokerOrderId ExchangePort::broker_id(std::uint64_t number) const {
    return numbered<model::BrokerOrderId>(settings_.order_prefix, number);
}

OrderReport ExchangePort::report_of(const matching::Order& order) const {
    const auto& request = order.request;
    OrderReport report;
    report.order = request.client;
    report.broker_order = broker_id(order.number);
    report.symbol = symbols_[order.market.index];
    report.side = request.side;
    report.type = request.type;
    report.quantity = request.quantity;
    report.filled = order.filled;
    report.limit = request.limit;
    report.stop = request.stop;
    report.status = status_of(order.status);
    report.updated = order.updated;
    report.text =
        order.refusal == matching::Refusal::none ? settings_.text : sentence(order.refusal);
    return report;
}

model::Fill ExchangePort::fill_of(const matching::Execution& execution) const {
    model::Fill fill;
    fill.execution = numbered<model::ExecutionId>(settings_.execution_prefix, execution.number);
    fill.order = execution.client;
    fill.broker_order = broker_id(execution.order);
    fill.symbol = symbols_[execution.market.index];
    fill.side = execution.side;
    fill.quantity = execution.quantity;
    fill.price = execution.price;
    fill.time = execution.time;
    fill.fee = execution.fee;
    return fill;
}

void ExchangePort::answer(OrderCommand command, Outcome outcome, const model::ClientOrderId& order,
                          std::string_view text) {
    Answer made;
    made.command = command;
    made.outcome = outcome;
    made.order = order;
    made.text = text;
    if (outcome == Outcome::accepted) {
        if (const auto* found = exchange_.find_order(account_, order))
            made.broker_order = broker_id(found->number);
    }
    told_.emplace_back(std::move(made));
}

// The answer to a submission, then what became of the order.
void ExchangePort::tell(const matching::Event& event) {
    using matching::EventKind;
    const auto& order = event.order;
    if (event.kind == EventKind::accepted) {
        answer(OrderCommand::submit, Outcome::accepted, order.request.client, settings_.text);
    } else if (event.kind == EventKind::rejected) {
        answer(OrderCommand::submit, Outcome::rejected, order.request.client,
               sentence(order.refusal));
    } else if (event.kind == EventKind::filled) {
        told_.emplace_back(fill_of(event.execution));
    }
    told_.emplace_back(report_of(order));
}

void ExchangePort::drain() {
    if (exchange_.events().empty())
        return;
    for (const auto& event : exchange_.events())
        tell(event);
    exchange_.clear_events();
}

std::optional<MonoTime> ExchangePort::poll(Instant /*now*/, std::vector<Event>& events) {
    drain();
    for (auto& event : told_)
        events.push_back(std::move(event));
    told_.clear();
    return std::nullopt;
}

void ExchangePort::connect(Instant /*now*/) {
    connected_ = true;
    drain();
    told_.emplace_back(Connected{settings_.account});
}

void ExchangePort::submit(const risk::Approved<model::OrderTerms>& terms, Instant /*now*/) {
    drain();
    if (!connected_)
        return answer(OrderCommand::submit, Outcome::not_sent, terms->id, "not connected");
    const auto market = market_of(terms->symbol.view());
    if (!market) {
        return answer(OrderCommand::submit, Outcome::rejected, terms->id,
                      "there is no market for this symbol");
    }
    // A second order under an id would be told of as if it were the first.
    if (exchange_.find_order(account_, terms->id) != nullptr) {
        return answer(OrderCommand::submit, Outcome::rejected, terms->id,
                      matching::sentence(matching::Refusal::duplicate_id));
    }
    matching::OrderRequest request;
    request.client = terms->id;
    request.side = terms->side;
    request.type = terms->type;
    request.time_in_force = terms->time_in_force;
    request.quantity = terms->quantity;
    request.limit = terms->limit;
    request.stop = terms->stop;
    request.reduce_only = settings_.exits_only_reduce && terms->purpose != model::Purpose::entry;
    exchange_.submit(account_, *market, request);
    drain();
}

void ExchangePort::cancel(const model::ClientOrderId& order, Instant /*now*/) {
    drain();
    if (!connected_)
        return answer(OrderCommand::cancel, Outcome::not_sent, order, "not connected");
    const auto* found = exchange_.find_order(account_, order);
    const auto refusal = found == nullptr ? matching::Refusal::unknown_order
                                          : exchange_.cancel(account_, found->number);
    answer(OrderCommand::cancel,
           refusal == matching::Refusal::none ? Outcome::accepted : Outcome::rejected, order,
           sentence(refusal));
    drain();
}

void ExchangePort::replace(const model::ClientOrderId& order, std::int64_t quantity,
                           model::Price price, Instant /*now*/) {
    drain();
    if (!connected_)
        return answer(OrderCommand::replace, Outcome::not_sent, order, "not connected");
    const auto* found = exchange_.find_order(account_, order);
    auto refusal = matching::Refusal::unknown_order;
    if (!settings_.can_replace)
        refusal = matching::Refusal::by_rule;
    else if (found != nullptr)
        refusal = exchange_.replace(account_, found->number, quantity, price);
    answer(OrderCommand::replace,
           refusal == matching::Refusal::none ? Outcome::accepted : Outcome::rejected, order,
           sentence(refusal));
    drain();
}

std::uint64_t ExchangePort::query_orders(UtcTime since, Instant /*now*/) {
    drain();
    OrdersAnswer made{++last_query_, {}, {}};
    if (connected_) {
        auto& orders = made.orders.emplace();
        for (const auto& [number, order] : exchange_.orders()) {
            if (order.updated >= since)
                orders.push_back(report_of(order));
        }
    }
    told_.emplace_back(std::move(made));
    return last_query_;
}

std::uint64_t ExchangePort::query_fills(UtcTime since, Instant /*now*/) {
    drain();
    FillsAnswer made{++last_query_, {}, {}};
    if (connected_) {
        auto& fills = made.fills.emplace();
        for (const auto& execution : exchange_.executions(account_)) {
            if (execution.time >= since)
                fills.push_back(fill_of(execution));
        }
    }
    told_.emplace_back(std::move(made));
    return last_query_;
}

std::uint64_t ExchangePort::query_positions(Instant /*now*/) {
    drain();
    PositionsAnswer made{++last_query_, {}, {}};
    if (connected_) {
        auto& positions = made.positions.emplace();
        for (std::uint32_t i = 0; i < symbols_.size(); ++i) {
            const auto held = exchange_.position(account_, {i});
            if (!held.flat())
                positions.push_back({symbols_[i], held.quantity, model::average_price(held)});
        }
    }
    told_.emplace_back(std::move(made));
    return last_query_;
}

std::uint64_t ExchangePort::query_balance(Instant /*now*/) {
    drain();
    BalanceAnswer made{++last_query_, {}, true, {}};
    if (connected_) {
        made.balance = exchange_.cash(account_);
        made.may_trade = exchange_.trading_allowed(account_);
    }
    told_.emplace_back(std::move(made));
    return last_query_;
}

std::uint64_t ExchangePort::query_instrument(const model::Symbol& symbol, Instant /*now*/) {
    drain();
    InstrumentAnswer made{++last_query_, symbol, {}, {}};
    const auto market = market_of(symbol.view());
    if (connected_ && market) {
        const auto& instrument = exchange_.instrument(*market);
        made.said = {std::string(instrument.symbol), instrument.tick, instrument.tick_value,
                     instrument.point_value};
    } else {
        made.text = "there is no market for this symbol";
    }
    told_.emplace_back(std::move(made));
    return last_query_;
}

}  // namespace bullpen::broker
