// A market and what is reckoned over it, without a worker.
#pragma once

#include <memory>

#include "common/feed/feed.hpp"
#include "worker/signals/observation.hpp"

namespace bullpen::signals {

class Market {
  public:
    explicit Market(std::uint64_t seed)
        : session_(time::FuturesSession::load().value()),
          indicators_(*model::find_instrument("MES").value(), session_) {
        feed::SyntheticOptions options;
        options.seed = seed;
        feed_ = feed::open_synthetic(options).value();
        feed_->start({});
    }
    // Indicators refer to the session.
    Market(const Market&) = delete;
    Market& operator=(const Market&) = delete;

    const Observation& next() {
        now.bar = std::get<model::Bar>(feed_->next({}));
        indicators_.add(now.bar);
        now.values = indicators_.values();
        now.quarters = {};
        now.quarters_closed = indicators_.closed_quarters().size();
        for (std::size_t i = 0; i < now.quarters_closed; ++i)
            now.quarters.at(i) = indicators_.closed_quarters()[i];
        quarters += now.quarters_closed;
        ++now.counters[0];
        now.counters[1] = static_cast<std::int64_t>(quarters);
        now.hash = now.hash * 31 + static_cast<std::uint64_t>(now.bar.close.ticks);
        return now;
    }
    Observation now;
    std::uint64_t quarters = 0;

  private:
    time::FuturesSession session_;
    indicators::MarketIndicators indicators_;
    std::unique_ptr<feed::Feed> feed_;
};

}  // namespace bullpen::signals
