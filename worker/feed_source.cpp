#include "worker/feed_source.hpp"

#include "common/base/home_file.hpp"

namespace bullpen::worker {

Result<std::unique_ptr<feed::Feed>> open_source(const Home& home,
                                                const config::FeedSettings& settings,
                                                const model::Instruments& instruments,
                                                feed::Pace pace, UtcTime now) {
    if (settings.kind == config::FeedKind::synthetic) {
        feed::SyntheticOptions options;
        options.instrument = settings.instrument;
        options.instruments = &instruments;
        options.seed = settings.seed;
        options.pace = pace;
        return feed::open_synthetic(options);
    }
    feed::ReplayOptions options;
    options.instrument = settings.instrument;
    options.instruments = &instruments;
    options.path = home_file(home, settings.file);
    options.pace = pace;
    options.time_zone = settings.time_zone;
    options.labels =
        settings.labels == config::BarLabel::end ? feed::BarLabels::end : feed::BarLabels::start;
    options.date_order = *feed::date_order_from(config::code(settings.date_order));
    options.only_symbol = settings.contract;
    options.not_after = now;
    return feed::open_replay(options);
}

}  // namespace bullpen::worker
