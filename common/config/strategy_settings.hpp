// The settings of a strategy, part of settings.hpp: what [strategy] in an account's file may say.
// Distances are in ticks of the instrument, times of day are on the exchange's wall clock, "15:00".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/base/clock.hpp"

namespace bullpen::config {

enum class StopKind : std::uint8_t {
    ticks,  // a fixed distance, or the exit band where that is nearer
    atr,    // a multiple of the average true range
};

struct StrategySettings {
    std::string name = "vwap_bounce";

    // Signal.
    std::string vwap_window = "session";  // or "200 bars"
    double band_warning = 2.5;            // deviations from the VWAP
    double band_entry = 2.1;
    double band_exit = 3.7;
    bool long_entries = true;
    bool short_entries = true;
    bool direction_filter = true;
    bool rsi_filter = true;
    int rsi_length = 10;  // quarter-hour closes
    double rsi_low = 35;
    double rsi_high = 65;
    bool trend_filter = false;
    int trend_length = 21;  // quarter-hour closes
    bool volume_filter = false;
    double volume_factor = 1.5;
    int volume_length = 20;  // quarter-hour bars
    bool macd_filter = false;
    bool spread_filter = true;
    double spread_abnormal = 2.0;  // times the mean
    bool spread_by_hour = false;

    // Stop and target.
    StopKind stop_kind = StopKind::ticks;
    int stop_ticks = 11;
    int stop_band_ticks = 2;  // beyond the exit band
    int atr_length = 14;      // quarter-hour bars
    double atr_stop = 3.6;
    double atr_target = 4.75;

    // Exits.
    std::string tightened_from = "15:00";
    double tightened_r = 1.0;  // multiples of the initial risk
    int proactive_ticks = 2;
    bool partials = true;
    double partial_1_r = 2.0;
    int partial_1_percent = 50;
    double partial_2_r = 3.0;
    int partial_2_percent = 30;
    double partial_3_r = 5.0;
    bool break_even = true;
    int break_even_ticks = 9;
    int break_even_offset = 1;
    bool trailing = true;
    int trail_start_ticks = 12;
    int trail_ticks = 8;
    bool momentum = false;
    int momentum_closes = 4;
    int momentum_percent = 30;
    Nanos holding_max = std::chrono::minutes(60);     // 0 = no limit, and no decay
    Nanos holding_alert = std::chrono::minutes(120);  // 0 = none
    int decay_1_after_percent = 50;                   // of holding_max
    int decay_1_by_percent = 10;                      // of the initial risk
    int decay_2_after_percent = 75;
    int decay_2_by_percent = 20;
    int decay_3_after_percent = 90;
    int decay_3_by_percent = 30;
    bool reversal = true;
    bool volume_surge = true;
    double surge_factor = 2.5;
    int surge_samples = 10;  // quarter-hour bars

    // The adaptive layer.
    bool adaptive = true;
    bool adaptive_learning = true;
    int volatility_length = 14;     // one-minute bars
    int volatility_baseline = 200;  // one-minute bars
    int volatility_floor_ticks = 8;
    int regime_length = 20;  // one-minute bars
    int regime_trend_percent = 60;
    double volatility_high = 1.15;
    double volatility_low = 0.85;

    // Winding up.
    std::string early_loss_from = "15:30";
    int early_loss_percent = 75;                            // of the initial risk
    Nanos profit_before_flatten = std::chrono::minutes(5);  // 0 = not
    Nanos loss_before_flatten = std::chrono::minutes(3);    // 0 = not
    int loss_before_flatten_percent = 50;                   // of the initial risk
    int flatten_profit_ticks = 1;
    std::string friday_profit_from = "14:00";

    friend bool operator==(const StrategySettings&, const StrategySettings&) = default;
};

}  // namespace bullpen::config
