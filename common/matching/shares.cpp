#include "common/matching/shares.hpp"

#include <algorithm>
#include <array>

#include "common/base/assert.hpp"

namespace bullpen::matching {

namespace {

constexpr int k_hundred = 100;

constexpr std::array<std::string_view, static_cast<std::size_t>(ShareRefusal::count_)> k_refusals =
    {"none",          "duplicate_id", "bad_quantity", "bad_price", "off_tick", "outside_circuit",
     "no_protection", "no_price",     "market_shut",  "no_cash",   "not_held", "too_many",
     "unknown",       "too_late",     "wrong_side",   "too_close"};

model::Money money(std::int64_t paise) {
    return {paise * ShareBook::k_paisa, model::k_inr};
}

std::int64_t round_up(std::int64_t value, std::int64_t step) {
    return (value + step - 1) / step * step;
}
std::int64_t round_down(std::int64_t value, std::int64_t step) {
    return value / step * step;
}

}  // namespace

std::string_view code(Product product) {
    return product == Product::cnc ? "cnc" : "mis";
}

std::string_view code(ShareRefusal refusal) {
    return k_refusals.at(static_cast<std::size_t>(refusal));
}

std::string_view code(TriggerStatus status) {
    static constexpr std::array<std::string_view, 4> k_codes = {"active", "triggered", "deleted",
                                                                "expired"};
    return k_codes.at(static_cast<std::size_t>(status));
}

ShareDay share_day(model::Price close_before, int percent, model::Ticks tick) {
    const auto distance = close_before.ticks * percent;
    ShareDay day;
    day.tick = tick;
    day.lower = {round_up((close_before.ticks * k_hundred - distance + k_hundred - 1) / k_hundred,
                          tick.value)};
    day.upper = {round_down((close_before.ticks * k_hundred + distance) / k_hundred, tick.value)};
    return day;
}

ShareBook::ShareBook(model::Money cash, const ShareRules& rules)
    : rules_(rules), cash_(cash), unsettled_{0, model::k_inr} {
    BULLPEN_ASSERT(cash.currency == model::k_inr, "a book of shares is kept in rupees");
    BULLPEN_ASSERT(rules.mis_leverage >= 1 && rules.proceeds_at_once_percent >= 0 &&
                       rules.proceeds_at_once_percent <= k_hundred,
                   "the rules of a book of shares are within their bounds");
}

ShareRef ShareBook::add_share(std::string_view symbol) {
    lines_.push_back({});
    lines_.back().symbol = symbol;
    return {static_cast<std::uint32_t>(lines_.size() - 1)};
}

void ShareBook::add_holding(ShareRef share, std::int64_t settled) {
    BULLPEN_ASSERT(settled >= 0, "shares for delivery are held or not");
    line(share).holding.settled += settled;
}

void ShareBook::open_day(std::chrono::sys_days day, const std::vector<ShareDay>& days) {
    BULLPEN_ASSERT(!open_ && day > day_, "days follow one another");
    BULLPEN_ASSERT(days.size() == lines_.size(), "each share has a day");
    day_ = day;
    open_ = true;
    cash_ = cash_ + unsettled_;
    unsettled_ = {0, model::k_inr};
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        auto& line = lines_[i];
        line.day = days[i];
        line.auctioned = false;
        line.holding.settled += line.holding.t1;
        line.holding.t1 = line.holding.today;
        line.holding.today = 0;
    }
    for (auto& [number, trigger] : triggers_) {
        if (trigger.status == TriggerStatus::active && day >= trigger.placed + k_trigger_life) {
            trigger.status = TriggerStatus::expired;
            trigger.ended = day;
            tell(ShareEventKind::trigger_expired, trigger);
        }
    }
}

void ShareBook::close_day() {
    BULLPEN_ASSERT(open_, "a day that is closed was open");
    for (const auto number : std::vector(working_))
        finish(orders_.at(number), Status::expired, ShareEventKind::expired);
    for (std::uint32_t i = 0; i < lines_.size(); ++i) {
        auto& line = lines_[i];
        if (line.intraday == 0)
            continue;
        ShareExecution execution;
        execution.number = ++last_execution_;
        execution.share = {i};
        execution.side = line.intraday > 0 ? model::Side::sell : model::Side::buy;
        execution.product = Product::mis;
        execution.quantity = std::abs(line.intraday);
        execution.price = line.last.value();
        settle(execution);
        ShareEvent event{ShareEventKind::filled, {}, execution, {}};
        events_.push_back(event);
    }
    open_ = false;
}

std::int64_t ShareBook::open_quantity(ShareRef share, model::Side side, Product product) const {
    std::int64_t quantity = 0;
    for (const auto number : working_) {
        const auto& order = orders_.at(number);
        if (order.request.share == share && order.request.side == side &&
            order.request.product == product)
            quantity += order.left();
    }
    return quantity;
}

