// The gate's part of the state file: one JSON object, amounts as decimal strings, times as text.
// What is written is all that decides; what is read is checked as a whole before any of it counts.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "worker/risk/risk_gate.hpp"

namespace bullpen::risk {

namespace {

using Json = nlohmann::json;
using model::Money;

constexpr int k_version = 1;
// Orders of one minute that a state may list.
constexpr std::size_t k_times_max = 10'000;
constexpr std::int64_t k_count_max = 1'000'000'000;

// Reads values of a known shape; the first one that is not makes the whole state corrupt.
class Reader {
  public:
    Reader(const Json& json, model::Currency currency) : json_(json), currency_(currency) {}

    [[nodiscard]] Reader in(const char* key) {
        const Json* found = at(key);
        Reader inner(found != nullptr && found->is_object() ? *found : empty(), currency_);
        inner.good_ = found != nullptr && found->is_object();
        return inner;
    }
    void join(const Reader& inner) { good_ = good_ && inner.good_; }
    [[nodiscard]] bool null(const char* key) {
        const Json* found = at(key);
        return found == nullptr || found->is_null();
    }
    std::string text(const char* key) {
        const Json* found = at(key);
        if (!expect(found != nullptr && found->is_string()))
            return {};
        return found->get<std::string>();
    }
    Money money(const char* key) {
        const auto amount = model::money_from_text(text(key), currency_);
        expect(amount.has_value());
        return amount.value_or(Money{0, currency_});
    }
    std::int64_t whole(const char* key, std::int64_t min, std::int64_t max) {
        const Json* found = at(key);
        if (!expect(found != nullptr && found->is_number_integer()))
            return min;
        const auto number = found->get<std::int64_t>();
        expect(number >= min && number <= max);
        return std::clamp(number, min, max);
    }
    bool flag(const char* key) {
        const Json* found = at(key);
        return expect(found != nullptr && found->is_boolean()) && found->get<bool>();
    }
    UtcTime time(const char* key) {
        const auto parsed = parse_utc(text(key));
        expect(parsed.has_value());
        return parsed.value_or(UtcTime{});
    }
    Json object(const char* key) {
        const Json* found = at(key);
        return expect(found != nullptr && found->is_object()) ? *found : Json();
    }
    const Json& list(const char* key, std::size_t size_max) {
        const Json* found = at(key);
        return expect(found != nullptr && found->is_array() && found->size() <= size_max) ? *found
                                                                                          : empty();
    }
    bool expect(bool condition) {
        good_ = good_ && condition;
        return condition;
    }
    [[nodiscard]] bool good() const { return good_; }

  private:
    static const Json& empty() {
        static const Json none = Json::object();
        return none;
    }
    [[nodiscard]] const Json* at(const char* key) const {
        const auto found = json_.find(key);
        return found == json_.end() ? nullptr : &*found;
    }

