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
};

class MarketWatch {
  public:
    static constexpr std::size_t k_ranges = 5;       // bars that a range is compared with
    static constexpr std::int64_t k_fast_times = 2;  // beyond so many times their mean it is fast
    static constexpr int k_widening_min = 3;         // quotes in a row, each wider than the last

    void on_bar(const model::Bar& bar) {
        const std::int64_t range = (bar.high - bar.low).value;
        // Compared as sums: range > times * sum / count.
        fast_ =
            count_ == k_ranges && range * static_cast<std::int64_t>(k_ranges) > k_fast_times * sum_;
        sum_ += range - ranges_[at_];
        ranges_[at_] = range;
        at_ = at_ + 1 == k_ranges ? 0 : at_ + 1;
        count_ += count_ < k_ranges ? 1 : 0;
        last_ = bar.close;
    }
    // A crossed or empty quote is ignored.
    void on_quote(const Quote& quote);

    [[nodiscard]] bool fast() const { return fast_; }
    [[nodiscard]] bool widening() const { return widened_ >= k_widening_min; }
    [[nodiscard]] std::optional<model::Price> last() const { return last_; }
    [[nodiscard]] const std::optional<Quote>& quote() const { return quote_; }

  private:
    std::array<std::int64_t, k_ranges> ranges_{};
    std::int64_t sum_ = 0;
    std::size_t at_ = 0;
    std::size_t count_ = 0;
    bool fast_ = false;
    int widened_ = 0;
    std::int64_t spread_ = 0;
    std::optional<model::Price> last_;
    std::optional<Quote> quote_;
};

}  // namespace bullpen::risk
