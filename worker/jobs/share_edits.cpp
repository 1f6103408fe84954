#include "worker/jobs/share_edits.hpp"

#include <algorithm>
#include <iterator>

#include "common/base/errc.hpp"
#include "ipc/share_message.hpp"

namespace bullpen::jobs {

namespace {

const HoldingLine* line_of(const std::optional<Holdings>& held, const std::string& symbol) {
    if (!held)
        return nullptr;
    const auto found = std::find_if(held->lines.begin(), held->lines.end(),
                                    [&](const HoldingLine& line) { return line.symbol == symbol; });
    return found == held->lines.end() ? nullptr : &*found;
}

std::string looked_at(const Holdings& held) {
    return "at the worker's last look, " + format_utc(held.at) + " by the market";
}

constexpr const char* k_never_looked =
    "what its broker holds is not known: its worker has not looked at it yet";

void give_up(MeantOrder& order) {
    order.state = MeantState::rejected;
    order.note = "given up by an operator";
}

bool may_be_at_broker(const MeantOrder& order) {
    return order.state == MeantState::sent && order.filled.value_or(0) < order.quantity;
}

// Not an order: a file or an operator says that the share was traded on the day.
bool is_mark(const MeantOrder& order) {
    return order.quantity == 0 && !order.filled;
}

// Orders that were sent and of which nothing final is known.
void doubt_orders(const ShareRecords& records, const std::string& day, const std::string& symbol,
                  std::vector<std::string>& doubts) {
    for (const auto& [client, order] : records.orders) {
        if (order.day == day && may_be_at_broker(order) &&
            (symbol.empty() || order.signal.symbol == symbol))
            doubts.push_back(order.signal.symbol + ": its order " + client +
                             " may still work at the broker");
    }
}

// A stop or a sale that was sent, and whose fate is not known yet.
void doubt_intents(const ShareState& state, const std::string& symbol,
                   std::vector<std::string>& doubts) {
    const auto stops = state.records.stops.find(symbol);
    if (stops != state.records.stops.end() && (stops->second.intent || !stops->second.late.empty()))
        doubts.push_back(symbol + ": a stop of it may be on its way to the broker");
    const auto watched = state.watch.find(symbol);
    if (watched != state.watch.end() && watched->second.exit)
        doubts.push_back(symbol + ": the watchdog's sale of it is under way");
}

std::string text_of(std::int64_t number) {
    return std::to_string(number);
}

bool is_known(const ShareState& state, const std::string& symbol) {
    const auto& records = state.records;
    return records.own.contains(symbol) || records.positions.contains(symbol) ||
           state.watch.contains(symbol) ||
           std::any_of(records.orders.begin(), records.orders.end(), [&](const auto& one) {
               return one.second.signal.symbol == symbol && one.second.state == MeantState::planned;
           });
}

// That a trigger is one share's stop, and not two's.
const std::string* owner_of_stop(const ShareRecords& records, std::uint64_t number) {
    for (const auto& [symbol, stops] : records.stops) {
        if (stops.own.contains(number))
            return &symbol;
    }
    return nullptr;
}

class Setting {
  public:
    Setting(const ShareState& before, const std::string& symbol,
            const std::optional<Holdings>& held)
        : symbol_(symbol), held_(held) {
        edit_.after = before;
    }

    void own(std::int64_t quantity) {
        auto& records = edit_.after.records;
        const auto found = records.own.find(symbol_);
        const auto before = found == records.own.end() ? 0 : found->second;
        const auto* line = line_of(held_, symbol_);
        const auto there = line != nullptr ? line->quantity : 0;
        if (!held_)
            edit_.doubts.emplace_back(k_never_looked);
        else if (quantity > there)
            edit_.doubts.push_back(symbol_ + ": its broker holds " + text_of(there) + " of it " +
                                   looked_at(*held_));
        if (quantity == before)
            return;
        doubt_intents(edit_.after, symbol_, edit_.doubts);
        if (quantity == 0)
            records.own.erase(symbol_);
        else
            records.own[symbol_] = quantity;
        auto& position = records.positions[symbol_];
        if (position.quantity == 0)
            position.quantity = std::max(quantity, there);
        changed("of its shares " + text_of(quantity) + " are the account's own, " +
                text_of(before) + " before");
        if (edit_.after.watch.erase(symbol_) > 0)
            changed("the watchdog begins anew with it");
    }

    Result<void> gtt(std::uint64_t number) {
        auto& records = edit_.after.records;
        if (const auto* owner = owner_of_stop(records, number)) {
            if (*owner == symbol_)
                return {};
            return fail(Errc::refused,
                        "trigger " + std::to_string(number) + " is the stop of " + *owner);
        }
        records.stops[symbol_].own.insert(number);
        changed("trigger " + std::to_string(number) +
                " is the account's own: jobs may move it and take it away");
        return {};
    }

    Result<void> no_gtt(std::uint64_t number) {
        auto& stops = edit_.after.records.stops;
        const auto found = stops.find(symbol_);
        if (found == stops.end() || found->second.own.erase(number) == 0) {
            return fail(Errc::refused, "trigger " + std::to_string(number) + " is no stop of " +
                                           symbol_ + " that the account knows as its own");
        }
        changed("trigger " + std::to_string(number) + " is a person's: no job touches it");
        return {};
    }

