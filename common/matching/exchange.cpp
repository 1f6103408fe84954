#include "common/matching/exchange.hpp"

#include <algorithm>
#include <cstdlib>

#include "common/base/assert.hpp"

namespace bullpen::matching {

namespace {

constexpr std::size_t k_events_reserved = 64;

bool uses_limit(model::OrderType type) {
    return type == model::OrderType::limit;
}
bool uses_stop(model::OrderType type) {
    return type == model::OrderType::stop;
}
bool in_range(model::Price price) {
    return std::abs(price.ticks) <= model::k_price_ticks_max;
}

}  // namespace

Exchange::Exchange() {
    events_.reserve(k_events_reserved);
}
Exchange::~Exchange() = default;

AccountRef Exchange::add_account(std::string name, model::Money cash) {
    BULLPEN_ASSERT(!find_account(name), "an account is added once");
    Account account;
    account.name = std::move(name);
    account.cash = cash;
    accounts_.push_back(std::move(account));
    return {static_cast<std::uint32_t>(accounts_.size() - 1)};
}

MarketRef Exchange::add_market(const model::Instrument& instrument, const Costs& costs) {
    Market market;
    market.instrument = &instrument;
    market.costs = costs;
    markets_.push_back(std::move(market));
    return {static_cast<std::uint32_t>(markets_.size() - 1)};
}

Exchange::Book& Exchange::book_of(AccountRef account, MarketRef market) {
    auto& books = accounts_.at(account.index).books;
    if (books.size() <= market.index)
        books.resize(market.index + 1);
    auto& book = books[market.index];
    if (book == nullptr) {
        book = std::make_unique<Book>();
        book->account = account;
        book->market = market;
        markets_.at(market.index).books.push_back(book.get());
    }
    return *book;
}

const Exchange::Book* Exchange::find_book(AccountRef account, MarketRef market) const {
    const auto& books = accounts_.at(account.index).books;
    return market.index < books.size() ? books[market.index].get() : nullptr;
}

Refusal Exchange::check(const Market& m, const Book& book, const OrderRequest& request) const {
    const auto& account = accounts_[book.account.index];
    if (!request.client.empty() && account.ids.contains(request.client))
        return Refusal::duplicate_id;
    if (!account.trading_allowed)
        return Refusal::trading_forbidden;
    if (request.quantity <= 0 || request.quantity > k_quantity_max)
        return Refusal::bad_quantity;
    constexpr model::Price k_none{};
    if ((!uses_limit(request.type) && request.limit != k_none) ||
        (!uses_stop(request.type) && request.stop != k_none) || !in_range(request.limit) ||
        !in_range(request.stop))
        return Refusal::bad_price;
    // Zero is a price of what may be given away (crude oil, once), and no price of anything else.
    const auto price = uses_limit(request.type) ? request.limit : request.stop;
    if (request.type != model::OrderType::market && price.ticks <= 0 &&
        !m.instrument->admits_negative)
        return Refusal::bad_price;
    if (book.resting.size() >= k_resting_max)
        return Refusal::too_many_orders;
    if (uses_stop(request.type) && m.costs.refuse_passed_stops && m.priced) {
        const auto at = m.phase == Phase::in_bar && book.walk.bar_number == m.bar_number
                            ? book.walk.at
                            : m.last;
        const bool passed =
            request.side == model::Side::buy ? at >= request.stop : at <= request.stop;
        if (passed)
            return Refusal::stop_passed;
    }
    return Refusal::none;
}

Order& Exchange::add_order(AccountRef account, MarketRef market, const OrderRequest& request) {
    const auto number = ++last_order_;
    auto& order = orders_[number];
    order.number = number;
    order.account = account;
    order.market = market;
    order.request = request;
    order.accepted = order.updated = markets_[market.index].now;
    auto& ids = accounts_[account.index].ids;
    if (!request.client.empty())
        ids.emplace(request.client, number);
    return order;
}

std::uint64_t Exchange::submit(AccountRef account, MarketRef market, const OrderRequest& request) {
    Market& m = markets_.at(market.index);
    Book& book = book_of(account, market);
    if (const auto refusal = check(m, book, request); refusal != Refusal::none)
        return refuse(account, market, request, refusal);
    Order& order = add_order(account, market, request);
    order.status = request.held ? Status::pending : Status::working;
    tell(EventKind::accepted, order);
    put_in(book, order);
    if (!request.held)
        match_arrival(m, book, order);
    return order.number;
}

std::uint64_t Exchange::refuse(AccountRef account, MarketRef market, const OrderRequest& request,
                               Refusal refusal) {
    Order& order = add_order(account, market, request);
    order.status = Status::rejected;
    order.refusal = refusal;
    tell(EventKind::rejected, order);
    return order.number;
}

Refusal Exchange::cancel(AccountRef account, std::uint64_t number) {
    const auto found = orders_.find(number);
    if (found == orders_.end() || found->second.account != account)
        return Refusal::unknown_order;
    return end(number, Status::cancelled, Refusal::none);
}

Refusal Exchange::end(std::uint64_t number, Status status, Refusal why) {
    BULLPEN_ASSERT(is_final(status) && status != Status::filled, "an order ends without a fill");
    const auto found = orders_.find(number);
    if (found == orders_.end())
        return Refusal::unknown_order;
    Order& order = found->second;
    if (is_final(order.status))
        return Refusal::too_late;
    finish(book_of(order.account, order.market), order, status, why);
    return Refusal::none;
}

void Exchange::finish(Book& book, Order& order, Status status, Refusal why) {
    order.status = status;
    order.refusal = why;
    order.updated = markets_[order.market.index].now;
    take_out(book, order);
    tell(status == Status::rejected  ? EventKind::rejected
         : status == Status::expired ? EventKind::expired
                                     : EventKind::cancelled,
         order);
}

Refusal Exchange::replace(AccountRef account, std::uint64_t number, std::int64_t quantity,
                          model::Price price) {
    const auto found = orders_.find(number);
    if (found == orders_.end() || found->second.account != account)
        return Refusal::unknown_order;
    Order& order = found->second;
    if (is_final(order.status))
        return Refusal::too_late;
    if (quantity <= order.filled || quantity > k_quantity_max)
        return Refusal::bad_quantity;
    auto& request = order.request;
    Market& m = markets_[order.market.index];
    if (request.type == model::OrderType::market || (order.triggered && uses_stop(request.type)) ||
        !in_range(price) || (price.ticks <= 0 && !m.instrument->admits_negative))
        return Refusal::bad_price;
    Book& book = book_of(account, order.market);
    (uses_limit(request.type) ? request.limit : request.stop) = price;
    request.quantity = quantity;
    order.updated = m.now;
    refresh(m, book);
    tell(EventKind::replaced, order);
    if (order.status == Status::working)
        match_arrival(m, book, order);
    return Refusal::none;
}

Refusal Exchange::release(std::uint64_t number) {
    const auto found = orders_.find(number);
    if (found == orders_.end())
        return Refusal::unknown_order;
    Order& order = found->second;
    if (order.status != Status::pending)
        return Refusal::too_late;
    Market& m = markets_[order.market.index];
    Book& book = book_of(order.account, order.market);
    order.request.held = false;
    order.status = Status::working;
    order.updated = m.now;
    refresh(m, book);
    tell(EventKind::released, order);
    match_arrival(m, book, order);
    return Refusal::none;
}

void Exchange::expire_day_orders(MarketRef market) {
    Market& m = markets_.at(market.index);
    for (Book* book : m.books) {
        const auto resting = book->resting;
        for (Order* order : resting) {
            if (order->request.time_in_force == model::TimeInForce::day)
                finish(*book, *order, Status::expired, Refusal::none);
        }
    }
}

void Exchange::tell(EventKind kind, const Order& order) {
    Event& event = events_.emplace_back();
    event.kind = kind;
    event.order = order;
}

const std::string& Exchange::name(AccountRef account) const {
    return accounts_.at(account.index).name;
}

std::optional<AccountRef> Exchange::find_account(std::string_view name) const {
    for (std::uint32_t i = 0; i < accounts_.size(); ++i) {
        if (accounts_[i].name == name)
            return AccountRef{i};
    }
    return std::nullopt;
}

const model::Instrument& Exchange::instrument(MarketRef market) const {
    return *markets_.at(market.index).instrument;
}

model::Money Exchange::cash(AccountRef account) const {
    return accounts_.at(account.index).cash;
}

model::Position Exchange::position(AccountRef account, MarketRef market) const {
    const auto* book = find_book(account, market);
    return book == nullptr ? model::Position{} : book->position;
}

model::Money Exchange::equity(AccountRef account) const {
    auto total = cash(account);
    for (const auto& book : accounts_[account.index].books) {
        if (book == nullptr || book->position.flat())
            continue;
        const auto& m = markets_[book->market.index];
        total =
            total + model::value_of_ticks(*m.instrument, model::open_ticks(book->position, m.last));
    }
    return total;
}

std::optional<model::Price> Exchange::last_price(MarketRef market) const {
    const auto& m = markets_.at(market.index);
    if (!m.priced && m.phase == Phase::closed)
        return std::nullopt;
    return m.last;
}

std::size_t Exchange::working_orders(AccountRef account, MarketRef market) const {
    const auto* book = find_book(account, market);
    return book == nullptr ? 0 : book->resting.size();
}

const Order* Exchange::find_order(AccountRef account, const model::ClientOrderId& client) const {
    const auto& ids = accounts_.at(account.index).ids;
    const auto found = ids.find(client);
    return found == ids.end() ? nullptr : find_order(found->second);
}

const Order* Exchange::find_order(std::uint64_t number) const {
    const auto found = orders_.find(number);
    return found == orders_.end() ? nullptr : &found->second;
}

const std::vector<Execution>& Exchange::executions(AccountRef account) const {
    return accounts_.at(account.index).executions;
}

void Exchange::set_costs(MarketRef market, const Costs& costs) {
    Market& m = markets_.at(market.index);
    const bool moved = costs.limit_through != m.costs.limit_through;
    m.costs = costs;
    // The prices at which resting limits are executed have changed.
    if (moved) {
        for (Book* book : m.books)
            refresh(m, *book);
    }
}

void Exchange::set_trading_allowed(AccountRef account, bool allowed) {
    accounts_.at(account.index).trading_allowed = allowed;
}

bool Exchange::trading_allowed(AccountRef account) const {
    return accounts_.at(account.index).trading_allowed;
}

}  // namespace bullpen::matching
