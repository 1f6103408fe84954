#include "worker/jobs/order_plan.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "common/base/assert.hpp"

namespace bullpen::jobs {

namespace {

constexpr std::int64_t k_paisa = 10'000;  // millionths
constexpr std::int64_t k_hundred = 100;
constexpr std::int64_t k_whole = 10'000;  // hundredths of a percent

// A little above the last price, so that it is marketable, and never above the circuit.
model::Price limit_of(const ShareQuote& quote, const OrderPlanRules& rules) {
    const auto above = quote.last.ticks * (k_whole + rules.over_last_hundredths) / k_whole;
    const auto on_tick = above / quote.tick.value * quote.tick.value;
    return {std::min(on_tick, quote.upper.ticks)};
}

// Each gets the same part of the cash, and as many shares as that buys at its limit.
void size(std::vector<PlannedOrder>& picks, const OrderPlanFacts& facts,
          const OrderPlanRules& rules, OrderPlan& plan) {
    if (picks.empty())
        return;
    const auto paise = std::max<std::int64_t>(facts.cash.millionths, 0) / k_paisa;
    // In two parts, so that it overflows for no account.
    const auto deployed = paise / k_hundred * rules.deployment_percent +
                          paise % k_hundred * rules.deployment_percent / k_hundred;
    const auto each = deployed / static_cast<std::int64_t>(picks.size());
    for (auto& pick : picks) {
        pick.quantity = each / pick.limit.ticks;
        if (pick.quantity > 0)
            plan.orders.push_back(pick);
        else
            plan.skipped.push_back({pick.signal, Skipped::too_dear});
    }
}

}  // namespace

std::string_view code(Skipped skipped) {
    static constexpr std::array<std::string_view, static_cast<std::size_t>(Skipped::count_)>
        k_codes = {"bad_signal", "repeated",   "manual",      "held",    "cooling", "ordered",
                   "no_price",   "below_stop", "past_target", "no_room", "too_dear"};
    return k_codes.at(static_cast<std::size_t>(skipped));
}

std::string skipped_text(const std::vector<SkippedSignal>& skipped,
                         const std::vector<std::string>& bad_rows) {
    std::map<std::string_view, int> counts;
    for (const auto& one : skipped)
        ++counts[code(one.why)];
    std::string text;
    for (const auto& [why, count] : counts)
        text += " " + std::to_string(count) + " " + std::string(why) + ",";
    if (!text.empty()) {
        text.pop_back();
        text.insert(0, "; skipped:");
    }
    constexpr std::size_t k_rows_told = 5;
    for (std::size_t i = 0; i < std::min(bad_rows.size(), k_rows_told); ++i)
        text += "; " + bad_rows[i];
    if (bad_rows.size() > k_rows_told)
        text += "; and " + std::to_string(bad_rows.size() - k_rows_told) + " more rows like these";
    return text;
}

bool makes_sense(const Signal& signal) {
    return !signal.symbol.empty() && signal.stop.ticks > 0 && signal.stop < signal.entry &&
           signal.entry < signal.target && signal.target.ticks <= model::k_price_ticks_max;
}

// Reward over risk, compared crosswise: both products fit, as no price is above a billion ticks.
bool promises_more(const Signal& a, const Signal& b) {
    return (a.target - a.entry).value * (b.entry - b.stop).value >
           (b.target - b.entry).value * (a.entry - a.stop).value;
}

OrderPlan plan_orders(std::vector<Signal> signals, const OrderPlanFacts& facts,
                      const OrderPlanRules& rules,
                      const std::map<std::string, ShareQuote>& quotes) {
    BULLPEN_ASSERT(facts.cash.currency == model::k_inr, "shares are paid in rupees");
    OrderPlan plan;
    const auto skip = [&](const Signal& signal, Skipped why) {
        plan.skipped.push_back({signal, why});
    };
    const auto senseless = std::stable_partition(signals.begin(), signals.end(), &makes_sense);
    for (auto bad = senseless; bad != signals.end(); ++bad)
        skip(*bad, Skipped::bad_signal);
    signals.erase(senseless, signals.end());
    std::sort(signals.begin(), signals.end(), [](const Signal& a, const Signal& b) {
        if (promises_more(a, b) || promises_more(b, a))
            return promises_more(a, b);
        return std::tie(a.symbol, a.entry, a.stop, a.target) <
               std::tie(b.symbol, b.entry, b.stop, b.target);
    });
    std::set<std::string> seen;
    std::vector<PlannedOrder> picks;
    // Every share that is held or may come to be counts, not just those of this file.
    std::set<std::string> taken = facts.held;
    taken.insert(facts.ordered.begin(), facts.ordered.end());
    const auto room =
        std::max<std::int64_t>(rules.positions_max - static_cast<std::int64_t>(taken.size()), 0);
    for (const auto& signal : signals) {
        const auto quote = quotes.find(signal.symbol);
        if (!seen.insert(signal.symbol).second)
            skip(signal, Skipped::repeated);
        else if (facts.manual.contains(signal.symbol))
            skip(signal, Skipped::manual);
        else if (facts.held.contains(signal.symbol))
            skip(signal, Skipped::held);
        else if (facts.cooling.contains(signal.symbol))
            skip(signal, Skipped::cooling);
        else if (facts.ordered.contains(signal.symbol))
            skip(signal, Skipped::ordered);
        else if (quote == quotes.end() || quote->second.last.ticks <= 0)
            skip(signal, Skipped::no_price);
        else if (quote->second.last <= signal.stop)
            skip(signal, Skipped::below_stop);
        else if (quote->second.last >= signal.target)
            skip(signal, Skipped::past_target);
        else if (static_cast<std::int64_t>(picks.size()) >= room)
            skip(signal, Skipped::no_room);
        else
            picks.push_back({signal, 0, limit_of(quote->second, rules)});
    }
    size(picks, facts, rules, plan);
    std::sort(plan.skipped.begin(), plan.skipped.end(),
              [](const SkippedSignal& a, const SkippedSignal& b) {
                  return std::tie(a.signal.symbol, a.signal.entry, a.signal.stop, a.signal.target,
                                  a.why) < std::tie(b.signal.symbol, b.signal.entry, b.signal.stop,
                                                    b.signal.target, b.why);
              });
    return plan;
}

}  // namespace bullpen::jobs
