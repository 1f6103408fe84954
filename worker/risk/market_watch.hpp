// MarketWatch: whether the market moves too fast to enter: the last minute's range against the ones
// before it, and a spread that widens with every quote. Costs a few additions a bar. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/model/bar.hpp"

namespace bullpen::risk {

struct Quote {
    model::Price bid;
    model::Price ask;
    friend bool operator==(const Quote&, const Quote&) = default;
};

class MarketWatch {
  public:
    static constexpr std::int64_t k_ranges = 5;      // bars that a range is compared with
    static constexpr std::int64_t k_fast_times = 2;  // beyond so many times their mean it is fast
    static constexpr int k_widening_min = 3;         // quotes in a row, each wider than the last

    void on_bar(const model::Bar& bar) {
        const std::int64_t range = (bar.high - bar.low).value;
        // Compared as sums: range > times * sum / count.
        s_.fast = s_.count == k_ranges && range * k_ranges > k_fast_times * s_.sum;
        s_.sum += range - s_.ranges[static_cast<std::size_t>(s_.at)];
        s_.ranges[static_cast<std::size_t>(s_.at)] = range;
        s_.at = s_.at + 1 == k_ranges ? 0 : s_.at + 1;
        s_.count += s_.count < k_ranges ? 1 : 0;
        s_.last = bar.close;
        // A quote that no newer one followed within a whole bar is out of date.
        if (!s_.quoted)
            s_.quote.reset();
        s_.quoted = false;
    }
    // A price at which something was traded, a fill of ours included.
    void on_price(model::Price price) { s_.last = price; }
    // A crossed or empty quote is ignored.
    void on_quote(const Quote& quote);

    [[nodiscard]] bool fast() const { return s_.fast; }
    [[nodiscard]] bool widening() const { return s_.widened >= k_widening_min; }
    [[nodiscard]] std::optional<model::Price> last() const { return s_.last; }
    [[nodiscard]] const std::optional<Quote>& quote() const { return s_.quote; }

    // All that there is to save.
    struct State {
        std::array<std::int64_t, k_ranges> ranges{};  // a ring, in ticks
        std::int64_t sum = 0;
        std::int64_t at = 0;
        std::int64_t count = 0;
        std::int64_t widened = 0;
        bool fast = false;
        bool quoted = false;  // since the last bar
        std::optional<model::Price> last;
        std::optional<Quote> quote;
        friend bool operator==(const State&, const State&) = default;
    };
    [[nodiscard]] const State& state() const { return s_; }
    void restore(const State& state) { s_ = state; }

  private:
    State s_;
};

}  // namespace bullpen::risk
