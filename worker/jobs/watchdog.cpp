// hourly_candle_watchdog: watches the prices of what is held for as long as the market is open, and
// sells by one of three rules. What is to be done next says watch_plan.hpp; here prices are asked
// for, and one step after the other is recorded, sent and heard of. The account is looked at whole
// before each step, and every few minutes; in between prices are enough.
#include <algorithm>

#include "common/alerts/unsold.hpp"
#include "worker/equity/day_candles.hpp"
#include "worker/jobs/manual_shares.hpp"
#include "worker/jobs/registry.hpp"
#include "worker/jobs/share_job.hpp"
#include "worker/jobs/share_own.hpp"
#include "worker/jobs/watch_plan.hpp"

namespace bullpen::jobs {

namespace {

using broker::Outcome;

constexpr Nanos k_whole_every = std::chrono::minutes(5);
// Files of candles that are read in one step: each takes a part of a millisecond.
constexpr std::size_t k_files_at_once = 8;
constexpr std::size_t k_candles_max = 60;
// A stop that the broker refused is not asked for again before.
constexpr Nanos k_refused_for = std::chrono::minutes(10);

std::chrono::sys_days day_from(const std::string& text) {
    const auto time = parse_utc(text + "T00:00:00Z");
    return time ? std::chrono::floor<std::chrono::days>(*time) : std::chrono::sys_days{};
}

class Watchdog final : public ShareJob {
  public:
    explicit Watchdog(const ProtectionRole& role)
        : ShareJob(role, role.shares),
          role_(role),
          settings_(role.settings.watch),
          account_(AccountId::parse(role.facts.account).value()),
          path_(watch_records_path(role.paths.directory)),
          day_(day_from(role.facts.trading_day)),
          day_before_(day_from(role.facts.trading_day_before)) {}

    std::string take_trouble() override { return std::exchange(trouble_, {}); }
    // Between two prices, when nothing is being sold: the next one goes on where it was.
    [[nodiscard]] bool interruptible() const override { return idle_; }

  private:
    // What is known of a share as long as the run goes on.
    struct Known {
        std::optional<equity::DailyRange> range;
        bool begun = false;
        bool candles_read = false;
        bool raised = false;    // its stops, by the range that is known
        model::Price standing;  // of the stop at the broker
        std::int64_t sold_before = 0;
        std::int64_t sold = 0;
        std::uint64_t discarded_before = 0;   // prices that nobody believed
        std::optional<UtcTime> stop_refused;  // by the market
        std::string refusal;
    };
    struct Watched {
        const std::string* symbol;
        WatchedShare* share;
        Known* known;
        equity::SecondLook* prices;
    };

    Result<void> begin(Instant) override {
        BULLPEN_TRY(auto kept, load_watch_records(role_.files, path_, account_));
        if (kept.damaged && !role_.dry_run)
            BULLPEN_CHECK(set_aside(role_.files, path_));
        if (!kept.trouble.empty()) {
            tell("its records cannot be used: " + kept.trouble + "; it goes on " +
                 (kept.records.empty() ? "as if it watched for the first time"
                                       : "with those before them"));
        }
        shares_ = std::move(kept.records);
        return {};
    }

    [[nodiscard]] std::set<std::string> symbols() const override {
        std::set<std::string> all;
        for (const auto& [symbol, share] : shares_)
            all.insert(symbol);
        return all;
    }

    [[nodiscard]] Patience patience() const override { return {60, std::chrono::seconds(1)}; }

    [[nodiscard]] Scope next_look(Instant now) const override {
        return whole_due_ || now.mono >= next_whole_ ? Scope::whole : Scope::prices;
    }

    // --- the day ---

