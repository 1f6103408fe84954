// SharedSignals: a market that bullpen-signals observes for many accounts, as the feed of one of
// them. It gives the very bars that a feed of its own would give, each with the observation of it,
// and reckons nothing. The process that writes may be away: then no bar comes, trouble() says why,
// and all goes on by itself when it is back.
//
// One thread; look() is called at the beginning of each turn.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/feed/feed.hpp"
#include "worker/signals/bell.hpp"
#include "worker/signals/ring.hpp"

namespace bullpen::signals {

struct SharedOptions {
    std::string ring;  // path of the file
    std::string bell;  // path of the socket
    RingSource source;
    const model::Instrument* instrument = nullptr;  // outlives the feed
    std::chrono::seconds span = model::k_minute;    // of its bars
    feed::Pace pace;                                // by which a mute market is told
};

class SharedSignals final : public feed::Feed {
  public:
    // A writer says at least once a second that it lives; silent for so long it is mute.
    static constexpr Nanos k_mute_after = std::chrono::seconds(5);

    // How often a ring that cannot be read is tried again while its writer is there.
    static constexpr Nanos k_open_again = std::chrono::seconds(1);

    // Does not wait for the writer.
    static Result<std::unique_ptr<SharedSignals>> open(SharedOptions options);

    // Readable when look() has something to take.
    [[nodiscard]] int fd() const { return bell_.fd(); }
    void look(Instant now);
    // When look() is to be called without an event; none when the writer will tell.
    [[nodiscard]] std::optional<MonoTime> next_look() const;

    // The observation of the bar that next() gave last.
    [[nodiscard]] const Observation& last() const { return last_; }
    // Whether the writer had no later bar than the last, so that what is decided on it is not late.
    [[nodiscard]] bool at_newest() const { return !ring_ || position() >= ring_->published(); }
    // Why there is nothing to go by now, for people; empty when all is well.
    [[nodiscard]] std::string trouble(MonoTime now) const;
    // Bars that were gone from the ring before this feed took them, since it was opened.
    [[nodiscard]] std::uint64_t missed() const { return missed_; }

    [[nodiscard]] std::string source() const override { return options_.source.feed; }

  protected:
    [[nodiscard]] std::optional<std::uint64_t> available() const override;
    Result<std::optional<model::Bar>> produce() override;
    Result<void> rewind(std::uint64_t index) override;

  private:
    SharedSignals(SharedOptions options, BellListener bell);
    [[nodiscard]] bool waits_for_ring() const { return !ring_ && bell_.connected(); }

    SharedOptions options_;
    BellListener bell_;
    std::optional<RingReader> ring_;
    MonoTime next_open_{};
    std::string not_open_ = "bullpen-signals has not begun";  // why ring_ is none
    Observation last_;
    std::uint64_t missed_ = 0;
    bool fresh_ = true;  // begins with the market, wherever the ring does
};

}  // namespace bullpen::signals
