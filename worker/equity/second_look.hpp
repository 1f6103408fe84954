// SecondLook: which of the prices of a share are believed. Pure. Brokers pass on single prices that
// nobody could trade at; one of them must not raise a stop, which never falls again, nor sell.
//
// A price within the band of the one before is believed. One that is further off is doubted until
// the next one, asked for by itself:
//
//   the next one is                               then
//   within the band of the one believed last      it is believed, and the doubted one was none
//   within the band of the doubted one            it is believed: the price has moved
//   below the band, as the doubted one was        the higher of the two is gone by: the share falls
//                                                 so fast that no two prices agree, and both say
//                                                 that much
//   any other                                     it is doubted in turn, and the one before was
//   none
//
// A rise that no two prices agree on is waited out: nothing is lost but a moment of the stop's.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/clock.hpp"
#include "common/model/price.hpp"

namespace bullpen::equity {

class SecondLook {
  public:
    // Prices that were asked for less apart may be one and the same.
    static constexpr Nanos k_apart = std::chrono::seconds(1);

    // A price, and when it was asked for. `close_before`: of the trading day before, which the very
    // first price is compared with; 0: it is not known. `band`: hundredths of a percent; 0: every
    // price is believed.
    void see(model::Price last, MonoTime asked, model::Price close_before, int band);

    // The newest price is doubted.
    [[nodiscard]] bool doubts() const { return doubted_.has_value(); }
    // What is gone by; none: nothing was believed yet.
    [[nodiscard]] const std::optional<model::Price>& price() const { return price_; }
    // Prices that were none, so far.
    [[nodiscard]] std::uint64_t discarded() const { return discarded_; }

  private:
    void believe(model::Price last, model::Price price);

    std::optional<model::Price> price_;
    model::Price near_;  // what the next one is compared with; 0: nothing
    std::optional<model::Price> doubted_;
    struct Seen {
        model::Price price;
        MonoTime asked{};
    };
    std::optional<Seen> newest_;
    std::uint64_t discarded_ = 0;
};

}  // namespace bullpen::equity
