// The settings of the paper exchange, HOME/venue.toml, as plain values, and what is wrong in them;
// every key is optional (docs/venue.md). The exchange goes by them, and `check` lists their errors.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/config/issue.hpp"
#include "common/config/settings.hpp"
#include "common/model/money.hpp"
#include "common/model/price.hpp"

namespace bullpen::config {

enum class VenueSource : std::uint8_t {
    synthetic,
    replay,
    manual,  // only what an administrator says
};

enum class VenuePace : std::uint8_t {
    wall,      // by the clock, `speed` market seconds a second
    lockstep,  // a step when every follower has done with the one before
};

enum class VenueSync : std::uint8_t {
    always,    // what is acknowledged survives a power cut
    interval,  // at most sync_interval of it is lost by one
    never,     // it survives the death of the process alone
};

struct VenueMarket {
    std::string name;
    VenueSource source = VenueSource::synthetic;
    VenuePace pace = VenuePace::wall;
    std::string instrument = "MES";
    std::uint64_t seed = 1;
    std::string file;  // relative to HOME
    std::string time_zone;
    bool labels_end = false;
    DateOrder date_order = DateOrder::unstated;
    std::string contract;  // the rows of this one alone; empty: every row
    double speed = 1.0;
    std::uint64_t history = 0;  // bars of the source that are over when the market begins
    bool ticks = false;         // its bars are traded tick by tick, and told so
    std::int64_t spread = 1;    // ticks between bid and ask, as a rule; of a market of ticks
    friend bool operator==(const VenueMarket&, const VenueMarket&) = default;
};

struct VenueAccount {
    std::optional<model::Money> cash;  // at its opening; none: what is said for all
    std::vector<std::string> markets;  // empty: all
    // The market that the roster says by now: the account is in it from its next session on.
    std::string next_market;
};

// What [costs.SYMBOL] says; what it does not say is what the instrument's data expect.
struct VenueCosts {
    std::optional<model::Ticks> slippage;
    std::optional<model::Ticks> limit_through;
    std::optional<model::Money> commission;
    friend bool operator==(const VenueCosts&, const VenueCosts&) = default;
};

enum class VenueSharePace : std::uint8_t {
    wall,    // by the clock
    manual,  // an administrator moves its time, and sets prices
};

struct VenueShares {
    VenueSharePace pace = VenueSharePace::wall;
    std::uint64_t seed = 1;
    double speed = 1.0;                                // market seconds a second
    std::optional<std::chrono::sys_days> first_day;    // none: its time is the wall's
    std::vector<std::string> symbols;                  // empty: every share that is asked for
    model::Money cash{500'000'000'000, model::k_inr};  // of an account at its opening
    int circuit_percent = 10;
    friend bool operator==(const VenueShares&, const VenueShares&) = default;
};

struct VenueSettings {
    VenueSync sync = VenueSync::interval;
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
    std::vector<VenueMarket> markets;
    std::map<std::string, VenueCosts> costs;       // by symbol
    std::map<std::string, VenueAccount> accounts;  // by name at the venue
    bool markets_from_roster = false;
    VenueShares shares;
};

inline constexpr std::string_view k_venue_file = "venue.toml";
inline constexpr std::size_t k_venue_file_size_max = 1024 * 1024;

struct VenueFile {
    VenueSettings settings;
    std::vector<Issue> issues;  // in the order of the text; all are errors
};
VenueFile parse_venue_file(std::string_view toml);
// What is wrong in the home's file; nothing when there is none.
std::vector<Issue> check_venue_file(const Home& home);

}  // namespace bullpen::config
