#include "worker/share_minder.hpp"

#include <utility>

#include "common/events/market_days.hpp"
#include "common/storage/atomic_file.hpp"
#include "worker/jobs/placement.hpp"
#include "worker/trader_setup.hpp"

namespace bullpen::worker {

namespace {

using jobs::Finished;
using jobs::RestPolicy;

constexpr Nanos k_look_interval = std::chrono::seconds(5);
constexpr Nanos k_look_interval_shut = std::chrono::seconds(30);
// What was seen so many intervals ago is not known any more.
constexpr int k_intervals_max = 3;
constexpr Nanos k_retry = std::chrono::seconds(30);
// How often prices alone are shown anew.
constexpr Nanos k_show_interval = std::chrono::minutes(1);

Nanos interval_of(bool open) {
    return open ? k_look_interval : k_look_interval_shut;
}

constexpr std::int64_t k_whole = 10'000;  // hundredths of a percent

std::string text_of(const std::vector<jobs::Naked>& naked) {
    std::string text;
    for (const auto& one : naked)
        text += (text.empty() ? "" : ", ") + one.symbol + " " + std::to_string(one.quantity);
    return text;
}

// "1500.05".
std::string rupees(model::Price paise) {
    constexpr std::int64_t k_hundred = 100;
    const auto part = std::to_string(k_hundred + paise.ticks % k_hundred);
    return std::to_string(paise.ticks / k_hundred) + "." + part.substr(1);
}

}  // namespace

Result<std::unique_ptr<ShareMinder>> ShareMinder::create(AccountContext& context,
                                                         broker::SharePort& port) {
    BULLPEN_TRY(auto holidays, context.holidays());
    events::complete(holidays, context.files(), context.home().shared(), context.clock().utc());
    BULLPEN_TRY(auto calendar, time::MarketCalendar::load(time::Market::nse_cash, holidays));
    std::unique_ptr<ShareMinder> minder(new ShareMinder(context, port, std::move(calendar)));
    BULLPEN_CHECK(minder->read_records());
    return minder;
}

Result<void> ShareMinder::read_records() {
    if (auto loaded = ledger_.load(); !loaded) {
        return fail(std::move(loaded).error().wrap(
            "shares.json cannot be used: put it back from a backup, or move shares.json* away, "
            "and it begins anew"));
    }
    loss_told_ = ledger_.records().loss;
    if (auto trouble = ledger_.take_trouble(); !trouble.empty()) {
        trouble_ = "shares.json was damaged, and the one before it counts: " + trouble;
        context_.log().error("share_records_not_used", {{"trouble", trouble}});
    }
    return {};
}

ShareMinder::ShareMinder(AccountContext& context, broker::SharePort& port,
                         time::MarketCalendar calendar)
    : context_(context),
      port_(port),
      calendar_(std::move(calendar)),
      ledger_(context.files(), context.paths(), context.id()) {
    facts_.account = context.id().str();
    const auto& risk = *context.settings().risk;
    loss_rules_ = {risk.daily_loss_max, risk.daily_loss_percent};
    facts_.loss = loss_rules_;
    // Only its days are of use; without them they begin anew.
    auto before = jobs::load_holdings(context.files(),
                                      jobs::holdings_path(context.paths().directory), context.id());
    if (before)
        holdings_.days = std::move(before->days);
}

ShareMinder::~ShareMinder() = default;

void ShareMinder::want(std::optional<RestPolicy> policy) {
    if (policy == wanted_)
        return;
    wanted_ = policy;
    rested_.reset();
    running_.reset();
    next_try_ = {};
}

void ShareMinder::wake() {
    if (running_ && running_->next == MonoTime::max())
        running_->next = MonoTime{};
}

MonoTime ShareMinder::next_deadline() const {
    if (!running_)
        return wanted_ && !rested_ ? MonoTime{} : look_due();
    return running_->job->turn_came() ? MonoTime{} : running_->next;
}

// Each step of a job is a look, too.
MonoTime ShareMinder::look_due() const {
    const auto& seen = ledger_.seen();
    return seen ? std::max(not_before_, seen->at + interval_of(seen->world.open)) : not_before_;
}

void ShareMinder::begin(Instant now) {
    const bool flat = standing_ && standing_->flat;
    if (rested_ && wanted_ == RestPolicy::flatten && rested_->ok && !flat)
        rested_.reset();  // something came back
    if (rested_ && !rested_->ok && now.mono >= next_try_)
        rested_.reset();
    const auto errand = next_errand(now.mono);
    if (errand == Errand::looks && now.mono < look_due())
        return;
    const jobs::JobGrounds grounds{
        facts_, context_.paths(), context_.settings().jobs, context_.files(), false, &ledger_};
    Running running;
    running.errand = errand;
    if (errand == Errand::looks) {
        running.job = jobs::make_look({grounds, &port_});
    } else {
        running.job =
            jobs::make_rest({grounds, port_, port_, port_, order_tag(context_.settings())},
                            errand == Errand::rests ? *wanted_ : RestPolicy::cover);
    }
    if (errand == Errand::covers)
        next_cover_ = now.mono + k_cover_again;
    running_ = std::move(running);
}

ShareMinder::Errand ShareMinder::next_errand(MonoTime now) const {
    if (wanted_ && !rested_)
        return Errand::rests;
    const auto is_due = [&](const std::optional<MonoTime>& since) {
        return since && now - *since >= k_cover_after;
    };
    const bool naked = std::any_of(naked_since_.begin(), naked_since_.end(),
                                   [&](const auto& one) { return is_due(one.second); });
    const bool due = naked || is_due(overdue_since_) || is_due(left_over_since_);
    return due && now >= next_cover_ && port_.permitted() != broker::SharePermit::nothing
               ? Errand::covers
               : Errand::looks;
}

void ShareMinder::go_on(Instant now) {
    const auto progress = running_->job->step(now);
    if (const auto* later = std::get_if<jobs::Later>(&progress)) {
        running_->next = later->at;
        return;
    }
    const auto finished = std::get<Finished>(progress);
    const auto errand = running_->errand;
    running_.reset();
    if (!finished.ok) {
        not_before_ = now.mono + k_look_interval;
        trouble_ = finished.text;
    }
    if (errand != Errand::rests)
        return;
    rested_ = finished;
    next_try_ = now.mono + k_retry;
}

void ShareMinder::follow(Instant now) {
    const auto& seen = ledger_.seen();
    if (!seen || seen->at == followed_)
        return;
    followed_ = seen->at;
    standing_ =
        jobs::standing_of(ledger_.records(), seen->world, calendar_.trading_day(seen->world.at));
    watch_naked(now);
    watch_entries(now);
    watch_stops(now);
    watch_loss();
    tell_orders();
    jobs::take(holdings_, ledger_.records(), seen->world, calendar_.trading_day(seen->world.at));
    if (!shown_at_ || now.mono - *shown_at_ >= k_show_interval ||
        jobs::holds_other(holdings_, shown_))
        show(now);
}

// A copy for people: when it cannot be written, the records are still whole.
void ShareMinder::show(Instant now) {
    shown_at_ = now.mono;
    shown_ = holdings_;
    const auto written =
        storage::replace_file(context_.files(), jobs::holdings_path(context_.paths().directory),
                              jobs::encode(holdings_, context_.id(), now.utc));
    if (!written)
        context_.log().warn("holdings_not_shown", {{"trouble", written.error().message()}});
}

// Each share by itself: one that has been bare for long makes no alarm of another that a purchase
// has just brought. Of one that was told, what comes to it is news, and what goes is not.
void ShareMinder::watch_naked(Instant now) {
    const auto& naked = standing_->naked;
    const auto of = [](const std::vector<jobs::Naked>& all, const std::string& symbol) {
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](const auto& one) { return one.symbol == symbol; });
        return found == all.end() ? 0 : found->quantity;
    };
    std::map<std::string, MonoTime> since;
    std::vector<jobs::Naked> lasting;
    for (const auto& one : naked) {
        const auto known = naked_since_.find(one.symbol);
        const auto began = known == naked_since_.end() ? now.mono : known->second;
        since.emplace(one.symbol, began);
        if (now.mono - began >= k_naked_max)
            lasting.push_back(one);
    }
    naked_since_ = std::move(since);
    const auto told = text_of(naked_told_);
    std::erase_if(naked_told_, [&](const auto& one) { return of(naked, one.symbol) == 0; });
    if (naked_told_.empty() && !told.empty())
        context_.log().info("protected_again", {{"shares", told}});
    if (std::none_of(lasting.begin(), lasting.end(),
                     [&](const auto& one) { return of(naked_told_, one.symbol) < one.quantity; }))
        return;
    naked_told_ = std::move(lasting);
    const auto text = text_of(naked_told_);
    trouble_ = "no stop at the broker for " + text;
    context_.log().error("unprotected", {{"shares", text}});
    audit("unprotected", {{"shares", text}});
}