    std::optional<Progress> decide(Instant now) override {
        whole_due_ = true;
        idle_ = !world().open;
        // The next day may have begun: a market of the past leaps over its nights.
        const auto closes = role_.facts.day_closes;
        const bool over = world().at >= closes && (closes != UtcTime{} || !world().open);
        if (over || (!world().open && (was_open_ || role_.dry_run)))
            return ended();
        if (!world().open)
            return Progress{Later{now.mono + settings_.poll}};
        was_open_ = true;
        take_over();
        if (read_candles())
            return Progress{Later{now.mono}};
        for (const auto& [symbol, quote] : world().quotes)
            (void)look_at(quote, world().at, world().quotes_asked);
        if (role_.dry_run)
            return dry();
        for (const bool exits : {true, false}) {
            for (auto& [symbol, share] : shares_) {
                if (act(symbol, share, exits, now))
                    return std::nullopt;
            }
        }
        if (!failure_.empty())
            return Finished{false, RunReason::not_written, failure_};
        next_whole_ = now.mono + k_whole_every;
        dirty_ = true;  // when each was seen last
        whole_due_ = std::any_of(shares_.begin(), shares_.end(), [](const auto& known) {
            return known.second.exit || known.second.resting;
        });
        idle_ = !whole_due_;
        return rest(now);
    }

    // Each page by itself: what is in it waits for none of the others.
    void seen(const ipc::ShareReply& page) override {
        for (const auto& quote : page.quotes) {
            if (page.open)
                asks_ = look_at(quote, page.market_time, prices_asked()) || asks_;
        }
    }

    std::optional<Progress> priced(Instant now) override {
        whole_due_ = std::exchange(asks_, false) || !world().open;
        idle_ = !whole_due_;
        if (whole_due_)
            return std::nullopt;
        return rest(now);
    }

    // Until the next prices; what was learned is on disk before.
    Progress rest(Instant now) {
        if (auto kept = keep_own(); !kept)
            return not_written(kept.error());
        return Later{now.mono + (std::exchange(doubts_, false)
                                     ? std::min(settings_.poll, k_second_look_after)
                                     : settings_.poll)};
    }

    // --- what is watched ---

    void take_over() {
        const auto manual = manual_shares(role_.settings.manual_shares);
        std::erase_if(shares_, [&](const auto& known) { return manual.contains(known.first); });
        for (const auto& [symbol, held] : world().held) {
            const auto quantity = held.holding.all();
            if (quantity <= 0 || manual.contains(symbol))
                continue;
            const auto [found, added] = shares_.try_emplace(symbol);
            auto& share = found->second;
            if (auto& known = known_[symbol]; !std::exchange(known.begun, true)) {
                known.sold_before = share.sold;
                known.discarded_before = prices_of(symbol).discarded();
            }
            share.absent_since.reset();
            const bool quiet = !share.exit && held.sellable == quantity;
            if (added || (quiet && quantity > share.left)) {
                // More was bought: its parts are reckoned anew.
                share.base = quantity;
                share.done.clear();
                share.entry = paid_for(symbol, quantity);
            }
            if (quiet)
                share.left = quantity;
        }
        for (auto it = shares_.begin(); it != shares_.end();) {
            auto& share = it->second;
            const auto held = world().held.find(it->first);
            const bool absent = held == world().held.end() || held->second.holding.all() <= 0;
            if (absent)
                share.absent_since = share.absent_since.value_or(world().at);
            const bool gone =
                absent && world().at - *share.absent_since >= role_.settings.ghost_after;
            dirty_ = dirty_ || gone;
            it = gone ? shares_.erase(it) : std::next(it);
        }
        list_watched();
    }

    void list_watched() {
        watched_.clear();
        for (auto& [symbol, share] : shares_)
            watched_.push_back({&symbol, &share, &known_[symbol], &prices_of(symbol)});
    }

    // Prices come in the order of the shares, so that the next one is where it is expected.
    Watched* watched(const std::string& symbol) {
        if (expected_ >= watched_.size() || *watched_[expected_].symbol != symbol) {
            const auto found = std::lower_bound(
                watched_.begin(), watched_.end(), symbol,
                [](const Watched& one, const std::string& name) { return *one.symbol < name; });
            if (found == watched_.end() || *found->symbol != symbol)
                return nullptr;
            expected_ = static_cast<std::size_t>(found - watched_.begin());
        }
        return &watched_[expected_++];
    }

