#include "worker/jobs/share_rest.hpp"

#include <algorithm>

#include "worker/jobs/placement.hpp"
#include "worker/jobs/share_job.hpp"
#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {

namespace {

using broker::Outcome;
using model::Side;

// Of a share that nobody buys, doubling.
constexpr Nanos k_sale_pause = std::chrono::seconds(1);
constexpr Nanos k_sale_pause_max = std::chrono::seconds(60);
constexpr int k_protection_percent = 5;
// Of one step after another that the broker refuses.
constexpr int k_refusals_max = 20;

// An order that would open, or that stands in the way of a sale.
std::optional<RestStep> cancel(const ShareRecords& records, const ShareWorld& world,
                               RestPolicy policy) {
    if (policy == RestPolicy::cover)
        return std::nullopt;
    for (const auto& order : world.orders) {
        const bool opens = order.side == Side::buy;
        if (!is_final(order.status) && is_own(records, order) &&
            (opens || policy == RestPolicy::flatten))
            return RestCancels{order.number};
    }
    return std::nullopt;
}

std::optional<RestStep> protect(const ShareRecords& records, const ShareWorld& world,
                                const std::set<std::string>& refused) {
    for (const auto& naked : naked_of(records, world)) {
        const auto held = world.sellable(naked.symbol);
        const auto quote = world.quotes.find(naked.symbol);
        const auto stops = records.stops.find(naked.symbol);
        const bool asked = stops != records.stops.end() && stops->second.intent.has_value();
        if (held <= 0 || asked || quote == world.quotes.end() || refused.contains(naked.symbol))
            continue;
        // What is left bare is promised to a person's sale: another stop like this one covers no
        // more of it, and was placed at every look.
        if (covered_by_triggers(world, naked.symbol) >= held)
            continue;
        auto levels =
            prior_day_low(quote->second.low_before, quote->second.last, quote->second.tick);
        if (!levels)
            continue;
        // Where the stop is that does not cover it. Too near to the price for another one, what it
        // leaves bare gets one of its own, by the rule.
        const auto active = world.stops(naked.symbol);
        const bool stands = stops != records.stops.end() &&
                            std::any_of(active.begin(), active.end(), [&](const auto& stop) {
                                return stops->second.own.contains(stop.number);
                            });
        // Beside one of ours that stands a new one is for all: what is too much then goes later.
        auto quantity =
            stands ? held
                   : beside_person(stops == records.stops.end() ? StopRecords{} : stops->second,
                                   world, naked.symbol);
        if (stands) {
            const auto last = never_lower(*levels, stops->second, active);
            if (may_place(last.trigger, quote->second.last))
                levels = last;
            else
                quantity = bare_beside(stops->second, held, active);
            // Ours and a person's would sell more than is held: one for all of it is sure.
            if (quantity == 0)
                quantity = held;
        }
        StopRecords::Intent intent{
            within_circuit(*levels, quote->second.lower, quote->second.tick), quantity, {}};
        intent.last_price = price_to_say(levels->trigger, quote->second.last, quote->second.tick);
        for (const auto& stop : active)
            intent.before.insert(stop.number);
        return RestProtects{naked.symbol, std::move(intent)};
    }
    return std::nullopt;
}

class Rest final : public ShareJob {
  public:
    Rest(const PlacementRole& role, RestPolicy policy)
        : ShareJob(role, role.shares), role_(role), policy_(policy) {}

  private:
    struct Pause {
        MonoTime until{};
        Nanos length = k_sale_pause;
    };

    Result<void> begin(Instant) override { return {}; }

    std::optional<Progress> decide(Instant now) override {
        for (auto& [symbol, stops] : records().stops)
            adopt(stops, world().stops(symbol), true, world().at);
        std::set<std::string> resting;
        for (const auto& [symbol, pause] : pauses_) {
            if (now.mono < pause.until)
                resting.insert(symbol);
        }
        const auto overdue =
            policy_ == RestPolicy::cover
                ? overdue_entry(records(), world(),
                                placement_rules(role_.settings.place_orders, role_.facts))
                : 0;
        doing_ = overdue != 0 ? RestStep{RestCancels{overdue}}
                              : next_rest(records(), world(), policy_, resting, refused_);
        if (std::holds_alternative<AtRest>(doing_))
            return finish();
        if (std::holds_alternative<RestWaits>(doing_)) {
            auto at = now.mono + k_sale_pause_max;
            for (const auto& [symbol, pause] : pauses_) {
                if (now.mono < pause.until)
                    at = std::min(at, pause.until);
            }
            return Later{at};
        }
        if (refusals_ >= k_refusals_max)
            return Finished{false, RunReason::not_at_rest, "not at rest: " + refusal_};
        if (const auto* stop = std::get_if<RestProtects>(&doing_))
            records().stops[stop->symbol].intent = stop->intent;
        if (auto kept = keep(); !kept)
            return not_written(kept.error());
        send(now);
        return std::nullopt;
    }

