#include "worker/market_data.hpp"

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "worker/feed_source.hpp"
#include "worker/signals/names.hpp"

namespace bullpen::worker {

Result<void> MarketData::open() {
    const auto& settings = context_.settings().feed;
    const feed::Pace pace{unpaced_ ? 0.0 : settings.speed,
                          static_cast<std::uint64_t>(settings.history)};
    shared_ = nullptr;
    BULLPEN_TRY(feed_, open_source(context_.home(), settings, context_.instruments(), pace,
                                   context_.clock().utc()));
    if (settings.ticks && context_.settings().trading == config::TradingKind::on) {
        if (feed_->span() != model::k_minute)
            return fail(Errc::invalid, "feed.ticks is for a source with bars of a minute");
    }
    if (context_.settings().signals == config::SignalsKind::shared)
        BULLPEN_CHECK(share());
    return {};
}

// What the source is called, and how long its bars are, is all that is wanted of it here.
Result<void> MarketData::share() {
    const auto paths = signals::paths_of(context_.home(), context_.settings());
    signals::SharedOptions options;
    options.ring = paths.ring;
    options.bell = paths.bell;
    options.source.feed = feed_->source();
    options.instrument = &feed_->instrument();
    options.source.settings = signals::indicator_settings(context_.settings(), feed_->instrument());
    options.span = feed_->span();
    options.pace = feed::Pace{context_.settings().feed.speed};
    feed_.reset();
    BULLPEN_TRY(auto shared, signals::SharedSignals::open(std::move(options)));
    shared_ = shared.get();
    feed_ = std::move(shared);
    return {};
}

feed::Feed& MarketData::feed() {
    BULLPEN_ASSERT(feed_ != nullptr, "the feed is opened while connecting");
    return *feed_;
}

const feed::Feed& MarketData::feed() const {
    BULLPEN_ASSERT(feed_ != nullptr, "the feed is opened while connecting");
    return *feed_;
}

}  // namespace bullpen::worker
