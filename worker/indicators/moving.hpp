// The moving indicators, each with the definition that docs/indicators.md states. All count in
// ticks, where closes and ranges are whole numbers; a caller turns the result into a price. None
// resets at a session, a gap or a contract roll.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/model/bar.hpp"

namespace bullpen::indicators {

// Exponential moving average: the mean of the first `length` values, then
// ema += 2 / (length + 1) * (value - ema).
class Ema {
  public:
    explicit Ema(int length);
    void add(double value);
    [[nodiscard]] std::optional<double> value() const {
        return seen_ < length_ ? std::nullopt : std::optional(average_);
    }

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        visitor(self.seen_);
        visitor(self.average_);
    }

  private:
    std::int64_t length_;
    std::int64_t seen_ = 0;
    double average_ = 0;  // the sum until the first `length` values are there
};

// Relative strength after Wilder: the plain mean of the first `length` gains and losses, then
// avg = ((length - 1) * avg + x) / length. Without losses it is 100, without any move 50.
class WilderRsi {
  public:
    explicit WilderRsi(int length);
    void add(model::Price close);
    [[nodiscard]] std::optional<double> value() const;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        visitor(self.closes_);
        visitor(self.last_close_);
        visitor(self.gain_);
        visitor(self.loss_);
    }

  private:
    std::int64_t length_;
    std::int64_t closes_ = 0;
    std::int64_t last_close_ = 0;
    double gain_ = 0;  // sums until the first `length` changes are there
    double loss_ = 0;
};

// True range averaged in two ways: Wilder's, seeded with the mean of the first `length` ranges, and
// the plain mean of the last `length`. The first bar has no true range. In ticks.
class AverageTrueRange {
  public:
    explicit AverageTrueRange(int length);
    void add(const model::Bar& bar);
    [[nodiscard]] std::optional<double> wilder() const;
    [[nodiscard]] std::optional<double> plain() const;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        visitor(self.bars_);
        visitor(self.last_close_);
        visitor(self.sum_);
        visitor(self.wilder_);
        for (auto& range : self.ring_)
            visitor(range);
    }

  private:
    std::int64_t length_;
    std::int64_t bars_ = 0;
    std::int64_t last_close_ = 0;
    std::int64_t sum_ = 0;  // of the last `length` ranges
    double wilder_ = 0;
    std::vector<std::int64_t> ring_;
};

struct MacdValues {
    double macd = 0;
    double signal = 0;
    double histogram = 0;  // macd - signal
    friend bool operator==(const MacdValues&, const MacdValues&) = default;
};

// EMA(12) - EMA(26) of the closes, and the EMA(9) of that difference as its signal; the signal is
// seeded with the mean of the first nine differences. In ticks.
class Macd {
  public:
    static constexpr int k_fast = 12;
    static constexpr int k_slow = 26;
    static constexpr int k_signal = 9;

    Macd();
    void add(model::Price close);
    // Absent until the signal is there.
    [[nodiscard]] std::optional<MacdValues> values() const;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        Ema::visit(self.fast_, visitor);
        Ema::visit(self.slow_, visitor);
        Ema::visit(self.signal_, visitor);
    }

  private:
    Ema fast_;
    Ema slow_;
    Ema signal_;
};

}  // namespace bullpen::indicators
