// SpreadAnalyser: what the spread between bid and ask says of the market, against its own recent
// mean. Fed with each new quote; allocates nothing after it is made. Ticks are whole numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "worker/strategy/facts.hpp"
#include "worker/strategy/saving.hpp"

namespace bullpen::strategy {

enum class MarketClass : std::uint8_t {
    unknown,   // not enough quotes
    normal,    // up to 1.2 times the mean
    wide,      // between
    unsteady,  // from 2 times on
    illiquid,  // the same, with fewer than 10 contracts on a side
    stressed,  // from 3 times on: no trading
};
std::string_view code(MarketClass market);

enum class Imbalance : std::uint8_t { none, bid_heavy, ask_heavy };

// Bid not above ask, both above zero unless the instrument has such prices, both sizes above zero
// where they are told.
bool is_valid(const Quote& quote, bool admits_negative);
// One size more than three times the other; none when a size is not told.
Imbalance imbalance(const Quote& quote);

// The last spreads, in a ring.
class SpreadSeries {
  public:
    static constexpr std::int64_t k_length = 100;
    static constexpr std::int64_t k_ready = 20;
    // A wider spread counts as this.
    static constexpr std::int64_t k_spread_max = 65'535;  // ticks

    void add(std::int64_t spread);
    [[nodiscard]] bool ready() const { return seen_ >= k_ready; }
    [[nodiscard]] double mean() const;
    // The spread `back` quotes ago; 0 is the last.
    [[nodiscard]] std::int64_t at(std::int64_t back) const;
    [[nodiscard]] std::int64_t seen() const { return seen_; }

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        visitor(self.seen_);
        visitor(self.sum_);
        visitor(self.next_);
        // Four to a word.
        for (std::size_t i = 0; i < self.ring_.size(); i += 4) {
            std::uint64_t word = 0;
            for (std::size_t part = 0; part < 4; ++part)
                word |= std::uint64_t{self.ring_[i + part]} << (16 * part);
            visitor(word);
            if constexpr (!std::is_const_v<Self>) {
                for (std::size_t part = 0; part < 4; ++part)
                    self.ring_[i + part] = static_cast<std::uint16_t>(word >> (16 * part));
            }
        }
    }
    [[nodiscard]] bool valid() const { return seen_ >= 0 && next_ >= 0 && next_ < k_length; }

  private:
    static_assert(k_length % 4 == 0);
    std::array<std::uint16_t, k_length> ring_{};
    std::int64_t seen_ = 0;
    std::int64_t sum_ = 0;
    std::int64_t next_ = 0;
};

class SpreadAnalyser {
  public:
    static constexpr double k_normal_up_to = 1.2;
    static constexpr double k_unsteady_from = 2.0;
    static constexpr double k_stressed_from = 3.0;
    static constexpr std::int64_t k_thin_below = 10;  // contracts

    // `by_hour`: compared with the spreads of the same hour as soon as there are enough.
    SpreadAnalyser(double abnormal, bool by_hour, bool admits_negative);

    // A quote that is not valid is passed over. `hour` of the wall clock, 0 to 23.
    void add(const Quote& quote, int hour);

    // Whether there are enough quotes to judge by.
    [[nodiscard]] bool ready() const { return all_.ready(); }
    // The last spread against the mean; none before there are enough.
    [[nodiscard]] std::optional<double> ratio() const;
    [[nodiscard]] bool abnormal() const { return ratio().value_or(0) > abnormal_; }
    // At least the last three spreads, each wider than the one before.
    [[nodiscard]] bool widening() const;
    [[nodiscard]] MarketClass market() const;
    // The last valid quote.
    [[nodiscard]] const std::optional<Quote>& quote() const { return quote_; }

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor& visitor) {
        SpreadSeries::visit(self.all_, visitor);
        for (auto& hour : self.hours_)
            SpreadSeries::visit(hour, visitor);
        visit_word(self.hour_, visitor);
        visit_optional(self.quote_, visitor, [&visitor](auto& quote) {
            visit_word(quote.bid, visitor);
            visit_word(quote.ask, visitor);
            visit_optional(quote.bid_size, visitor);
            visit_optional(quote.ask_size, visitor);
        });
    }
    [[nodiscard]] bool valid() const;

  private:
    double abnormal_;
    bool admits_negative_;
    SpreadSeries all_;
    std::vector<SpreadSeries> hours_;  // 24, or none
    int hour_ = 0;                     // of the last quote
    std::optional<Quote> quote_;
};

}  // namespace bullpen::strategy
