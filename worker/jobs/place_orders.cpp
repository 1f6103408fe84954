// place_orders_daily: buys after the newest signal file, and protects what it bought. What is to be
// done next says placement.hpp; here it is done, one step after the other, each of them in the
// records before it is sent.
#include <algorithm>
#include <map>

#include "common/storage/atomic_file.hpp"
#include "common/storage/checksum.hpp"
#include "worker/jobs/manual_shares.hpp"
#include "worker/jobs/orders_file.hpp"
#include "worker/jobs/placement.hpp"
#include "worker/jobs/registry.hpp"
#include "worker/jobs/rupees.hpp"
#include "worker/jobs/share_job.hpp"
#include "worker/jobs/share_own.hpp"
#include "worker/jobs/signal_file.hpp"

namespace bullpen::jobs {

namespace {

using broker::Outcome;

constexpr std::chrono::days k_records_kept{30};
// A file that is younger may be in the middle of being copied.
constexpr Nanos k_written_for = std::chrono::seconds(10);
// So many looks more when the price of a signal's share is doubted; then it has none.
constexpr int k_second_looks_max = 3;

class PlaceOrders final : public ShareJob {
  public:
    explicit PlaceOrders(const PlacementRole& role)
        : ShareJob(role, role.shares),
          role_(role),
          rules_(placement_rules(role.settings.place_orders, role.facts)) {}

    bool wind_up() override {
        rules_.over = !role_.dry_run;
        return rules_.over;
    }

  private:
    Result<void> begin(Instant now) override {
        const auto& settings = role_.settings.place_orders;
        const auto newest = newest_signal_file(role_.inbox, settings.signals, now.utc);
        if (!newest) {
            stop_for(RunReason::no_signals, newest.error().message());
            return {};
        }
        const auto& file = *newest;
        if (!file) {
            stop_for(RunReason::no_signals, "there is no signal file " + settings.signals +
                                                "*.csv, .json or .xlsx in " +
                                                role_.inbox.directory());
            return {};
        }
        if (!is_fresh(file->modified, now.utc, settings.signal_age_max,
                      role_.facts.day_before_closed)) {
            const bool future = is_of_future(file->modified, now.utc);
            stop_for(RunReason::signals_too_old,
                     "the newest signal file, " + file->name + " of " + format_utc(file->modified) +
                         (future ? ", has a time in the future: set the clock that wrote it, and "
                                   "touch the file"
                                 : ", is too old"));
            return {};
        }
        const auto text = role_.inbox.read(file->name, k_signal_file_size_max);
        if (text && now.utc - file->modified < k_written_for && is_cut_short(file->name, *text)) {
            stop_for(RunReason::signals_unusable,
                     file->name +
                         " is not taken yet: its last line does not end, and it was "
                         "written a moment ago");
            return {};
        }
        auto sheet =
            text ? read_signals(file->name, *text) : Result<SignalSheet>(fail(text.error()));
        if (!sheet) {
            stop_for(RunReason::signals_unusable, sheet.error().message());
            return {};
        }
        sheet_ = std::move(*sheet);
        if (sheet_.signals.empty()) {
            stop_for(RunReason::signals_unusable, file->name + " has no signal that can be used");
            return {};
        }
        for (const auto& name : file->of_future)
            sheet_.bad_rows.push_back(name + " is passed over: its time is in the future");
        from_.file = file->name;
        from_.modified = file->modified;
        from_.checksum = storage::checksum_text(storage::crc32c(*text));
        return {};
    }

    // Nothing new is ordered, for this; what was begun before is brought to its end all the same.
    void stop_for(RunReason reason, std::string text) {
        trouble_reason_ = reason;
        trouble_ = std::move(text);
    }

    [[nodiscard]] std::set<std::string> symbols() const override {
        std::set<std::string> all;
        for (const auto& signal : sheet_.signals)
            all.insert(signal.symbol);
        for (const auto& [client, order] : records().orders) {
            if (order.day == day())
                all.insert(order.signal.symbol);
        }
        return all;
    }
    [[nodiscard]] const std::string& day() const { return role_.facts.trading_day; }

