// How jobs move the protection of a holding: pure. What the broker has is looked at
// anew before each step, and one step follows from it: the new trigger is placed, then, once the
// broker has it, the old one of ours is deleted. So a death between any two steps leaves the
// holding protected, and the next look goes on from there. What a user placed by hand is never
// touched.
//
// A trigger at the broker carries no name of ours. Ours are those whose numbers are in the records;
// one whose answer was lost is known by the intent that was recorded before it was sent: it has the
// intent's very values, and its number was not there when the intent was made. Among these values
// is the last price that a trigger is placed with: the broker keeps it, tells it again, and lets
// the asker choose it. Ours is one that no market has, so that what a person places at the same
// levels, in a program that says the market's, is never taken for ours. A trigger may come after
// the broker was looked at, so what was sent and not heard of is waited for a while longer.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/model/price.hpp"

namespace bullpen::jobs {

// The prior-day-low rule. `tick` is that of the day.
struct StopLevels {
    model::Price trigger;
    model::Price limit;
    friend bool operator==(const StopLevels&, const StopLevels&) = default;
};
// The low of the day before, rounded down; where that is above 99 % of the last price, 95 % of it.
// The limit is 95 % of the trigger. None for prices that give no stop above nought.
std::optional<StopLevels> prior_day_low(model::Price low, model::Price last, model::Ticks tick);

// A limit of 95 % of a trigger, on the tick.
model::Price stop_limit(model::Price trigger, model::Ticks tick);

// With a limit that the exchange takes when it fires on a day whose lower circuit is `lower`: there
// at least. What does not fire on that day, because it is below the circuit itself, stays as it is.
StopLevels within_circuit(const StopLevels& levels, model::Price lower, model::Ticks tick);

// The last price that a stop of ours is placed with: as far above the trigger as brokers demand,
// not below the real one, and between two ticks; where a tick is a paisa, up to half a rupee above.
model::Price price_to_say(model::Price trigger, model::Price last, model::Ticks tick);

// A single sell trigger, as the broker tells of it.
struct SellTrigger {
    std::uint64_t number = 0;
    StopLevels levels;
    std::int64_t quantity = 0;
    model::Price last_price{};  // that it was placed with
    friend bool operator==(const SellTrigger&, const SellTrigger&) = default;
};

// In the account's records for one share.
struct StopRecords {
    struct Intent {
        StopLevels levels;
        std::int64_t quantity = 0;
        std::set<std::uint64_t> before;  // numbers that the broker had
        bool unheard = false;            // it left, and no answer came
        model::Price last_price{};       // see price_to_say()
        friend bool operator==(const Intent&, const Intent&) = default;
    };
    // What was not heard of, and was not there when the broker was looked at after it.
    struct Late {
        Intent intent;
        UtcTime since{};  // by the market
        friend bool operator==(const Late&, const Late&) = default;
    };
    // So long after it was sent a trigger may still come.
    static constexpr Nanos k_late_max = std::chrono::minutes(30);
    static constexpr std::size_t k_late_count_max = 16;  // the oldest go

    std::set<std::uint64_t> own;
    std::optional<Intent> intent;  // sent, and its answer not known
    std::vector<Late> late{};
    // The highest of them that stood when the broker was looked at last; nought: none did.
    model::Price standing{};
    friend bool operator==(const StopRecords&, const StopRecords&) = default;
};

// Takes over the trigger that an intent brought about, if the broker has it now. An intent of which
// the broker has nothing is over once `settled`; one that was not heard of is late then, and its
// trigger is taken over when it comes after all. Where more have come than are late, nobody can say
// which is ours, and none is taken. `at`: of the look, by the market.
void adopt(StopRecords& records, const std::vector<SellTrigger>& active, bool settled, UtcTime at);

// Whether an exchange takes a new sell trigger there: it must be below the last price by at least a
// quarter of a percent of it.
bool may_place(model::Price trigger, model::Price last);

// Stops only rise: the levels of the highest standing stop of ours, where that one is not below
// `wanted`.
StopLevels never_lower(const StopLevels& wanted, const StopRecords& records,
                       const std::vector<SellTrigger>& active);

// For how many of `held` a stop beside the standing ones of ours would have to be. Where those
// would sell more than is held together, and none of them all of it, it is all of it: a trigger for
// more than there is sells nothing.
std::int64_t not_covered(const StopRecords& records, std::int64_t held,
                         const std::vector<SellTrigger>& active);

// The same with what a person's stops are for left to them, where all together sell no more than is
// held: if they sold more, none of several could be relied on.
std::int64_t bare_beside(const StopRecords& records, std::int64_t held,
                         const std::vector<SellTrigger>& active);

struct PlaceStop {
    StopRecords::Intent intent;  // to be recorded before it is sent
    friend bool operator==(const PlaceStop&, const PlaceStop&) = default;
};
struct DeleteStop {
    std::uint64_t number = 0;
    friend bool operator==(const DeleteStop&, const DeleteStop&) = default;
};
struct StopDone {
    friend bool operator==(const StopDone&, const StopDone&) = default;
};
struct StopUnknown {  // nothing is done until the broker has said it
    friend bool operator==(const StopUnknown&, const StopUnknown&) = default;
};
using StopStep = std::variant<StopDone, StopUnknown, PlaceStop, DeleteStop>;

// `held`: for delivery, with what is not settled; `active`: all triggers of the share. None of
// either: the broker did not say. Records are as adopt() left them. `beside`: where the price is
// too near to `wanted` for a new stop there, the levels of one for what the standing ones of ours
// do not cover. They stay where they are until the price has left them, and one is for all again.
StopStep next_step(const StopRecords& records, const std::optional<std::int64_t>& held,
                   const std::optional<std::vector<SellTrigger>>& active, const StopLevels& wanted,
                   const std::optional<StopLevels>& beside = {});

}  // namespace bullpen::jobs
