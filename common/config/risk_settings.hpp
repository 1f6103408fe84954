// The settings of [risk], [session] and [orders] in an account's file, part of settings.hpp.
// Amounts are in whole units of the account's currency, times of day are on the exchange's wall
// clock, "16:10".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/base/clock.hpp"

namespace bullpen::config {

// What happens at 80 % of the daily loss limit.
enum class ApproachMode : std::uint8_t {
    none,   // everything is closed, and nothing is opened until the next trading day
    scale,  // entries become smaller from 60 % on; the limit itself ends the day
    off,    // only the limit itself counts
};

// What the loss floor of an account without a rule pack follows.
enum class DrawdownModel : std::uint8_t {
    fixed,       // nothing: it stays where it began
    end_of_day,  // the highest balance at the end of a trading day, up to the starting balance
    intraday,    // the highest equity, without an end
};

struct RiskSettings {
    std::string rule_pack = "plain";
    std::string hosting_acknowledged;  // the sentence that a pack without servers asks for

    std::int64_t start_balance = 50'000;  // until the broker has said what it is
    std::int64_t high_balance = 0;        // at a day's end, before Bullpen; 0 = not known
    double per_trade_percent = 1.2;       // of equity
    int contracts_max = 3;
    std::int64_t daily_loss_max = 1'000;  // 0 = none
    int daily_loss_percent = 0;           // of the balance when the day began; 0 = none
    ApproachMode approach = ApproachMode::none;
    std::int64_t drawdown_max = 0;  // 0 = none
    DrawdownModel drawdown_model = DrawdownModel::end_of_day;
    int trades_max = 0;  // of a trading day; 0 = no limit

    std::int64_t margin_per_lot = 1'200;
    int margin_percent = 50;     // of equity; 0 = not checked
    int price_band_percent = 3;  // from the last price; 0 = not checked
    int price_moved_ticks = 3;   // against the signal; 0 = not checked
    bool fast_market = true;     // no entries into one
    int cost_percent = 15;       // of the expected profit; 0 = not checked
    int orders_per_minute = 30;  // 0 = no limit
    int orders_of_day = 500;     // 0 = no limit
    int slippage_alarm_ticks = 2;

    friend bool operator==(const RiskSettings&, const RiskSettings&) = default;
};

// What a stop of the account does with its position and orders.
enum class AtStop : std::uint8_t {
    flatten,          // everything is closed and cancelled first
    leave_protected,  // resting entries are cancelled, the position keeps its stop at the broker
    refuse,           // the worker does not end while a position is open, until it is killed
};

// What is done with a position at the broker that the account's records do not explain.
enum class OnUnexpected : std::uint8_t {
    alert,    // nothing is touched and nothing entered
    adopt,    // it is taken over as it is
    protect,  // it is taken over, and a stop is put behind it
    flatten,  // it is taken over and closed
};

struct OrderSettings {
    std::string tag;  // four letters or digits; empty = made from the account's name
    AtStop at_stop = AtStop::leave_protected;
    OnUnexpected unexpected = OnUnexpected::protect;
    int unexpected_stop_ticks = 40;
    Nanos reconcile_every = std::chrono::seconds(45);
    Nanos answer_wait = std::chrono::seconds(5);
    Nanos absent_after = std::chrono::seconds(30);
    Nanos stop_absent_after = std::chrono::seconds(1);

    friend bool operator==(const OrderSettings&, const OrderSettings&) = default;
};

struct SessionSettings {
    std::string flat_by;        // empty = no time of its own
    bool flat_at_close = true;  // whether the market's close is such a time
    Nanos early_close_margin = std::chrono::minutes(5);
    Nanos flatten_lead = std::chrono::minutes(15);
    Nanos forced_lead = std::chrono::minutes(5);
    std::string friday_last_entry = "16:30";
    std::string friday_flat_by = "16:45";
    bool trade_uncovered_days = false;  // days that the holiday table says nothing about

    friend bool operator==(const SessionSettings&, const SessionSettings&) = default;
};

}  // namespace bullpen::config
