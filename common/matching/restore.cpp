// Taking a book up where an earlier life left it.
#include <algorithm>

#include "common/base/assert.hpp"
#include "common/matching/exchange.hpp"

namespace bullpen::matching {

void Exchange::apply(const Event& event) {
    const auto& order = event.order;
    BULLPEN_ASSERT(order.account.index < accounts_.size() && order.market.index < markets_.size(),
                   "an event names an account and a market of this exchange");
    auto& account = accounts_[order.account.index];
    Book& book = book_of(order.account, order.market);
    Order& kept = orders_[order.number];
    take_out(book, kept);
    kept = order;
    if (!is_final(kept.status))
        put_in(book, kept);
    if (!order.request.client.empty())
        account.ids.emplace(order.request.client, order.number);
    last_order_ = std::max(last_order_, order.number);
    if (event.kind != EventKind::filled || event.execution.number <= last_execution_)
        return;
    last_execution_ = event.execution.number;
    account.executions.push_back(event.execution);
    account.cash = event.execution.cash_after;
    book.position = event.execution.position_after;
}

void Exchange::resume_bar(MarketRef market, const model::Bar& bar) {
    Market& m = markets_.at(market.index);
    m.bar = {bar.open, bar.high, bar.low, bar.close, bar.end()};
    m.last = bar.open;
    m.now = bar.start;
    m.phase = Phase::in_bar;
    m.priced = true;
    ++m.bar_number;
}

void Exchange::restore_cash(AccountRef account, model::Money cash) {
    accounts_.at(account.index).cash = cash;
}

void Exchange::restore_position(AccountRef account, MarketRef market,
                                const model::Position& position) {
    book_of(account, market).position = position;
}

void Exchange::restore_used_id(AccountRef account, const model::ClientOrderId& client) {
    accounts_.at(account.index).ids.emplace(client, 0);
}

bool Exchange::used(AccountRef account, const model::ClientOrderId& client) const {
    return accounts_.at(account.index).ids.contains(client);
}

std::vector<model::ClientOrderId> Exchange::used_ids(AccountRef account) const {
    std::vector<model::ClientOrderId> used;
    for (const auto& [id, number] : accounts_.at(account.index).ids)
        used.push_back(id);
    std::sort(used.begin(), used.end());
    return used;
}

void Exchange::restore_numbers(std::uint64_t orders, std::uint64_t executions) {
    last_order_ = std::max(last_order_, orders);
    last_execution_ = std::max(last_execution_, executions);
}

void Exchange::forget(std::uint64_t number) {
    const auto found = orders_.find(number);
    if (found == orders_.end() || !is_final(found->second.status))
        return;
    auto& executions = accounts_[found->second.account.index].executions;
    std::erase_if(executions,
                  [&](const Execution& execution) { return execution.order == number; });
    orders_.erase(found);
}

}  // namespace bullpen::matching
