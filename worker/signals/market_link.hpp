// MarketLink: the paper exchange as the mover of a market that bullpen-signals observes: a session
// that is told of the market's steps and may do nothing else. Driven by the process's loop.
#pragma once

#include <memory>
#include <optional>

#include "common/base/home.hpp"
#include "common/config/settings.hpp"
#include "common/feed/feed.hpp"
#include "worker/broker/venue_port.hpp"

namespace bullpen::signals {

class MarketLink {
  public:
    // `instrument` outlives it.
    static Result<std::unique_ptr<MarketLink>> make(const Home& home,
                                                    const config::FeedSettings& feed,
                                                    const model::Instrument& instrument);

    [[nodiscard]] int fd() const { return port_->fd(); }
    // Takes what the exchange said, and lets the feed follow.
    void turn(feed::Feed& feed, Instant now);
    [[nodiscard]] std::optional<MonoTime> next_due() const { return next_; }
    [[nodiscard]] bool connected() const { return port_->connected(); }

  private:
    explicit MarketLink(std::unique_ptr<broker::VenuePort> port) : port_(std::move(port)) {}

    std::unique_ptr<broker::VenuePort> port_;
    std::vector<broker::Event> events_;
    std::optional<MonoTime> next_;
    bool begun_ = false;
};

}  // namespace bullpen::signals