    const Json& json_;
    model::Currency currency_;
    bool good_ = true;
};

Json ticks(const std::optional<model::Price>& price) {
    return price ? Json(price->ticks) : Json();
}

std::optional<model::Price> read_price(Reader& from, const char* key) {
    if (from.null(key))
        return std::nullopt;
    constexpr std::int64_t k_max = model::k_price_ticks_max;
    return model::Price{from.whole(key, -k_max, k_max)};
}

Json to_json(const MarketWatch::State& state) {
    Json json = {{"ranges", state.ranges},   {"at", state.at},         {"count", state.count},
                 {"fast", state.fast},       {"quoted", state.quoted}, {"widened", state.widened},
                 {"last", ticks(state.last)}};
    json["bid"] = state.quote ? Json(state.quote->bid.ticks) : Json();
    json["ask"] = state.quote ? Json(state.quote->ask.ticks) : Json();
    return json;
}

MarketWatch::State read_watch(Reader& from) {
    MarketWatch::State state;
    constexpr std::int64_t k_range_max = 2 * model::k_price_ticks_max;
    const Json& ranges = from.list("ranges", MarketWatch::k_ranges);
    from.expect(ranges.size() == state.ranges.size());
    for (std::size_t i = 0; i < ranges.size() && from.good(); ++i) {
        if (!from.expect(ranges[i].is_number_integer()))
            break;
        state.ranges[i] = ranges[i].get<std::int64_t>();
        from.expect(state.ranges[i] >= 0 && state.ranges[i] <= k_range_max);
        state.sum += from.good() ? state.ranges[i] : 0;
    }
    state.at = from.whole("at", 0, MarketWatch::k_ranges - 1);
    state.count = from.whole("count", 0, MarketWatch::k_ranges);
    state.fast = from.flag("fast");
    state.quoted = from.flag("quoted");
    state.widened = from.whole("widened", 0, k_count_max);
    state.last = read_price(from, "last");
    const auto bid = read_price(from, "bid");
    const auto ask = read_price(from, "ask");
    if (bid && ask)
        state.quote = Quote{*bid, *ask};
    from.expect(bid.has_value() == ask.has_value());
    return from.good() ? state : MarketWatch::State{};
}

Json to_json(const model::FloorRule& rule) {
    return {{"model", std::string(code(rule.model))},
            {"frame", std::string(code(rule.frame))},
            {"nominal", model::text(rule.nominal)},
            {"allowance", model::text(rule.allowance)},
            {"locks", rule.locks},
            {"lock_above", model::text(rule.lock_above)}};
}

Json to_json(const LossFloor& floor, const std::optional<UtcTime>& since, bool by_balance) {
    return {{"rule", to_json(floor.rule())},
            {"high", model::text(floor.state().high)},
            {"floor", model::text(floor.state().floor)},
            {"locked", floor.state().locked},
            {"breached", floor.state().breached},
            {"since", since ? Json(format_utc_nanos(*since)) : Json()},
            {"by_balance", by_balance}};
}

Json to_json(const SlippageTally& tally) {
    return {{"fills", tally.fills},
            {"contracts", tally.contracts},
            {"tick_contracts", tally.tick_contracts},
            {"worst", tally.worst},
            {"alarms", tally.alarms}};
}

SlippageTally read_slippage(Reader& from) {
    constexpr std::int64_t k_max = std::int64_t{1} << 60;
    SlippageTally tally;
    tally.fills = from.whole("fills", 0, k_max);
    tally.contracts = from.whole("contracts", 0, k_max);
    tally.tick_contracts = from.whole("tick_contracts", -k_max, k_max);
    tally.worst = from.whole("worst", 0, k_max);
    tally.alarms = from.whole("alarms", 0, k_max);
    return tally;
}

Json to_json(const DayCounters& day) {
    Json json = {{"realised", model::text(day.realised)},
                 {"carried", model::text(day.carried)},
                 {"start_balance", model::text(day.start_balance)},
                 {"trades", day.trades},
                 {"orders", day.orders},
                 {"denied", day.denied},
                 {"worst", model::text(day.worst)},
                 {"latch", Json()}};
    if (day.latch)
        json["latch"] = {{"limit", std::string(code(day.latch->limit))},
                         {"since", format_utc_nanos(day.latch->since)}};
    return json;
}

DayCounters read_day(Reader& from) {
    DayCounters day;
    day.realised = from.money("realised");
    day.carried = from.money("carried");
    day.start_balance = from.money("start_balance");
    day.trades = from.whole("trades", 0, k_count_max);
    day.orders = from.whole("orders", 0, k_count_max);
    day.denied = from.whole("denied", 0, k_count_max);
    day.worst = from.money("worst");
    if (!from.null("latch")) {
        Reader latch = from.in("latch");
        const std::string limit = latch.text("limit");
        const bool reached = limit == code(Limit::daily_loss);
        latch.expect(reached || limit == code(Limit::near_daily_loss));
        day.latch =
            Latch{reached ? Limit::daily_loss : Limit::near_daily_loss, latch.time("since"), false};
        from.join(latch);
    }
    return day;
}

std::string date_text(time::TradingDay day) {
    return format_utc(UtcTime(day.time_since_epoch())).substr(0, 10);
}

// All that a state file says, as values.
struct Saved {
    std::string instrument;
    std::string currency;
    std::optional<time::TradingDay> day;
    DayCounters counters;
    model::Position position;
    Money open;
    std::optional<Money> cash;
    Money day_end_profit;
    bool may_trade = true;
    bool frame_wrong = false;
    bool balance_told = false;
    Json floor_rule;
    LossFloor::State floor;
    std::optional<UtcTime> floor_since;
    bool floor_by_balance = false;
    std::vector<UtcTime> orders;
    MarketWatch::State market;
    SlippageTally slippage;
};

void read_floor(Reader from, Reader& outer, Saved& saved) {
    saved.floor_rule = from.object("rule");
    saved.floor.high = from.money("high");
    saved.floor.floor = from.money("floor");
    saved.floor.locked = from.flag("locked");
    saved.floor.breached = from.flag("breached");
    if (!from.null("since"))
        saved.floor_since = from.time("since");
    // Nobody asked before there were payouts.
    if (!from.null("by_balance"))
        saved.floor_by_balance = from.flag("by_balance");
    outer.join(from);
}

void read_orders(Reader& from, Saved& saved) {
    for (const Json& time : from.list("orders", k_times_max)) {
        if (!from.expect(time.is_number_integer()))
            return;
        saved.orders.push_back(utc_from_nanos(time.get<std::int64_t>()));
    }
}

void read_position(Reader from, Reader& outer, model::Position& position) {
    constexpr std::int64_t k_max = std::int64_t{1} << 50;
    position.quantity = from.whole("quantity", -k_count_max, k_count_max);
    position.cost_ticks = from.whole("cost_ticks", -k_max, k_max);
    outer.join(from);
}

Saved read_all(Reader& from) {
    Saved saved;
    saved.instrument = from.text("instrument");
    saved.currency = from.text("currency");
    if (!from.null("day")) {
        const auto day = parse_utc(from.text("day") + "T00:00:00Z");
        from.expect(day.has_value());
        saved.day = std::chrono::floor<std::chrono::days>(day.value_or(UtcTime{}));
    }
    Reader counters = from.in("counters");
    saved.counters = read_day(counters);
    from.join(counters);
    read_position(from.in("position"), from, saved.position);
    saved.open = from.money("open");
    if (!from.null("cash"))
        saved.cash = from.money("cash");
    saved.day_end_profit = from.money("day_end_profit");
    saved.may_trade = from.flag("may_trade");
    saved.frame_wrong = from.flag("frame_wrong");
    saved.balance_told = from.flag("balance_told");
    read_floor(from.in("floor"), from, saved);
    read_orders(from, saved);
    Reader market = from.in("market");
    saved.market = read_watch(market);
    from.join(market);
    Reader slippage = from.in("slippage");
    saved.slippage = read_slippage(slippage);
    from.join(slippage);
    return saved;
}

Unexpected corrupt() {
    return fail(Errc::corrupt, "the saved state of the risk limits is damaged");
}

}  // namespace

std::string RiskGate::save() const {
    Json json = {
        {"v", k_version},
        {"instrument", std::string(instrument_->symbol)},
        {"currency", std::string(open_.currency.code())},
        {"day", day_ ? Json(date_text(*day_)) : Json()},
        {"counters", to_json(counters_)},
        {"position", {{"quantity", position_.quantity}, {"cost_ticks", position_.cost_ticks}}},
        {"open", model::text(open_)},
        {"cash", cash_ ? Json(model::text(*cash_)) : Json()},
        {"day_end_profit", model::text(day_end_profit_)},
        {"may_trade", may_trade_},
        {"frame_wrong", frame_wrong_},
        {"balance_told", balance_told_},
        {"floor", kept_floor_.empty() ? to_json(floor_, floor_since_, floor_reached_by_balance_)
                                      : documents::parse_json(kept_floor_)},
        {"orders", Json::array()},
        {"market", to_json(watch_.state())},
        {"slippage", to_json(slippage_)}};
    for (const UtcTime time : rate_.times())
        json["orders"].push_back(unix_nanos(time));
    return documents::json_text(json);
}

Result<void> RiskGate::restore(std::string_view text) {
    const Json json = documents::parse_json(text);
    if (!json.is_object())
        return corrupt();
    Reader from(json, open_.currency);
    const auto version = from.whole("v", 1, k_count_max);
    if (from.good() && version > k_version)
        return fail(Errc::newer_version, "the risk limits were saved by a newer program");
    Saved saved = read_all(from);
    if (!from.good())
        return corrupt();
    const bool same = saved.instrument == instrument_->symbol;
    if (!same && !saved.position.flat())
        return fail(Errc::wrong_account, "the saved state holds a position in " + saved.instrument +
                                             ", not in " + std::string(instrument_->symbol) +
                                             ": close it there first");
    if (saved.currency != open_.currency.code())
        return fail(Errc::wrong_account, "the saved state is in " + saved.currency +
                                             ", the instrument in " +
                                             std::string(open_.currency.code()));
    day_ = saved.day;
    counters_ = saved.counters;
    set_daily_limit();
    position_ = saved.position;
    open_ = saved.open;
    cash_ = saved.cash;
    day_end_profit_ = saved.day_end_profit;
    may_trade_ = saved.may_trade;
    frame_wrong_ = saved.frame_wrong;
    balance_told_ = saved.balance_told;
    rate_.restore(saved.orders);
    watch_.restore(same ? saved.market : MarketWatch::State{});
    slippage_ = saved.slippage;
    if (pack_.name.empty()) {
        kept_floor_ = documents::json_text(json["floor"]);
        return {};
    }
    floor_since_ = saved.floor_since;
    if (saved.floor_rule == to_json(floor_.rule())) {
        floor_.restore(saved.floor);
        floor_reached_by_balance_ = saved.floor_by_balance;
        return {};
    }
    // Other rules than before: their floor begins at what is known of the balance.
    floor_since_.reset();
    floor_reached_by_balance_ = false;
    frame_wrong_ = cash_ && !floor_.plausible(*cash_);
    if (cash_ && !frame_wrong_)
        floor_.on_day_end(*cash_);
    return {};
}

}  // namespace bullpen::risk
