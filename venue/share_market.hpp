// ShareMarket: the market of shares of the paper exchange: its time, and what each share costs at
// it. It opens and closes as the NSE does, by the home's table of holidays. Its time is the wall's,
// or begins on a day that is said and goes at a speed, leaping over what is shut.
//
// A synthetic price is a function of seed, share and minute alone, so that a market which goes on
// after a restart is the same one. One thread; no clock.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/venue_settings.hpp"
#include "common/matching/shares.hpp"
#include "common/time/market_calendar.hpp"

namespace bullpen::venue {

using SharePace = config::VenueSharePace;
using ShareMarketSettings = config::VenueShares;

enum class SharePhase : std::uint8_t { opens, minute, closes };
struct ShareStep {
    SharePhase phase{};
    UtcTime at{};
    friend bool operator==(const ShareStep&, const ShareStep&) = default;
};

// What is known of one share. Prices are whole paise.
struct ShareFacts {
    time::TradingDay day{};  // that the first two are of
    model::Price last;
    model::Price low;           // of this trading day, or of the last one
    model::Price low_before;    // of the trading day before that
    model::Price close_before;  // likewise
    friend bool operator==(const ShareFacts&, const ShareFacts&) = default;
};

class ShareMarket {
  public:
    static constexpr std::size_t k_shares_max = 5000;
    static constexpr model::Ticks k_tick{5};

    // Its first day begins with the next step.
    static Result<ShareMarket> open(const Home& home, const ShareMarketSettings& settings,
                                    UtcTime now);
    ShareMarket(const ShareMarketSettings& settings, time::MarketCalendar calendar, UtcTime begins);

    [[nodiscard]] const ShareMarketSettings& settings() const { return settings_; }
    [[nodiscard]] UtcTime at() const { return at_; }
    [[nodiscard]] bool is_open() const { return open_; }
    // The trading day that is under way, or the last one.
    [[nodiscard]] time::TradingDay day() const { return calendar_.trading_day(at_); }

    [[nodiscard]] ShareStep next() const;
    // Goes on to next(); every listed share has a price of it where it does not close.
    ShareStep step();

    // None when it is not listed.
    const ShareFacts* find(const std::string& symbol);
    [[nodiscard]] const std::map<std::string, ShareFacts>& shares() const { return shares_; }
    [[nodiscard]] matching::ShareDay day_of(const ShareFacts& facts) const;
    // By an administrator, in this minute. A share that was not there is listed, and closed at this
    // price the day before.
    void set_price(const std::string& symbol, model::Price price);

    // Goes on where another life was.
    void resume(UtcTime at, bool open);
    void resume(const std::string& symbol, const ShareFacts& facts);
    // After all that: the prices of the day so far.
    void catch_up();

  private:
    [[nodiscard]] model::Price synthetic(const std::string& symbol, UtcTime at) const;
    [[nodiscard]] time::DayHours traded_before(time::TradingDay day) const;
    [[nodiscard]] ShareFacts facts_before(const std::string& symbol, const time::DayHours& day,
                                          time::TradingDay before) const;
    void begin_day(ShareFacts& facts) const;
    void price(const std::string& symbol, ShareFacts& facts, UtcTime at) const;

    ShareMarketSettings settings_;
    time::MarketCalendar calendar_;
    UtcTime at_{};
    bool open_ = false;
    UtcTime closes_{};  // of the day that is open
    std::map<std::string, ShareFacts> shares_;
};

}  // namespace bullpen::venue
