#include "worker/broker/share_port.hpp"

#include <algorithm>

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
    for (auto& [number, answer] : port_->take_share_answers())
        take_answer(number, std::move(answer));
    if (const auto told = port_->take_share_time()) {
        market_time_ = std::max(market_time_.value_or(UtcTime{}), *told);
        news_ = true;
    }
    send_prices(now);
    const auto due = prices_due();
    return due && next ? std::min(*due, *next) : due ? due : next;
}

void SharePort::take_answer(std::uint64_t number, ShareAnswer answer) {
    news_ = true;
    if (answer.outcome == Outcome::accepted && answer.reply.market_time != UtcTime{})
        market_time_ = std::max(market_time_.value_or(UtcTime{}), answer.reply.market_time);
    // The broker took nothing: it may be sent again in a moment.
    if (answer.outcome == Outcome::rejected && answer.text == ipc::k_share_too_fast) {
        answer.outcome = Outcome::not_sent;
        ++too_fast_;
    }
    const auto found = asked_.find(number);
    if (found == asked_.end())
        return;
    const auto ticket = found->second;
    const bool accepted = answer.outcome == Outcome::accepted;
    if (!accepted || !answer.reply.more)
        asked_.erase(found);
    auto& answers = answers_[ticket];
    if (!accepted)
        answers.clear();
    answers.push_back(std::move(answer));
    if (answers_.size() > k_answers_max)
        answers_.erase(answers_.begin());
}

void SharePort::count(const ShareBudget::Kept& kept, Counting counting, Instant now) {
    budget_.resume(kept, now);
    counting_ = std::move(counting);
}

std::optional<ShareAnswer> SharePort::take(Ticket ticket) {
    const auto found = answers_.find(ticket);
    if (found == answers_.end())
        return std::nullopt;
    auto answer = std::move(found->second.front());
    found->second.pop_front();
    if (found->second.empty())
        answers_.erase(found);
    return answer;
}

Ticket SharePort::ask(const ipc::ShareRequest& request, Instant now) {
    const auto ticket = ++last_ticket_;
    asked_[port_->ask_shares(request, now)] = ticket;
    return ticket;
}

Ticket SharePort::order(const ipc::ShareRequest& request, ShareBudget::Lane lane, Instant now) {
    auto refusal = refusal_of(lane, now);
    if (refusal.empty())
        return ask(request, now);
    const auto ticket = ++last_ticket_;
    answers_[ticket].push_back({Outcome::not_sent, {}, std::move(refusal)});
    news_ = true;
    return ticket;
}

// Why an order is not sent; empty: it is, and counted.
std::string SharePort::refusal_of(ShareBudget::Lane lane, Instant now) {
    const bool exits = lane == ShareBudget::Lane::exit;
    if (permit_ == SharePermit::nothing || (permit_ == SharePermit::exits && !exits))
        return "the account's mode does not allow it";
    const auto at = market_time_.value_or(now.utc);
    const auto day =
        counting_.day_of ? counting_.day_of(at) : std::chrono::floor<std::chrono::days>(at);
    if (const auto limit = budget_.take(lane, day, now)) {
        denied_ = {now.utc, text_of(*limit)};
        return denied_->text;
    }
    denied_.reset();
    const auto kept = counting_.keep ? counting_.keep(budget_.kept()) : Result<void>();
    return kept || exits ? "" : "orders cannot be counted: " + kept.error().message();
}

std::optional<MonoTime> SharePort::prices_due() const {
    if (prices_.empty())
        return std::nullopt;
    return prices_asked_ ? *prices_asked_ + k_prices_every : MonoTime{};
}

void SharePort::send_prices(Instant now) {
    const auto due = prices_due();
    if (!due || now.mono < *due)
        return;
    auto [ticket, request] = std::move(prices_.front());
    prices_.pop_front();
    prices_asked_ = now.mono;
    asked_[port_->ask_shares(request, now)] = ticket;
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
    const auto ticket = ++last_ticket_;
    prices_.emplace_back(ticket, std::move(request));
    send_prices(now);
    return ticket;
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
                             model::Price last_price, Instant now) {
    auto request = request_of(ipc::ShareCommand::place_trigger);
    request.symbol = symbol;
    request.side = model::Side::sell;
    request.first = leg;
    request.last_price = last_price;
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
