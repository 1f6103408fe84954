// RiskGate: the one place that lets orders pass, and the only maker of Approved<OrderTerms>. One
// account, one instrument, one thread, no clock: times come in. It keeps its own position, profit
// and counters from the fills and prices it is told, and every limit that it watches survives a
// restart through save() and restore().
//
// Exits and cancels always pass as the mode allows; an exit is never larger than what is surely
// held. Everything that cannot be told counts against an entry. Amounts and sizes are rounded to
// the safe side. check(), on_bar(), on_price(), on_quote() and on_fill() allocate
// nothing.
//
// In the order of events: on_session() with the facts of the time, then what happened (on_fill,
// on_bar, on_price, on_quote), then check(). After each, latch() says whether a limit wants the
// account flat.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/config/risk_settings.hpp"
#include "common/model/bar.hpp"
#include "common/model/instrument.hpp"
#include "common/model/order.hpp"
#include "common/model/position.hpp"
#include "common/model/rule_pack.hpp"
#include "common/model/states.hpp"
#include "common/time/session_clock.hpp"
#include "worker/risk/approved.hpp"
#include "worker/risk/denial.hpp"
#include "worker/risk/loss_floor.hpp"
#include "worker/risk/market_watch.hpp"
#include "worker/risk/order_rate.hpp"
#include "worker/risk/slippage.hpp"

namespace bullpen::risk {

// What the order manager knows of the account's orders and position, as contracts.
struct Exposure {
    std::int64_t held = 0;          // proven by fills; above zero long
    bool position_unknown = false;  // the broker may hold something else: no entries
    // What entries may still add: working, on their way, or of unknown outcome.
    std::int64_t entries_buy = 0;
    std::int64_t entries_sell = 0;
    // What may still be closed, or may have been, besides by the order that is asked for: exits on
    // their way, and every closing order of unknown outcome. Not stops and targets that stand.
    std::int64_t exits = 0;
};

// What an entry is planned with; prices as they will be sent.
struct EntryPlan {
    model::Price signal;  // the price that the decision was taken at
    model::Price stop;    // of the protective stop
    std::optional<model::Price> target;
};

// The situation of one order.
struct Situation {
    Exposure exposure;
    model::TradingMode mode = model::TradingMode::idle;
    std::optional<EntryPlan> plan;  // with every entry
    UtcTime now{};
};

using Approval = std::variant<Approved<model::OrderTerms>, Denial>;

// How large an entry may be.
struct Sizing {
    std::int64_t contracts = 0;
    std::optional<Denial> denial;  // without a contract: what leaves none, as check() would say it
};

// A limit that wants the account flat and without entries.
enum class Limit : std::uint8_t {
    daily_loss,       // reached: until the next trading day
    near_daily_loss,  // 80 % of it in approach mode `none`, or 95 % with a losing position
    loss_floor,       // reached: for good
};
inline constexpr std::size_t k_limits = 3;
std::string_view code(Limit limit);
// Why it closes what is held.
std::string_view sentence(Limit limit);
struct Latch {
    Limit limit{};
    UtcTime since{};
    bool for_good = false;  // else until the next trading day begins
    friend bool operator==(const Latch&, const Latch&) = default;
};

// How far it is to a limit. Money in millionths, counts as they are.
struct Distance {
    enum class Unit : std::uint8_t { money, contracts, trades, orders };
    std::string_view name;  // "daily_loss"
    Unit unit{};
    std::int64_t used = 0;
    std::int64_t limit = 0;
    [[nodiscard]] std::int64_t left() const { return limit > used ? limit - used : 0; }
};
struct Distances {
    static constexpr std::size_t k_max = 8;
    std::array<Distance, k_max> items;
    std::size_t size = 0;
    [[nodiscard]] const Distance* begin() const { return items.data(); }
    [[nodiscard]] const Distance* end() const { return items.data() + size; }
};

// What a fill changed.
struct FillVerdict {
    model::PositionChange change;
    model::Money realised;                 // of the closed part, less the fee
    std::optional<model::Ticks> slippage;  // when an expected price was given
    bool slippage_alarm = false;
};

// The counters of one trading day; zero when the next one begins.
struct DayCounters {
    model::Money realised;       // net of fees
    model::Money carried;        // open profit of a position that was held into the day
    model::Money start_balance;  // when the day began; meaningful once the balance is known
    std::int64_t trades = 0;     // positions opened
    std::int64_t orders = 0;     // approved entries and exits
    std::int64_t denied = 0;
    model::Money worst;          // lowest profit of the day, open positions included
    std::optional<Latch> latch;  // daily_loss or near_daily_loss
    friend bool operator==(const DayCounters&, const DayCounters&) = default;
};

class RiskGate {
  public:
    // The instrument must outlive the gate; settings and pack are copied.
    RiskGate(const model::Instrument& instrument, const config::RiskSettings& settings,
             const model::RulePack& pack);