std::int64_t ShareBook::sellable(ShareRef share) const {
    return line(share).holding.all() - open_quantity(share, model::Side::sell, Product::cnc);
}

std::int64_t ShareBook::blocked_paise(const ShareOrder& order) const {
    const auto value = order.limit.ticks * order.left();
    if (order.request.product == Product::cnc)
        return order.request.side == model::Side::buy ? value : 0;
    return order.opens ? round_up(value, rules_.mis_leverage) / rules_.mis_leverage : 0;
}

model::Money ShareBook::blocked() const {
    std::int64_t paise = 0;
    for (const auto number : working_)
        paise += blocked_paise(orders_.at(number));
    for (const auto& line : lines_)
        paise += round_up(std::abs(line.intraday_cost), rules_.mis_leverage) / rules_.mis_leverage;
    return money(paise);
}

ShareRefusal ShareBook::check_price(ShareOrder& order, const Line& line) const {
    const auto& request = order.request;
    const auto tick = line.day.tick.value;
    if (request.market) {
        if (request.limit.ticks != 0)
            return ShareRefusal::bad_price;
        if (request.protection_percent < -1 || request.protection_percent > k_hundred)
            return ShareRefusal::no_protection;
        if (request.protection_percent == 0 && rules_.protection_needed)
            return ShareRefusal::no_protection;
        if (!line.last)
            return ShareRefusal::no_price;
        const bool buys = request.side == model::Side::buy;
        const int percent = request.protection_percent < 0 ? rules_.automatic_protection_percent
                                                           : request.protection_percent;
        // Never further than was asked for. What the circuit forbids nobody could pay anyway.
        const auto far = line.last->ticks * (buys ? k_hundred + percent : k_hundred - percent);
        const auto bound = buys ? round_down(far / k_hundred, tick)
                                : round_up((far + k_hundred - 1) / k_hundred, tick);
        order.limit = {std::clamp(request.protection_percent == 0
                                      ? (buys ? line.day.upper.ticks : line.day.lower.ticks)
                                      : bound,
                                  line.day.lower.ticks, line.day.upper.ticks)};
        return ShareRefusal::none;
    }
    order.limit = request.limit;
    if (request.limit.ticks <= 0 || request.limit.ticks > model::k_price_ticks_max ||
        request.protection_percent != 0)
        return ShareRefusal::bad_price;
    if (request.limit.ticks % tick != 0)
        return ShareRefusal::off_tick;
    if (request.limit < line.day.lower || request.limit > line.day.upper)
        return ShareRefusal::outside_circuit;
    return ShareRefusal::none;
}

// Of an order that is not in the book yet.
ShareRefusal ShareBook::check_cover(ShareOrder& order, const Line& line) const {
    const auto& request = order.request;
    const bool buys = request.side == model::Side::buy;
    if (request.product == Product::cnc && !buys) {
        return request.quantity > sellable(request.share) ? ShareRefusal::not_held
                                                          : ShareRefusal::none;
    }
    if (request.product == Product::mis) {
        const auto against = buys ? -line.intraday : line.intraday;
        const auto closing = open_quantity(request.share, request.side, Product::mis);
        order.opens = against < closing + request.quantity;
    }
    return money(blocked_paise(order)).millionths > available().millionths ? ShareRefusal::no_cash
                                                                           : ShareRefusal::none;
}

ShareRefusal ShareBook::check(ShareOrder& order) const {
    const auto& request = order.request;
    if (!request.client.view().empty()) {
        const bool used = std::any_of(orders_.begin(), orders_.end(), [&](const auto& known) {
            return known.second.request.client == request.client;
        });
        if (used)
            return ShareRefusal::duplicate_id;
    }
    if (!open_)
        return ShareRefusal::market_shut;
    if (request.quantity < 1 || request.quantity > k_quantity_max)
        return ShareRefusal::bad_quantity;
    if (working_.size() >= k_open_max)
        return ShareRefusal::too_many;
    const auto& line = this->line(request.share);
    const auto refusal = check_price(order, line);
    return refusal == ShareRefusal::none ? check_cover(order, line) : refusal;
}

std::uint64_t ShareBook::submit(const ShareOrderRequest& request) {
    return submit(request, 0);
}