    // On average, by the newest of the orders that the broker still tells of: older ones brought
    // what was sold again. None: the price of now.
    [[nodiscard]] model::Price paid_for(const std::string& symbol, std::int64_t held) {
        std::map<std::uint64_t, const ipc::ShareOrderTold*> bought;
        for (const auto& order : world().orders) {
            if (order.symbol == symbol && order.side == model::Side::buy && order.filled > 0 &&
                order.product == matching::Product::cnc)
                bought.emplace(order.number, &order);
        }
        std::int64_t quantity = 0;
        std::int64_t value = 0;
        for (auto it = bought.rbegin(); it != bought.rend() && quantity < held; ++it) {
            const auto part = std::min(it->second->filled, held - quantity);
            quantity += part;
            value += it->second->value / it->second->filled * part;
        }
        if (quantity > 0)
            return {value / quantity};
        return prices_of(symbol).price().value_or(model::Price{});
    }

    // Whether there is more to read.
    bool read_candles() {
        if (settings_.rule != config::WatchRule::atr)
            return false;
        std::size_t read = 0;
        for (const auto& [symbol, share] : shares_) {
            auto& known = known_[symbol];
            if (std::exchange(known.candles_read, true))
                continue;
            known.range = range_of(symbol);
            if (++read == k_files_at_once)
                return true;
        }
        return false;
    }

    std::optional<equity::DailyRange> range_of(const std::string& symbol) {
        const auto text = role_.files.read(role_.candles + "/" + symbol + "_day.csv",
                                           equity::k_candle_file_size_max);
        auto candles = text ? equity::read_day_candles(*text, k_candles_max)
                            : Result<std::vector<model::Bar>>(fail(text.error()));
        if (!candles) {
            tell("no range of " + symbol + ": " + candles.error().message());
            return std::nullopt;
        }
        if (const auto last = stale_since(*candles); !last.empty()) {
            stale_[symbol] = last;
            tell("no range of " + symbol + ": its candles are STALE, the last one before this day" +
                 " is of " + last + " and not of " + role_.facts.candles_from);
            return std::nullopt;
        }
        auto range = equity::daily_range(*candles, day_);
        if (!range)
            tell("no range of " + symbol + ": less than 21 candles in the 45 days before");
        return range;
    }

    // The day of the last candle before this day, where a later one is missing; otherwise empty.
    [[nodiscard]] std::string stale_since(const std::vector<model::Bar>& candles) const {
        std::string last;
        for (const auto& candle : candles) {
            if (candle.start < UtcTime(day_))
                last = format_utc(candle.start).substr(0, role_.facts.trading_day.size());
        }
        return last < role_.facts.candles_from ? last : std::string();
    }

    // Takes in the newest price of a share; whether it asks for a step.
    bool look_at(const ipc::ShareQuoteTold& quote, UtcTime at, MonoTime asked) {
        auto* const one = quote.last.ticks > 0 ? watched(quote.symbol) : nullptr;
        if (one == nullptr)
            return false;
        auto& prices = *one->prices;
        prices.see(quote.last, asked, quote.close_before, role_.settings.price_jump);
        if (prices.doubts()) {
            doubts_ = true;
            return is_through_stop(*one->share, *one->known, quote.last);
        }
        see(*one->share, *one->known, quote, *prices.price(), at);
        return asks_for_step(*one->share, *one->known, quote, *prices.price());
    }

    void see(WatchedShare& share, Known& known, const ipc::ShareQuoteTold& quote,
             model::Price price, UtcTime at) {
        const auto candle = [&] {
            return share.lows.forming() ? share.lows.forming()->candle
                                        : equity::HourlyLows::Candle{};
        };
        const auto before = candle();
        share.lows.add(at, price, day_, day_before_);
        dirty_ = dirty_ || !(candle() == before);
        if (share.entry.ticks == 0)
            share.entry = price;
        if (known.raised && price <= share.trail.high)
            return;
        known.raised = true;
        dirty_ = share.trail.raise(price, known.range, quote.tick) || dirty_;
    }

    // The stop at the broker has fired, or is about to: whether its order rests unfilled shows only
    // when the account is looked at whole.
    [[nodiscard]] bool is_through_stop(const WatchedShare& share, const Known& known,
                                       model::Price price) const {
        return price <= known.standing && !given_up(share, settings_, role_.facts.trading_day);
    }