    // --- what happened ---

    // Another market, of whatever time, before anything was ever traded: the day that was known and
    // the prices that were seen are nothing to it.
    void begin_market() {
        day_.reset();
        watch_.restore({});
    }

    // The facts of the time, by which entries are judged. They begin no trading day.
    void on_hours(const time::SessionFacts& facts) {
        if (!session_.same(facts)) [[unlikely]]
            session_ = facts;
    }
    // Likewise, and something happened then. A new trading day ends the one before, exactly once; a
    // day that is older than the known one is ignored.
    void on_session(const time::SessionFacts& facts) {
        on_hours(facts);
        if (!day_ || facts.day > *day_) [[unlikely]]
            begin_day(facts.day);
    }
    // Cash at the broker, without open profits; from then on fills move it. `at`: for a limit that
    // is reached by it.
    void on_balance(model::Money cash, UtcTime at, bool may_trade = true);
    // A finished bar: its extremes, the better one first, then its close.
    void on_bar(const model::Bar& bar) {
        watch_.on_bar(bar);
        if (!position_.flat()) [[unlikely]]
            mark_bar(bar);
    }
    // A trade between two bars.
    void on_price(model::Price price, UtcTime at);
    // Longs are worth the bid, shorts the ask.
    void on_quote(const Quote& quote, UtcTime at);
    // One execution, once. `expected` is the price that the order was decided or placed at.
    FillVerdict on_fill(const model::Fill& fill, std::optional<model::Price> expected);
    // The position is what the broker says; what it won or lost until now is not ours to count.
    void adopt(const model::Position& position);
    // In recovery: an order was approved, as check() counts it.
    void replay_approval(UtcTime at) {
        ++counters_.orders;
        rate_.add(at);
    }
    // As check() counts one: in recovery, and of an entry that size() left no contract.
    void count_denial() { ++counters_.denied; }
    // So much was paid out of the account, which the broker's balance tells as well, before or
    // after this: no loss, and nothing that limits may go on counting with.
    void on_payout(model::Money amount);

    // --- questions ---

    // Approved or denied; the counters of orders count what is approved.
    Approval check(const model::OrderTerms& terms, const Situation& situation);
    // Of an entry at `entry` with its stop at `stop`, within every limit.
    [[nodiscard]] Sizing size(model::Side side, model::Price entry, model::Price stop) const;
    // Errc::refused where no such payout can have left what there is.
    [[nodiscard]] Result<void> check_payout(model::Money amount) const;
    // A limit that wants the account flat now: the floor before the day's.
    [[nodiscard]] std::optional<Latch> latch() const;
    // What keeps every entry out until the next trading day, or until somebody does something about
    // it, apart from latch(); none when entries are judged one by one.
    [[nodiscard]] std::optional<DenialCode> standing_denial() const;
    // In the order in which people should see them; limits that are off are left out. `now` is of
    // the clock that orders are counted by: see Situation.
    [[nodiscard]] Distances distances(UtcTime now) const;

    [[nodiscard]] const DayCounters& day() const { return counters_; }
    [[nodiscard]] std::optional<time::TradingDay> trading_day() const { return day_; }
    [[nodiscard]] const model::Position& position() const { return position_; }
    // Of the open position at the last price; zero when flat.
    [[nodiscard]] model::Money open_profit() const { return open_; }
    // Realised and open, since the trading day began.
    [[nodiscard]] model::Money day_profit() const;
    // Cash and open profit; none as long as no balance is known.
    [[nodiscard]] std::optional<model::Money> equity() const;
    [[nodiscard]] const LossFloor& floor() const { return floor_; }
    // At the last day's end, against the balance of a new account; decides on a pack's scaling.
    [[nodiscard]] model::Money day_end_profit() const { return day_end_profit_; }
    [[nodiscard]] const MarketWatch& watch() const { return watch_; }
    [[nodiscard]] const SlippageTally& slippage() const { return slippage_; }
    // Ticks by which a fill may be worse than expected before that is an alarm: never fewer than
    // the instrument's data expect of every fill.
    [[nodiscard]] std::int64_t slippage_limit() const;
    [[nodiscard]] const model::RulePack& pack() const { return pack_; }
    // The strictest of the daily loss limits; none when all are off.
    [[nodiscard]] std::optional<model::Money> daily_loss_limit() const { return daily_limit_; }

