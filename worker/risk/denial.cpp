#include "worker/risk/denial.hpp"

#include <algorithm>
#include <array>

#include "common/base/assert.hpp"
#include "common/model/money.hpp"

namespace bullpen::risk {

namespace {

using C = DenialCode;
using U = DenialUnit;

constexpr std::array<DenialFacts, k_denial_codes> k_denials = {{
    {C::wrong_instrument, "wrong_instrument",
     "the order is for an instrument that is not traded here",
     "This is a fault of the program: send the account's logs to its authors."},
    {C::quantity_invalid, "quantity_invalid", "the quantity is not above zero",
     "This is a fault of the program or of a command: ask for at least one contract.", U::count,
     "contracts"},
    {C::price_invalid, "price_invalid",
     "a limit or stop price is missing, or not one of the instrument's",
     "Check `admits_negative` in instruments.toml if the market trades there.", U::ticks, "price"},
    {C::order_untagged, "order_untagged",
     "the rule pack wants orders of programs to be marked, and this one has no tag",
     "This is a fault of the program: send the account's logs to its authors."},
    {C::mode_fenced, "mode_fenced", "the account is fenced: another host may act for it",
     "Nothing is sent until the lease is back; stops at the broker stand."},
    {C::target_while_halted, "target_while_halted",
     "a halted account rests no targets, it only goes flat",
     "`bullpenctl resume` when the reason for the halt is gone."},
    {C::nothing_to_close, "nothing_to_close", "there is no position that the order could close",
     "If the broker shows one, wait for the next reconciliation.", U::count, "contracts"},
    {C::wrong_side, "wrong_side", "the order would make the position larger instead of smaller",
     "This is a fault of the program: send the account's logs to its authors."},
    {C::more_than_held, "more_than_held",
     "more than is surely held, with all that may be closed taken as closed",
     "It is tried again when the orders of unknown outcome are settled.", U::count, "contracts"},
    {C::stop_wrong_side, "stop_wrong_side",
     "the protective stop is not on the losing side of the price",
     "The price has gone through it: the position is closed at the market instead.", U::ticks,
     "stop"},
    {C::mode_halted, "mode_halted", "the account is halted",
     "`bullpenctl resume` when the reason for the halt is gone."},
    {C::mode_reducing, "mode_reducing", "the account only reduces its position",
     "See `bullpenctl explain` for the reason and until when."},
    {C::mode_idle, "mode_idle", "the account is idle",
     "See `bullpenctl explain` for the reason and until when."},
    {C::hosting_unacknowledged, "hosting_unacknowledged",
     "the rule pack forbids servers, and `risk.hosting_acknowledged` lacks the sentence it asks "
     "for",
     "Run the account where its rules allow it; docs/risk.md gives the sentence."},
    {C::broker_locked, "broker_locked", "the broker says that the account may not trade",
     "Ask the broker."},
    {C::loss_floor_frame, "loss_floor_frame",
     "the balance cannot be of this rule pack; its floor would be idle",
     "Choose the rule pack of this account's size and kind.", U::money, "balance"},
    {C::loss_floor_reached, "loss_floor_reached", "the loss floor was reached",
     "It holds until `bullpenctl resume --restart-floor` lets it begin anew; with a firm's rules "
     "the account is lost.",
     U::money, "equity"},
    {C::daily_loss_reached, "daily_loss_reached", "the daily loss limit was reached",
     "Trading goes on with the next trading day.", U::money, "loss"},
    {C::near_daily_loss, "near_daily_loss",
     "the loss is near the daily limit, where `risk.approach` ends the day",
     "Trading goes on with the next trading day.", U::money, "loss"},
    {C::market_closed, "market_closed", "the market is shut",
     "`bullpenctl explain` says when it opens."},
    {C::event_blackout, "event_blackout", "an event is near, around which nothing is entered",
     "`bullpenctl explain` says when it ends."},
    {C::flatten_time, "flatten_time", "the account must soon be flat",
     "Entries are possible again with the next trading day; see [session]."},
    {C::last_entry_passed, "last_entry_passed", "the last entry of the day has passed",
     "Entries are possible again with the next trading day; see `session.friday_last_entry`."},
    {C::calendar_unknown, "calendar_unknown",
     "no source says what hours the market has on this day",
     "Bring holidays.toml up to date, or set `session.trade_uncovered_days`."},
    {C::position_unknown, "position_unknown", "the broker's position is not known",
     "It is asked again; entries follow when it is known."},
    {C::position_open, "position_open", "a position is open, or an entry may still fill",
     "One position at a time: entries follow when it is closed.", U::count, "contracts"},
    {C::trades_reached, "trades_reached", "the day's number of trades is reached",
     "Trading goes on with the next trading day; see `risk.trades_max`.", U::count, "trades"},
    {C::order_rate, "order_rate", "too many orders were sent within a minute",
     "It passes by itself; see `risk.orders_per_minute`.", U::count, "orders"},
    {C::orders_of_day, "orders_of_day", "too many orders were sent on this trading day",
     "Find out why there are so many; see `risk.orders_of_day`.", U::count, "orders"},
    {C::equity_unknown, "equity_unknown", "the account's balance is not known",
     "It is asked of the broker; `risk.start_balance` stands in for it."},
    {C::equity_spent, "equity_spent", "the account's equity is not above zero", "Fund the account.",
     U::money, "equity"},
    {C::plan_missing, "plan_missing", "the entry has no plan: neither signal nor stop",
     "This is a fault of the program: send the account's logs to its authors."},
    {C::price_unknown, "price_unknown", "no price of the market is known",
     "Entries follow with the first bar or quote."},
    {C::price_band, "price_band", "the entry's price is too far from the last price",
     "See `risk.price_band_percent`.", U::ticks, "distance"},
    {C::price_moved, "price_moved", "the price has moved against the signal since it was given",
     "The next signal decides; see `risk.price_moved_ticks`.", U::ticks, "move"},
    {C::fast_market, "fast_market",
     "the last minute's range is far beyond that of the minutes before it",
     "It passes by itself; see `risk.fast_market`."},
    {C::spread_widening, "spread_widening", "the spread widens with every quote",
     "It passes by itself; see `risk.fast_market`."},
    {C::contracts_max, "contracts_max", "the position would be larger than the account allows",
     "See `risk.contracts_max`.", U::count, "contracts"},
    {C::pack_contracts, "pack_contracts", "the position would be larger than the rule pack allows",
     "Ten micros count as one contract where the pack says so; see docs/risk.md.", U::count,
     "contracts"},
    {C::risk_per_trade, "risk_per_trade", "the stop would cost more than one trade may",
     "See `risk.per_trade_percent`.", U::money, "risk"},
    {C::daily_loss_headroom, "daily_loss_headroom",
     "stop, slippage and fees are more than is left of the daily loss",
     "A smaller position or a nearer stop fits, or the next trading day.", U::money, "risk"},
    {C::loss_floor_headroom, "loss_floor_headroom",
     "the stop, its slippage and fees would go through the loss floor",
     "A smaller position or a nearer stop may fit.", U::money, "risk"},
    {C::margin, "margin", "the estimated margin is more than the allowed part of the equity",
     "See `risk.margin_per_lot` and `risk.margin_percent`.", U::money, "margin"},
    {C::cost_too_high, "cost_too_high",
     "slippage and commission are too much of the profit at the target", "See `risk.cost_percent`.",
     U::percent, "cost"},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < k_denials.size(); ++i) {
        if (static_cast<std::size_t>(k_denials[i].code) != i)
            return false;
    }
    return true;
}
static_assert(in_order(), "facts() finds a code by its number");

std::string number(DenialUnit unit, std::int64_t value) {
    switch (unit) {
        case DenialUnit::money: return model::text(model::Money{value, model::k_usd});
        case DenialUnit::percent: return std::to_string(value) + " %";
        case DenialUnit::ticks: return std::to_string(value) + " ticks";
        case DenialUnit::count:
        case DenialUnit::none: break;
    }
    return std::to_string(value);
}

}  // namespace

std::span<const DenialFacts> denials() {
    return k_denials;
}

const DenialFacts& facts(DenialCode code) {
    BULLPEN_ASSERT(static_cast<std::size_t>(code) < k_denials.size(), "a denial has a known code");
    return k_denials[static_cast<std::size_t>(code)];
}

std::string_view code(DenialCode code) {
    return facts(code).name;
}

std::optional<DenialCode> denial_from(std::string_view name) {
    const auto found = std::find_if(k_denials.begin(), k_denials.end(),
                                    [&](const DenialFacts& facts) { return facts.name == name; });
    return found == k_denials.end() ? std::nullopt : std::optional(found->code);
}

std::string text(const Denial& denial) {
    const DenialFacts& known = facts(denial.code);
    std::string out = std::string(known.name) + ": " + std::string(known.sentence);
    if (known.unit == DenialUnit::none)
        return out;
    return out + " (" + std::string(known.what) + " " + number(known.unit, denial.have) +
           ", limit " + number(known.unit, denial.limit) + ")";
}

}  // namespace bullpen::risk
