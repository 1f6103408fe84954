// How an account of shares is brought to rest: pure. Orders that a job placed and that open are
// cancelled, unless only what is left behind is to be covered. Then either what its jobs brought is
// protected at the broker, or it is sold. What a person bought or ordered in another program is
// left alone: it is not the program's to sell.
//
// The broker is looked at anew before each step, and one step follows; nothing is remembered, so a
// death in between is made good by the next look.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <variant>

#include "worker/jobs/job.hpp"
#include "worker/jobs/roles.hpp"
#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

enum class RestPolicy : std::uint8_t {
    protect,  // what is held has a stop at the broker
    flatten,  // what is held is sold; while that cannot be, it has a stop
    // What is held has a stop at the broker, and what works although its time is over is cancelled;
    // whatever else is under way goes on.
    cover,
};

struct AtRest {
    friend bool operator==(const AtRest&, const AtRest&) = default;
};
struct RestWaits {  // for the market: to open, or to buy
    friend bool operator==(const RestWaits&, const RestWaits&) = default;
};
struct RestCancels {
    std::uint64_t order = 0;
    friend bool operator==(const RestCancels&, const RestCancels&) = default;
};
struct RestSells {
    std::string symbol;
    std::int64_t quantity = 0;
    friend bool operator==(const RestSells&, const RestSells&) = default;
};
struct RestProtects {
    std::string symbol;
    StopRecords::Intent intent;
    friend bool operator==(const RestProtects&, const RestProtects&) = default;
};
struct RestTakesStop {  // of more than is held
    std::uint64_t trigger = 0;
    friend bool operator==(const RestTakesStop&, const RestTakesStop&) = default;
};
using RestStep =
    std::variant<AtRest, RestWaits, RestCancels, RestSells, RestProtects, RestTakesStop>;

// A standing stop of ours that would sell more than is held, and so nothing: its share was sold, or
// a part of it, and what is left has another one. 0: there is none.
std::uint64_t left_over(const ShareRecords& records, const ShareWorld& world);

// `resting`: shares whose sale nobody bought just now; they are left for a while. `refused`: those
// whose stop the broker does not take.
RestStep next_rest(const ShareRecords& records, const ShareWorld& world, RestPolicy policy,
                   const std::set<std::string>& resting, const std::set<std::string>& refused);

// Does it, until the account is at rest. The run ends as failed when it cannot be: what is without
// a stop is named. It cannot open: of its role the buyer only cancels.
std::unique_ptr<Job> make_rest(const PlacementRole& role, RestPolicy policy);

}  // namespace bullpen::jobs
