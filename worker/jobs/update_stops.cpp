// update_cnc_stoploss: each holding's stop is moved up to the low of the day before. The new
// trigger is at the broker and confirmed before the old one of ours is deleted; what was placed by
// hand is not touched. See stop_plan.hpp for why a death in between leaves nothing unprotected.
#include "worker/jobs/manual_shares.hpp"
#include "worker/jobs/registry.hpp"
#include "worker/jobs/rupees.hpp"
#include "worker/jobs/share_job.hpp"
#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {

namespace {

using broker::Outcome;

class UpdateStops final : public ShareJob {
  public:
    explicit UpdateStops(const ProtectionRole& role) : ShareJob(role, role.shares), role_(role) {}

  private:
    Result<void> begin(Instant) override { return {}; }

    std::optional<Progress> decide(Instant now) override {
        for (auto& [symbol, stops] : records().stops)
            adopt(stops, world().stops(symbol), true, world().at);
        std::set<std::string> all;
        for (const auto& [symbol, held] : world().held)
            all.insert(symbol);
        for (const auto& [symbol, stops] : records().stops)
            all.insert(symbol);
        for (const auto& symbol : manual_shares(role_.settings.manual_shares))
            all.erase(symbol);
        for (const auto& symbol : all) {
            if (!refused_.contains(symbol) && look_after(symbol, now))
                return std::nullopt;
        }
        if (!role_.dry_run) {
            if (auto kept = keep(); !kept)
                return not_written(kept.error());
        }
        return finish();
    }

    // Whether something was sent for it.
    bool look_after(const std::string& symbol, Instant now) {
        auto& stops = records().stops[symbol];
        const auto held = beside_person(stops, world(), symbol);
        StopLevels wanted;
        std::optional<StopLevels> beside;
        const auto quote = world().quotes.find(symbol);
        if (held > 0) {
            const auto levels = quote == world().quotes.end()
                                    ? std::nullopt
                                    : prior_day_low(quote->second.low_before, quote->second.last,
                                                    quote->second.tick);
            if (!levels) {
                refused_[symbol] = "no price";
                return false;
            }
            // Once for each share: a price that rises meanwhile is for the next run.
            const auto settled = settled_.try_emplace(symbol, *levels).first->second;
            wanted = settled.trigger < quote->second.last ? settled : *levels;
            beside = within_circuit(*levels, quote->second.lower, quote->second.tick);
        }
        // Of what a triggered stop is selling nothing is left to protect; it is not ours to end.
        if (world().sellable(symbol) == 0 && world().held.contains(symbol))
            return false;
        const auto active = world().stops(symbol);
        // What placement or the watchdog set higher stays where it is.
        wanted = never_lower(wanted, stops, active);
        if (held > 0) {
            wanted = within_circuit(wanted, quote->second.lower, quote->second.tick);
            if (may_place(wanted.trigger, quote->second.last))
                beside.reset();
        }
        const auto step = next_step(stops, held, active, wanted, beside);
        symbol_ = symbol;
        if (const auto* place = std::get_if<PlaceStop>(&step)) {
            if (role_.dry_run) {
                would_.push_back(symbol + " at " + rupees_text(place->intent.levels.trigger) +
                                 " rupees");
                return false;
            }
            stops.intent = place->intent;
            stops.intent->last_price =
                price_to_say(place->intent.levels.trigger, quote->second.last, quote->second.tick);
            if (auto kept = keep(); !kept) {
                refused_[symbol] = kept.error().message();
                stops.intent.reset();
                return false;
            }
            places_ = true;
            sent(send_stop(role_.protector, symbol, *stops.intent, now));
            return true;
        }
        const auto* old = std::get_if<DeleteStop>(&step);
        if (old == nullptr || role_.dry_run)
            return false;
        places_ = false;
        sent(role_.protector.delete_stop(old->number, now));
        return true;
    }

    void after(const broker::ShareAnswer& answer) override {
        if (!places_) {
            removed_ += answer.outcome == Outcome::accepted ? 1 : 0;
            return;
        }
        note_stop(records().stops[symbol_], answer);
        placed_ += answer.outcome == Outcome::accepted ? 1 : 0;
        if (answer.outcome == Outcome::rejected)
            refused_[symbol_] = answer.text;
    }

    [[nodiscard]] Progress finish() const {
        std::string text = "placed " + std::to_string(placed_) + ", removed " +
                           std::to_string(removed_) + " of its own";
        if (role_.dry_run) {
            text = "would place " + std::to_string(would_.size());
            for (const auto& one : would_)
                text += ", " + one;
        }
        text +=
            left_to_person_text(records(), world(), manual_shares(role_.settings.manual_shares));
        for (const auto& [symbol, why] : refused_)
            text += "; " + symbol + ": " + why;
        return Finished{refused_.empty(),
                        refused_.empty() ? RunReason::done : RunReason::stops_refused, text};
    }

    ProtectionRole role_;
    std::map<std::string, std::string> refused_;  // by symbol: why
    std::map<std::string, StopLevels> settled_;   // by symbol, at the first look
    std::vector<std::string> would_;
    std::string symbol_;   // of what was sent
    bool places_ = false;  // it was a new stop
    int placed_ = 0;
    int removed_ = 0;
};

}  // namespace

std::unique_ptr<Job> make_update_cnc_stoploss(const ProtectionRole& role) {
    return std::make_unique<UpdateStops>(role);
}

}  // namespace bullpen::jobs