    Result<void> traded(std::string_view tag) {
        const auto day = newest_day(edit_.after.records, held_);
        if (day.empty())
            return fail(Errc::refused, "no trading day is known of yet");
        const auto id = share_order_id(tag, day, symbol_, "by hand");
        MeantOrder order;
        order.day = day;
        order.signal.symbol = symbol_;
        order.state = MeantState::over;
        order.note = "marked as traded by an operator";
        order.filled.reset();
        if (edit_.after.records.orders.try_emplace(id.str(), order).second)
            changed("traded on " + day + ": it is not bought again on that day");
        return {};
    }

    StateEdit done() { return std::move(edit_); }

  private:
    void changed(const std::string& what) { edit_.changes.push_back(symbol_ + ": " + what); }

    const std::string& symbol_;
    const std::optional<Holdings>& held_;
    StateEdit edit_;
};

}  // namespace

std::string newest_day(const ShareRecords& records, const std::optional<Holdings>& held) {
    std::string day;
    for (const auto& [client, order] : records.orders)
        day = std::max(day, order.day);
    if (records.planned)
        day = std::max(day, records.planned->day);
    if (held && !held->days.empty())
        day = std::max(day, held->days.back().day);
    return day;
}

Result<StateEdit> plan_remove(const ShareState& before, const std::string& symbol,
                              const std::optional<Holdings>& held) {
    if (!is_known(before, symbol))
        return fail(Errc::not_found, "the account's records have no " + symbol);
    StateEdit edit;
    edit.after = before;
    const auto day = newest_day(before.records, held);
    const auto* line = line_of(held, symbol);
    if (!held) {
        edit.doubts.emplace_back(k_never_looked);
    } else if (line != nullptr && (line->quantity != 0 || line->intraday != 0)) {
        edit.doubts.push_back(symbol + ": its broker holds " +
                              text_of(line->quantity + line->intraday) + " of it " +
                              looked_at(*held) +
                              "; they would count as a person's, which neither flatten nor a stop "
                              "of the account protects or sells");
    }
    doubt_orders(before.records, day, symbol, edit.doubts);
    doubt_intents(before, symbol, edit.doubts);
    auto& records = edit.after.records;
    const auto changed = [&](const std::string& what) {
        edit.changes.push_back(symbol + ": " + what);
    };
    if (const auto own = records.own.find(symbol); own != records.own.end()) {
        changed(text_of(own->second) + " of its shares are the account's own no more");
        records.own.erase(own);
    }
    if (records.positions.erase(symbol) > 0)
        changed("its position is forgotten");
    if (edit.after.watch.erase(symbol) > 0)
        changed("what the watchdog knew of it is forgotten");
    for (auto& [client, order] : records.orders) {
        if (order.signal.symbol != symbol || order.state != MeantState::planned)
            continue;
        give_up(order);
        changed("its order " + client + " of " + order.day + " is given up");
    }
    return edit;
}

Result<StateEdit> plan_set(const ShareState& before, const std::string& symbol,
                           const ShareChange& change, const std::optional<Holdings>& held,
                           std::string_view tag) {
    if (!ipc::is_share_symbol(symbol))
        return fail(Errc::invalid, "'" + symbol + "' is no name of a share");
    Setting setting(before, symbol, held);
    if (change.own)
        setting.own(*change.own);
    if (change.gtt)
        BULLPEN_CHECK(setting.gtt(*change.gtt));
    if (change.no_gtt)
        BULLPEN_CHECK(setting.no_gtt(*change.no_gtt));
    if (change.traded)
        BULLPEN_CHECK(setting.traded(tag));
    return setting.done();
}

Result<StateEdit> plan_reset_day(const ShareState& before, const std::optional<Holdings>& held) {
    const auto day = newest_day(before.records, held);
    if (day.empty())
        return fail(Errc::not_found, "no trading day is known of yet: there is nothing to reset");
    StateEdit edit;
    edit.after = before;
    auto& records = edit.after.records;
    doubt_orders(records, day, {}, edit.doubts);
    if (records.planned) {
        edit.changes.push_back(records.planned->file + ", planned from on " + records.planned->day +
                               ", may be planned from again");
        records.planned.reset();
    }
    for (auto it = records.orders.begin(); it != records.orders.end();) {
        auto& order = it->second;
        const bool nothing_came = order.filled && *order.filled == 0;
        const bool counts = order.day == day && order.state != MeantState::rejected &&
                            (is_mark(order) || (nothing_came && !may_be_at_broker(order)));
        if (counts)
            edit.changes.push_back(order.signal.symbol + ": may be bought on " + day + " again");
        if (counts && !is_mark(order))
            give_up(order);
        it = counts && is_mark(order) ? records.orders.erase(it) : std::next(it);
    }
    for (const auto& [symbol, at] : records.sold)
        edit.changes.push_back(symbol + ": cools no more (sold " + format_utc(at) + ")");
    records.sold.clear();
    return edit;
}

}  // namespace bullpen::jobs
