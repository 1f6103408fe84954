// The keys of [risk], [session] and [orders] in an account's file. A worker takes them at its
// start, so that no limit moves under an open position.
#include "common/config/risk_keys.hpp"

#include "common/config/rules.hpp"
#include "common/config/schema.hpp"

namespace bullpen::config {

namespace {

using A = AccountSettings;
using R = RiskSettings;
using S = SessionSettings;
using O = OrderSettings;

constexpr std::int64_t k_minute = 60'000'000'000;
constexpr std::int64_t k_hour = 60 * k_minute;
// In units of the account's currency.
constexpr std::int64_t k_amount_max = 1'000'000'000;

class Adder {
  public:
    explicit Adder(std::vector<Key<A>>& all) : all_(all) {}

    template <auto member>
    void whole(std::string_view name, std::int64_t min, std::int64_t max, std::string_view zero,
               std::string_view description) {
        add<&A::risk, member>({.name = name,
                               .type = KeyType::integer,
                               .min = min,
                               .max = max,
                               .zero = zero,
                               .description = description});
    }
    template <auto member>
    void percent(std::string_view name, std::int64_t max, std::string_view zero,
                 std::string_view description) {
        add<&A::risk, member>({.name = name,
                               .type = KeyType::percent,
                               .min = 1,
                               .max = max,
                               .zero = zero,
                               .description = description});
    }
    template <auto member>
    void lead(std::string_view name, std::string_view description) {
        add<&A::session, member>({.name = name,
                                  .type = KeyType::duration,
                                  .max = 4 * k_hour,
                                  .description = description});
    }
    template <auto member>
    void time_of_day(std::string_view name, std::string_view empty, std::string_view description) {
        add<&A::session, member>({.name = name,
                                  .length_max = 5,
                                  .fits = is_time_of_day,
                                  .shape = "a time of day, as in \"16:10\"",
                                  .empty = empty,
                                  .description = description});
    }
    template <auto group, auto member>
    void add(Row row) {
        row.effect = Effect::worker_restart;
        all_.push_back(key<A, group, member>(row));
    }

