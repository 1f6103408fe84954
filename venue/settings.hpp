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
#include "common/config/venue_settings.hpp"
#include "common/matching/types.hpp"

namespace bullpen::venue {

using Source = config::VenueSource;
using Pace = config::VenuePace;
using Sync = config::VenueSync;
using MarketSettings = config::VenueMarket;
using AccountRules = config::VenueAccount;
using CostRules = config::VenueCosts;
using config::VenueSettings;

// What a fill costs; in a market of ticks the spread is paid by itself: what the instrument's data
// expect a fill to cost is that and the rest. What [costs] says is said of the rest.
matching::Costs costs_of(const VenueSettings& settings, const model::Instrument& instrument);
matching::Costs costs_of(const VenueSettings& settings, const model::Instrument& instrument,
                         const MarketSettings& market);

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