    [[nodiscard]] bool looks_early() const override { return !role_.dry_run; }
    // What has filled waits for no price: the next look has new ones, and what follows from them.
    bool protects_early(const ShareWorld& world, Instant now) override {
        learn(records(), world, day());
        const auto stop = stop_at_fill(records(), world, day(), rules_);
        if (!stop || refused_early_.contains(stop->client))
            return false;
        early_ = !act(*stop, now).has_value();
        return early_;
    }

    std::optional<Progress> decide(Instant now) override {
        early_ = false;
        const auto before = records();
        learn(records(), world(), day());
        heed_loss();
        if (records() != before && !role_.dry_run) {
            if (auto kept = keep(); !kept)
                return not_written(kept.error());
        }
        if (role_.dry_run)
            return doubts_loss() || looks_again() ? Progress{Later{now.mono + k_second_look_after}}
                                                  : *dry();
        // What an earlier attempt left is brought to its end before anything new is begun.
        const auto next = next_placement(records(), world(), day(), rules_);
        const bool buys = std::holds_alternative<SendOrder>(next) ||
                          (std::holds_alternative<PlacementDone>(next) && !planned_);
        if (buys && doubts_loss())
            return Progress{Later{now.mono + k_second_look_after}};
        if (std::holds_alternative<PlacementDone>(next)) {
            if (!planned_ && trouble_.empty() && is_too_late()) {
                stop_for(RunReason::too_late,
                         rules_.over ? "nothing was bought before the run's time was over"
                                     : "it is too late on this day to buy");
            }
            if (!planned_ && trouble_.empty()) {
                if (!world().open || world().at < rules_.buys_from)
                    return Progress{k_news};
                if (looks_again())
                    return Progress{Later{now.mono + k_second_look_after}};
                if (auto planned = plan(); !planned)
                    return not_written(planned.error());
                return std::nullopt;
            }
            return finish(now);
        }
        return act(next, now);
    }

    [[nodiscard]] bool doubts_signals() const {
        return std::any_of(sheet_.signals.begin(), sheet_.signals.end(), [&](const Signal& signal) {
            return world().doubted.contains(signal.symbol);
        });
    }

    // Before a plan: a price that is doubted sizes no order, and may be true.
    bool looks_again() {
        return trouble_.empty() && doubts_signals() && ++second_looks_ <= k_second_looks_max;
    }

    // Whether the day has lost too much is not judged before the second look.
    [[nodiscard]] bool doubts_loss() const {
        const auto& loss = role_.facts.loss;
        return (loss.amount_max > 0 || loss.percent > 0) && trouble_.empty() && !rules_.over &&
               is_doubted(world());
    }

    // What works is cancelled then, and what has filled is protected.
    void heed_loss() {
        const auto today = parse_utc(day() + "T00:00:00Z");
        if (today)
            judge_loss(records(), world(), role_.facts.loss,
                       std::chrono::floor<std::chrono::days>(*today));
        if (!is_loss_reached(records(), day()))
            return;
        rules_.over = true;
        if (trouble_.empty())
            stop_for(RunReason::daily_loss_reached, jobs::text_of(*records().loss));
    }

    [[nodiscard]] bool is_too_late() const {
        return rules_.over || world().at >= rules_.buys_until;
    }
    // A file is bought from once, on whatever day, until somebody writes it anew.
    [[nodiscard]] bool was_planned() const {
        const auto& before = records().planned;
        if (!before || before->file != from_.file || before->checksum != from_.checksum)
            return false;
        return before->modified == UtcTime{} ? before->day == day()
                                             : before->modified == from_.modified;
    }

    // What it says was bought would be bought again.
    bool stop_for_unreadable() {
        if (unreadable_.empty())
            return false;
        std::string text;
        for (const auto& name : unreadable_)
            text += (text.empty() ? "" : ", ") + name;
        stop_for(RunReason::orders_file_unreadable,
                 "what was ordered on this day is not known, for it cannot be read: " + text);
        return true;
    }

