// The keys of [strategy] in an account's file; declared as the others are, in a file of their own
// because there are many.
#include "common/config/strategy_keys.hpp"

#include "common/config/rules.hpp"
#include "common/config/schema.hpp"

namespace bullpen::config {

namespace {

using A = AccountSettings;
using S = StrategySettings;

constexpr std::int64_t k_second = 1'000'000'000;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_day = 24 * 60 * k_minute;
// A position or a plan is never about more ticks than this.
constexpr std::int64_t k_ticks_max = 10'000;

class Adder {
  public:
    explicit Adder(std::vector<Key<A>>& all) : all_(all) {}

    template <auto member>
    void flag(std::string_view name, std::string_view description) {
        add<member>({.name = name, .type = KeyType::flag, .description = description});
    }
    template <auto member>
    void whole(std::string_view name, std::int64_t min, std::int64_t max,
               std::string_view description) {
        add<member>({.name = name,
                     .type = KeyType::integer,
                     .min = min,
                     .max = max,
                     .description = description});
    }
    template <auto member>
    void number(std::string_view name, double min, double max, std::string_view description) {
        add<member>({.name = name,
                     .type = KeyType::number,
                     .number_min = min,
                     .number_max = max,
                     .description = description});
    }
    template <auto member>
    void percent(std::string_view name, std::int64_t min, std::string_view description) {
        add<member>({.name = name,
                     .type = KeyType::percent,
                     .min = min,
                     .max = 100,
                     .description = description});
    }
    // With a sentence for zero, zero means it.
    template <auto member>
    void wait(std::string_view name, std::int64_t min, std::string_view zero,
              std::string_view description) {
        add<member>({.name = name,
                     .type = KeyType::duration,
                     .min = min,
                     .max = k_day,
                     .zero = zero,
                     .description = description});
    }
    template <auto member>
    void time_of_day(std::string_view name, std::string_view description) {
        add<member>({.name = name,
                     .length_max = 5,
                     .fits = is_time_of_day,
                     .shape = "a time of day, as in \"15:00\"",
                     .empty = "never",
                     .description = description});
    }
    template <auto member>
    void add(Row row) {
        row.effect = Effect::worker_restart;
        all_.push_back(key<A, &A::strategy, member>(row));
    }

