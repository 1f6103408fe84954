// What place_orders_daily is to order: pure. Signals, what the broker says is held and ordered,
// cash and prices go in; orders go out, and for each signal that became none the reason. The same
// input in any order gives the same plan. Prices are whole paise, and nothing is reckoned in
// fractions.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/money.hpp"
#include "common/model/price.hpp"

namespace bullpen::jobs {

struct Signal {
    std::string symbol;
    model::Price entry;  // ranks, with the other two; no order is limited to it
    model::Price stop;
    model::Price target;
    friend bool operator==(const Signal&, const Signal&) = default;
};
// Whether `a` promises more for its risk than `b`; both make sense (see makes_sense()).
bool promises_more(const Signal& a, const Signal& b);
// The stop lies below the entry, and the target above it.
bool makes_sense(const Signal& signal);

struct ShareQuote {
    model::Price last;
    model::Price upper;  // of the day's circuit
    model::Ticks tick{5};
};

struct OrderPlanRules {
    int positions_max = 10;         // with all that is held
    int deployment_percent = 50;    // of the cash that is there
    int over_last_hundredths = 50;  // of a percent: how far above the last price the limit is
};

// Why a signal became no order.
enum class Skipped : std::uint8_t {
    bad_signal,  // its prices make no sense
    repeated,    // the file has the share before
    manual,      // a person looks after it
    held,        // by the broker's word
    cooling,     // the account sold it a little ago
    ordered,     // an order for it is open, or was placed today
    no_price,
    below_stop,   // it would be closed at once
    past_target,  // what the signal promised has come already
    no_room,      // positions_max
    too_dear,     // its part of the cash buys none
    count_
};
std::string_view code(Skipped skipped);

struct PlannedOrder {
    Signal signal;
    std::int64_t quantity = 0;
    model::Price limit;
    friend bool operator==(const PlannedOrder&, const PlannedOrder&) = default;
};
struct SkippedSignal {
    Signal signal;
    Skipped why{};
    friend bool operator==(const SkippedSignal&, const SkippedSignal&) = default;
};
struct OrderPlan {
    std::vector<PlannedOrder> orders;  // the best first
    std::vector<SkippedSignal> skipped;
    friend bool operator==(const OrderPlan&, const OrderPlan&) = default;
};

// "; skipped: 1 held, 2 no_room; row 3: ..."; empty: nothing was, and no row of the file was bad.
std::string skipped_text(const std::vector<SkippedSignal>& skipped,
                         const std::vector<std::string>& bad_rows);

// What is true of the account, by the broker's word and its own records.
struct OrderPlanFacts {
    model::Money cash;                // available, in rupees
    std::set<std::string> held;       // holdings and positions together
    std::set<std::string> ordered;    // open orders, unknown ones too, and those of today
    std::set<std::string> manual{};   // those of a person
    std::set<std::string> cooling{};  // those that the account sold a little ago
};

// A share that is not in `quotes` has no price.
OrderPlan plan_orders(std::vector<Signal> signals, const OrderPlanFacts& facts,
                      const OrderPlanRules& rules, const std::map<std::string, ShareQuote>& quotes);

}  // namespace bullpen::jobs
