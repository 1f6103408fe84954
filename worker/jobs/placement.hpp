// What place_orders_daily does next: pure. The orders that are meant are in the account's records
// before any is sent; what the broker has is looked at anew before each step, and one step follows.
// So a death between any two steps, or a run begun anew, goes on where it was: nothing is sent that
// the broker has, and what has filled is protected first.
//
// An order that a later look does not find was not placed, or is still on its way: it is sent again
// under its own id, which the broker takes once.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/config/job_settings.hpp"
#include "worker/jobs/roles.hpp"
#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

struct PlacementRules {
    Nanos fill_wait{};
    config::Unprotected unprotected{};
    // By the market, within a day: nothing is bought before, nor from then on; what works then is
    // cancelled.
    UtcTime buys_from = UtcTime::min();
    UtcTime buys_until = UtcTime::max();
    // The run's own time is over: nothing is bought, and what works is cancelled.
    bool over = false;
    // A refused stop, or a sale that did not come off, is tried so often in all.
    static constexpr int k_tries_max = 3;
};

PlacementRules placement_rules(const config::PlaceOrdersSettings& settings,
                               const AccountFacts& facts);

struct PlacementDone {
    friend bool operator==(const PlacementDone&, const PlacementDone&) = default;
};
struct PlacementWait {  // for the market, or for the second look at a price
    friend bool operator==(const PlacementWait&, const PlacementWait&) = default;
};
struct SendOrder {
    std::string client;
    friend bool operator==(const SendOrder&, const SendOrder&) = default;
};
struct CancelOrder {
    std::uint64_t number = 0;
    friend bool operator==(const CancelOrder&, const CancelOrder&) = default;
};
struct SendStop {
    std::string client;  // of the order that it protects
    StopRecords::Intent intent;
    friend bool operator==(const SendStop&, const SendStop&) = default;
};
struct TakeStop {
    std::uint64_t number = 0;
    friend bool operator==(const TakeStop&, const TakeStop&) = default;
};
struct CloseShares {
    std::string client;
    std::int64_t quantity = 0;
    friend bool operator==(const CloseShares&, const CloseShares&) = default;
};
using PlacementStep = std::variant<PlacementDone, PlacementWait, SendOrder, CancelOrder, SendStop,
                                   TakeStop, CloseShares>;

// The stop of an order: at its signal's, on the tick; the limit is 95 % of it.
StopLevels stop_of(const Signal& signal, model::Ticks tick);

// Takes over what the broker has of what was sent: to be done with each look before the next step.
void learn(ShareRecords& records, const ShareWorld& world, const std::string& day);

// An order of a job that works although its time is over. Its run cancels it; this one is left of a
// run that is no more, or came late after its answer was lost. None: 0.
std::uint64_t overdue_entry(const ShareRecords& records, const ShareWorld& world,
                            const PlacementRules& rules);

// A stop for what has just filled, before the prices are asked for anew: `world` has those of the
// look before, and what was paid is newer. What is asked later may correct it. None: there is
// nothing to protect, or the prices of then do not do for it.
std::optional<SendStop> stop_at_fill(const ShareRecords& records, const ShareWorld& world,
                                     const std::string& day, const PlacementRules& rules);

PlacementStep next_placement(const ShareRecords& records, const ShareWorld& world,
                             const std::string& day, const PlacementRules& rules);

// Orders of the day of which something is held without a stop of its own: "INFY 10".
std::vector<std::string> unprotected(const ShareRecords& records, const ShareWorld& world,
                                     const std::string& day);

}  // namespace bullpen::jobs