std::uint64_t ShareBook::submit(const ShareOrderRequest& request, std::uint64_t trigger) {
    ShareOrder order;
    order.number = last_order_ + 1;
    order.request = request;
    order.day = day_;
    order.trigger = trigger;
    order.refusal = check(order);
    ++last_order_;
    if (order.refusal != ShareRefusal::none) {
        order.status = Status::rejected;
        tell(ShareEventKind::rejected, orders_.emplace(order.number, order).first->second);
        return order.number;
    }
    auto& placed = orders_.emplace(order.number, order).first->second;
    working_.push_back(placed.number);
    tell(ShareEventKind::accepted, placed);
    const auto& line = this->line(request.share);
    if (line.last && line.auctioned && reaches(placed, line, *line.last))
        fill(placed, *line.last, std::min(placed.left(), line.most));
    if (placed.status == Status::working && request.immediate)
        finish(placed, Status::cancelled, ShareEventKind::cancelled);
    return placed.number;
}

ShareRefusal ShareBook::cancel(std::uint64_t number) {
    const auto found = orders_.find(number);
    if (found == orders_.end())
        return ShareRefusal::unknown;
    if (found->second.status != Status::working)
        return ShareRefusal::too_late;
    finish(found->second, Status::cancelled, ShareEventKind::cancelled);
    return ShareRefusal::none;
}

void ShareBook::finish(ShareOrder& order, Status status, ShareEventKind kind) {
    order.status = status;
    working_.erase(std::find(working_.begin(), working_.end(), order.number));
    tell(kind, order);
}

bool ShareBook::reaches(const ShareOrder& order, const Line& line, model::Price price) {
    if (order.request.side == model::Side::buy)
        return price <= order.limit && price != line.day.upper;
    return price >= order.limit && price != line.day.lower;
}

void ShareBook::on_price(ShareRef share, model::Price price, std::int64_t most) {
    BULLPEN_ASSERT(open_, "shares trade while the market is open");
    auto& line = this->line(share);
    const bool auction = !line.auctioned;
    line.last = price;
    line.most = most;
    line.auctioned = true;
    for (const auto number : std::vector(working_)) {
        auto& order = orders_.at(number);
        if (order.request.share == share && reaches(order, line, price))
            fill(order, auction ? price : order.limit, std::min(order.left(), most));
    }
    fire_triggers(share, price);
}

void ShareBook::fill(ShareOrder& order, model::Price price, std::int64_t quantity) {
    if (quantity <= 0)
        return;
    ShareExecution execution;
    execution.number = ++last_execution_;
    execution.order = order.number;
    execution.share = order.request.share;
    execution.side = order.request.side;
    execution.product = order.request.product;
    execution.quantity = quantity;
    execution.price = price;
    order.filled += quantity;
    order.value += price.ticks * quantity;
    if (order.left() == 0) {
        order.status = Status::filled;
        working_.erase(std::find(working_.begin(), working_.end(), order.number));
    }
    settle(execution);
    events_.push_back({ShareEventKind::filled, order, execution, {}});
}

void ShareBook::settle(const ShareExecution& execution) {
    auto& line = this->line(execution.share);
    cash_ = cash_ - rules_.fee;
    if (execution.product == Product::mis)
        return settle_intraday(line, execution);
    const auto value = execution.price.ticks * execution.quantity;
    auto& held = line.holding;
    if (execution.side == model::Side::buy) {
        held.today += execution.quantity;
        cash_ = cash_ - money(value);
        return;
    }
    // What was bought today goes first: the day's own purchases and sales are set off.
    auto left = execution.quantity;
    for (auto* part : {&held.today, &held.settled, &held.t1}) {
        const auto taken = std::min(*part, left);
        *part -= taken;
        left -= taken;
    }
    BULLPEN_ASSERT(left == 0, "no share is sold that is not held");
    const auto at_once = value * rules_.proceeds_at_once_percent / k_hundred;
    cash_ = cash_ + money(at_once);
    unsettled_ = unsettled_ + money(value - at_once);
}

// What closes wins or loses at once; what opens only needs its margin.
void ShareBook::settle_intraday(Line& line, const ShareExecution& execution) {
    const std::int64_t sign = execution.side == model::Side::buy ? 1 : -1;
    const auto opposite = line.intraday * sign < 0 ? std::abs(line.intraday) : 0;
    const auto closes = std::min(opposite, execution.quantity);
    if (closes > 0) {
        // The cost of what closes, to the paisa; the rest stays with what is open.
        const auto cost =
            closes == opposite ? line.intraday_cost : line.intraday_cost * closes / opposite;
        const auto value = execution.price.ticks * closes;
        cash_ = cash_ + money((cost - value) * sign);
        line.intraday_cost -= cost;
        line.intraday += sign * closes;
    }
    const auto opens = execution.quantity - closes;
    line.intraday += sign * opens;
    line.intraday_cost += execution.price.ticks * opens;
}

void ShareBook::tell(ShareEventKind kind, const ShareOrder& order) {
    events_.push_back({kind, order, {}, {}});
}

}  // namespace bullpen::matching
