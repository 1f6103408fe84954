// MarketData: the feed of one account, opened as its settings say. Owned by the worker, driven by
// its loop.
#pragma once

#include <memory>

#include "common/feed/feed.hpp"
#include "worker/account_context.hpp"
#include "worker/signals/shared_signals.hpp"

namespace bullpen::worker {

class MarketData {
  public:
    MarketData() = delete;
    explicit MarketData(AccountContext& context) : context_(context) {}

    // Opens the feed anew. Errc::invalid or not_found when the settings name something that cannot
    // be a source.
    Result<void> open();
    [[nodiscard]] bool is_open() const { return feed_ != nullptr; }
    [[nodiscard]] feed::Feed& feed();
    [[nodiscard]] const feed::Feed& feed() const;

    // The same feed, when it is of shared signals; null otherwise.
    [[nodiscard]] signals::SharedSignals* shared() { return shared_; }
    [[nodiscard]] const signals::SharedSignals* shared() const { return shared_; }

    // Bars as fast as they are asked for, whatever the settings say.
    void run_unpaced() { unpaced_ = true; }

  private:
    Result<void> share();

    AccountContext& context_;
    std::unique_ptr<feed::Feed> feed_;
    signals::SharedSignals* shared_ = nullptr;  // feed_
    bool unpaced_ = false;
};

}  // namespace bullpen::worker
