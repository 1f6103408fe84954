#include "common/config/idle_keys.hpp"

#include <algorithm>
#include <array>

namespace bullpen::config {

namespace {

// What only the built-in worker reads: keys, and tables with their point.
constexpr std::array<std::string_view, 11> k_of_built_in = {
    "events.", "feed.",    "jobs.",   "journal_cut", "orders.", "recovery",
    "risk.",   "session.", "signals", "strategy.",   "trading"};

// What an account of shares does not read: it follows no instrument, and its limits are its jobs'.
constexpr std::array<std::string_view, 12> k_not_of_shares = {"events.",
                                                              "feed.",
                                                              "orders.absent_after",
                                                              "orders.answer_wait",
                                                              "orders.reconcile_every",
                                                              "orders.stop_absent_after",
                                                              "orders.unexpected",
                                                              "orders.unexpected_stop_ticks",
                                                              "risk.",
                                                              "session.",
                                                              "signals",
                                                              "strategy."};

// But these.
constexpr std::array<std::string_view, 2> k_of_shares_too = {"risk.daily_loss_max",
                                                             "risk.daily_loss_percent"};

// What judges spreads: bids and asks come with ticks, and with nothing else.
constexpr std::array<std::string_view, 3> k_of_quotes = {
    "strategy.spread_abnormal", "strategy.spread_by_hour", "strategy.spread_filter"};

template <std::size_t size>
bool is_among(const std::array<std::string_view, size>& names, std::string_view key) {
    return std::any_of(names.begin(), names.end(), [key](std::string_view name) {
        return name.back() == '.' ? key.starts_with(name) : key == name;
    });
}

}  // namespace

std::string_view why_idle(const AccountSettings& settings, std::string_view key) {
    if (!settings.command.empty()) {
        return is_among(k_of_built_in, key)
                   ? "has no effect, nor has any like it: it is for the built-in worker, and this "
                     "account runs a command"
                   : "";
    }
    if (settings.trading == TradingKind::shares) {
        return is_among(k_not_of_shares, key) && !is_among(k_of_shares_too, key)
                   ? "has no effect, nor has any other like it: it is for accounts that follow an "
                     "instrument, and this one trades shares by its jobs"
                   : "";
    }
    const bool has_ticks = settings.feed.ticks && settings.trading == TradingKind::on;
    if (key == "feed.ticks" && settings.feed.ticks && !has_ticks) {
        return "has no effect: the paper exchange tells ticks to accounts with trading = \"on\", "
               "and "
               "to no other";
    }
    return is_among(k_of_quotes, key) && !has_ticks
               ? "has no effect, nor has any like it: it judges the spread, and bids and asks are "
                 "told with feed.ticks = true and trading = \"on\" alone"
               : "";
}

}  // namespace bullpen::config