    void send(Instant now) {
        if (const auto* order = std::get_if<RestCancels>(&doing_)) {
            sent(role_.buyer.cancel(order->order, now));
        } else if (const auto* stop = std::get_if<RestProtects>(&doing_)) {
            sent(send_stop(role_.protector, stop->symbol, stop->intent, now));
        } else if (const auto* old = std::get_if<RestTakesStop>(&doing_)) {
            sent(role_.protector.delete_stop(old->trigger, now));
        } else if (const auto* sale = std::get_if<RestSells>(&doing_)) {
            auto& pause = pauses_[sale->symbol];
            pause.until = now.mono + pause.length;
            pause.length = std::min(2 * pause.length, k_sale_pause_max);
            broker::ShareOrderTerms terms;
            const auto day = format_utc(world().at).substr(0, 10);
            terms.client = unused_id(world(), role_.tag, day, sale->symbol, "rest");
            terms.symbol = sale->symbol;
            terms.quantity = sale->quantity;
            terms.protection_percent = k_protection_percent;
            sent(role_.protector.close(terms, now));
        }
    }

    void after(const broker::ShareAnswer& answer) override {
        if (answer.outcome == Outcome::rejected && !is_duplicate(answer)) {
            ++refusals_;
            refusal_ = answer.text;
        }
        const auto* stop = std::get_if<RestProtects>(&doing_);
        if (stop == nullptr)
            return;
        note_stop(records().stops[stop->symbol], answer);
        if (answer.outcome == Outcome::rejected)
            refused_.insert(stop->symbol);
    }

    Progress finish() {
        if (auto kept = keep(); !kept)
            return not_written(kept.error());
        const auto naked = naked_of(records(), world());
        std::string text = policy_ == RestPolicy::flatten ? "flat" : "behind its stops";
        if (!naked.empty())
            text = "WITHOUT A STOP:";
        for (const auto& one : naked)
            text += " " + one.symbol + " " + std::to_string(one.quantity);
        return Finished{naked.empty(), naked.empty() ? RunReason::done : RunReason::unprotected,
                        text};
    }

    PlacementRole role_;
    RestPolicy policy_;
    RestStep doing_;
    std::map<std::string, Pause> pauses_;  // by symbol: when it may be sold again
    std::set<std::string> refused_;        // symbols
    int refusals_ = 0;
    std::string refusal_;
};

}  // namespace

std::uint64_t left_over(const ShareRecords& records, const ShareWorld& world) {
    for (const auto& [symbol, stops] : records.stops) {
        const auto found = world.held.find(symbol);
        const auto held = found == world.held.end() ? 0 : found->second.holding.all();
        // One that is too large stands until another one protects what is held.
        if (held > 0 && covered_by_triggers(world, symbol) < held)
            continue;
        for (const auto& stop : world.stops(symbol)) {
            if (stops.own.contains(stop.number) && stop.quantity > held)
                return stop.number;
        }
    }
    return 0;
}

RestStep next_rest(const ShareRecords& records, const ShareWorld& world, RestPolicy policy,
                   const std::set<std::string>& resting, const std::set<std::string>& refused) {
    if (auto step = cancel(records, world, policy))
        return *step;
    bool waits = false;
    if (policy == RestPolicy::flatten) {
        for (const auto& [symbol, held] : world.held) {
            const auto own = own_quantity(records, world, symbol);
            const auto quantity = std::min(own, held.sellable);
            waits = waits || own > 0;
            if (quantity > 0 && world.open && !resting.contains(symbol))
                return RestSells{symbol, quantity};
        }
    }
    if (auto step = protect(records, world, refused))
        return *step;
    if (waits)
        return RestWaits{};
    if (const auto stop = left_over(records, world); stop != 0)
        return RestTakesStop{stop};
    return AtRest{};
}

std::unique_ptr<Job> make_rest(const PlacementRole& role, RestPolicy policy) {
    return std::make_unique<Rest>(role, policy);
}

}  // namespace bullpen::jobs
