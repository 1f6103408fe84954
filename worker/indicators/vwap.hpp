// Session VWAP and its deviation, volume-weighted over typical prices (high + low + close) / 3.
//
// The sums are integers: three times the typical price is a whole number of ticks, taken relative
// to the first bar of the session so that the sums stay small. So nothing is lost however long the
// session, the variance cannot come out negative, and a bar can leave the window exactly as it
// came.
#pragma once

#include <cmath>
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

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

// A signed 128-bit sum, kept as two words so that it can be saved.
struct WideSum {
    std::int64_t high = 0;
    std::uint64_t low = 0;

    [[nodiscard]] Wide value() const {
        return static_cast<Wide>(static_cast<UnsignedWide>(high) << 64 | low);
    }
    // Almost all sums fit a word.
    [[nodiscard]] bool fits_word() const { return word() >> 63 == high; }
    [[nodiscard]] std::int64_t word() const { return static_cast<std::int64_t>(low); }
    // As a double. For a word the processor has an instruction; the library's conversion of two
    // takes as long as all else that is done for a bar.
    [[nodiscard]] double number() const {
        return fits_word() ? static_cast<double>(word()) : static_cast<double>(value());
    }
    void add(Wide amount) { *this = of(value() + amount); }
    static WideSum of(Wide value) {
        const auto bits = static_cast<UnsignedWide>(value);
        return {static_cast<std::int64_t>(bits >> 64), static_cast<std::uint64_t>(bits)};
    }
    friend bool operator==(const WideSum&, const WideSum&) = default;
};

class Vwap {
  public:
    explicit Vwap(VwapWindow window = {});

    // A new session begins.
    void reset();
    void add(const model::Bar& bar) {
        const std::int64_t typical = bar.high.ticks + bar.low.ticks + bar.close.ticks;
        if (bars_ == 0) [[unlikely]]
            anchor_ = typical;
        const Entry entry{typical - anchor_, bar.volume};
        if (!ring_.empty())
            roll(entry);
        put_in(entry);
        ++bars_;
    }
    // Absent while no volume has been traded.
    [[nodiscard]] std::optional<VwapValues> values(model::TickSize tick) const;
    // The same, into its place: copied from elsewhere with every bar, it waits for itself. `unit`
    // is unit_of() the tick.
    void reckon(double unit, std::optional<VwapValues>* values) const {
        if (volume_ <= 0) [[unlikely]] {
            values->reset();
            return;
        }
        const auto volume = static_cast<double>(volume_);
        if (!*values)
            values->emplace();
        VwapValues& made = **values;
        made.vwap = (static_cast<double>(anchor_) + first_.number() / volume) * unit;
        made.deviation = std::sqrt(scaled_variance()) / volume * unit;
        made.volume = volume_;
    }
    // The third of a tick, in which the sums are, in price units.
    static double unit_of(model::TickSize tick) {
        return static_cast<double>(tick.billionths) / 3e9;
    }

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
    void put_in(const Entry& entry) {
        std::int64_t weighted = 0;
        if (__builtin_mul_overflow(entry.volume, entry.distance, &weighted)) [[unlikely]]
            return put_in_wide(entry);
        first_.add(weighted);
        second_.add(static_cast<Wide>(weighted) * entry.distance);
        volume_ += entry.volume;
    }
    void put_in_wide(const Entry& entry);
    // The oldest entry of the window makes room.
    void roll(const Entry& entry);
    // Variance of distances times the square of the volume: volume * second - first^2. In integers
    // as long as they fit, which takes sums beyond any market; then in doubles.
    [[nodiscard]] double scaled_variance() const {
        // A product of two words has room in two: almost always, and without a look at each step.
        if (!first_.fits_word() || !second_.fits_word()) [[unlikely]]
            return scaled_variance_wide();
        return WideSum::of(static_cast<Wide>(second_.word()) * volume_ -
                           static_cast<Wide>(first_.word()) * first_.word())
            .number();
    }
    [[nodiscard]] double scaled_variance_wide() const;

    std::int64_t anchor_ = 0;  // three times the first typical price, in ticks
    std::int64_t bars_ = 0;    // since the reset
    std::int64_t volume_ = 0;
    WideSum first_;            // sum of volume * distance
    WideSum second_;           // sum of volume * distance^2
    std::vector<Entry> ring_;  // of the window; empty for the whole session
};

}  // namespace bullpen::indicators
