// The source that an account's [feed] names, opened. What observes for many accounts opens it as
// each of them would.
#pragma once

#include <memory>

#include "common/base/home.hpp"
#include "common/config/settings.hpp"
#include "common/feed/feed.hpp"

namespace bullpen::worker {

// Errc::invalid or not_found when the settings name something that cannot be a source.
// `instruments` outlive the feed; rows of a file that start after `now` are defects.
Result<std::unique_ptr<feed::Feed>> open_source(const Home& home,
                                                const config::FeedSettings& settings,
                                                const model::Instruments& instruments,
                                                feed::Pace pace, UtcTime now);

}  // namespace bullpen::worker
