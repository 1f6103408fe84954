#include "worker/trading_desk.hpp"

#include <algorithm>
#include <cstdlib>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/events/market_days.hpp"
#include "common/tables/rule_pack_file.hpp"
#include "worker/account_ports.hpp"
#include "worker/execution/close_reason.hpp"
#include "worker/order_journal.hpp"
#include "worker/risk/warnings.hpp"
#include "worker/strategy/registry.hpp"
#include "worker/trader_setup.hpp"

namespace bullpen::worker {

namespace {

using execution::NoticeKind;
using model::TradingMode;

std::string quantity_text(std::int64_t quantity) {
    if (quantity == 0)
        return "flat";
    return (quantity > 0 ? "long " : "short ") + std::to_string(std::abs(quantity));
}

// For a start, answers that did not come, and some attempts to close.
constexpr Nanos k_restless_margin = std::chrono::seconds(60);

// What the account's settings name for its decisions.
struct DeskRules {
    model::RulePack pack;
    time::HolidayTable holidays;
    bool without_strategy = false;
};

Result<model::RulePack> rule_pack_of(AccountContext& context) {
    BULLPEN_TRY(const auto packs, tables::load_rule_packs(context.home()));
    BULLPEN_TRY(const auto* pack, packs.find(context.settings().risk->rule_pack));
    return *pack;
}

Result<DeskRules> rules_of(AccountContext& context) {
    BULLPEN_TRY(auto pack, rule_pack_of(context));
    BULLPEN_TRY(auto holidays, context.holidays());
    return DeskRules{std::move(pack), std::move(holidays)};
}

// To close what is held, or to see to its stop, takes no decision: what is wrong with the settings
// for them must not keep an account from being made safe.
Result<DeskRules> rules_to_recover(AccountContext& context, const model::Instrument& instrument) {
    const auto warn = [&](std::string_view what, const Error& error) {
        context.log().warn("recovers_without", {{"what", what}, {"trouble", error.message()}});
    };
    DeskRules rules;
    if (auto pack = rule_pack_of(context))
        rules.pack = std::move(*pack);
    else
        warn("rule_pack", pack.error());
    BULLPEN_TRY(rules.holidays, context.holidays());
    if (const auto made = strategy::make_strategy(context.settings().strategy, instrument); !made) {
        warn("strategy", made.error());
        rules.without_strategy = true;
    }
    return rules;
}

}  // namespace

TradingDesk::TradingDesk(AccountContext& context, const model::Instrument& instrument)
    : context_(context),
      instrument_(instrument),
      instruments_{&instrument},
      recorder_(std::make_unique<OrderJournal>(
          [&context]() -> storage::Journal& { return context.journal(); }, context.files(),
          context.paths().tmp + "/reserve")) {
    for (const auto& known : context.instruments().all()) {
        if (known.symbol != instrument.symbol)
            instruments_.push_back(&known);
    }
}

TradingDesk::~TradingDesk() = default;

Result<std::unique_ptr<TradingDesk>> TradingDesk::create(AccountContext& context,
                                                         const model::Instrument& instrument,
                                                         config::RecoveryPolicy recover,
                                                         execution::KillPoints* kill_points) {
    const auto& settings = context.settings();
    if (settings.trading == config::TradingKind::off ||
        settings.trading == config::TradingKind::shares)
        return nullptr;
    const bool recovers = recover != config::RecoveryPolicy::none;
    BULLPEN_TRY(auto rules, recovers ? rules_to_recover(context, instrument) : rules_of(context));
    const auto& pack = rules.pack;
    auto& holidays = rules.holidays;
    std::unique_ptr<TradingDesk> desk(new TradingDesk(context, instrument));
    BULLPEN_CHECK(desk->make_port());
    desk->market_ = time::market_from(instrument.market);
    desk->home_holidays_ = holidays;
    events::complete(holidays, context.files(), context.home().shared(), context.clock().utc());
    auto made = trader_settings(settings, instrument, pack);
    made.holidays = &holidays;
    made.without_strategy = rules.without_strategy;
    made.asks_before_entry = config::asks_before_entry(settings);
    desk->restless_max_ = made.orders.absent_after + k_restless_margin;
    BULLPEN_TRY(desk->trader_, trading::Trader::create(std::move(made), desk->port(),
                                                       *desk->recorder_, kill_points));
    const auto hosting = model::hosting(pack, settings.risk->hosting_acknowledged);
    if (hosting != model::Hosting::allowed) {
        const auto text = model::hosting_text(pack, hosting);
        context.log().warn("hosting", {{"pack", pack.name}, {"text", text}});
        desk->audit("hosting", {{"text", text}});
    }
    for (const auto& text : risk::warnings(settings.risk, pack, instrument, std::nullopt))
        context.log().warn("risk_warning", {{"text", text}});
    return desk;
}

Result<void> TradingDesk::make_port() {
    if (context_.settings().trading != config::TradingKind::shadow) {
        BULLPEN_TRY(venue_, make_venue_port(context_, instruments_));
        if (context_.settings().feed.ticks)
            ticks_.emplace(instrument_);
        return {};
    }
    shadow_ = make_shadow_port(context_, instrument_);
    matching::Costs costs;
    costs.slippage = model::Ticks{(instrument_.slippage_tenths + 9) / 10};
    costs.commission = instrument_.commission;
    shadow_market_ = shadow_->add_market(instrument_, costs);
    return {};
}

broker::Port& TradingDesk::port() {
    if (venue_ != nullptr)
        return *venue_;
    return *shadow_;
}

const broker::Port& TradingDesk::port() const {
    if (venue_ != nullptr)
        return *venue_;
    return *shadow_;
}

Result<void> TradingDesk::restore(std::string_view saved) {
    BULLPEN_CHECK(trader_->restore(saved));
    noted_mode_ = trader_->mode();
    if (!trader_->strategy_trouble().empty()) {
        context_.log().warn("strategy_began_anew", {{"trouble", trader_->strategy_trouble()}});
    }
    return {};
}

Result<void> TradingDesk::replay(const storage::JournalRecord& record) {
    BULLPEN_TRY(const auto decoded, execution::decode(record.kind, record.body));
    trader_->replay(decoded);
    return {};
}

bool TradingDesk::at_work() const {
    const auto& book = trader_->orders().book();
    const bool open = std::any_of(book.orders().begin(), book.orders().end(),
                                  [](const auto& order) { return is_open(order.status); });
    return open || std::any_of(book.guards().begin(), book.guards().end(),
                               [&](const auto& guard) { return book.held(guard.symbol) != 0; });
}

void TradingDesk::replay_bar(const Observer& observer) {
    trader_->replay_bar(*observer.last_bar(), observer.values(), observer.closed_quarters());
}

void TradingDesk::replay_mode(TradingMode mode) {
    trader_->set_mode(mode);
    note_mode(mode);
}

Result<void> TradingDesk::start(Fence fence, Instant now) {
    BULLPEN_ASSERT(!started_, "a desk starts once");
    const auto& was_of = trader_->restored_account();
    const auto& own = trader_->settings().orders.account;
    // Nobody would look after it any more, and what is held here would be taken for it.
    if (!was_of.empty() && was_of != own && at_work()) {
        return fail(Errc::wrong_account,
                    "it has a position or an order in broker account '" + was_of.str() +
                        "', and its file names '" + own.str() +
                        "' by now: put broker_account back, flatten the account, then change it");
    }
    decision_waits_ = trader_->has_decision();
    if (shadow_ != nullptr)
        seed_shadow();
    started_ = true;
    limit_told_ = trader_->risk().latch();
    BULLPEN_CHECK(trader_->start(fence, now));
    if (const auto was = trader_->mended_horizon()) {
        context_.log().warn("decisions_horizon_mended",
                            {{"was", *was}, {"market_time", trader_->market_time()}});
    }
    enforce(trader_->mode(), now);
    serve(now);
    return {};
}

// The simulated broker is as old as this process; what the account holds is older.
void TradingDesk::seed_shadow() {
    const auto& book = trader_->orders().book();
    const auto symbol = model::Symbol::cut(instrument_.symbol);
    const auto* line = book.ledger().find(symbol);
    std::vector<matching::OrderRequest> working;
    for (const auto& order : book.orders()) {
        if (!execution::is_open(order.status) || order.terms.symbol != symbol)
            continue;
        matching::OrderRequest request;
        request.client = order.terms.id;
        request.side = order.terms.side;
        request.type = order.terms.type;
        request.time_in_force = order.terms.time_in_force;
        request.quantity = order.remaining();
        request.limit = order.terms.limit;
        request.stop = order.terms.stop;
        working.push_back(request);
    }
    shadow_->simulated().restore(shadow_market_,
                                 line != nullptr ? line->position : model::Position{}, working);
}

void TradingDesk::set_mode(TradingMode mode, Instant now) {
    const auto before = trader_->mode();
    if (mode == before)
        return;
    trader_->set_mode(mode);
    if (started_)
        enforce(mode, now);
}

// What a mode means for orders that are there already.
void TradingDesk::enforce(TradingMode mode, Instant now) {
    auto& orders = trader_->orders();
    orders.silence(mode == TradingMode::fenced);
    if (mode == TradingMode::reducing)
        orders.cancel_entries(now);
    else if (mode == TradingMode::halted)
        orders.flatten_all(execution::label(execution::CloseReason::halted), now);
    tell_notices();
}

void TradingDesk::serve(Instant now) {
    if (!started_)
        return;
    trader_->serve(now);
    if (venue_ != nullptr)
        take_steps(now);
    if (!trader_->orders().notices().empty() || !trader_->orders().trades().empty())
        tell_notices();
    tell_risk();
    if (shadow_ != nullptr && !shadow_->would_be().empty())
        tell_would_be();
}

void TradingDesk::on_bar(const Observer& observer, bool newest, Instant now) {
    decision_waits_ = false;
    trader_->drop_decision();
    const auto& bar = *observer.last_bar();
    if (newest)
        trader_->on_bar(bar, observer.values(), observer.closed_quarters(), now);
    else
        trader_->on_missed_bar(bar, observer.values(), observer.closed_quarters(), now);
    if (trader_->strategy().last().notice() == strategy::Notice::held_long)
        tell_held_long(bar.end());
    tell_day_end(bar.end(), newest);
    // A bar is decided on as of its end. The market may be further by then, in another session.
    if (opened_ >= bar.end())
        trader_->begin_bar(opened_, now);
    tell_notices();
    if (shadow_ != nullptr)
        tell_would_be();
}

bool TradingDesk::goes_on(const model::Bar& bar) {
    const bool ahead = trader_->is_ahead(bar);
    if (!ahead && !market_behind_) {
        context_.log().info("market_behind",
                            {{"market_time", bar.end()}, {"account_time", trader_->market_time()}});
    }
    market_behind_ = ahead ? std::nullopt : std::optional(bar.end());
    return ahead;
}

void TradingDesk::allow_entries(bool allowed, Instant now) {
    if (!allowed && trader_->mode() == TradingMode::active)
        set_mode(TradingMode::idle, now);
}

// An order of which nobody knows whether it was placed may be the decision's own, and before both
// sides were compared nobody knows of all.
void TradingDesk::resume_decision(bool newest, Instant now) {
    if (!decision_waits_)
        return;
    const auto& orders = trader_->orders();
    const auto refusal = orders.entries(model::Symbol::cut(instrument_.symbol), now);
    if (newest &&
        (refusal == execution::Refusal::order_unknown ||
         refusal == execution::Refusal::not_connected ||
         refusal == execution::Refusal::not_reconciled || trader_->instrument_check().asking()))
        return;
    decision_waits_ = false;
    if (newest)
        trader_->resume_decision(now);
    else
        trader_->drop_decision();
    tell_notices();
}

void TradingDesk::follow_market_days(const CalendarWatch& calendar, Instant now) {
    if (!market_ || calendar_seen_ == calendar.revision())
        return;
    calendar_seen_ = calendar.revision();
    auto table = home_holidays_;
    calendar.complete(table, now.utc);
    const auto& days = table.of(*market_);
    if (days == trader_->holidays())
        return;
    context_.log().info("market_days_changed", {{"market", time::code(*market_)}});
    trader_->set_holidays(days, now);
    tell_notices();
}

void TradingDesk::flatten(std::string_view why, Instant now) {
    trader_->flatten(execution::Label::cut(why), now);
    tell_notices();
}

bool TradingDesk::flattening() const {
    const auto* guard = trader_->orders().book().guard(model::Symbol::cut(instrument_.symbol));
    return guard != nullptr && guard->closing.active &&
           guard->closing.terms.key.leg == model::Purpose::flatten;
}

execution::StopState TradingDesk::stop(execution::StopPolicy policy, Instant now) {
    const auto state = trader_->orders().stop(policy, now);
    tell_notices();
    return state;
}

void TradingDesk::subscribe(Instant now) {
    if (venue_ != nullptr)
        venue_->subscribe(now);
}

void TradingDesk::reconnect(std::string_view why, Instant now) {
    if (venue_ == nullptr)
        return;
    venue_->reconnect(why, now);
    serve(now);
}

void TradingDesk::connect_again(Instant now) {
    if (!started_ || connected())
        return;
    port().connect(now);
    serve(now);
}

std::optional<MonoTime> TradingDesk::next_deadline() const {
    if (!started_)
        return std::nullopt;
    auto due = trader_->next_deadline();
    if (restless_since_ && step_to_acknowledge_) {
        const auto give_up = *restless_since_ + restless_max_;
        due = due ? std::min(*due, give_up) : give_up;
    }
    return due;
}

std::optional<MonoTime> TradingDesk::answer_due() const {
    if (!started_)
        return std::nullopt;
    auto due = trader_->orders().answer_due();
    const auto at_port = venue_ != nullptr ? venue_->answer_due() : std::nullopt;
    if (at_port)
        due = std::min(due.value_or(*at_port), *at_port);
    return due;
}

void TradingDesk::answer(execution::Refusal refusal, Instant now) {
    trader_->answer(refusal, now);
    tell_notices();
}

std::string TradingDesk::product() const {
    return std::string(instrument_.big_symbol.empty() ? instrument_.symbol
                                                      : instrument_.big_symbol);
}

std::optional<ipc::Stake> TradingDesk::stake() const {
    const auto exposure = trader_->orders().exposure(model::Symbol::cut(instrument_.symbol));
    if (shadow() || !reconciled() || exposure.position_unknown)
        return std::nullopt;
    return ipc::Stake{product(), exposure.held - exposure.entries_sell,
                      exposure.held + exposure.entries_buy, instrument_.micro_ratio};
}

DeskPosition TradingDesk::position() const {
    const auto symbol = model::Symbol::cut(instrument_.symbol);
    const auto& orders = trader_->orders();
    DeskPosition position;
    const std::string prefix = shadow() ? "shadow: " : "";
    // Both sides are known, and what the broker says is what there is.
    if (const auto there = orders.unexplained(symbol); there && reconciled()) {
        position.quantity = there;
        position.text = prefix + quantity_text(*there) + ", unexplained";
        return position;
    }
    if (!reconciled() || orders.exposure(symbol).position_unknown) {
        position.text = prefix + "unknown";
        return position;
    }
    const auto held = orders.held(symbol);
    position.quantity = held;
    const auto open =
        std::any_of(orders.book().orders().begin(), orders.book().orders().end(),
                    [](const execution::Order& order) { return execution::is_open(order.status); });
    // What is being flattened is flat when the broker has said so. What only would be held stands
    // at no broker, and nobody need look after it.
    position.flat = (shadow() || (held == 0 && !open)) && !flattening();
    position.text = prefix + "flat";
    if (held == 0)
        return position;
    position.text = prefix + quantity_text(held);
    const auto* line = orders.book().ledger().find(symbol);
    if (line != nullptr && !line->position.flat())
        position.text += line->unpriced()
                             ? " at a price that is not known yet"
                             : " at " + price_text(model::average_price(line->position));
    return position;
}

std::string TradingDesk::unexplained() const {
    const auto symbol = model::Symbol::cut(instrument_.symbol);
    const auto& orders = trader_->orders();
    const auto there = orders.unexplained(symbol);
    if (!there)
        return {};
    return "the broker holds " + quantity_text(*there) + ", its records " +
           quantity_text(orders.held(symbol));
}

bool TradingDesk::stop_refused() const {
    const auto& guards = trader_->orders().book().guards();
    return std::any_of(guards.begin(), guards.end(),
                       [](const auto& guard) { return guard.stop_refused; });
}

std::optional<NoticeKind> TradingDesk::take_halt() {
    return std::exchange(halt_, std::nullopt);
}

std::string TradingDesk::price_text(model::Price price) const {
    return model::text(price, instrument_.tick);
}

}  // namespace bullpen::worker