    OrderPlan planned() {
        OrderPlanFacts facts;
        facts.cash = world().available;
        for (const auto& [symbol, held] : world().held)
            facts.held.insert(symbol);
        for (const auto& order : world().orders) {
            const bool open = !is_final(order.status);
            const bool traded =
                order.filled > 0 && format_utc(UtcTime(order.day)).substr(0, 10) == day();
            if (traded || (order.side == model::Side::buy && open))
                facts.ordered.insert(order.symbol);
        }
        for (const auto& [client, order] : records().orders) {
            if (order.day == day() && order.state != MeantState::rejected)
                facts.ordered.insert(order.signal.symbol);
        }
        facts.ordered.merge(ordered_by_files(role_.files, role_.paths.orders, day(), &unreadable_));
        const auto& settings = role_.settings.place_orders;
        facts.manual = manual_shares(role_.settings.manual_shares);
        for (const auto& [symbol, at] : records().sold) {
            if (world().at - at < settings.cooldown)
                facts.cooling.insert(symbol);
        }
        const OrderPlanRules rules{settings.positions_max, settings.deployment_percent,
                                   settings.order == config::ShareOrderKind::market
                                       ? settings.protection_percent * 100
                                       : settings.limit_above};
        std::map<std::string, ShareQuote> quotes;
        for (const auto& [symbol, quote] : world().quotes) {
            if (!world().doubted.contains(symbol))
                quotes[symbol] = {quote.last, quote.upper, quote.tick};
        }
        return plan_orders(sheet_.signals, facts, rules, quotes);
    }

    Result<void> plan() {
        planned_ = true;
        if (was_planned()) {
            before_ = "nothing new, for " + from_.file + " was planned from at " +
                      format_utc(records().planned->at) + "; ";
            return {};
        }
        auto plan = planned();
        if (stop_for_unreadable()) {
            planned_ = false;
            return {};
        }
        skipped_ = plan.skipped;
        from_.available = world().available;
        for (const auto& one : plan.skipped)
            from_.skipped.emplace_back(one.signal.symbol, code(one.why));
        from_.bad_rows = sheet_.bad_rows;
        from_.bad_rows.resize(std::min(from_.bad_rows.size(), PlannedFrom::k_bad_rows_max));
        const auto oldest = day_before(k_records_kept);
        std::erase_if(records().orders,
                      [&](const auto& known) { return known.second.day < oldest; });
        int rank = 0;
        for (const auto& order : plan.orders) {
            const auto client =
                share_order_id(role_.tag, day(), order.signal.symbol, attempt_of(order.signal));
            MeantOrder meant;
            meant.day = day();
            meant.rank = ++rank;
            meant.signal = order.signal;
            meant.quantity = order.quantity;
            meant.limit = order.limit;
            meant.last = world().quotes.at(order.signal.symbol).last;
            records().orders[client.str()] = std::move(meant);
        }
        from_.day = day();
        from_.at = world().at;
        records().planned = from_;
        return keep();
    }

    // A share whose order was refused today may be ordered anew, under another id.
    [[nodiscard]] std::string attempt_of(const Signal& signal) const {
        const auto tried =
            std::count_if(records().orders.begin(), records().orders.end(), [&](const auto& known) {
                return known.second.day == day() && known.second.signal.symbol == signal.symbol;
            });
        return "buy" + std::to_string(tried);
    }

    [[nodiscard]] std::string day_before(std::chrono::days days) const {
        return format_utc(role_.facts.market_time - days).substr(0, 10);
    }

    std::optional<Progress> act(const PlacementStep& step, Instant now) {
        if (std::holds_alternative<PlacementWait>(step))
            return world().doubted.empty() ? Progress{k_news}
                                           : Progress{Later{now.mono + k_second_look_after}};
        doing_ = step;
        if (const auto* send = std::get_if<SendOrder>(&step)) {
            auto& order = records().orders.at(send->client);
            order.note.clear();
            order.state = MeantState::sent;
            order.sent = world().at;
        } else if (const auto* stop = std::get_if<SendStop>(&step)) {
            symbol_ = records().orders.at(stop->client).signal.symbol;
            records().stops[symbol_].intent = stop->intent;
        } else if (const auto* close = std::get_if<CloseShares>(&step)) {
            auto& order = records().orders.at(close->client);
            ++order.closings;
            order.note = "closed: it could not be protected";
        }
        if (auto kept = keep(); !kept)
            return not_written(kept.error());
        send(step, now);
        return std::nullopt;
    }

