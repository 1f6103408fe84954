// A market and a broker of pure chance for the VWAP bounce: bars, indicator values, sessions, fills
// that come late or bit by bit, stops that are hit or are not moved when asked. The same seed is
// the same market; mirrored, all prices are upside down.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/config/settings.hpp"
#include "worker/strategy/runner.hpp"
#include "worker/strategy/vwap_bounce.hpp"

namespace bullpen::strategy::test {

// Any settings that can be, with signals often enough to see something.
config::StrategySettings any_settings(std::uint64_t seed);
config::StrategySettings mirrored(config::StrategySettings settings);

// What was decided in one call, mirrored back so that both runs can be compared.
struct Seen {
    std::string decided;
    std::optional<Gate> refused;
    Management management;  // after it; prices as the run has them
    friend bool operator==(const Seen& a, const Seen& b) {
        return a.decided == b.decided && a.refused == b.refused;
    }
};

class Simulated {
  public:
    Simulated(const config::StrategySettings& settings, std::uint64_t seed, bool upside_down);

    // One minute: what happens to the orders in it, then the decision at its end.
    Seen minute();

    // Saves everything of the strategy, makes a new one and restores it.
    void restart();
    [[nodiscard]] const StrategyRunner& runner() const { return runner_; }
    [[nodiscard]] const PositionFacts& position() const { return facts_.position; }
    // The close of the last bar, as the run has it.
    [[nodiscard]] model::Price close() const { return bar_.close; }
    [[nodiscard]] bool stop_was_hit() const { return stop_hit_; }
    [[nodiscard]] std::int64_t entries() const { return entries_; }
    [[nodiscard]] std::int64_t held_before() const { return held_before_; }

  private:
    std::int64_t chance(std::int64_t below);
    [[nodiscard]] model::Price turned(std::int64_t ticks) const {
        return {upside_down_ ? -ticks : ticks};
    }
    void next_bar();
    void next_session();
    void next_values();
    void orders_in_the_minute();
    void close_position(model::Price at);
    std::string carry_out(const Decisions& decisions);
    [[nodiscard]] std::string text(model::Price price) const;

    config::StrategySettings settings_;
    bool upside_down_;
    std::uint64_t state_;
    StrategyRunner runner_;
    Facts facts_;
    indicators::IndicatorValues values_;
    model::Bar bar_;
    std::vector<model::Bar> quarters_;
    std::int64_t level_ = 20'000;  // ticks, right side up
    std::int64_t vwap_ = 20'000;
    std::int64_t minutes_ = 0;

    std::int64_t entry_left_ = 0;  // contracts still to be filled
    std::optional<Enter> entry_;
    std::int64_t exit_left_ = 0;
    bool stop_hit_ = false;
    std::int64_t entries_ = 0;
    std::int64_t held_before_ = 0;
};

}  // namespace bullpen::strategy::test
