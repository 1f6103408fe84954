#include "worker/broker/share_port.hpp"

namespace bullpen::broker {

namespace {

ipc::ShareRequest request_of(ipc::ShareCommand command) {
    ipc::ShareRequest request;
    request.command = command;
    return request;
}

ipc::ShareRequest order_of(const ShareOrderTerms& terms, model::Side side) {
    auto request = request_of(ipc::ShareCommand::submit);
    request.client = terms.client;
    request.symbol = terms.symbol;
    request.side = side;
    request.quantity = terms.quantity;
    request.market = terms.limit.ticks == 0;
    request.limit = terms.limit;
    request.protection_percent = terms.protection_percent;
    request.immediate = side == model::Side::sell;
    return request;
}

}  // namespace

Result<std::unique_ptr<SharePort>> SharePort::make(VenuePortSettings settings) {
    settings.follows_market = false;
    settings.lockstep = false;
    BULLPEN_TRY(auto port, VenuePort::make(std::move(settings), {}));
    return std::unique_ptr<SharePort>(new SharePort(std::move(port)));
}

std::optional<MonoTime> SharePort::poll(Instant now) {
    std::vector<Event> events;
    const auto next = port_->poll(now, events);
    for (const auto& event : events) {
        news_ = true;
        if (std::holds_alternative<Connected>(event)) {
            trouble_.clear();
            (void)port_->ask_shares(request_of(ipc::ShareCommand::follow), now);
        } else if (const auto* lost = std::get_if<Disconnected>(&event)) {
            trouble_ = lost->text;
        }
    }
    for (auto& [number, answer] : port_->take_share_answers()) {
        news_ = true;
        if (answer.outcome == Outcome::accepted && answer.reply.market_time != UtcTime{})
            market_time_ = std::max(market_time_.value_or(UtcTime{}), answer.reply.market_time);
        const auto found = asked_.find(number);
        if (found == asked_.end())
            continue;
        answers_[found->second] = std::move(answer);
        asked_.erase(found);
        if (answers_.size() > k_answers_max)
            answers_.erase(answers_.begin());
    }
    if (const auto told = port_->take_share_time()) {
        market_time_ = std::max(market_time_.value_or(UtcTime{}), *told);
        news_ = true;
    }
    return next;
}

std::optional<ShareAnswer> SharePort::take(Ticket ticket) {
    const auto found = answers_.find(ticket);
    if (found == answers_.end())
        return std::nullopt;
    auto answer = std::move(found->second);
    answers_.erase(found);
    return answer;
}

Ticket SharePort::ask(const ipc::ShareRequest& request, Instant now) {
    const auto ticket = ++last_ticket_;
    asked_[port_->ask_shares(request, now)] = ticket;
    return ticket;
}

Ticket SharePort::order(const ipc::ShareRequest& request, ShareBudget::Lane lane, Instant now) {
    const bool allowed = permit_ == SharePermit::all ||
                         (permit_ == SharePermit::exits && lane == ShareBudget::Lane::exit);
    if (allowed && budget_.take(lane, now.mono))
        return ask(request, now);
    const auto ticket = ++last_ticket_;
    answers_[ticket] = {Outcome::not_sent,
                        {},
                        allowed ? "the broker's limit of orders is reached"
                                : "the account's mode does not allow it"};
    news_ = true;
    return ticket;
}

Ticket SharePort::ask_account(Instant now) {
    return ask(request_of(ipc::ShareCommand::account), now);
}

Ticket SharePort::ask_orders(Instant now) {
    return ask(request_of(ipc::ShareCommand::orders), now);
}

Ticket SharePort::ask_triggers(Instant now) {
    return ask(request_of(ipc::ShareCommand::triggers), now);
}

Ticket SharePort::ask_quotes(std::vector<std::string> symbols, Instant now) {
    auto request = request_of(ipc::ShareCommand::quotes);
    request.symbols = std::move(symbols);
    return ask(request, now);
}

Ticket SharePort::buy(const ShareOrderTerms& terms, Instant now) {
    return order(order_of(terms, model::Side::buy), ShareBudget::Lane::entry, now);
}

Ticket SharePort::cancel(std::uint64_t number, Instant now) {
    auto request = request_of(ipc::ShareCommand::cancel);
    request.number = number;
    return order(request, ShareBudget::Lane::exit, now);
}

Ticket SharePort::place_stop(const std::string& symbol, const matching::TriggerLeg& leg,
                             Instant now) {
    auto request = request_of(ipc::ShareCommand::place_trigger);
    request.symbol = symbol;
    request.side = model::Side::sell;
    request.first = leg;
    return order(request, ShareBudget::Lane::exit, now);
}

Ticket SharePort::delete_stop(std::uint64_t trigger, Instant now) {
    auto request = request_of(ipc::ShareCommand::delete_trigger);
    request.number = trigger;
    return order(request, ShareBudget::Lane::exit, now);
}

Ticket SharePort::close(const ShareOrderTerms& terms, Instant now) {
    return order(order_of(terms, model::Side::sell), ShareBudget::Lane::exit, now);
}

}  // namespace bullpen::broker
