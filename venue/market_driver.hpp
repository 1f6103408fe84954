// MarketDriver: one market of the venue: where its bars come from, and when each step of one is
// due. A bar by the clock opens at its time, is walked through towards its end, and closes at its
// end, when the next one opens: so an order meets the open of the bar in which it comes, and what a
// worker decides on a bar fills at the open of the next one, however fast the clock runs.
//
// In a market of ticks a bar is the trades of its feed::TickPath, each at its time: orders fill at
// the bid, the ask and the trades, and what comes between two trades fills at the quote of the
// last. A bar that has no such path is walked through as any other.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/base/home.hpp"
#include "common/feed/feed.hpp"
#include "common/feed/tick_path.hpp"
#include "common/matching/exchange.hpp"
#include "common/time/futures_session.hpp"
#include "ipc/venue_message.hpp"
#include "venue/settings.hpp"

namespace bullpen::venue {

// Where a market is, for the book.
struct MarketPlace {
    std::uint64_t bar = 0;  // the number of the next bar to be opened, or of the one that is open
    bool open = false;      // it is open
    friend bool operator==(const MarketPlace&, const MarketPlace&) = default;
};

class MarketDriver {
  public:
    // Errors of the feed: not_found, invalid. `exchange`, `days` and `instruments` outlive the
    // driver; `rules` say what a fill costs.
    static Result<std::unique_ptr<MarketDriver>> open(const Home& home,
                                                      const MarketSettings& settings,
                                                      matching::Exchange& exchange,
                                                      const time::FuturesSession& days,
                                                      const model::Instruments& instruments,
                                                      const VenueSettings& rules, UtcTime now);

    [[nodiscard]] matching::MarketRef ref() const { return ref_; }
    [[nodiscard]] const MarketSettings& settings() const { return settings_; }
    [[nodiscard]] const model::Instrument& instrument() const { return *instrument_; }
    [[nodiscard]] MarketPlace place() const { return place_; }
    [[nodiscard]] bool ended() const { return ended_; }
    // A market of the book that no settings named goes on where it was.
    Result<void> take_up(const Home& home, const MarketSettings& settings,
                         const model::Instruments& instruments, UtcTime now);
    // After a restart, before the first step.
    Result<void> resume(MarketPlace place);

    // When the next step is due by the clock; none when it is not for the clock to say.
    [[nodiscard]] std::optional<MonoTime> due() const;
    // The clock goes so fast from now on: what is left of the bar takes less or more time.
    void set_speed(double speed, MonoTime now);
    // The clock starts: the first bar opens now.
    void start(MonoTime now);
    // Does the next step, whatever the time. An error of the feed ends the market. Spreads of a bar
    // that begins now are `spread_times` as wide as usual.
    Result<ipc::VenueStep> step(MonoTime now, std::int64_t spread_times = 1);

    // --- what an administrator does -------------------------------------------------------------
    Result<ipc::VenueStep> open_bar(const model::Bar& bar, std::int64_t spread_times = 1);
    ipc::VenueStep advance();
    ipc::VenueStep tick(const model::Tick& tick);
    [[nodiscard]] bool bar_is_open() const { return place_.open; }

    // The last step, as a follower that comes later is told it.
    [[nodiscard]] ipc::VenueStep last_step() const;

  private:
    MarketDriver(const MarketSettings& settings, const model::Instrument& instrument,
                 matching::Exchange& exchange, const time::FuturesSession& days,
                 matching::MarketRef ref);
    [[nodiscard]] ipc::VenueStep describe(ipc::MarketPhase phase) const;
    [[nodiscard]] bool in_ticks() const { return !path_.empty(); }
    void make_path(std::int64_t spread_times);
    // The step of a bar that is open; the market's day and place go on with its last one.
    ipc::VenueStep walk(MonoTime now);
    ipc::VenueStep trade();
    [[nodiscard]] MonoTime next_trade_due() const;
    ipc::VenueStep close_bar();
    [[nodiscard]] Nanos bar_length() const;

    MarketSettings settings_;
    const model::Instrument* instrument_;
    matching::Exchange& exchange_;
    const time::FuturesSession& days_;
    matching::MarketRef ref_;
    std::unique_ptr<feed::Feed> feed_;  // none: manual
    model::Bar bar_;
    std::vector<model::QuotedTrade> path_;  // of the bar; empty when it is walked through
    std::size_t traded_ = 0;                // of them
    std::optional<time::TradingDay> day_;   // of the bar before
    MarketPlace place_;
    bool walked_ =
        false;  // the bar that is open has been walked to its end, but is not told closed
    bool ended_ = false;
    bool started_ = false;
    MonoTime opened_{};  // when the bar was opened
    MonoTime due_{};
    ipc::MarketPhase phase_ = ipc::MarketPhase::closed;
};

}  // namespace bullpen::venue
