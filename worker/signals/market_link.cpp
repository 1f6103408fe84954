#include "worker/signals/market_link.hpp"

#include <array>

#include "common/config/shared_names.hpp"
#include "worker/version.hpp"

namespace bullpen::signals {

Result<std::unique_ptr<MarketLink>> MarketLink::make(const Home& home,
                                                     const config::FeedSettings& feed,
                                                     const model::Instrument& instrument) {
    broker::VenuePortSettings settings;
    settings.socket = ipc::venue_socket(home);
    settings.client = "bullpen-signals " + std::string(worker::k_version);
    settings.watch = config::market_name(feed);
    const std::array<const model::Instrument*, 1> instruments = {&instrument};
    BULLPEN_TRY(auto port, broker::VenuePort::make(std::move(settings), instruments));
    return std::unique_ptr<MarketLink>(new MarketLink(std::move(port)));
}

void MarketLink::turn(feed::Feed& feed, Instant now) {
    if (!std::exchange(begun_, true))
        port_->connect(now);
    next_ = port_->poll(now, events_);
    events_.clear();
    for (const auto& step : port_->take_steps())
        feed.follow(ipc::bars_closed(step), now);
}

}  // namespace bullpen::signals