// The records say it before the account does: whoever begins anew knows it.
void ShareMinder::watch_loss() {
    const auto& world = ledger_.seen()->world;
    auto& records = ledger_.records();
    loss_limit_ = jobs::loss_limit(loss_rules_, world, standing_->day_pnl);
    if (jobs::judge_loss(records, world, loss_rules_, calendar_.trading_day(world.at))) {
        if (auto kept = ledger_.keep(); !kept)
            trouble_ = kept.error().message();
    }
    if (records.loss == loss_told_)
        return;
    const auto& named = records.loss ? *records.loss : *loss_told_;
    const auto* event = records.loss ? "limit_reached" : "limit_lifted";
    const auto loss = model::text(named.loss);
    const auto limit = model::text(named.limit);
    const log::Fields fields = {{"limit", "daily_loss"}, {"market_time", world.at},
                                {"day", named.day},      {"loss", loss},
                                {"most", limit},         {"for_good", false}};
    context_.log().warn(event, fields);
    audit(event, fields);
    loss_told_ = records.loss;
}

void ShareMinder::audit(std::string_view event, log::Fields fields) {
    if (auto noted = context_.audit().append(event, fields); !noted)
        trouble_ = noted.error().message();
}

// Of the account's own orders: what they have come to, and which the broker refused.
void ShareMinder::tell_orders() {
    for (const auto& fill : ledger_.take_fills()) {
        audit("share_filled", {{"symbol", fill.symbol},
                               {"side", code(fill.side)},
                               {"quantity", fill.quantity},
                               {"price", rupees(fill.average)},
                               {"by", fill.trigger != 0 ? "stop" : "job"}});
        judge_slippage(fill);
    }
    // As of contracts: what the account did not know of is taken over, what it knew otherwise is a
    // mismatch.
    for (const auto& one : ledger_.take_not_ours()) {
        if (one.known == 0)
            audit("adopted", {{"symbol", one.symbol}, {"quantity", one.held}});
        else
            audit("mismatch", {{"symbol", one.symbol}, {"known", one.known}, {"held", one.held}});
    }
    std::set<std::uint64_t> refused;
    for (const auto& order : ledger_.seen()->world.orders) {
        if (order.status != matching::Status::rejected || !jobs::is_own(ledger_.records(), order))
            continue;
        refused.insert(order.number);
        if (refused_told_ && !refused_told_->contains(order.number))
            audit("share_refused", {{"symbol", order.symbol},
                                    {"side", code(order.side)},
                                    {"quantity", order.quantity},
                                    {"limit", rupees(order.limit)},
                                    {"refusal", order.refusal},
                                    {"by", order.trigger != 0 ? "stop" : "job"}});
    }
    refused_told_ = std::move(refused);
}

