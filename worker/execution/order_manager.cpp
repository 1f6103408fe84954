#include "worker/execution/order_manager.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "worker/execution/close_reason.hpp"

namespace bullpen::execution {

namespace {

// A pass over an instrument may make the next one necessary; more than this is a programmer's
// error.
constexpr int k_passes_max = 16;

constexpr std::array<std::string_view, 3> k_stop_policies{"flatten", "leave_protected", "refuse"};

}  // namespace

std::string_view code(StopPolicy policy) {
    return k_stop_policies.at(static_cast<std::size_t>(policy));
}

std::optional<StopPolicy> stop_policy_from(std::string_view code) {
    const auto* const found = std::find(k_stop_policies.begin(), k_stop_policies.end(), code);
    if (found == k_stop_policies.end())
        return std::nullopt;
    return static_cast<StopPolicy>(found - k_stop_policies.begin());
}

OrderManager::OrderManager(std::span<const model::Instrument* const> instruments,
                           const OrderManagerSettings& settings, broker::Port& port,
                           Recorder& recorder, Approver& approver, KillPoints* kill_points)
    : settings_(settings),
      port_(port),
      recorder_(recorder),
      approver_(approver),
      kill_points_(kill_points),
      book_(instruments) {
    watches_.reserve(instruments.size() + 4);
    for (const Guard& guard : book_.guards())
        watch(guard.symbol);
    awaited_.reserve(16);
    notices_.reserve(64);
}

Result<void> OrderManager::restore(std::string_view snapshot) {
    BULLPEN_ASSERT(!started_, "a manager is restored before it starts");
    return book_.restore(snapshot);
}

void OrderManager::replay(const Record& record) {
    BULLPEN_ASSERT(!started_, "records are replayed before the start");
    approver_.learn(record);
    if (const auto* traded = std::get_if<Traded>(&record)) {
        std::erase_if(unrecorded_trades_,
                      [&](const Trade& trade) { return trade.number == traded->trade.number; });
        return;
    }
    const Change change = book_.apply(record);
    if (change.posting.closed)
        unrecorded_trades_.push_back(*change.posting.closed);
}

std::string OrderManager::save() const {
    if (kill_points_ != nullptr)
        kill_points_->reached(KillPoint::before_snapshot);
    std::string saved = book_.save();
    if (kill_points_ != nullptr)
        kill_points_->reached(KillPoint::after_snapshot);
    return saved;
}

Result<void> OrderManager::start(Fence fence, Instant now) {
    BULLPEN_ASSERT(!started_, "a manager starts once");
    if (fence < book_.fence()) {
        return fail(Errc::invalid, "the fence " + std::to_string(fence.value) +
                                       " is below one that orders of this account carry already");
    }
    const Started started{fence, now.utc};
    reached(KillPoint::before_start_record);
    BULLPEN_CHECK(recorder_.durable(started));
    reached(KillPoint::after_start_record);
    (void)book_.apply(started);
    started_ = true;
    // The process died between an execution and the record of the trade that it closed.
    for (const Trade& trade : std::exchange(unrecorded_trades_, {}))
        keep_trade(trade, now);
    // Nor is it known whether what others' orders left was seen to.
    for (const Line& line : book_.ledger().lines()) {
        if (line.trade.open && line.trade.entry.strategy.empty())
            watch(line.symbol).came_from_outside = true;
    }
    for (const Order& order : book_.live()) {
        if (order.status != Status::unknown)
            continue;
        begin_unknown(order.terms.id, now);
        // It was sent when it was recorded, if it was: the time since then counts, however often
        // the process died meanwhile.
        unknown_.back().since -= std::clamp(now.utc - order.commanded, Nanos{}, k_sync_max * 3);
    }
    reckon_wake(now);
    return {};
}

OrderManager::Watch& OrderManager::watch(const model::Symbol& symbol) {
    for (Watch& watch : watches_) {
        if (watch.symbol == symbol)
            return watch;
    }
    watches_.emplace_back().symbol = symbol;
    return watches_.back();
}

const OrderManager::Watch* OrderManager::find_watch(const model::Symbol& symbol) const {
    for (const Watch& watch : watches_) {
        if (watch.symbol == symbol)
            return &watch;
    }
    return nullptr;
}

void OrderManager::tell(NoticeKind kind, Instant now, const model::Symbol& symbol,
                        const model::ClientOrderId& order, std::uint16_t detail,
                        std::int64_t quantity, model::Price price) {
    if (notices_.size() >= k_notices_max) {
        ++notices_dropped_;
        return;
    }
    notices_.push_back({kind, detail, 0, symbol, order, quantity, price, 0, now.utc});
}

void OrderManager::on_event(const broker::Event& event, Instant now) {
    if (!started_)
        return;
    // Half of all that is told is what is known already, and changes nothing.
    if (const auto* report = std::get_if<broker::OrderReport>(&event)) {
        if (!take_report(*report, std::nullopt, now))
            return;
    } else {
        std::visit([&](const auto& typed) { on(typed, now); }, event);
    }
    settle(now);
}

// What became due: answers that did not come, records that were held back, the next comparison.
void OrderManager::work(Instant now) {
    if (!started_)
        return;
    for (std::size_t i = 0; i < awaited_.size();) {
        const Awaited awaited = awaited_[i];
        if (awaited.due > now.mono) {
            ++i;
            continue;
        }
        if (awaited.answered) {
            // It was taken and did not happen yet: the report may be lost.
            want(Query::orders);
            want(Query::fills);
            awaited_[i++].due = now.mono + settings_.answer_wait;
            continue;
        }
        awaited_.erase(awaited_.begin() + static_cast<std::ptrdiff_t>(i));
        on(broker::Answer{awaited.command,
                          broker::Outcome::unknown,
                          awaited.order,
                          {},
                          "no answer came in time"},
           now);
        i = 0;
    }
    for (std::size_t i = 0; i < k_queries; ++i) {
        const Asking& asking = asking_.at(i);
        if (asking.number != 0 && asking.due <= now.mono)
            (void)answered(static_cast<Query>(i), asking.number, false, now);
    }
    if (session_up_ && now.mono >= next_round_)
        begin_round(now);
    settle(now);
}

void OrderManager::on_market(const model::Symbol& symbol, model::Price price, UtcTime time,
                             Instant now) {
    Watch& watch = this->watch(symbol);
    watch.told = price;
    market_told_ = std::max(market_told_, time);
    const Line* line = book_.ledger().find(symbol);
    if (watch.came_from_outside || (line != nullptr && line->undated()))
        settle(now);
}

void OrderManager::settle(Instant now) {
    if (!started_ || settling_)
        return;
    settling_ = true;
    (void)write_held_back(now);
    int passes = 0;
    for (std::uint64_t before = version_ - 1; before != version_; ++passes) {
        BULLPEN_ASSERT(passes < k_passes_max, "what is done for an instrument comes to rest");
        before = version_;
        for (std::size_t i = 0; i < book_.guards().size(); ++i)
            converge(model::Symbol(book_.guards()[i].symbol), now);
    }
    pursue_unknown(now);
    if (!pending_.empty())
        ask_for_unheard(now);
    ask(now);
    hurry_the_port(now);
    reckon_wake(now);
    settling_ = false;
}

// Without a session nothing can be done for what is held, or may be, and over one that fell silent
// neither: the sooner there is one, the better.
void OrderManager::hurry_the_port(Instant now) {
    const bool hurries = (!session_up_ || !unknown_.empty()) && may_be_bare();
    if (hurries == hurries_) [[likely]]
        return;
    hurries_ = hurries;
    port_.hurry(hurries, now);
}

void OrderManager::reckon_wake(Instant now) {
    wake_ = k_never;
    const auto by = [&](MonoTime time) { wake_ = std::min(wake_, time); };
    for (const Awaited& awaited : awaited_)
        by(awaited.due);
    for (const Unknown& unknown : unknown_)
        by(unknown.next);
    for (const Asking& asking : asking_) {
        if (asking.number != 0)
            by(asking.due);
        else if (asking.wanted && session_up_)
            by(std::max(
                {asking.not_before,
                 may_ask(now) ? MonoTime{}
                              : breaker(Channel::queries).until(now.mono).value_or(MonoTime{}),
                 asking.failures > 0 ? retries_.next(now.mono) : MonoTime{}, now.mono + Nanos(1)}));
    }
    if (session_up_)
        by(next_round_);
    for (const Watch& watch : watches_) {
        for (const MonoTime due : {watch.retry_at, watch.close_at}) {
            if (due > now.mono)
                by(due);
        }
        if (watch.naked_since && !watch.naked_told)
            by(*watch.naked_since + k_naked_max);
        // Prices come without a word to this side.
        if (watch.came_from_outside && (is_unpriced(watch.symbol) || awaits_price(watch.symbol)))
            by(now.mono + k_retry);
    }
    for (const Pending& pending : pending_) {
        const MonoTime due = pending.since + (pending.told ? k_naked_max : k_unheard_max);
        if (due > now.mono)
            by(due);
    }
    if (session_up_ && !synced() && now.mono < session_since_ + k_sync_max)
        by(session_since_ + k_sync_max);
    if (!held_back_.empty())
        by(std::max(held_back_retry_, now.mono + Nanos(1)));
}

std::optional<MonoTime> OrderManager::answer_due() const {
    MonoTime due = k_never;
    for (const Awaited& awaited : awaited_)
        due = std::min(due, awaited.due);
    for (const Asking& asking : asking_) {
        if (asking.number != 0)
            due = std::min(due, asking.due);
    }
    return due == k_never ? std::nullopt : std::optional(due);
}

Exposure OrderManager::exposure(const model::Symbol& symbol) const {
    Exposure exposure;
    exposure.held = book_.held(symbol);
    const Guard* guard = book_.guard(symbol);
    exposure.position_unknown =
        !reconciled_ || reconciler_.doubts(symbol) || (guard != nullptr && guard->mismatch);
    for (const Order& order : book_.live()) {
        if (!is_open(order.status) || order.terms.symbol != symbol)
            continue;
        if (order.is_entry())
            (order.terms.side == model::Side::buy ? exposure.entries_buy : exposure.entries_sell) +=
                order.remaining();
        else if (order.is_exit() || order.status == Status::unknown)
            exposure.exits += order.remaining();
    }
    return exposure;
}

std::int64_t OrderManager::protected_quantity(const model::Symbol& symbol) const {
    const std::int64_t held = book_.held(symbol);
    std::int64_t quantity = 0;
    for (const Order& order : book_.live()) {
        const bool changing = order.new_quantity != 0;  // by the lesser of its quantities
        const bool stands = is_settled(order.status) || order.status == Status::cancelling ||
                            (changing && is_open(order.status));
        if (stands && order.is_stop() && order.terms.symbol == symbol && !is_pending(order) &&
            held * sign(order.terms.side) < 0) {
            const std::int64_t least = changing ? std::min(order.terms.quantity, order.new_quantity)
                                                : order.terms.quantity;
            quantity += std::max<std::int64_t>(0, least - order.executed());
        }
    }
    return std::min(quantity, std::abs(held));
}

void OrderManager::resume(Instant now) {
    for (std::size_t i = 0; i < book_.guards().size(); ++i) {
        const Guard& guard = book_.guards()[i];
        // Also while what is held is still being closed: the closing goes on, and nobody says it a
        // second time when it is done.
        if (guard.stop_refused)
            (void)commit(Blocked{guard.symbol, Block::stop_refused, false, now.utc}, now);
    }
    settle(now);
}

void OrderManager::cancel_entries(Instant now) {
    for (std::size_t i = 0; i < book_.live_size(); ++i) {
        const Order& order = book_.live(i);
        if (order.is_entry() && is_open(order.status) && !order.unwanted)
            (void)commit(Unwanted{order.terms.id, now.utc}, now);
    }
    settle(now);
}

StopState OrderManager::stop(StopPolicy policy, Instant now) {
    bool held = false;
    bool open = false;
    bool bare = false;
    for (const Guard& guard : book_.guards()) {
        const std::int64_t quantity = std::abs(book_.held(guard.symbol));
        held = held || quantity != 0;
        open = open || guard.closing.active;
        bare = bare || (guard.protect && protected_quantity(guard.symbol) < quantity) ||
               awaits_price(guard.symbol);
    }
    if (policy == StopPolicy::refuse)
        return held ? StopState::refused : stop(StopPolicy::leave_protected, now);
    for (const Order& order : book_.live()) {
        const bool stays = policy == StopPolicy::leave_protected && order.is_stop() &&
                           is_settled(order.status) && held;
        open = open || (is_open(order.status) && !stays);
    }
    if (policy == StopPolicy::flatten && held)
        flatten_all(label(CloseReason::account_stopped), now);
    else
        cancel_entries(now);
    const bool rests = !open && !bare && (policy == StopPolicy::leave_protected || !held);
    return rests ? StopState::done : StopState::under_way;
}

}  // namespace bullpen::execution
