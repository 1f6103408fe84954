#include "worker/jobs/share_world.hpp"

#include <algorithm>

namespace bullpen::jobs {

namespace {

constexpr Nanos k_fresh = std::chrono::seconds(1);

}  // namespace

const ipc::ShareOrderTold* ShareWorld::find(const model::ClientOrderId& client) const {
    const auto found = std::find_if(orders.begin(), orders.end(),
                                    [&](const auto& order) { return order.client == client; });
    return found == orders.end() ? nullptr : &*found;
}

std::int64_t ShareWorld::sellable(const std::string& symbol) const {
    const auto found = held.find(symbol);
    return found == held.end() ? 0 : found->second.sellable;
}

std::span<const ipc::ShareTriggerTold> ShareWorld::triggers_near(const std::string& symbol) const {
    if (!triggers_sorted)
        return triggers;
    const auto first = std::partition_point(triggers.begin(), triggers.end(),
                                            [&](const auto& one) { return one.symbol < symbol; });
    const auto last = std::partition_point(first, triggers.end(),
                                           [&](const auto& one) { return one.symbol == symbol; });
    return {first, last};
}

std::vector<SellTrigger> ShareWorld::stops(const std::string& symbol) const {
    std::vector<SellTrigger> stops;
    for (const auto& trigger : triggers_near(symbol)) {
        if (trigger.symbol == symbol && trigger.side == model::Side::sell && !trigger.second &&
            trigger.status == matching::TriggerStatus::active) {
            stops.push_back({trigger.number,
                             {trigger.first.trigger, trigger.first.limit},
                             trigger.first.quantity,
                             trigger.last_price});
        }
    }
    return stops;
}

bool stops_a_fall(const ipc::ShareTriggerTold& trigger) {
    return trigger.last_price.ticks == 0 || trigger.first.trigger < trigger.last_price;
}

void ShareLook::begin(std::set<std::string> symbols, ShareWorld before, bool stops_early,
                      Instant now) {
    symbols_ = std::move(symbols);
    stops_early_ = stops_early;
    before_ = std::move(before);
    world_ = {};
    trouble_.clear();
    stage_ = Stage::first;
    under_way_ = true;
    whole_ = true;
    ask_account(now);
}

void ShareLook::ask_account(Instant now) {
    tickets_ = {reader_.ask_orders(now), reader_.ask_triggers(now), reader_.ask_account(now)};
}

void ShareLook::begin_prices(ShareWorld world, Instant now) {
    symbols_.clear();
    world_ = std::move(world);
    trouble_.clear();
    stage_ = Stage::quotes;
    under_way_ = true;
    whole_ = false;
    tickets_.clear();
    quoted_.reset();
    ask_quotes(now);
}

// Whether those of a moment ago will do; then they are the world's.
bool ShareLook::has_quotes(Instant now) {
    if (!quoted_ || now.mono - quoted_->asked >= k_fresh || world_.at - quoted_->at >= k_fresh ||
        before_.held != world_.held ||
        !std::includes(quoted_->symbols.begin(), quoted_->symbols.end(), symbols_.begin(),
                       symbols_.end()))
        return false;
    world_.quotes = std::move(before_.quotes);
    world_.quotes_asked = quoted_->asked;
    return true;
}

void ShareLook::ask_quotes(Instant now) {
    for (const auto& [symbol, held] : world_.held)
        symbols_.insert(symbol);
    // What was sold of late has its part in the day.
    std::chrono::sys_days newest{};
    for (const auto& order : world_.orders)
        newest = std::max(newest, order.day);
    for (const auto& order : world_.orders) {
        if (order.day == newest && order.filled > 0)
            symbols_.insert(order.symbol);
    }
    new_prices_ = !has_quotes(now);
    if (!new_prices_)
        return;
    asked_ = now.mono;
    world_.quotes_asked = now.mono;
    std::vector<std::string> some;
    for (const auto& symbol : symbols_) {
        some.push_back(symbol);
        if (some.size() == ipc::k_share_symbols_max)
            tickets_.push_back(reader_.ask_quotes(std::exchange(some, {}), now));
    }
    if (!some.empty())
        tickets_.push_back(reader_.ask_quotes(std::move(some), now));
}

// One that a price has passed and that still stands afterwards waits for a rise, by the broker's
// word.
bool ShareLook::fell_to_a_stop() const {
    return std::any_of(world_.triggers.begin(), world_.triggers.end(), [&](const auto& trigger) {
        const auto quote = world_.quotes.find(trigger.symbol);
        return trigger.side == model::Side::sell &&
               trigger.status == matching::TriggerStatus::active && stops_a_fall(trigger) &&
               quote != world_.quotes.end() && quote->second.last <= trigger.first.trigger;
    });
}

bool ShareLook::keep(ipc::ShareReply&& reply) {
    world_.at = std::max(world_.at, reply.market_time);
    world_.open = reply.open;
    switch (reply.command) {
        case ipc::ShareCommand::account:
            world_.available = {reply.available, model::k_inr};
            for (const auto& held : reply.held)
                world_.held[held.symbol] = held;
            return true;
        case ipc::ShareCommand::orders: world_.orders = std::move(reply.orders); return true;
        case ipc::ShareCommand::triggers:
            world_.triggers = std::move(reply.triggers);
            std::stable_sort(world_.triggers.begin(), world_.triggers.end(),
                             [](const auto& a, const auto& b) { return a.symbol < b.symbol; });
            world_.triggers_sorted = true;
            return true;
        case ipc::ShareCommand::quotes:
            if (prices_)
                prices_(reply);
            pages_.push_back(std::move(reply.quotes));
            return true;
        default: return false;
    }
}

// They come in the order in which they were asked for, which is that of the map: where the one
// before was put, the next one is not far.
void ShareLook::keep_prices() {
    auto place = world_.quotes.begin();
    for (auto& page : pages_) {
        for (auto& quote : page) {
            auto symbol = quote.symbol;
            place = std::next(
                world_.quotes.insert_or_assign(place, std::move(symbol), std::move(quote)));
        }
    }
    pages_.clear();
}

ShareLook::State ShareLook::look(Instant now) {
    while (under_way_) {
        while (!tickets_.empty()) {
            auto answer = reader_.take(tickets_.front());
            if (!answer)
                return State::waiting;
            const bool accepted = answer->outcome == broker::Outcome::accepted;
            if (!accepted || !answer->reply.more)
                tickets_.erase(tickets_.begin());
            if (accepted && keep(std::move(answer->reply)))
                continue;
            keep_prices();
            trouble_ = answer->text;
            under_way_ = false;
            quoted_.reset();
            return State::unknown;
        }
        if (stage_ == Stage::quotes) {
            keep_prices();
            under_way_ = false;
            if (!quoted_ || quoted_->asked != asked_)
                quoted_ = Quoted{std::move(symbols_), asked_, world_.at};
            if (whole_ && new_prices_ && fell_to_a_stop()) {
                stage_ = Stage::again;
                under_way_ = true;
                world_.held.clear();
                ask_account(now);
                continue;
            }
            return State::known;
        }
        if (stage_ == Stage::again) {
            under_way_ = false;
            return State::known;
        }
        if (stage_ == Stage::first && stops_early_) {
            stage_ = Stage::early;
            return State::all_but_prices;
        }
        stage_ = Stage::quotes;
        ask_quotes(now);
    }
    return State::unknown;
}

ShareWorld ShareLook::with_old_prices() const {
    auto world = world_;
    world.quotes = before_.quotes;
    world.quotes_asked = before_.quotes_asked;
    return world;
}

ShareWorld ShareLook::give_up() {
    under_way_ = false;
    tickets_.clear();
    return std::move(before_);
}

}  // namespace bullpen::jobs