    void send(const PlacementStep& step, Instant now) {
        if (const auto* buy = std::get_if<SendOrder>(&step)) {
            const auto& order = records().orders.at(buy->client);
            const bool market = role_.settings.place_orders.order == config::ShareOrderKind::market;
            broker::ShareOrderTerms terms;
            terms.client = model::ClientOrderId::parse(buy->client).value();
            terms.symbol = order.signal.symbol;
            terms.quantity = order.quantity;
            terms.limit = market ? model::Price{} : order.limit;
            terms.protection_percent = market ? role_.settings.place_orders.protection_percent : 0;
            sent(role_.buyer.buy(terms, now));
        } else if (const auto* cancel = std::get_if<CancelOrder>(&step)) {
            sent(role_.buyer.cancel(cancel->number, now));
        } else if (const auto* stop = std::get_if<SendStop>(&step)) {
            sent(send_stop(role_.protector, symbol_, stop->intent, now));
        } else if (const auto* old = std::get_if<TakeStop>(&step)) {
            sent(role_.protector.delete_stop(old->number, now));
        } else if (const auto* close = std::get_if<CloseShares>(&step)) {
            const auto& order = records().orders.at(close->client);
            broker::ShareOrderTerms terms;
            terms.client = unused_id(world(), role_.tag, day(), order.signal.symbol, "close");
            terms.symbol = order.signal.symbol;
            terms.quantity = close->quantity;
            terms.protection_percent = role_.settings.place_orders.protection_percent;
            sent(role_.protector.close(terms, now));
        }
    }

    void after(const broker::ShareAnswer& answer) override {
        if (const auto* buy = std::get_if<SendOrder>(&doing_)) {
            auto& order = records().orders.at(buy->client);
            // One that the broker has already shows in the next look.
            if (answer.outcome == Outcome::rejected && !is_duplicate(answer)) {
                order.state = MeantState::rejected;
                order.note = answer.text;
            } else if (answer.outcome == Outcome::not_sent) {
                order.state = MeantState::planned;
                order.sent = {};
            }
        } else if (const auto* stop = std::get_if<SendStop>(&doing_)) {
            note_stop(records().stops[symbol_], answer);
            if (answer.outcome == Outcome::rejected) {
                auto& order = records().orders.at(stop->client);
                // One that did not fit a price that is doubted, or an old one, says nothing of the
                // next.
                order.stop_refusals += early_ || world().doubted.contains(symbol_) ? 0 : 1;
                order.note = "no stop: " + answer.text;
                if (early_)
                    refused_early_.insert(stop->client);
            }
        }
    }

    std::optional<Progress> dry() {
        if (!trouble_.empty())
            return Finished{false, trouble_reason_, trouble_ + skipped_text({}, sheet_.bad_rows)};
        if (was_planned()) {
            return Finished{true, RunReason::nothing_new,
                            "would order nothing new, for " + from_.file + " was planned from at " +
                                format_utc(records().planned->at)};
        }
        if (is_too_late()) {
            return Finished{false, RunReason::too_late,
                            "would order nothing: it is too late on this day to buy"};
        }
        const bool shut = !world().open;
        std::string text = "of " + from_.file + " would order";
        if (shut)
            text = "would order nothing before the market opens; then, at these prices, of " +
                   from_.file;
        const auto plan = planned();
        if (stop_for_unreadable())
            return Finished{false, trouble_reason_, "would order nothing: " + trouble_};
        for (const auto& order : plan.orders) {
            text += " " + order.signal.symbol + " " + std::to_string(order.quantity) + " at " +
                    rupees_text(order.limit) + " rupees,";
        }
        if (plan.orders.empty())
            text += " nothing";
        else
            text.pop_back();
        return Finished{true, shut ? RunReason::market_shut : RunReason::done,
                        text + skipped_text(plan.skipped, sheet_.bad_rows)};
    }

    // What became of the orders of the day, by symbol, each after a space.
    struct Fates {
        int ordered = 0;
        int filled = 0;
        std::string refused;
        std::string unheard;
        std::string closed;
        std::string unsent;
        std::string unfilled;
    };

