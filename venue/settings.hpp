// The settings of the paper exchange: HOME/venue.toml, every key optional (docs/venue.md). Without
// a market of its own it has those of the home's paper accounts: one for each distinct feed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/config/settings.hpp"
#include "common/matching/types.hpp"
#include "venue/share_market.hpp"

namespace bullpen::venue {

enum class Source : std::uint8_t {
    synthetic,
    replay,
    manual,  // only what an administrator says
};

enum class Pace : std::uint8_t {
    wall,      // by the clock, `speed` market seconds a second
    lockstep,  // a step when every follower has done with the one before
};

enum class Sync : std::uint8_t {
    always,    // what is acknowledged survives a power cut
    interval,  // at most sync_interval of it is lost by one
    never,     // it survives the death of the process alone
};

struct MarketSettings {
    std::string name;
    Source source = Source::synthetic;
    Pace pace = Pace::wall;
    std::string instrument = "MES";
    std::uint64_t seed = 1;
    std::string file;  // relative to HOME
    std::string time_zone;
    bool labels_end = false;
    config::DateOrder date_order = config::DateOrder::unstated;
    std::string contract;  // the rows of this one alone; empty: every row
    double speed = 1.0;
    std::uint64_t history = 0;  // bars of the source that are over when the market begins
    bool ticks = false;         // its bars are traded tick by tick, and told so
    std::int64_t spread = 1;    // ticks between bid and ask, as a rule; of a market of ticks
    friend bool operator==(const MarketSettings&, const MarketSettings&) = default;
};

struct AccountRules {
    model::Money cash;
    std::vector<std::string> markets;  // empty: all
    // The market that the roster says by now: the account is in it from its next session on.
    std::string next_market;
};

// What [costs.SYMBOL] says; what it does not say is what the instrument's data expect.
struct CostRules {
    std::optional<model::Ticks> slippage;
    std::optional<model::Ticks> limit_through;
    std::optional<model::Money> commission;
    friend bool operator==(const CostRules&, const CostRules&) = default;
};

struct VenueSettings {
    Sync sync = Sync::interval;
    Nanos sync_interval = std::chrono::seconds(1);
    model::Money cash{50'000'000'000};  // of an account at its opening
    bool cash_stated = false;           // otherwise a futures account of the roster says its own
    std::int64_t order_days = 7;        // an order that ended is told so long
    bool log_steps = false;
    std::uint64_t log_size_max = 256ULL << 20U;  // bytes of the own log's file; 0: no limit
    // A market in lockstep waits so long for a follower, then goes on.
    Nanos lockstep_wait = std::chrono::seconds(60);
    // Accounts that a market in lockstep waits for also while they are not connected.
    std::vector<std::string> lockstep_accounts;
    std::vector<MarketSettings> markets;
    std::map<std::string, CostRules> costs;        // by symbol
    std::map<std::string, AccountRules> accounts;  // by name at the venue
    bool markets_from_roster = false;
    ShareMarketSettings shares;

    [[nodiscard]] matching::Costs costs_of(const model::Instrument& instrument) const;
    // In a market of ticks the spread is paid by itself: what the instrument's data expect a fill
    // to cost is that and the rest. What [costs] says is said of the rest.
    [[nodiscard]] matching::Costs costs_of(const model::Instrument& instrument,
                                           const MarketSettings& market) const;
};

// Errc::invalid, naming the line.
Result<VenueSettings> parse_settings(std::string_view toml);
// HOME/venue.toml if it is there; else, or if it names no market, the accounts of the roster.
Result<VenueSettings> read_settings(const Home& home, const std::string& path, UtcTime now);

// The accounts as a daemon applied them; as their files say where none did.
std::map<AccountId, config::AccountSettings> roster_in_force(const Home& home, UtcTime now);
// When the roster in force was last recorded; the epoch when it never was.
UtcTime roster_time(const Home& home);

// Where the file of a replayed market is; empty for any other.
std::string source_file(const Home& home, const MarketSettings& market);
// The market of an account's feed, and the name by which equal feeds are one market.
MarketSettings market_of_feed(const config::FeedSettings& feed);
// How an account of the roster is called at the venue.
std::string name_at_venue(const config::AccountSettings& account);
// Adds what the roster's paper accounts need and the settings do not have yet.
void add_roster(VenueSettings* settings,
                const std::map<AccountId, config::AccountSettings>& roster);

}  // namespace bullpen::venue
