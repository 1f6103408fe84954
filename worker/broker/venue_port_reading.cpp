// What the venue says, read with suspicion: an error of these ends the connection.
#include <algorithm>

#include "common/base/errc.hpp"
#include "ipc/price_page.hpp"
#include "worker/broker/venue_port.hpp"

namespace bullpen::broker {

namespace {

using Kind = ipc::VenueRequestKind;

// More pages than this are no answer to anything.
constexpr std::size_t k_items_max = 1'000'000;

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

Unexpected odd(std::string_view what) {
    return fail(Errc::invalid, std::string(what));
}

// The size of a tick as the venue writes it. A price is at most a billion ticks, so a large tick is
// read in thousandths of what a small one is.
Result<model::TickSize> tick_from(const std::string& text) {
    constexpr std::int64_t k_coarse = 1000;
    if (const auto fine = model::price_from_text(text, model::TickSize{1}, model::Rounding::exact))
        return model::TickSize{fine->ticks};
    BULLPEN_TRY(const auto coarse,
                model::price_from_text(text, model::TickSize{k_coarse}, model::Rounding::exact));
    return model::TickSize{coarse.ticks * k_coarse};
}

}  // namespace

const model::Instrument* VenuePort::instrument(std::string_view symbol) const {
    for (const auto* one : instruments_) {
        if (one->symbol == symbol)
            return one;
    }
    return nullptr;
}

Result<void> VenuePort::take(std::string_view line, Instant now) {
    if (auto page = ipc::read_price_page(line);
        page && page->account == settings_.account && stage_ == Stage::up)
        return shares_came(page->id, std::move(page->reply));
    BULLPEN_TRY(auto reply, ipc::decode_venue_reply(line));
    using Reply = ipc::VenueReplyKind;
    // A venue that does not know whose session it is refuses without a name.
    if (reply.account != settings_.account &&
        !(reply.kind == Reply::refused && reply.account.empty()))
        return fail(Errc::wrong_account, "a message of account '" + reply.account + "'");
    if (reply.kind == Reply::refused) {
        not_looked_at(reply.id, reply.text);
        lose(reply.text, reply.final, now);
        return {};
    }
    if (reply.kind == Reply::welcome)
        return welcomed(reply, now);
    if (stage_ != Stage::up)
        return odd("a message before the welcome");
    switch (reply.kind) {
        case Reply::answer: return answered(reply);
        case Reply::order: {
            BULLPEN_TRY(auto report, report_of(reply.orders.front()));
            told_.emplace_back(std::move(report));
            return {};
        }
        case Reply::fill: {
            BULLPEN_TRY(const auto fill, fill_of(reply.fills.front()));
            told_.emplace_back(fill);
            return {};
        }
        case Reply::orders: return orders_came(reply);
        case Reply::fills: return fills_came(reply);
        case Reply::positions: return positions_came(reply);
        case Reply::balance: return balance_came(reply);
        case Reply::instrument: return instrument_came(reply);
        case Reply::shares: {
            BULLPEN_TRY(auto page, ipc::decode_share_reply(reply.result));
            return shares_came(reply.id, std::move(page));
        }
        case Reply::step: keep_step(std::move(reply.step)); return {};
        case Reply::pong: return {};
        default: return odd("a message that is not for a worker");
    }
}

// The command on which the session ended: the venue says so itself, nobody looked at it.
void VenuePort::not_looked_at(std::uint64_t id, std::string_view why) {
    const auto found = sent_.find(id);
    if (found == sent_.end())
        return;
    const auto kind = found->second.kind;
    if (kind == Kind::shares)
        share_answers_.emplace_back(id, ShareAnswer{Outcome::not_sent, {}, std::string(why)});
    else if (kind == Kind::submit || kind == Kind::cancel || kind == Kind::replace)
        answer(kind, Outcome::not_sent, found->second.order, why);
    else
        return;
    sent_.erase(found);
}

void VenuePort::keep_step(ipc::VenueStep step) {
    if (steps_.size() >= k_steps_max) {
        auto oldest = std::find_if(steps_.begin(), steps_.end(), [](const ipc::VenueStep& one) {
            return one.phase == ipc::MarketPhase::tick;
        });
        steps_.erase(oldest == steps_.end() ? steps_.begin() : oldest);
    }
    steps_.push_back(std::move(step));
}

Result<void> VenuePort::welcomed(const ipc::VenueReply& reply, Instant now) {
    if (stage_ != Stage::greeting)
        return odd("welcome a second time");
    stage_ = Stage::up;
    trouble_ = {};
    since_ = now.mono;
    can_replace_ = reply.can_replace;
    session_account_ = reply.account;
    ++connections_;
    told_.emplace_back(Connected{reply.account});
    return {};
}

// A page of an answer; the last one makes it whole. Prices are told page by page: each is good by
// itself.
Result<void> VenuePort::shares_came(std::uint64_t id, ipc::ShareReply page) {
    if (id == 0) {
        share_time_ = page.market_time;
        return {};
    }
    const auto found = sent_.find(id);
    if (found == sent_.end() || found->second.kind != Kind::shares) {
        ++late_answers_;
        return {};
    }
    const bool more = page.more;
    if (more && page.command == ipc::ShareCommand::quotes && page.refusal.empty()) {
        found->second.prices += page.quotes.size();
        if (found->second.prices > ipc::k_share_symbols_max)
            return odd("more prices than anybody asks for");
        share_answers_.emplace_back(id, ShareAnswer{Outcome::accepted, std::move(page), {}});
        return {};
    }
    auto& all = found->second.shares;
    if (!all) {
        all = std::move(page);
    } else {
        const auto add = [](auto& to, auto& from) {
            to.insert(to.end(), std::make_move_iterator(from.begin()),
                      std::make_move_iterator(from.end()));
        };
        add(all->held, page.held);
        add(all->orders, page.orders);
        add(all->triggers, page.triggers);
        add(all->quotes, page.quotes);
    }
    if (all->orders.size() + all->triggers.size() + all->held.size() > k_items_max)
        return odd("more pages than any answer has");
    if (more)
        return {};
    ShareAnswer answer;
    answer.outcome = all->refusal.empty() ? Outcome::accepted : Outcome::rejected;
    answer.text = all->refusal;
    answer.reply = std::move(*all);
    answer.reply.more = false;
    share_answers_.emplace_back(id, std::move(answer));
    sent_.erase(found);
    return {};
}

// What was sent under this number, if an answer to it is still waited for.
std::optional<VenuePort::Sent> VenuePort::taken(std::uint64_t id, Kind kind) {
    const auto found = sent_.find(id);
    if (found == sent_.end() || found->second.kind != kind) {
        ++late_answers_;
        return std::nullopt;
    }
    auto sent = std::move(found->second);
    sent_.erase(found);
    return sent;
}

Result<void> VenuePort::answered(const ipc::VenueReply& reply) {
    if (const auto found = sent_.find(reply.id);
        found != sent_.end() && found->second.order != reply.order)
        return odd("an answer that names another order than was asked");
    const auto sent = taken(reply.id, reply.command);
    if (!sent)
        return {};
    const auto outcome = reply.outcome == ipc::VenueOutcome::accepted ? Outcome::accepted
                         : reply.text == ipc::k_venue_too_fast        ? Outcome::not_sent
                                                                      : Outcome::rejected;
    answer(reply.command, outcome, reply.order, reply.text);
    std::get<Answer>(told_.back()).broker_order = reply.broker_order;
    return {};
}

Result<OrderReport> VenuePort::report_of(const ipc::VenueOrder& order) {
    const auto* const found = instrument(order.symbol.view());
    if (found == nullptr)
        return odd("an order in an instrument that is not known here");
    OrderReport report;
    report.order = order.order;
    report.broker_order = order.broker_order;
    report.symbol = order.symbol;
    report.side = order.side;
    report.type = order.type;
    report.quantity = order.quantity;
    report.filled = order.filled;
    if (order.type != model::OrderType::market) {
        BULLPEN_TRY(const auto price,
                    model::price_from_text(order.price, found->tick, model::Rounding::exact));
        (order.type == model::OrderType::stop ? report.stop : report.limit) = price;
    }
    report.status = status_of(order.status);
    report.updated = order.updated;
    report.text = order.text;
    if (is_final(report.status))
        symbols_.erase(order.order.str());
    else if (!order.order.empty())
        symbols_.insert_or_assign(order.order.str(), order.symbol);
    return report;
}

Result<model::Fill> VenuePort::fill_of(const ipc::VenueFill& told) const {
    const auto* const found = instrument(told.symbol.view());
    if (found == nullptr)
        return odd("a fill in an instrument that is not known here");
    if (told.quantity <= 0)
        return odd("a fill of nothing");
    model::Fill fill;
    fill.execution = told.execution;
    fill.order = told.order;
    fill.broker_order = told.broker_order;
    fill.symbol = told.symbol;
    fill.side = told.side;
    fill.quantity = told.quantity;
    // Slippage keeps to the grid.
    BULLPEN_TRY(fill.price,
                model::price_from_text(told.price, found->tick, model::Rounding::exact));
    fill.time = told.time;
    BULLPEN_TRY(fill.fee, model::money_from_text(told.fee, found->tick_value.currency));
    if (!told.voids.empty()) {
        fill.execution = void_of(told.voids);
        fill.order = {};
        fill.broker_order = {};
    }
    return fill;
}

// Pages are put together, and told only when they are all there.
Result<void> VenuePort::orders_came(const ipc::VenueReply& reply) {
    const auto found = sent_.find(reply.id);
    if (found == sent_.end() || found->second.kind != Kind::orders) {
        ++late_answers_;
        return {};
    }
    auto& orders = found->second.orders;
    for (const auto& order : reply.orders) {
        BULLPEN_TRY(auto report, report_of(order));
        orders.push_back(std::move(report));
    }
    if (orders.size() > k_items_max)
        return odd("an answer without an end");
    if (reply.more)
        return {};
    OrdersAnswer made{reply.id, std::nullopt, {}};
    if (orders.size() == reply.total)
        made.orders = std::move(orders);
    else
        made.text = "a part of the answer is missing";
    sent_.erase(found);
    told_.emplace_back(std::move(made));
    return {};
}

Result<void> VenuePort::fills_came(const ipc::VenueReply& reply) {
    const auto found = sent_.find(reply.id);
    if (found == sent_.end() || found->second.kind != Kind::fills) {
        ++late_answers_;
        return {};
    }
    auto& fills = found->second.fills;
    for (const auto& told : reply.fills) {
        BULLPEN_TRY(const auto fill, fill_of(told));
        fills.push_back(fill);
    }
    if (fills.size() > k_items_max)
        return odd("an answer without an end");
    if (reply.more)
        return {};
    FillsAnswer made{reply.id, std::nullopt, {}};
    if (fills.size() == reply.total)
        made.fills = std::move(fills);
    else
        made.text = "a part of the answer is missing";
    sent_.erase(found);
    told_.emplace_back(std::move(made));
    return {};
}

Result<void> VenuePort::positions_came(const ipc::VenueReply& reply) {
    if (!taken(reply.id, Kind::positions))
        return {};
    PositionsAnswer made{reply.id, {}, {}};
    auto& positions = made.positions.emplace();
    for (const auto& told : reply.positions) {
        PositionReport report{told.symbol, told.quantity, std::nullopt};
        const auto* const found = instrument(told.symbol.view());
        if (found != nullptr && !told.average.empty()) {
            BULLPEN_TRY(report.average,
                        model::price_from_text(told.average, found->tick, model::Rounding::exact));
        }
        positions.push_back(report);
    }
    told_.emplace_back(std::move(made));
    return {};
}

Result<void> VenuePort::balance_came(const ipc::VenueReply& reply) {
    if (!taken(reply.id, Kind::balance))
        return {};
    BULLPEN_TRY(const auto balance, model::money_from_text(reply.balance, model::k_usd));
    told_.emplace_back(BalanceAnswer{reply.id, balance, reply.may_trade, {}});
    return {};
}

Result<void> VenuePort::instrument_came(const ipc::VenueReply& reply) {
    const auto sent = taken(reply.id, Kind::instrument);
    if (!sent)
        return {};
    InstrumentAnswer made{reply.id, sent->symbol, {}, {}};
    made.said.symbol = reply.symbol.str();
    if (reply.tick.empty()) {
        made.text = "the venue has no market of this symbol";
    } else {
        BULLPEN_TRY(made.said.tick, tick_from(reply.tick));
    }
    const auto amount = [](const std::string& text) -> Result<std::optional<model::Money>> {
        if (text.empty())
            return std::nullopt;
        return model::money_from_text(text, model::k_usd);
    };
    BULLPEN_TRY(made.said.tick_value, amount(reply.tick_value));
    BULLPEN_TRY(made.said.point_value, amount(reply.point_value));
    told_.emplace_back(std::move(made));
    return {};
}

}  // namespace bullpen::broker