    // The orders file has it in their notes.
    Fates take_fates() {
        Fates fates;
        for (auto& [client, order] : records().orders) {
            if (order.day != day())
                continue;
            const auto& symbol = order.signal.symbol;
            if (order.closings > 0)
                fates.closed += " " + symbol;
            const auto* known = world().find(model::ClientOrderId::parse(client).value());
            fates.ordered += known != nullptr ? 1 : 0;
            fates.filled += known != nullptr && known->filled > 0 ? 1 : 0;
            if (order.state == MeantState::rejected)
                fates.refused += " " + symbol + " (" + order.note + ")";
            const bool waits = known == nullptr && order.state == MeantState::planned;
            if (waits && order.sent != UtcTime{}) {
                fates.unheard += " " + symbol;
            } else if (waits) {
                fates.unsent += " " + symbol;
                order.note = is_loss_reached(records(), day())
                                 ? "not sent: the loss of the day was reached"
                                 : "not sent: it was too late on this day to buy";
            }
            if (known == nullptr || order.state != MeantState::over ||
                known->filled >= order.quantity)
                continue;
            fates.unfilled += " " + symbol;
            if (known->filled > 0) {
                fates.unfilled += " (" + std::to_string(known->filled) + " of " +
                                  std::to_string(order.quantity) + ")";
            }
            if (order.note.empty())
                order.note = known->filled > 0 ? "not all of it was filled" : "not filled";
        }
        return fates;
    }

    [[nodiscard]] std::string text_of(const Fates& fates,
                                      const std::vector<std::string>& naked) const {
        std::string text = before_ + "ordered " + std::to_string(fates.ordered) + ", filled " +
                           std::to_string(fates.filled);
        if (planned_ && before_.empty())
            text += ", of " + from_.file;
        text += skipped_text(skipped_, sheet_.bad_rows);
        const auto add = [&](std::string_view what, const std::string& symbols) {
            if (!symbols.empty())
                text += "; " + std::string(what) + ":" + symbols;
        };
        add("closed, for no stop could be placed", fates.closed);
        add("refused", fates.refused);
        add(is_loss_reached(records(), day()) ? "not sent" : "not sent, too late", fates.unsent);
        add("not filled", fates.unfilled);
        add("sent without an answer, and not at the broker", fates.unheard);
        for (const auto& one : naked)
            text += "; UNPROTECTED: " + one;
        return trouble_.empty() ? text : trouble_ + "; " + text;
    }

    // Of several the one that somebody must act on first.
    [[nodiscard]] RunReason reason_of(const Fates& fates, bool naked) const {
        if (naked)
            return RunReason::unprotected;
        if (!trouble_.empty())
            return trouble_reason_;
        if (!fates.unsent.empty())
            return RunReason::partly_sent;
        if (!fates.closed.empty())
            return RunReason::closed_unprotected;
        if (!fates.unheard.empty())
            return RunReason::no_answer;
        if (!fates.refused.empty())
            return RunReason::orders_refused;
        if (!fates.unfilled.empty())
            return RunReason::partly_filled;
        return before_.empty() ? RunReason::done : RunReason::nothing_new;
    }

    std::optional<Progress> finish(Instant now) {
        const auto fates = take_fates();
        if (auto kept = keep(); !kept)
            return not_written(kept.error());
        if (records().planned && records().planned->day == day()) {
            if (auto written = write_file(now); !written)
                return not_written(written.error());
        }
        const auto naked = unprotected(records(), world(), day());
        return Finished{naked.empty() && trouble_.empty() && fates.unsent.empty(),
                        reason_of(fates, !naked.empty()), text_of(fates, naked)};
    }

    Result<void> write_file(Instant now) {
        OrdersFile file;
        file.account = role_.facts.account;
        file.day = day();
        file.planned = *records().planned;
        file.deployment_percent = role_.settings.place_orders.deployment_percent;
        const auto path = role_.paths.orders + "/" + orders_file_name(file);
        return storage::replace_file(role_.files, path,
                                     orders_file_text(file, records(), world(), now.utc));
    }

    PlacementRole role_;
    PlacementRules rules_;
    SignalSheet sheet_;
    PlannedFrom from_;
    std::string trouble_;  // why nothing new is ordered
    RunReason trouble_reason_{};
    std::string before_;  // that it was all planned by a run before
    std::vector<SkippedSignal> skipped_;
    std::vector<std::string> unreadable_;
    PlacementStep doing_;
    std::string symbol_;                   // of the stop that is sent
    bool early_ = false;                   // what was sent is by old prices
    std::set<std::string> refused_early_;  // ids of orders
    bool planned_ = false;
    int second_looks_ = 0;
};

}  // namespace

std::unique_ptr<Job> make_place_orders_daily(const PlacementRole& role) {
    return std::make_unique<PlaceOrders>(role);
}

}  // namespace bullpen::jobs