    [[nodiscard]] bool asks_for_step(const WatchedShare& share, const Known& known,
                                     const ipc::ShareQuoteTold& quote, model::Price price) const {
        if (is_through_stop(share, known, price) ||
            (!given_up(share, settings_, role_.facts.trading_day) &&
             due_exit(share, settings_, known.range, price, quote.tick)))
            return true;
        if (settings_.rule != config::WatchRule::atr || known.stop_refused)
            return false;
        const auto& stop = settings_.tranches ? share.trail.rest : share.trail.stop;
        return stop && known.standing.ticks > 0 &&
               *stop >= worth_moving_to(known.standing, settings_);
    }

    // --- steps ---

    [[nodiscard]] WatchView view(const std::string& symbol) {
        const auto& known = known_[symbol];
        const bool refused = known.stop_refused && world().at - *known.stop_refused < k_refused_for;
        return {world(),
                settings_,
                symbol,
                role_.facts.trading_day,
                role_.tag,
                records().stops[symbol],
                known.range,
                refused,
                prices_of(symbol).price()};
    }

    // Whether something was sent for the share.
    bool act(const std::string& symbol, WatchedShare& share, bool exits, Instant now) {
        auto& stops = records().stops[symbol];
        if (exits)
            adopt(stops, world().stops(symbol), true, world().at);
        known_[symbol].standing = never_lower({}, stops, world().stops(symbol)).trigger;
        if (!failure_.empty())
            return false;
        const auto before = share;
        const auto looked = view(symbol);
        auto step = WatchStep{WatchDone{}};
        if (exits)
            step = next_exit(share, looked);
        else if (!share.exit || given_up(share, settings_, role_.facts.trading_day))
            step = next_upkeep(share, looked);
        known_[symbol].sold = share.sold;
        dirty_ = dirty_ || !(share == before);
        if (given_up(share, settings_, role_.facts.trading_day))
            tell(alerts::unsold_sentence(symbol, share.exit->note));
        if (std::holds_alternative<WatchDone>(step) || std::holds_alternative<WatchWait>(step))
            return false;
        doing_ = step;
        symbol_ = symbol;
        if (const auto* stop = std::get_if<PlaceStop>(&step))
            stops.intent = stop->intent;
        auto kept = keep_own();
        if (kept && stops.intent)
            kept = keep();
        if (!kept) {
            stops.intent.reset();
            failure_ = kept.error().message();
            return false;
        }
        send(step, now);
        return true;
    }

    void send(const WatchStep& step, Instant now) {
        if (const auto* sale = std::get_if<WatchSell>(&step)) {
            broker::ShareOrderTerms terms;
            terms.client = model::ClientOrderId::parse(sale->client).value();
            terms.symbol = symbol_;
            terms.quantity = sale->quantity;
            terms.limit = sale->limit;
            sent(role_.protector.close(terms, now));
        } else if (const auto* cancel = std::get_if<WatchCancel>(&step)) {
            sent(role_.protector.cancel(cancel->order, now));
        } else if (const auto* stop = std::get_if<PlaceStop>(&step)) {
            sent(send_stop(role_.protector, symbol_, stop->intent, now));
        } else if (const auto* old = std::get_if<DeleteStop>(&step)) {
            sent(role_.protector.delete_stop(old->number, now));
        }
    }

    void after(const broker::ShareAnswer& answer) override {
        dirty_ = true;
        if (std::holds_alternative<WatchSell>(doing_)) {
            const auto share = shares_.find(symbol_);
            if (share == shares_.end() || !share->second.exit ||
                answer.outcome == Outcome::accepted || answer.outcome == Outcome::unknown)
                return;
            refused(*share->second.exit, answer);
            return;
        }
        if (!std::holds_alternative<PlaceStop>(doing_))
            return;
        note_stop(records().stops[symbol_], answer);
        auto& known = known_[symbol_];
        known.stop_refused.reset();
        // One that did not fit a price that is doubted is asked for with the next look.
        if (answer.outcome == Outcome::rejected && !world().doubted.contains(symbol_)) {
            known.stop_refused = world().at;
            known.refusal = answer.text;
            tell("no stop for " + symbol_ + ": " + answer.text);
        }
    }

