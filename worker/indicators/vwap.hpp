// Session VWAP and its deviation, volume-weighted over typical prices (high + low + close) / 3.
//
// The sums are integers: three times the typical price is a whole number of ticks, taken relative
// to the first bar of the session so that the sums stay small. So nothing is lost however long the
// session, the variance cannot come out negative, and a bar can leave the window exactly as it
// came.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/model/bar.hpp"

namespace bullpen::indicators {

// Which bars count. Either way everything is dropped at the reset.
struct VwapWindow {
    // The last N bars of the session; 0 is all of it.
    int bars = 0;
    static constexpr int k_bars_max = 1440;
    friend bool operator==(const VwapWindow&, const VwapWindow&) = default;
};

struct VwapValues {
    double vwap = 0;
    double deviation = 0;
    std::int64_t volume = 0;

    // The band `factor` deviations away; a negative factor is below.
    [[nodiscard]] double band(double factor) const { return vwap + factor * deviation; }
    friend bool operator==(const VwapValues&, const VwapValues&) = default;
};

// A signed 128-bit sum, kept as two words so that it can be saved.
struct WideSum {
    std::int64_t high = 0;
    std::uint64_t low = 0;
    friend bool operator==(const WideSum&, const WideSum&) = default;
};

class Vwap {
  public:
    explicit Vwap(VwapWindow window = {});

    // A new session begins.
    void reset();
    void add(const model::Bar& bar);
    // Absent while no volume has been traded.
    [[nodiscard]] std::optional<VwapValues> values(model::TickSize tick) const;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        visitor(self.anchor_);
        visitor(self.bars_);
        visitor(self.volume_);
        visitor(self.first_.high);
        visitor(self.first_.low);
        visitor(self.second_.high);
        visitor(self.second_.low);
        for (auto& entry : self.ring_) {
            visitor(entry.distance);
            visitor(entry.volume);
        }
    }

  private:
    struct Entry {
        std::int64_t distance = 0;
        std::int64_t volume = 0;
    };
    void put_in(const Entry& entry);
    void take_out(const Entry& entry);

    std::int64_t anchor_ = 0;  // three times the first typical price, in ticks
    std::int64_t bars_ = 0;    // since the reset
    std::int64_t volume_ = 0;
    WideSum first_;            // sum of volume * distance
    WideSum second_;           // sum of volume * distance^2
    std::vector<Entry> ring_;  // of the window; empty for the whole session
};

}  // namespace bullpen::indicators
