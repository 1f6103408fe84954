// Days of random trading against a plain model of the limits.
#include "worker/risk/risk_gate.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace bullpen::risk {
namespace {

using model::Side;

constexpr std::int64_t k_million = 1'000'000;

const model::Instrument& any_instrument() {
    const auto& all = model::instruments();
    return all[*rc::gen::inRange<std::size_t>(0, all.size())];
}

config::RiskSettings any_settings() {
    config::RiskSettings settings;
    settings.hosting_acknowledged = model::k_hosting_acknowledgement;
    settings.start_balance = *rc::gen::inRange<std::int64_t>(1'000, 300'000);
    settings.per_trade_percent = *rc::gen::inRange(1, 1'000) / 100.0;
    settings.contracts_max = *rc::gen::inRange(1, 26);
    settings.daily_loss_max = *rc::gen::elementOf(std::vector<int>{0, 300, 1'000, 5'000});
    settings.daily_loss_percent = *rc::gen::elementOf(std::vector<int>{0, 1, 3});
    settings.approach = static_cast<config::ApproachMode>(*rc::gen::inRange(0, 3));
    settings.drawdown_max = *rc::gen::elementOf(std::vector<int>{0, 500, 3'000});
    settings.drawdown_model = static_cast<config::DrawdownModel>(*rc::gen::inRange(0, 3));
    settings.trades_max = *rc::gen::inRange(0, 6);
    settings.orders_per_minute = *rc::gen::inRange(0, 5);
    settings.orders_of_day = *rc::gen::inRange(0, 30);
    settings.fast_market = *rc::gen::arbitrary<bool>();
    settings.cost_percent = 0;
    return settings;
}

// An account, a clock and a market that wander; everything that happens goes through step().
class Account {
  public:
    Account(const model::Instrument& instrument, config::RiskSettings settings,
            const model::RulePack& pack, std::uint64_t seed)
        : instrument_(instrument),
          settings_(std::move(settings)),
          pack_(pack),
          random_(seed),
          gate_(std::make_unique<RiskGate>(instrument, settings_, pack)) {}

    void step() {
        now_ += std::chrono::seconds(below(4) == 0 ? below(40'000) : below(90));
        session_.at(now_);
        gate_->on_session(session_.at(now_));
        price_ = std::max<std::int64_t>(2'000, price_ + below(41) - 20);
        switch (below(6)) {
            case 0: gate_->on_quote({{price_ - below(3)}, {price_ + below(3)}}, now_); break;
            case 1:
            case 2: see_bar(); break;
            case 3:
            case 4: enter(); break;
            default: leave(); break;
        }
        check_always();
    }
    void restart() {
        const std::string saved = gate_->save();
        gate_ = std::make_unique<RiskGate>(instrument_, settings_, pack_);
        RC_ASSERT(gate_->restore(saved).has_value());
        RC_ASSERT(gate_->save() == saved);
    }
    [[nodiscard]] RiskGate& gate() { return *gate_; }
    // All decisions so far, for comparing two accounts.
    [[nodiscard]] const std::string& decisions() const { return decisions_; }

  private:
    std::int64_t below(std::int64_t bound) {
        // A linear congruence is random enough, and the same in every run.
        random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::int64_t>((random_ >> 33U) % static_cast<std::uint64_t>(bound));
    }
    void see_bar() {
        model::Bar bar;
        bar.start = now_;
        bar.low = {price_ - below(12)};
        bar.high = {price_ + below(12)};
        bar.open = bar.close = {price_};
        gate_->on_bar(bar);
    }
    model::OrderTerms terms(Side side, std::int64_t quantity, model::Purpose purpose) {
        model::OrderTerms made;
        made.id = model::ClientOrderId::make("T001", Fence(1), ++orders_);
        made.symbol = model::Symbol::cut(instrument_.symbol);
        made.side = side;
        made.quantity = quantity;
        made.purpose = purpose;
        return made;
    }
    bool ask(const model::OrderTerms& order, const Situation& situation) {
        const Approval answer = gate_->check(order, situation);
        const auto* no = std::get_if<Denial>(&answer);
        decisions_ += no == nullptr ? "+" : std::string(code(no->code));
        decisions_ += ' ';
        return no == nullptr;
    }
    void fill(const model::OrderTerms& order) {
        model::Fill one;
        one.symbol = order.symbol;
        one.side = order.side;
        one.quantity = order.quantity;
        one.price = {price_ + below(5) - 2};
        one.time = now_;
        one.fee = instrument_.commission * order.quantity;
        const auto verdict = gate_->on_fill(one, model::Price{price_});
        realised_ += verdict.realised.millionths;
    }
    void enter() {
        const Side side = below(2) == 0 ? Side::buy : Side::sell;
        const std::int64_t distance = 1 + below(60);
        const model::Price stop{price_ - model::sign(side) * distance};
        const std::int64_t best = gate_->size(side, {price_}, stop).contracts;
        const auto order = terms(side, below(3) == 0 ? best : 1 + below(30), model::Purpose::entry);
        Situation situation;
        situation.mode = model::TradingMode::active;
        situation.now = now_;
        situation.exposure.held = gate_->position().quantity;
        situation.plan = EntryPlan{{price_}, stop, std::nullopt};
        const Money money = amounts(order, stop);
        if (!ask(order, situation))
            return;
        check_entry(order, money);
        fill(order);
    }
    // What a plain reader of the rules would compute before the order.
    struct Money {
        std::int64_t stop_loss = 0;
        std::int64_t full_loss = 0;
        std::int64_t equity = 0;
        std::int64_t day_profit = 0;
        std::int64_t floor = 0;
        std::optional<std::int64_t> day_limit;
    };
    Money amounts(const model::OrderTerms& order, model::Price stop) {
        Money money;
        const auto& quote = gate_quote();
        const std::int64_t entry =
            quote ? (order.side == Side::buy ? quote->ask.ticks : quote->bid.ticks) : last_price();
        const std::int64_t ticks = std::abs(entry - stop.ticks);
        money.stop_loss = ticks * instrument_.tick_value.millionths * order.quantity;
        // What the exchange books for a fill: prices know no part of a tick.
        const std::int64_t slips = (instrument_.slippage_tenths + 9) / 10;
        money.full_loss = money.stop_loss +
                          2 * instrument_.tick_value.millionths * slips * order.quantity +
                          2 * instrument_.commission.millionths * order.quantity;
        money.equity = gate_->equity()->millionths;
        money.day_profit = gate_->day_profit().millionths;
        money.floor = gate_->floor().floor().millionths;
        if (const auto limit = gate_->daily_loss_limit())
            money.day_limit = limit->millionths;
        return money;
    }
    [[nodiscard]] std::optional<Quote> gate_quote() const { return gate_->watch().quote(); }
    [[nodiscard]] std::int64_t last_price() const {
        return gate_->watch().last().value_or(model::Price{price_}).ticks;
    }
    void check_entry(const model::OrderTerms& order, const Money& money) {
        RC_ASSERT(gate_->position().flat());
        RC_ASSERT(order.quantity > 0);
        RC_ASSERT(order.quantity <= settings_.contracts_max);
        const auto allowed = model::contracts_allowed(pack_, instrument_, profit_at_day_end());
        RC_ASSERT((!allowed || order.quantity <= *allowed));
        // Percent of the nominal size, where the balance counts from zero.
        const bool relative =
            gate_->floor().rule().frame == model::BalanceFrame::relative && gate_->floor().active();
        const std::int64_t sized =
            money.equity + (relative ? gate_->floor().rule().nominal.millionths : 0);
        RC_ASSERT(static_cast<double>(money.stop_loss) <=
                  static_cast<double>(sized) * settings_.per_trade_percent / 100 + 1);
        if (money.day_limit)
            RC_ASSERT(money.full_loss + -std::min<std::int64_t>(0, money.day_profit) <
                      *money.day_limit);
        if (gate_->floor().active())
            RC_ASSERT(money.equity - money.full_loss > money.floor);
        RC_ASSERT((settings_.trades_max == 0 || gate_->day().trades < settings_.trades_max));
        RC_ASSERT((settings_.orders_of_day == 0 || gate_->day().orders <= settings_.orders_of_day));
        RC_ASSERT(!gate_->latch().has_value());
        RC_ASSERT(session_.at(now_).entries);
    }
    [[nodiscard]] model::Money profit_at_day_end() const { return gate_->day_end_profit(); }
    void leave() {
        const std::int64_t held = gate_->position().quantity;
        Situation situation;
        situation.mode = static_cast<model::TradingMode>(below(4));
        situation.now = now_;
        situation.exposure.held = held;
        situation.exposure.exits = below(4) == 0 ? below(3) : 0;
        const auto order = terms(below(5) == 0 ? Side::buy
                                 : held > 0    ? Side::sell
                                               : Side::buy,
                                 1 + below(6), model::Purpose::exit);
        if (!ask(order, situation))
            return;
        // Never larger than held, never the other way.
        RC_ASSERT(held * model::sign(order.side) < 0);
        RC_ASSERT(order.quantity + situation.exposure.exits <= std::abs(held));
        fill(order);
        RC_ASSERT(std::abs(gate_->position().quantity) == std::abs(held) - order.quantity);
    }
    void check_always() {
        const auto& floor = gate_->floor();
        RC_ASSERT(floor.floor().millionths >= floor_seen_);
        floor_seen_ = floor.floor().millionths;
        RC_ASSERT((!breached_ || floor.breached()));
        breached_ = floor.breached();
        // A day's counters are of that day alone.
        if (day_ != gate_->trading_day()) {
            RC_ASSERT((!day_ || *day_ < *gate_->trading_day()));
            day_ = gate_->trading_day();
        }
        const auto limit = gate_->daily_loss_limit();
        if (limit && -gate_->day_profit().millionths >= limit->millionths)
            RC_ASSERT(gate_->latch().has_value());
    }

    const model::Instrument& instrument_;
    config::RiskSettings settings_;
    const model::RulePack& pack_;
    std::uint64_t random_;
    std::unique_ptr<RiskGate> gate_;
    time::SessionClock clock_{*time::MarketCalendar::load(time::Market::cme_equity_index),
                              time::SessionRules{}};
    time::SessionCursor session_{clock_};
    UtcTime now_ = parse_utc("2025-03-03T23:30:00Z").value();
    std::int64_t price_ = 20'000;
    std::uint64_t orders_ = 0;
    std::int64_t realised_ = 0;
    std::int64_t floor_seen_ = INT64_MIN;
    bool breached_ = false;
    std::optional<time::TradingDay> day_;
    std::string decisions_;
};

const model::RulePack& any_pack() {
    const auto all = model::RulePacks::built_in().all();
    return all[*rc::gen::inRange<std::size_t>(0, all.size())];
}

TEST_CASE("nothing is approved beyond any limit, floors never fall, limits stay reached") {
    CHECK(rc::check("approved orders are within every limit", [] {
        Account account(any_instrument(), any_settings(), any_pack(),
                        *rc::gen::arbitrary<std::uint64_t>());
        for (int i = 0; i < 300; ++i)
            account.step();
        const auto passed = std::count(account.decisions().begin(), account.decisions().end(), '+');
        RC_CLASSIFY(passed == 0, "nothing approved");
        RC_CLASSIFY(passed >= 10, "ten orders and more approved");
    }));
}

TEST_CASE("a restart at any moment changes no decision") {
    CHECK(rc::check("with and without restarts the decisions are the same", [] {
        const auto& instrument = any_instrument();
        const auto settings = any_settings();
        const auto& pack = any_pack();
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        Account steady(instrument, settings, pack, seed);
        Account restarted(instrument, settings, pack, seed);
        const int every = *rc::gen::inRange(1, 20);
        for (int i = 0; i < 200; ++i) {
            steady.step();
            restarted.step();
            if (i % every == 0)
                restarted.restart();
        }
        RC_ASSERT(steady.decisions() == restarted.decisions());
        RC_ASSERT(steady.gate().save() == restarted.gate().save());
    }));
}

TEST_CASE("a size passes, and one contract more does not") {
    CHECK(rc::check("size() is the largest that check() approves", [] {
        const auto& instrument = any_instrument();
        auto settings = any_settings();
        settings.fast_market = false;
        const auto& pack = any_pack();
        RiskGate gate(instrument, settings, pack);
        const time::SessionClock clock(*time::MarketCalendar::load(time::Market::cme_equity_index),
                                       time::SessionRules{});
        const UtcTime now = parse_utc("2025-04-08T14:00:00Z").value();
        gate.on_session(clock.facts(now));
        const Side side = *rc::gen::elementOf(std::vector<Side>{Side::buy, Side::sell});
        const model::Price price{*rc::gen::inRange<std::int64_t>(1'000, 100'000)};
        const std::int64_t distance = *rc::gen::inRange<std::int64_t>(1, 400);
        const model::Price stop{price.ticks - model::sign(side) * distance};
        gate.on_quote({price, price}, now);
        const Sizing sizing = gate.size(side, price, stop);
        const std::int64_t best = sizing.contracts;
        RC_ASSERT(best >= 0);
        RC_ASSERT(sizing.denial.has_value() == (best == 0));
        model::OrderTerms terms;
        terms.id = model::ClientOrderId::make("T001", Fence(1), 1);
        terms.symbol = model::Symbol::cut(instrument.symbol);
        terms.side = side;
        Situation situation;
        situation.mode = model::TradingMode::active;
        situation.now = now;
        situation.plan = EntryPlan{price, stop, std::nullopt};
        terms.quantity = best + 1;
        const auto beyond = gate.check(terms, situation);
        RC_ASSERT(std::holds_alternative<Denial>(beyond));
        if (best == 0)
            RC_ASSERT(std::get<Denial>(beyond) == *sizing.denial);
        terms.quantity = best;
        if (best > 0)
            RC_ASSERT(!std::holds_alternative<Denial>(gate.check(terms, situation)));
    }));
}

TEST_CASE("a bar is its better extreme, its worse one and its close, told one after the other") {
    CHECK(rc::check("on_bar() is three prices", [] {
        const auto& instrument = any_instrument();
        const auto settings = any_settings();
        const auto& pack = any_pack();
        RiskGate by_bar(instrument, settings, pack);
        RiskGate by_price(instrument, settings, pack);
        const time::SessionClock clock(*time::MarketCalendar::load(time::Market::cme_equity_index),
                                       time::SessionRules{});
        const UtcTime now = parse_utc("2025-04-08T14:00:00Z").value();
        model::Fill fill;
        fill.symbol = model::Symbol::cut(instrument.symbol);
        fill.side = *rc::gen::elementOf(std::vector<Side>{Side::buy, Side::sell});
        fill.quantity = *rc::gen::inRange<std::int64_t>(1, 120);
        fill.price = {20'000};
        fill.time = now;
        for (RiskGate* gate : {&by_bar, &by_price}) {
            gate->on_session(clock.facts(now));
            gate->on_fill(fill, std::nullopt);
        }
        const bool is_long = fill.side == Side::buy;
        for (int i = 0; i < 20; ++i) {
            model::Bar bar;
            bar.start = now;
            bar.close = bar.open = {20'000 + *rc::gen::inRange(-300, 300)};
            bar.low = bar.close - model::Ticks{*rc::gen::inRange(0, 300)};
            bar.high = bar.close + model::Ticks{*rc::gen::inRange(0, 300)};
            by_bar.on_bar(bar);
            for (const auto price :
                 {is_long ? bar.high : bar.low, is_long ? bar.low : bar.high, bar.close})
                by_price.on_quote({price, price}, bar.end());
            RC_ASSERT(by_bar.open_profit() == by_price.open_profit());
            RC_ASSERT(by_bar.day() == by_price.day());
            RC_ASSERT(by_bar.latch() == by_price.latch());
            RC_ASSERT(by_bar.floor().state() == by_price.floor().state());
        }
    }));
}

TEST_CASE("a loss floor never falls, whatever it is told, and never passes its lock") {
    CHECK(rc::check("floors are monotonic", [] {
        model::FloorRule rule;
        rule.model = static_cast<model::FloorModel>(*rc::gen::inRange(1, 4));
        rule.frame = static_cast<model::BalanceFrame>(*rc::gen::inRange(0, 2));
        rule.nominal = {*rc::gen::inRange<std::int64_t>(1, 200'000) * k_million, model::k_usd};
        rule.allowance = {*rc::gen::inRange<std::int64_t>(1, 10'000) * k_million, model::k_usd};
        rule.locks = *rc::gen::arbitrary<bool>();
        rule.lock_above = {*rc::gen::inRange<std::int64_t>(0, 200) * k_million, model::k_usd};
        LossFloor floor(rule);
        const std::int64_t start = rule.start().millionths;
        for (int i = 0; i < 50; ++i) {
            const model::Money before = floor.floor();
            const model::Money balance{
                start + *rc::gen::inRange<std::int64_t>(-20'000, 20'000) * k_million, model::k_usd};
            switch (*rc::gen::inRange(0, 8)) {
                case 0: floor.fix({0, model::k_usd}); break;
                case 1:
                case 2:
                case 3: floor.on_day_end(balance); break;
                default: RC_ASSERT(floor.on_equity(balance) == (balance <= floor.floor())); break;
            }
            RC_ASSERT(floor.floor() >= before);
            if (rule.locks)
                RC_ASSERT(floor.floor().millionths <= std::max(start + rule.lock_above.millionths,
                                                               start - rule.allowance.millionths));
        }
    }));
}

}  // namespace
}  // namespace bullpen::risk