    // What was sent once, and this is an answer to: it is over. What was sent before that, too, is
    // over when the broker's list says so.
    static void refused(WatchExit& exit, const broker::ShareAnswer& answer) {
        if (!exit.unheard)
            exit.client.clear();
        if (answer.outcome == Outcome::not_sent || is_duplicate(answer))
            return;
        ++exit.attempts;
        exit.note = answer.text;
    }

    Result<void> keep_own() {
        if (!dirty_ || role_.dry_run)
            return {};
        BULLPEN_CHECK(save(role_.files, path_, account_, shares_));
        dirty_ = false;
        return {};
    }

    // --- what people read ---

    // Once in a run.
    void tell(const std::string& text) {
        if (told_.insert(text).second)
            trouble_ += (trouble_.empty() ? "" : "; ") + text;
    }

    Progress ended() {
        for (auto& [symbol, share] : shares_)
            share.lows.shut(world().at);
        dirty_ = dirty_ || was_open_;
        if (auto kept = keep_own(); !kept)
            return not_written(kept.error());
        if (!was_open_)
            return Finished{true, RunReason::market_shut, "the market is shut"};
        std::string text = "watched " + std::to_string(shares_.size());
        for (const auto& [symbol, known] : known_) {
            if (known.sold > known.sold_before)
                text += ", sold " + symbol + " " + std::to_string(known.sold - known.sold_before);
        }
        for (const auto& [symbol, known] : known_) {
            if (const auto count = prices_of(symbol).discarded() - known.discarded_before;
                known.begun && count > 0)
                text += ", not believed " + std::to_string(count) + " of the prices of " + symbol;
        }
        text += stale_text() + left_to_person_text(records(), world(),
                                                   manual_shares(role_.settings.manual_shares));
        bool sold = true;
        for (const auto& [symbol, share] : shares_) {
            if (!share.exit)
                continue;
            sold = false;
            text += "; " + alerts::unsold_sentence(symbol, share.exit->note);
        }
        return Finished{sold, sold ? done() : RunReason::not_sold, text};
    }

    [[nodiscard]] RunReason done() const {
        return stale_.empty() ? RunReason::done : RunReason::candles_stale;
    }
    [[nodiscard]] std::string stale_text() const {
        std::string text;
        for (const auto& [symbol, last] : stale_)
            text += "; STALE: " + symbol + ": its last candle is of " + last;
        return text;
    }

    Progress dry() {
        std::string text = "would sell";
        for (const auto& [symbol, share] : shares_) {
            const auto quote = world().quotes.find(symbol);
            if (quote == world().quotes.end())
                continue;
            const auto& prices = prices_of(symbol);
            if (prices.doubts() || !prices.price())
                continue;
            const auto due = due_exit(share, settings_, known_[symbol].range, *prices.price(),
                                      quote->second.tick);
            if (due)
                text += " " + symbol + " (" + std::string(code(due->leg)) + "),";
        }
        if (text.ends_with("sell"))
            text += " nothing";
        return Finished{true, done(), text + stale_text()};
    }

    ProtectionRole role_;
    config::WatchSettings settings_;
    AccountId account_;
    std::string path_;
    std::chrono::sys_days day_;
    std::chrono::sys_days day_before_;
    WatchRecords shares_;
    std::map<std::string, Known> known_;
    std::vector<Watched> watched_;  // all of them, in order, as of the last look at everything
    std::size_t expected_ = 0;      // whose price comes next
    bool asks_ = false;             // a price asked for a step
    bool doubts_ = false;           // a price needs a second look
    std::set<std::string> told_;
    std::map<std::string, std::string> stale_;  // by symbol: the day of its last candle
    std::string trouble_;
    std::string failure_;  // of the disk
    WatchStep doing_;
    std::string symbol_;  // of what was sent
    MonoTime next_whole_{};
    bool whole_due_ = true;
    bool was_open_ = false;
    bool idle_ = false;
    bool dirty_ = false;
};

}  // namespace

std::unique_ptr<Job> make_hourly_candle_watchdog(const ProtectionRole& role) {
    return std::make_unique<Watchdog>(role);
}

}  // namespace bullpen::jobs