    // --- persistence ---

    // One JSON object with all counters, limits reached, and the time of each counted order.
    [[nodiscard]] std::string save() const;
    // Errc::corrupt, Errc::newer_version, Errc::wrong_account for another instrument or pack frame;
    // then nothing changed.
    Result<void> restore(std::string_view text);
    // An operator decided to go on after the loss floor was reached: it starts anew from the
    // balance of now. The only way in which it falls; to be audited.
    void restart_floor();

  private:
    [[nodiscard]] std::optional<Denial> check_terms(const model::OrderTerms& terms) const;
    [[nodiscard]] std::optional<Denial> check_exit(const model::OrderTerms& terms,
                                                   const Situation& situation) const;
    [[nodiscard]] std::optional<Denial> check_account() const;
    [[nodiscard]] std::optional<Denial> check_session(UtcTime now) const;
    [[nodiscard]] std::optional<Denial> check_counts(const Situation& situation) const;
    [[nodiscard]] std::optional<Denial> check_equity() const;
    [[nodiscard]] std::optional<Denial> check_market(const model::OrderTerms& terms,
                                                     const EntryPlan& plan) const;
    [[nodiscard]] std::optional<Denial> check_size(const model::OrderTerms& terms,
                                                   const EntryPlan& plan) const;
    [[nodiscard]] std::optional<Denial> check_contracts(std::int64_t ticks,
                                                        std::int64_t contracts) const;
    [[nodiscard]] std::optional<Denial> check_entry(const model::OrderTerms& terms,
                                                    const Situation& situation) const;
    // At which the order would be filled, by the last quote or price.
    [[nodiscard]] std::optional<model::Price> reference(model::Side side) const;
    [[nodiscard]] std::optional<model::Price> entry_price(const model::OrderTerms& terms) const;
    // Limits of an entry's size, in millionths and contracts.
    [[nodiscard]] std::optional<std::int64_t> size_equity() const;
    [[nodiscard]] std::int64_t scale_percent() const;
    [[nodiscard]] std::int64_t most_contracts(std::int64_t ticks) const;
    [[nodiscard]] std::int64_t trade_risk_limit() const;
    [[nodiscard]] std::int64_t contracts_limit() const;
    [[nodiscard]] std::optional<std::int64_t> pack_limit() const;
    [[nodiscard]] std::int64_t stop_risk(std::int64_t ticks, std::int64_t contracts) const;
    [[nodiscard]] std::int64_t full_risk(std::int64_t ticks, std::int64_t contracts) const;
    [[nodiscard]] std::optional<std::int64_t> daily_left() const;
    [[nodiscard]] std::optional<std::int64_t> floor_left() const;
    [[nodiscard]] std::optional<DenialCode> no_room_for_any() const;
    // The loss at which `risk.approach` acts before the daily limit does; none when it never does.
    [[nodiscard]] std::optional<std::int64_t> near_limit() const;
    [[nodiscard]] std::int64_t margin_of(std::int64_t contracts) const;
    [[nodiscard]] std::int64_t margin_limit() const;

    void begin_day(time::TradingDay day);
    // After whatever the strictest daily loss limit depends on has changed.
    void begin_from(model::Money cash);
    void set_daily_limit();
    [[nodiscard]] LossFloor floor_after(model::Money payout) const;
    void mark_bar(const model::Bar& bar);
    bool mark_quiet_bar(model::Price best, model::Price worst, model::Price close);
    void mark(model::Price price, UtcTime at);
    void look_at_limits(UtcTime at);

    const model::Instrument* instrument_;
    config::RiskSettings settings_;
    model::RulePack pack_;
    bool hosting_refused_ = false;

    time::SessionFacts session_;
    std::optional<time::TradingDay> day_;
    DayCounters counters_;
    std::optional<model::Money> daily_limit_;
    model::Position position_;
    model::Money open_;
    std::optional<model::Money> cash_;
    model::Money day_end_profit_;  // at the last day's end, against the floor's start
    bool may_trade_ = true;
    bool frame_wrong_ = false;
    bool balance_told_ = false;  // by the broker, ever
    LossFloor floor_;
    std::optional<UtcTime> floor_since_;
    bool floor_reached_by_balance_ = false;  // that the broker told; no price did
    std::string kept_floor_;                 // as it was saved, where no pack says what it means
    OrderRate rate_;
    MarketWatch watch_;
    SlippageTally slippage_;
};

}  // namespace bullpen::risk