  private:
    std::vector<Key<A>>& all_;
};

void add_pack(Adder& to) {
    to.add<&A::risk, &R::rule_pack>(
        {.name = "risk.rule_pack",
         .length_max = 32,
         .fits = is_word,
         .may_be_empty = false,
         .shape = "a-z, 0-9, '_' and '-', a letter or digit first",
         .description = "The rules of the firm that the account belongs to: `plain` has none; "
                        "`docs/risk.md` lists the others. Of two limits the stricter one counts."});
    to.add<&A::risk, &R::hosting_acknowledged>(
        {.name = "risk.hosting_acknowledged",
         .length_max = 128,
         .fits = is_trimmed,
         .shape = "printable text without blanks at its ends",
         .description = "Needed under a rule pack that forbids remote servers: the sentence that "
                        "`docs/risk.md` gives, word for word. It is logged at every start."});
}

void add_limits(Adder& to) {
    to.whole<&R::start_balance>("risk.start_balance", 0, k_amount_max, "",
                                "The balance of the account, until the broker has said it.");
    to.whole<&R::high_balance>("risk.high_balance", 1, k_amount_max, "not known",
                               "The highest balance at the end of a day that the account had "
                               "before, as the broker states it: where its loss floor stands.");
    to.add<&A::risk, &R::per_trade_percent>(
        {.name = "risk.per_trade_percent",
         .type = KeyType::number,
         .number_min = 0.01,
         .number_max = 100,
         .description = "How much of the equity the stop of one trade may cost, in percent. The "
                        "number of contracts is rounded down."});
    to.whole<&R::contracts_max>(
        "risk.contracts_max", 1, 25, "",
        "The most contracts of one position. Above 15 the worker warns at its "
        "start; above 25 is refused.");
    to.whole<&R::daily_loss_max>("risk.daily_loss_max", 1, k_amount_max, "no limit",
                                 "The loss, realised and open, that ends the trading day. Of an "
                                 "account of shares, in rupees: nothing is bought any more on the "
                                 "day; without a default, it counts where a file has it.");
    to.percent<&R::daily_loss_percent>("risk.daily_loss_percent", 100, "no limit",
                                       "The same as a share of the balance when the day began; of "
                                       "shares, of the free cash and what was held.");
    to.add<&A::risk, &R::approach>(
        {.name = "risk.approach",
         .type = KeyType::word,
         .description = "At 80 % of the daily loss: `none` closes everything and opens nothing "
                        "until the next trading day; `scale` makes entries smaller from 60 % on, "
                        "and closes a losing position at 95 %; `off` waits for the limit."});
    to.whole<&R::drawdown_max>("risk.drawdown_max", 1, k_amount_max, "no limit",
                               "How far the account may fall below what "
                               "`risk.drawdown_model` follows; reaching it ends trading until an "
                               "operator decides. A rule pack with a loss floor has its own.");
    to.add<&A::risk, &R::drawdown_model>(
        {.name = "risk.drawdown_model",
         .type = KeyType::word,
         .description = "What `risk.drawdown_max` is measured from: the starting balance "
                        "(`fixed`), the highest balance at a day's end until the floor is the "
                        "starting balance (`end_of_day`), or the highest equity (`intraday`)."});
    to.whole<&R::trades_max>("risk.trades_max", 1, 1'000'000, "no limit",
                             "Positions that may be opened on a trading day.");
}

void add_checks(Adder& to) {
    to.whole<&R::margin_per_lot>("risk.margin_per_lot", 0, k_amount_max, "",
                                 "Estimated margin of one contract of the big size; a micro takes "
                                 "its share of it.");
    to.percent<&R::margin_percent>("risk.margin_percent", 100, "not checked",
                                   "How much of the equity the margin may be.");
    to.percent<&R::price_band_percent>("risk.price_band_percent", 100, "not checked",
                                       "How far from the last price an entry's price may be.");
    to.whole<&R::price_moved_ticks>("risk.price_moved_ticks", 1, 10'000, "not checked",
                                    "No entry once the price has moved more than this against the "
                                    "signal.");
    to.add<&A::risk, &R::fast_market>(
        {.name = "risk.fast_market",
         .type = KeyType::flag,
         .description = "Whether entries wait while the market is fast: a minute with more than "
                        "twice the mean range of the five before it, or a spread that widened "
                        "three times in a row. Spreads are told with `feed.ticks`; without it only "
                        "the ranges act."});
    to.percent<&R::cost_percent>("risk.cost_percent", 100, "not checked",
                                 "No entry whose slippage and commission are more than this share "
                                 "of the profit at its target.");
    to.whole<&R::orders_per_minute>("risk.orders_per_minute", 1, 10'000, "no limit",
                                    "Entries wait while so many orders were sent within a minute; "
                                    "exits are counted, and never wait.");
    to.whole<&R::orders_of_day>("risk.orders_of_day", 1, 1'000'000, "no limit",
                                "No entries after so many orders of a trading day.");
    to.whole<&R::slippage_alarm_ticks>("risk.slippage_alarm_ticks", 0, 10'000, "",
                                       "A fill that is worse than expected by more than this is "
                                       "an alarm; where the instrument's data expect more of every "
                                       "fill, more than that.");
}

void add_session(Adder& to) {
    to.time_of_day<&S::flat_by>(
        "session.flat_by", "no time of its own",
        "When the account must be flat, by the market's clock; a time after "
        "its evening opening is that of the evening on which the trading "
        "day begins. Of this, the rule pack's time, the market's close and "
        "the Friday rule the earliest counts.");
    to.add<&A::session, &S::flat_at_close>(
        {.name = "session.flat_at_close",
         .type = KeyType::flag,
         .description = "Whether positions are closed before the market closes for the day."});
    to.lead<&S::early_close_margin>("session.early_close_margin",
                                    "How long before an early close the account must be flat.");
    to.lead<&S::flatten_lead>("session.flatten_lead",
                              "How long before that the last entry is, and positions begin to be "
                              "wound up.");
    to.lead<&S::forced_lead>("session.forced_lead",
                             "How long before that what is left is closed by market orders.");
    to.time_of_day<&S::friday_last_entry>("session.friday_last_entry", "as on other days",
                                          "No entries on a Friday from here on.");
    to.time_of_day<&S::friday_flat_by>("session.friday_flat_by", "as on other days",
                                       "When the account must be flat on a Friday.");
    to.add<&A::session, &S::trade_uncovered_days>(
        {.name = "session.trade_uncovered_days",
         .type = KeyType::flag,
         .description = "Whether to enter on days that the table of holidays does not cover, as "
                        "if they were ordinary ones."});
}

void add_orders(Adder& to) {
    to.add<&A::orders, &O::tag>(
        {.name = "orders.tag",
         .inheritable = false,
         .length_max = 4,
         .fits = is_order_tag,
         .shape = "four capital letters or digits, as in \"ANNA\"",
         .empty = "made from the account's name",
         .description = "What the ids of the account's orders at the broker begin with."});
    to.add<&A::orders, &O::at_stop>(
        {.name = "orders.at_stop",
         .type = KeyType::word,
         .description = "What a stop of the account does with its position: closes it first "
                        "(`flatten`), leaves it at the broker behind its stop "
                        "(`leave_protected`), or waits until it is closed, for as long as "
                        "`stop_wait` (`refuse`). Resting entries are cancelled in any case. When "
                        "the account is stopped because its `trading` or its market in `[feed]` "
                        "was changed, it is closed whatever this says."});
    to.add<&A::orders, &O::unexpected>(
        {.name = "orders.unexpected",
         .type = KeyType::word,
         .description = "What is done with a position at the broker that the account's records do "
                        "not explain: tell and touch nothing (`alert`), take it over (`adopt`), "
                        "put a stop behind it too (`protect`), or close it (`flatten`)."});
    to.add<&A::orders, &O::unexpected_stop_ticks>(
        {.name = "orders.unexpected_stop_ticks",
         .type = KeyType::integer,
         .min = 1,
         .max = 10'000,
         .description = "How far the stop of such a position is placed from the worse of what it "
                        "cost and the market's price of now, in ticks."});
    to.add<&A::orders, &O::reconcile_every>(
        {.name = "orders.reconcile_every",
         .type = KeyType::duration,
         .min = 5 * k_minute / 60,
         .max = k_hour,
         .description = "How often the broker's orders, fills and positions are compared with "
                        "the account's records, besides at the start and after each loss of the "
                        "connection."});
    to.add<&A::orders, &O::answer_wait>(
        {.name = "orders.answer_wait",
         .type = KeyType::duration,
         .min = k_minute / 600,
         .max = k_minute,
         .description = "How long the answer to a command may take before the broker is asked "
                        "what became of the order."});
    to.add<&A::orders, &O::absent_after>(
        {.name = "orders.absent_after",
         .type = KeyType::duration,
         .min = 2 * k_minute / 60,
         .max = k_hour,
         .description = "How long an order of unknown fate must be missing from the broker's "
                        "complete answers until it counts as never placed. Nothing is sent for "
                        "the instrument meanwhile."});
    to.add<&A::orders, &O::stop_absent_after>(
        {.name = "orders.stop_absent_after",
         .type = KeyType::duration,
         .min = k_minute / 600,
         .max = k_hour,
         .description = "The same for a protective stop, which a position waits for, at a broker "
                        "that takes what it is told in order, as the paper exchange does: its "
                        "answer to a later question proves that the stop is not there. So long "
                        "the stop's own answer is waited for, too. Elsewhere, and at the most, "
                        "it is `orders.absent_after`."});
}

}  // namespace

void add_risk_keys(std::vector<Key<A>>& all) {
    Adder to(all);
    add_pack(to);
    add_limits(to);
    add_checks(to);
    add_session(to);
    add_orders(to);
}

}  // namespace bullpen::config