// A purchase has a limit just above what the share cost, so it is the stops that can sell far from
// what was expected: one that fired at its level sells close to it, one that fired in a gap does
// not.
void ShareMinder::judge_slippage(const jobs::OwnFill& fill) {
    for (const auto& stop : ledger_.seen()->world.triggers_near(fill.symbol)) {
        if (fill.trigger == 0 || stop.number != fill.trigger)
            continue;
        const auto level = stop.first.trigger;
        const std::int64_t most = context_.settings().jobs->slippage_alarm;
        if (most == 0 || (level - fill.average).value * k_whole <= level.ticks * most)
            return;
        const auto price = rupees(fill.average);
        const auto expected = rupees(level);
        const log::Fields fields = {{"symbol", fill.symbol},
                                    {"quantity", fill.quantity},
                                    {"price", price},
                                    {"expected", expected}};
        context_.log().warn("slippage_alarm", fields);
        audit("slippage_alarm", fields);
        return;
    }
}

// The job that placed them cancels them itself, as long as it runs.
void ShareMinder::watch_entries(Instant now) {
    const auto& world = ledger_.seen()->world;
    const auto hours = calendar_.hours(calendar_.trading_day(world.at));
    facts_.day_opens = hours.count > 0 ? hours.opens() : UtcTime{};
    facts_.day_closes = hours.count > 0 ? hours.closes() : UtcTime{};
    auto rules = jobs::placement_rules(context_.settings().jobs->place_orders, facts_);
    rules.over = ledger_.records().loss.has_value();
    if (jobs::overdue_entry(ledger_.records(), world, rules) == 0)
        overdue_since_.reset();
    else
        overdue_since_ = overdue_since_.value_or(now.mono);
}

// A person sold what it was for. Were the share bought again, it would sell that.
void ShareMinder::watch_stops(Instant now) {
    if (jobs::left_over(ledger_.records(), ledger_.seen()->world) == 0)
        left_over_since_.reset();
    else
        left_over_since_ = left_over_since_.value_or(now.mono);
}

void ShareMinder::serve(Instant now) {
    if (!running_ && port_.connected())
        begin(now);
    if (running_ && (now.mono >= running_->next || running_->job->turn_came()))
        go_on(now);
    follow(now);
}

std::optional<jobs::ShareStanding> ShareMinder::standing(MonoTime now) const {
    const auto& seen = ledger_.seen();
    if (!standing_ || !seen || now - seen->at > k_intervals_max * interval_of(seen->world.open))
        return std::nullopt;
    return standing_;
}

}  // namespace bullpen::worker
