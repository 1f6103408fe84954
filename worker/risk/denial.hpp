// Denial: why the risk gate did not let an order pass. Each code is stable, has a sentence and an
// advice, and stands in docs/risk.md. A denial carries two numbers and no text, so that saying no
// costs as little as saying yes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bullpen::risk {

// In the order in which they are checked.
enum class DenialCode : std::uint8_t {
    // The order itself.
    wrong_instrument,
    quantity_invalid,
    price_invalid,
    order_untagged,
    // Orders that are not entries.
    mode_fenced,
    target_while_halted,
    nothing_to_close,
    wrong_side,
    more_than_held,
    stop_wrong_side,
    // Entries: may this account enter now?
    mode_halted,
    mode_reducing,
    mode_idle,
    hosting_unacknowledged,
    broker_locked,
    loss_floor_frame,
    loss_floor_reached,
    daily_loss_reached,
    near_daily_loss,
    market_closed,
    event_blackout,
    flatten_time,
    last_entry_passed,
    calendar_unknown,
    position_unknown,
    position_open,
    trades_reached,
    order_rate,
    orders_of_day,
    equity_unknown,
    equity_spent,
    // Entries: is this one acceptable?
    plan_missing,
    price_unknown,
    price_band,
    price_moved,
    fast_market,
    spread_widening,
    contracts_max,
    pack_contracts,
    risk_per_trade,
    daily_loss_headroom,
    loss_floor_headroom,
    margin,
    cost_too_high,
};
inline constexpr std::size_t k_denial_codes = 44;

// What the two numbers of a denial count.
enum class DenialUnit : std::uint8_t {
    none,
    count,
    ticks,
    money,  // millionths
    percent,
};

struct DenialFacts {
    DenialCode code;
    std::string_view name;      // "daily_loss_reached": stable, in journals and messages
    std::string_view sentence;  // what it means
    std::string_view advice;    // what the person who reads it may do
    DenialUnit unit = DenialUnit::none;
    std::string_view what = {};  // "contracts"; of the number that is over its limit
};
std::span<const DenialFacts> denials();
const DenialFacts& facts(DenialCode code);
std::string_view code(DenialCode code);
std::optional<DenialCode> denial_from(std::string_view name);

struct Denial {
    DenialCode code{};
    std::int64_t have = 0;  // in the unit of facts()
    std::int64_t limit = 0;
    friend bool operator==(const Denial&, const Denial&) = default;
};
// "contracts_max: the order is larger than the account allows (contracts 4, limit 3)".
std::string text(const Denial& denial);

}  // namespace bullpen::risk
