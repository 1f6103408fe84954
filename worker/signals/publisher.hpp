// Publisher: what bullpen-signals does: it takes the bars of one source as they are due, observes
// them as a worker does, and publishes each observation in a ring. After a restart it reckons from
// the first bar to where the ring is, and what it finds there must be what it published: then it
// goes on, otherwise the ring is made anew. One thread; the process's loop drives it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/feed/feed.hpp"
#include "worker/observer.hpp"
#include "worker/signals/ring.hpp"

namespace bullpen::signals {

class Publisher {
  public:
    struct Turn {
        std::uint64_t bars = 0;         // published in this turn
        std::optional<MonoTime> until;  // when the next bar is due
        bool more = false;              // there is more to do at once
        std::optional<Error> fault;     // of the source; there will be no more bars
    };
    // Opens the source anew, at its first bar; unpaced, for the way to where the ring is.
    using Open = std::function<Result<std::unique_ptr<feed::Feed>>(bool paced)>;

    // Errors of the source and of the ring.
    static Result<Publisher> open(const Open& open, worker::Observer observer,
                                  const indicators::IndicatorSettings& settings,
                                  const std::string& ring, Instant now);

    // Publishes at most `bars_max` bars that are due.
    Turn turn(Instant now, std::uint64_t bars_max);
    // Says that it lives.
    void say(MonoTime now);

    [[nodiscard]] feed::Feed& feed() { return *feed_; }
    [[nodiscard]] const worker::Observer& observer() const { return observer_; }
    [[nodiscard]] std::uint64_t published() const { return ring_.published(); }
    // The ring was not what this program makes of the source, and was made anew.
    [[nodiscard]] bool made_anew() const { return made_anew_; }

  private:
    Publisher(std::unique_ptr<feed::Feed> feed, worker::Observer observer, RingWriter ring)
        : feed_(std::move(feed)), observer_(std::move(observer)), ring_(std::move(ring)) {}
    static Result<bool> catch_up(const Open& open, worker::Observer& observer,
                                 const RingWriter& ring);

    std::unique_ptr<feed::Feed> feed_;
    worker::Observer observer_;
    RingWriter ring_;
    RingState state_ = RingState::working;
    bool made_anew_ = false;
};

}  // namespace bullpen::signals