  private:
    std::vector<Key<A>>& all_;
};

void add_signal(Adder& to) {
    to.add<&S::name>({.name = "strategy.name",
                      .length_max = 15,
                      .fits = is_word,
                      .shape = "a-z, 0-9, '_' and '-', a letter or digit first",
                      .empty = "market data only, nothing is traded",
                      .description = "Which strategy trades; `docs/strategy.md` describes each."});
    to.add<&S::vwap_window>(
        {.name = "strategy.vwap_window",
         .length_max = 16,
         .fits = is_vwap_window,
         .may_be_empty = false,
         .shape = "\"session\", or \"N bars\" with 1 to 1440 for N",
         .description = "Which minutes the VWAP and its bands are over: all of the session, or the "
                        "last N of it."});
    to.number<&S::band_warning>("strategy.band_warning", 0.1, 20,
                                "Band 1, in deviations from the VWAP: shown, never acted on.");
    to.number<&S::band_entry>("strategy.band_entry", 0.1, 20,
                              "Band 2: a bounce off it is an entry.");
    to.number<&S::band_exit>("strategy.band_exit", 0.1, 20,
                             "Band 3: the opposite one is the target, the near one bounds the "
                             "stop. More than `strategy.band_entry`.");
    to.flag<&S::long_entries>("strategy.long", "Whether it buys.");
    to.flag<&S::short_entries>("strategy.short", "Whether it sells short.");
    to.flag<&S::direction_filter>("strategy.direction_filter",
                                  "Buys only below the VWAP, sells only above it.");
    to.flag<&S::rsi_filter>("strategy.rsi_filter",
                            "Buys only below `strategy.rsi_low`, sells only above "
                            "`strategy.rsi_high`; no entry before the RSI is warm.");
    to.whole<&S::rsi_length>("strategy.rsi_length", 2, 500, "Quarter-hour closes of the RSI.");
    to.number<&S::rsi_low>("strategy.rsi_low", 0, 100, "The RSI below which it buys.");
    to.number<&S::rsi_high>("strategy.rsi_high", 0, 100, "The RSI above which it sells.");
    to.flag<&S::trend_filter>("strategy.trend_filter",
                              "No buying in a down-trend, no selling in an up-trend.");
    to.whole<&S::trend_length>("strategy.trend_length", 2, 500,
                               "Quarter-hour closes of the trend's EMA.");
    to.flag<&S::volume_filter>("strategy.volume_filter",
                               "Entries only in a minute with `strategy.volume_factor` times the "
                               "mean volume of a minute.");
    to.number<&S::volume_factor>("strategy.volume_factor", 0.01, 100, "For the volume filter.");
    to.whole<&S::volume_length>("strategy.volume_length", 1, 200,
                                "Quarter-hour bars that the mean volume is over.");
    to.flag<&S::macd_filter>("strategy.macd_filter",
                             "Buys only with the MACD above its signal, sells only below it.");
    to.flag<&S::spread_filter>("strategy.spread_filter",
                               "No entry while the spread is abnormal or the market stressed. "
                               "Without quotes (`feed.ticks`) it refuses nothing.");
    to.number<&S::spread_abnormal>("strategy.spread_abnormal", 1, 100,
                                   "A spread beyond this many times the mean is abnormal; with "
                                   "`feed.ticks` only.");
    to.flag<&S::spread_by_hour>("strategy.spread_by_hour",
                                "Compares a spread with those of the same hour, once there are "
                                "enough of them; with `feed.ticks` only.");
}

void add_stop(Adder& to) {
    to.add<&S::stop_kind>({.name = "strategy.stop_kind",
                           .type = KeyType::word,
                           .description = "What the stop's distance is: `ticks`, or a multiple of "
                                          "the quarter-hour ATR."});
    to.whole<&S::stop_ticks>("strategy.stop_ticks", 1, k_ticks_max,
                             "Ticks from entry to stop, unless the exit band is nearer.");
    to.whole<&S::stop_band_ticks>("strategy.stop_band_ticks", 0, k_ticks_max,
                                  "Ticks beyond the exit band at which a stop may stand.");
    to.whole<&S::atr_length>("strategy.atr_length", 2, 500, "Quarter-hour bars of the ATR.");
    to.number<&S::atr_stop>("strategy.atr_stop", 0.1, 100,
                            "With `stop_kind = \"atr\"`: the stop's distance in ATRs.");
    to.number<&S::atr_target>("strategy.atr_target", 0.1, 100,
                              "With `stop_kind = \"atr\"`: the target's distance in ATRs.");
}

void add_exits(Adder& to) {
    to.time_of_day<&S::tightened_from>("strategy.tightened_from",
                                       "From then to the end of the trading day the target is at "
                                       "most `strategy.tightened_r` away.");
    to.number<&S::tightened_r>("strategy.tightened_r", 0.1, 100,
                               "The tightened target, in initial risks from the entry.");
    to.whole<&S::proactive_ticks>("strategy.proactive_ticks", 0, k_ticks_max,
                                  "In flatten time a position this near to its stop is closed.");
    to.flag<&S::partials>("strategy.partials",
                          "Whether a position of two contracts and more is closed in parts.");
    to.number<&S::partial_1_r>("strategy.partial_1_r", 0.1, 100,
                               "The first part is closed at this profit, in initial risks.");
    to.percent<&S::partial_1_percent>("strategy.partial_1", 0, "How much of the entry it is.");
    to.number<&S::partial_2_r>("strategy.partial_2_r", 0.1, 100,
                               "The profit for the second part; more than the first's.");
    to.percent<&S::partial_2_percent>("strategy.partial_2", 0, "How much of the entry it is.");
    to.number<&S::partial_3_r>("strategy.partial_3_r", 0.1, 100,
                               "The profit for what is left; more than the second's.");
    to.flag<&S::break_even>("strategy.break_even",
                            "Whether the stop is moved to the entry once the profit allows.");
    to.whole<&S::break_even_ticks>("strategy.break_even_ticks", 1, k_ticks_max,
                                   "The profit for that; more than `strategy.break_even_offset`.");
    to.whole<&S::break_even_offset>("strategy.break_even_offset", 0, k_ticks_max,
                                    "Ticks of profit that the stop then keeps.");
    to.flag<&S::trailing>("strategy.trailing",
                          "Whether the stop follows the price after break-even.");
    to.whole<&S::trail_start_ticks>("strategy.trail_start_ticks", 1, k_ticks_max,
                                    "The profit from which it follows.");
    to.whole<&S::trail_ticks>("strategy.trail_ticks", 1, k_ticks_max,
                              "How far behind the best price it follows.");
    to.flag<&S::momentum>("strategy.momentum",
                          "Whether closes against the position tighten the stop.");
    to.whole<&S::momentum_closes>("strategy.momentum_closes", 1, 100,
                                  "So many closes in a row, each worse than the one before.");
    to.percent<&S::momentum_percent>("strategy.momentum_tightening", 1,
                                     "By how much of its distance from the price the stop then "
                                     "comes nearer.");
    to.wait<&S::holding_max>("strategy.holding_max", k_minute, "no limit, and no time decay",
                             "A position held so long is closed.");
    to.wait<&S::holding_alert>(
        "strategy.holding_alert", k_minute, "no alert",
        "A position held so long is reported, in the log and as the account's last "
        "error.");
    to.percent<&S::decay_1_after_percent>("strategy.decay_1_after", 1,
                                          "After this part of `strategy.holding_max` the stop of a "
                                          "position in profit comes nearer.");
    to.percent<&S::decay_1_by_percent>("strategy.decay_1", 0, "By this part of the initial risk.");
    to.percent<&S::decay_2_after_percent>("strategy.decay_2_after", 1,
                                          "After this part, more than the first, it comes nearer "
                                          "again.");
    to.percent<&S::decay_2_by_percent>("strategy.decay_2", 0, "By this part in all.");
    to.percent<&S::decay_3_after_percent>("strategy.decay_3_after", 1,
                                          "After this part, more than the second, it comes nearer "
                                          "again.");
    to.percent<&S::decay_3_by_percent>("strategy.decay_3", 0, "By this part in all.");
    to.flag<&S::reversal>("strategy.reversal",
                          "Whether a position in its trend is closed beyond the entry band of the "
                          "other side.");
    to.flag<&S::volume_surge>(
        "strategy.volume_surge",
        "Whether every exit in a surge of volume counts as urgent. Exits go to the "
        "market at once, urgent or not: no order is changed by it.");
    to.number<&S::surge_factor>("strategy.surge_factor", 0.01, 100,
                                "A minute with this many times the mean volume is a surge.");
    to.whole<&S::surge_samples>("strategy.surge_samples", 1, 200,
                                "Quarter-hour bars that a surge needs to be judged by; at most "
                                "`strategy.volume_length`.");
}

void add_adaptive(Adder& to) {
    to.flag<&S::adaptive>("strategy.adaptive",
                          "Whether break-even and trailing follow the market's regime.");
    to.flag<&S::adaptive_learning>("strategy.adaptive_learning",
                                   "Whether the outcomes of exits move the regimes' factors, "
                                   "between 0.6 and 1.3.");
    to.whole<&S::volatility_length>("strategy.volatility_length", 1, 200,
                                    "Minutes whose mean range is the volatility.");
    to.whole<&S::volatility_baseline>("strategy.volatility_baseline", 2, 1440,
                                      "Minutes whose mean range it is compared with; more than "
                                      "`strategy.volatility_length`.");
    to.whole<&S::volatility_floor_ticks>("strategy.volatility_floor_ticks", 0, k_ticks_max,
                                         "No mean range counts as less than this.");
    to.whole<&S::regime_length>("strategy.regime_length", 2, 200,
                                "Minutes that tell a trend from a range.");
    to.percent<&S::regime_trend_percent>("strategy.regime_trend", 1,
                                         "It is a trend when the net move is more than this part "
                                         "of the range.");
    to.number<&S::volatility_high>("strategy.volatility_high", 1, 100,
                                   "Volatility is high beyond this many times its baseline.");
    to.number<&S::volatility_low>("strategy.volatility_low", 0, 1,
                                  "Volatility is low below this many times its baseline.");
}

void add_winding_up(Adder& to) {
    to.time_of_day<&S::early_loss_from>("strategy.early_loss_from",
                                        "From then to the end of the trading day a position at a "
                                        "loss that is still small is closed.");
    to.percent<&S::early_loss_percent>("strategy.early_loss", 1,
                                       "Small is less than this part of the initial risk.");
    to.wait<&S::profit_before_flatten>("strategy.profit_before_flatten", k_minute, "not",
                                       "So long before flatten time any profit is taken.");
    to.wait<&S::loss_before_flatten>("strategy.loss_before_flatten", k_minute, "not",
                                     "So long before flatten time a small loss is cut.");
    to.percent<&S::loss_before_flatten_percent>("strategy.loss_before_flatten_percent", 1,
                                                "Small is less than this part of the initial "
                                                "risk.");
    to.whole<&S::flatten_profit_ticks>("strategy.flatten_profit_ticks", 0, k_ticks_max,
                                       "In flatten time a profit beyond this is taken.");
    to.time_of_day<&S::friday_profit_from>("strategy.friday_profit_from",
                                           "From then on a Friday any profit is taken.");
}

}  // namespace

void add_strategy_keys(std::vector<Key<AccountSettings>>& all) {
    Adder to(all);
    add_signal(to);
    add_stop(to);
    add_exits(to);
    add_adaptive(to);
    add_winding_up(to);
}

}  // namespace bullpen::config
