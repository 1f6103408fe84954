#include "venue/share_desk.hpp"

#include <set>

#include "common/base/errc.hpp"

namespace bullpen::venue {

namespace {

using ipc::ShareCommand;
using ipc::ShareReply;
using matching::ShareEventKind;

// Items of one record of a snapshot.
constexpr std::size_t k_chunk = 500;

std::string_view code(ShareEventKind kind) {
    switch (kind) {
        case ShareEventKind::accepted: return "accepted";
        case ShareEventKind::rejected: return "rejected";
        case ShareEventKind::filled: return "filled";
        case ShareEventKind::cancelled: return "cancelled";
        case ShareEventKind::expired: return "expired";
        case ShareEventKind::trigger_placed: return "trigger_placed";
        case ShareEventKind::trigger_fired: return "trigger_fired";
        case ShareEventKind::trigger_deleted: return "trigger_deleted";
        case ShareEventKind::trigger_expired: return "trigger_expired";
    }
    return "accepted";
}

bool is_trigger(ShareEventKind kind) {
    return kind >= ShareEventKind::trigger_placed;
}

// An answer in pages: each item by `put` into the last one.
template <class Item, class Describe>
std::vector<ShareReply> pages(const std::vector<Item>& items, std::vector<Item> ShareReply::*member,
                              Describe describe) {
    std::vector<ShareReply> replies;
    std::size_t from = 0;
    do {
        auto& reply = replies.emplace_back(describe());
        for (; from < items.size() && (reply.*member).size() < ipc::k_share_page_max; ++from)
            (reply.*member).push_back(items[from]);
        reply.more = from < items.size();
    } while (from < items.size());
    return replies;
}

}  // namespace

ShareDesk::ShareDesk(ShareMarket market, ShareKeeper keeper)
    : market_(std::move(market)), keeper_(std::move(keeper)) {}

const matching::ShareBook* ShareDesk::find(const std::string& account) const {
    const auto found = accounts_.find(account);
    return found == accounts_.end() ? nullptr : &found->second.book;
}

ShareDesk::Account& ShareDesk::account(const std::string& name, model::Money cash) {
    if (const auto found = accounts_.find(name); found != accounts_.end())
        return found->second;
    auto& made = accounts_.emplace(name, Account{matching::ShareBook(cash, {}), {}}).first->second;
    if (market_.is_open())
        made.book.open_day(market_.day(), {});
    keep_changes(name, made, true);
    return made;
}

std::optional<matching::ShareRef> ShareDesk::share(Account& account, const std::string& symbol) {
    if (const auto found = account.shares.find(symbol); found != account.shares.end())
        return found->second;
    const bool known = market_.shares().contains(symbol);
    const auto* facts = market_.find(symbol);
    if (facts == nullptr)
        return std::nullopt;
    if (!known)
        keeper_.facts({symbol, *facts});
    const auto ref = listed(account, symbol);
    account.book.resume(ref, market_.day_of(*facts), facts->last);
    return ref;
}

matching::ShareRef ShareDesk::listed(Account& account, const std::string& symbol) {
    if (const auto found = account.shares.find(symbol); found != account.shares.end())
        return found->second;
    return account.shares.emplace(symbol, account.book.add_share(symbol)).first->second;
}

std::vector<ShareReply> ShareDesk::serve(const std::string& name, model::Money cash,
                                         const ipc::ShareRequest& request) {
    auto& account = this->account(name, cash);
    switch (request.command) {
        case ShareCommand::account: return tell_account(account);
        case ShareCommand::orders: return tell_orders(account);
        case ShareCommand::triggers: return tell_triggers(account);
        case ShareCommand::quotes: return tell_quotes(request.symbols);
        case ShareCommand::follow: return {time_told()};
        default: break;
    }
    auto reply = time_told();
    reply.command = request.command;
    answer(account, request, &reply);
    keep_changes(name, account, false);
    return {reply};
}

void ShareDesk::answer(Account& account, const ipc::ShareRequest& request, ShareReply* reply) {
    using matching::ShareRefusal;
    auto& book = account.book;
    auto refusal = ShareRefusal::none;
    if (request.command == ShareCommand::cancel) {
        refusal = book.cancel(request.number);
        reply->number = request.number;
    } else if (request.command == ShareCommand::delete_trigger) {
        refusal = book.delete_trigger(request.number);
        reply->number = request.number;
    } else if (const auto ref = share(account, request.symbol); !ref) {
        refusal = ShareRefusal::unknown;
    } else if (request.command == ShareCommand::place_trigger) {
        const auto placed = book.place_trigger(
            {*ref, request.side, request.first, request.second, request.last_price});
        refusal = placed.refusal;
        reply->number = placed.number;
    } else {
        matching::ShareOrderRequest order;
        order.client = request.client;
        order.share = *ref;
        order.side = request.side;
        order.product = request.product;
        order.market = request.market;
        order.limit = request.limit;
        order.protection_percent = request.protection_percent;
        order.quantity = request.quantity;
        order.immediate = request.immediate;
        reply->number = book.submit(order);
        refusal = book.orders().at(reply->number).refusal;
    }
    if (refusal != ShareRefusal::none)
        reply->refusal = code(refusal);
}

std::vector<ShareReply> ShareDesk::tell_account(const Account& account) const {
    const auto& book = account.book;
    std::vector<ipc::ShareHeld> held;
    for (const auto& [symbol, ref] : account.shares) {
        const auto& holding = book.holding(ref);
        if (holding.all() != 0 || book.intraday(ref) != 0)
            held.push_back({symbol, holding, book.sellable(ref), book.intraday(ref)});
    }
    return pages(held, &ShareReply::held, [&] {
        auto reply = time_told();
        reply.command = ShareCommand::account;
        reply.available = book.available().millionths;
        reply.cash = book.cash().millionths;
        reply.unsettled = book.unsettled().millionths;
        return reply;
    });
}

std::vector<ShareReply> ShareDesk::tell_orders(const Account& account) const {
    std::vector<ipc::ShareOrderTold> orders;
    for (const auto& [number, order] : account.book.orders()) {
        const auto& request = order.request;
        std::string refusal;
        if (order.refusal != matching::ShareRefusal::none)
            refusal = code(order.refusal);
        orders.push_back({number, request.client, std::string(account.book.symbol(request.share)),
                          request.side, request.product, order.limit, request.quantity,
                          order.filled, order.value, order.status, refusal, order.trigger,
                          order.day});
    }
    return pages(orders, &ShareReply::orders, [&] {
        auto reply = time_told();
        reply.command = ShareCommand::orders;
        return reply;
    });
}

std::vector<ShareReply> ShareDesk::tell_triggers(const Account& account) const {
    std::vector<ipc::ShareTriggerTold> triggers;
    for (const auto& [number, trigger] : account.book.triggers()) {
        const auto& request = trigger.request;
        triggers.push_back({number, std::string(account.book.symbol(request.share)), request.side,
                            trigger.status, request.first, request.second, trigger.order,
                            trigger.placed, request.last_price});
    }
    return pages(triggers, &ShareReply::triggers, [&] {
        auto reply = time_told();
        reply.command = ShareCommand::triggers;
        return reply;
    });
}

std::vector<ShareReply> ShareDesk::tell_quotes(const std::vector<std::string>& symbols) {
    std::vector<ipc::ShareQuoteTold> quotes;
    for (const auto& symbol : symbols) {
        const bool known = market_.shares().contains(symbol);
        const auto* facts = market_.find(symbol);
        if (facts == nullptr)
            continue;
        if (!known)
            keeper_.facts({symbol, *facts});
        const auto day = market_.day_of(*facts);
        quotes.push_back({symbol, facts->last, day.lower, day.upper, day.tick, facts->low_before,
                          facts->close_before});
    }
    return pages(quotes, &ShareReply::quotes, [&] {
        auto reply = time_told();
        reply.command = ShareCommand::quotes;
        return reply;
    });
}

ShareReply ShareDesk::time_told() const {
    ShareReply reply;
    reply.market_time = market_.at();
    reply.open = market_.is_open();
    return reply;
}

ShareStep ShareDesk::step() {
    const auto step = market_.step();
    for (auto& [name, account] : accounts_) {
        auto& book = account.book;
        follow_day(account, step);
        if (step.phase != SharePhase::closes && book.open()) {
            for (const auto& [symbol, ref] : account.shares)
                book.on_price(ref, market_.shares().at(symbol).last, most_of(symbol));
        }
        keep_changes(name, account, step.phase != SharePhase::minute);
    }
    // The last of it: a venue that dies before takes the whole step again, and finds each book
    // where it was.
    keep_market(step);
    return step;
}

std::int64_t ShareDesk::most_of(const std::string& symbol) const {
    const auto found = most_.find(symbol);
    return found == most_.end() ? std::numeric_limits<std::int64_t>::max() : found->second;
}

void ShareDesk::follow_day(Account& account, const ShareStep& step) {
    auto& book = account.book;
    const bool over = step.phase == SharePhase::closes || book.head().day != market_.day();
    if (book.open() && over)
        book.close_day();
    if (step.phase == SharePhase::closes || book.open() || book.head().day >= market_.day())
        return;
    std::vector<matching::ShareDay> days(book.shares());
    for (const auto& [symbol, ref] : account.shares)
        days.at(ref.index) = market_.day_of(market_.shares().at(symbol));
    book.forget_before(market_.day() - k_order_days);
    book.open_day(market_.day(), days);
}

void ShareDesk::keep_market(const ShareStep& step) {
    if (step.phase != SharePhase::minute) {
        for (const auto& [symbol, facts] : market_.shares())
            keeper_.facts({symbol, facts});
    }
    keeper_.market({market_.at(), market_.is_open()});
}

Result<void> ShareDesk::set_price(const std::string& symbol, model::Price price,
                                  std::int64_t most) {
    if (!ipc::is_share_symbol(symbol) || price.ticks <= 0)
        return fail(Errc::invalid, "'" + symbol + "' is no symbol of a share, or this no price");
    market_.set_price(symbol, price);
    most_[symbol] = most;
    keeper_.facts({symbol, market_.shares().at(symbol)});
    for (auto& [name, account] : accounts_) {
        const auto found = account.shares.find(symbol);
        if (found == account.shares.end() || !account.book.open())
            continue;
        account.book.on_price(found->second, price, most);
        keep_changes(name, account, false);
    }
    return {};
}

// What the book's events name, as it stands by now.
void ShareDesk::keep_changes(const std::string& name, Account& account, bool all_lines) {
    auto& book = account.book;
    if (book.events().empty() && !all_lines)
        return;
    std::set<std::uint64_t> orders;
    std::set<std::uint64_t> triggers;
    std::set<std::uint32_t> lines;
    for (const auto& event : book.events()) {
        note_event(name, account, event);
        if (is_trigger(event.kind))
            triggers.insert(event.trigger.number);
        else if (event.order.number != 0)
            orders.insert(event.order.number);
        if (event.kind == ShareEventKind::filled)
            lines.insert(event.execution.share.index);
    }
    book.clear_events();
    ShareBookRecord record{name, book.head(), {}, {}, {}};
    for (const auto& [symbol, ref] : account.shares) {
        if (all_lines || lines.contains(ref.index))
            record.lines.emplace_back(symbol, book.state(ref));
    }
    for (const auto number : orders) {
        const auto& order = book.orders().at(number);
        record.orders.emplace_back(std::string(book.symbol(order.request.share)), order);
    }
    for (const auto number : triggers) {
        const auto& trigger = book.triggers().at(number);
        record.triggers.emplace_back(std::string(book.symbol(trigger.request.share)), trigger);
    }
    keeper_.book(std::move(record));
}

void ShareDesk::note_event(const std::string& name, const Account& account,
                           const matching::ShareEvent& event) {
    std::string text(code(event.kind));
    if (is_trigger(event.kind)) {
        const auto& trigger = event.trigger;
        text += " trigger " + std::to_string(trigger.number) + " " +
                std::string(account.book.symbol(trigger.request.share)) + " at " +
                std::to_string(trigger.request.first.trigger.ticks) + " for " +
                std::to_string(trigger.request.first.quantity);
        return keeper_.note(name, text);
    }
    if (event.kind == ShareEventKind::filled) {
        const auto& fill = event.execution;
        text += " " + std::to_string(fill.number) + " " + std::string(code(fill.side)) + " " +
                std::to_string(fill.quantity) + " " + std::string(account.book.symbol(fill.share)) +
                " at " + std::to_string(fill.price.ticks) + " order " + std::to_string(fill.order);
        return keeper_.note(name, text);
    }
    const auto& order = event.order;
    text += " order " + std::to_string(order.number) + " " + std::string(code(order.request.side)) +
            " " + std::to_string(order.request.quantity) + " " +
            std::string(account.book.symbol(order.request.share)) + " at " +
            std::to_string(order.limit.ticks) + " " + std::string(code(order.refusal));
    keeper_.note(name, text);
}

void ShareDesk::apply(const ShareBookRecord& record, model::Money cash) {
    auto& account =
        accounts_.try_emplace(record.account, Account{matching::ShareBook(cash, {}), {}})
            .first->second;
    account.book.restore(record.head);
    for (const auto& [symbol, line] : record.lines)
        account.book.restore(listed(account, symbol), line);
    for (auto [symbol, order] : record.orders) {
        order.request.share = listed(account, symbol);
        account.book.restore(order);
    }
    for (auto [symbol, trigger] : record.triggers) {
        trigger.request.share = listed(account, symbol);
        account.book.restore(trigger);
    }
}

void ShareDesk::resume() {
    market_.catch_up();
    for (auto& [name, account] : accounts_) {
        for (const auto& [symbol, ref] : account.shares) {
            if (const auto* facts = market_.find(symbol))
                account.book.resume(ref, market_.day_of(*facts), facts->last);
        }
    }
}

void ShareDesk::keep_all(const ShareKeeper& keeper) const {
    for (const auto& [symbol, facts] : market_.shares())
        keeper.facts({symbol, facts});
    keeper.market({market_.at(), market_.is_open()});
    for (const auto& entry : accounts_) {
        // By names of its own: a closure cannot hold what a structured binding names.
        const auto& name = entry.first;
        const auto& account = entry.second;
        const auto& book = account.book;
        ShareBookRecord record{name, book.head(), {}, {}, {}};
        const auto full = [&] {
            return record.lines.size() + record.orders.size() + record.triggers.size() >= k_chunk;
        };
        const auto flush = [&] {
            keeper.book(std::exchange(record, ShareBookRecord{name, book.head(), {}, {}, {}}));
        };
        for (const auto& [symbol, ref] : account.shares) {
            record.lines.emplace_back(symbol, book.state(ref));
            if (full())
                flush();
        }
        for (const auto& [number, order] : book.orders()) {
            record.orders.emplace_back(std::string(book.symbol(order.request.share)), order);
            if (full())
                flush();
        }
        for (const auto& [number, trigger] : book.triggers()) {
            record.triggers.emplace_back(std::string(book.symbol(trigger.request.share)), trigger);
            if (full())
                flush();
        }
        flush();
    }
}

}  // namespace bullpen::venue
