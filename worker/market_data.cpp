#include "worker/market_data.hpp"

#include "common/base/assert.hpp"

namespace bullpen::worker {

Result<void> MarketData::open() {
    const auto& settings = context_.settings().feed;
    const feed::Pace pace{unpaced_ ? 0.0 : settings.speed,
                          static_cast<std::uint64_t>(settings.history)};
    if (settings.kind == config::FeedKind::synthetic) {
        feed::SyntheticOptions options;
        options.instrument = settings.instrument;
        options.instruments = &context_.instruments();
        options.seed = settings.seed;
        options.pace = pace;
        BULLPEN_TRY(feed_, feed::open_synthetic(options));
        return {};
    }
    feed::ReplayOptions options;
    options.instrument = settings.instrument;
    options.instruments = &context_.instruments();
    options.path = settings.file.starts_with('/') ? settings.file
                                                  : context_.home().root() + "/" + settings.file;
    options.pace = pace;
    options.time_zone = settings.time_zone;
    options.labels =
        settings.labels == config::BarLabel::end ? feed::BarLabels::end : feed::BarLabels::start;
    options.not_after = context_.clock().utc();
    BULLPEN_TRY(feed_, feed::open_replay(options));
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
