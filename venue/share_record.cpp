#include "venue/share_record.hpp"

#include <algorithm>

namespace bullpen::venue {

namespace {

using ipc::Need;

constexpr std::size_t k_name_max = 300;

std::int64_t days_of(std::chrono::sys_days day) {
    return day.time_since_epoch().count();
}

void write_leg(ipc::JsonWriter& out, std::string_view name, const matching::TriggerLeg& leg) {
    out.open_object(name);
    out.integer("trigger", leg.trigger.ticks);
    out.integer("limit", leg.limit.ticks);
    out.integer("quantity", leg.quantity);
    out.close_object();
}

void write_line(ipc::JsonWriter& out, const std::pair<std::string, matching::ShareLine>& line) {
    out.text("symbol", line.first);
    out.integer("settled", line.second.holding.settled);
    out.integer("t1", line.second.holding.t1);
    out.integer("today", line.second.holding.today);
    out.integer("intraday", line.second.intraday);
    out.integer("cost", line.second.intraday_cost);
}

void write_order(ipc::JsonWriter& out, const std::pair<std::string, matching::ShareOrder>& one) {
    const auto& order = one.second;
    const auto& request = order.request;
    out.integer("number", static_cast<std::int64_t>(order.number));
    out.text("symbol", one.first);
    out.text_if("client", request.client.view());
    out.text("side", code(request.side));
    out.boolean("mis", request.product == matching::Product::mis);
    out.boolean("market", request.market);
    out.boolean("immediate", request.immediate);
    out.integer("protection", request.protection_percent);
    out.integer("asked", request.limit.ticks);
    out.integer("quantity", request.quantity);
    out.integer("limit", order.limit.ticks);
    out.integer("filled", order.filled);
    out.integer("value", order.value);
    out.integer("day", days_of(order.day));
    out.text("status", code(order.status));
    out.integer("refusal", static_cast<std::int64_t>(order.refusal));
    out.integer("trigger", static_cast<std::int64_t>(order.trigger));
    out.boolean("opens", order.opens);
}

void write_trigger(ipc::JsonWriter& out, const std::pair<std::string, matching::Trigger>& one) {
    const auto& trigger = one.second;
    out.integer("number", static_cast<std::int64_t>(trigger.number));
    out.text("symbol", one.first);
    out.text("side", code(trigger.request.side));
    out.integer("status", static_cast<std::int64_t>(trigger.status));
    out.boolean("from_above", trigger.first_from_above);
    write_leg(out, "first", trigger.request.first);
    if (trigger.request.second)
        write_leg(out, "second", *trigger.request.second);
    out.integer("order", static_cast<std::int64_t>(trigger.order));
    out.integer("placed", days_of(trigger.placed));
    out.integer("ended", days_of(trigger.ended));
    if (trigger.request.last_price.ticks > 0)
        out.integer("last_price", trigger.request.last_price.ticks);
}

template <class Item, class Write>
void write_list(ipc::JsonWriter& out, std::string_view name, const std::vector<Item>& items,
                Write write_one) {
    std::string text = "[";
    for (const auto& item : items) {
        ipc::JsonWriter one;
        one.open_object();
        write_one(one, item);
        one.close_object();
        text += text.size() > 1 ? "," : "";
        text += one.take();
    }
    if (!items.empty())
        out.raw(name, text + "]");
}

void number(ipc::Fields& fields, std::string_view name, std::int64_t* out) {
    fields.whole(name, out, INT64_MIN, INT64_MAX, Need::required);
}
void count(ipc::Fields& fields, std::string_view name, std::uint64_t* out) {
    fields.integer(name, out, 0, INT64_MAX, Need::required);
}
void day(ipc::Fields& fields, std::string_view name, std::chrono::sys_days* out) {
    constexpr std::int64_t k_days_max = 1'000'000;
    std::int64_t days = 0;
    fields.whole(name, &days, 0, k_days_max, Need::required);
    *out = std::chrono::sys_days(std::chrono::days(days));
}
template <class Enum>
void numbered(ipc::Fields& fields, std::string_view name, Enum* out, Enum last) {
    std::int64_t value = 0;
    fields.whole(name, &value, 0, static_cast<std::int64_t>(last), Need::required);
    *out = static_cast<Enum>(value);
}
template <class Value, class From>
void word(ipc::Fields& fields, std::string_view name, Value* out, From from, Need need) {
    std::string text;
    fields.text(name, &text, k_name_max, need);
    if (!fields.ok() || text.empty())
        return;
    if (const auto value = from(text))
        *out = *value;
    else
        fields.fail_field(name, "is not one");
}

void read_line(ipc::Fields& in, std::pair<std::string, matching::ShareLine>* out) {
    in.text("symbol", &out->first, k_name_max, Need::required);
    number(in, "settled", &out->second.holding.settled);
    number(in, "t1", &out->second.holding.t1);
    number(in, "today", &out->second.holding.today);
    number(in, "intraday", &out->second.intraday);
    number(in, "cost", &out->second.intraday_cost);
}

void read_order(ipc::Fields& in, std::pair<std::string, matching::ShareOrder>* out) {
    auto& order = out->second;
    auto& request = order.request;
    bool mis = false;
    count(in, "number", &order.number);
    in.text("symbol", &out->first, k_name_max, Need::required);
    word(in, "client", &request.client, model::ClientOrderId::parse, Need::optional);
    word(in, "side", &request.side, model::side_from, Need::required);
    in.boolean("mis", &mis, Need::required);
    request.product = mis ? matching::Product::mis : matching::Product::cnc;
    in.boolean("market", &request.market, Need::required);
    in.boolean("immediate", &request.immediate, Need::required);
    in.integer("protection", &request.protection_percent, -1, 100, Need::required);
    number(in, "asked", &request.limit.ticks);
    number(in, "quantity", &request.quantity);
    number(in, "limit", &order.limit.ticks);
    number(in, "filled", &order.filled);
    number(in, "value", &order.value);
    day(in, "day", &order.day);
    word(in, "status", &order.status, matching::status_from, Need::required);
    numbered(in, "refusal", &order.refusal, matching::ShareRefusal::too_close);
    count(in, "trigger", &order.trigger);
    in.boolean("opens", &order.opens, Need::required);
}

template <class Item, class Read>
void read_list(const ipc::JsonDocument& document, ipc::Fields& fields, std::string_view name,
               std::vector<Item>* out, Read read_one) {
    const auto list = fields.array(name);
    if (!list)
        return;
    const auto end = document.node(*list).next;
    for (auto i = *list + 1; i < end; i = document.node(i).next) {
        if (document.node(i).kind != ipc::JsonKind::object)
            return fields.fail_field(name, "is not a list of objects");
        ipc::Fields inner(document, i, std::string(name));
        read_one(inner, &out->emplace_back());
        if (auto status = inner.status(); !status)
            return fields.fail_with(std::move(status).error());
    }
}

void read_leg(const ipc::JsonDocument& document, std::size_t node, ipc::Fields& fields,
              matching::TriggerLeg* out) {
    ipc::Fields inner(document, node, "leg");
    number(inner, "trigger", &out->trigger.ticks);
    number(inner, "limit", &out->limit.ticks);
    number(inner, "quantity", &out->quantity);
    if (auto status = inner.status(); !status)
        fields.fail_with(std::move(status).error());
}

void read_trigger(const ipc::JsonDocument& document, ipc::Fields& in,
                  std::pair<std::string, matching::Trigger>* out) {
    auto& trigger = out->second;
    count(in, "number", &trigger.number);
    in.text("symbol", &out->first, k_name_max, Need::required);
    word(in, "side", &trigger.request.side, model::side_from, Need::required);
    numbered(in, "status", &trigger.status, matching::TriggerStatus::expired);
    in.boolean("from_above", &trigger.first_from_above, Need::required);
    if (const auto node = in.object("first", Need::required))
        read_leg(document, *node, in, &trigger.request.first);
    if (const auto node = in.object("second"))
        read_leg(document, *node, in, &trigger.request.second.emplace());
    count(in, "order", &trigger.order);
    day(in, "placed", &trigger.placed);
    day(in, "ended", &trigger.ended);
    in.whole("last_price", &trigger.request.last_price.ticks, 0, model::k_price_ticks_max);
}

}  // namespace

void write(ipc::JsonWriter& out, const ShareBookRecord& record) {
    const auto& head = record.head;
    out.text("account", record.account);
    out.integer("cash", head.cash.millionths);
    out.integer("unsettled", head.unsettled.millionths);
    out.integer("day", days_of(head.day));
    out.boolean("open", head.open);
    out.integer("last_order", static_cast<std::int64_t>(head.orders));
    out.integer("last_execution", static_cast<std::int64_t>(head.executions));
    out.integer("last_trigger", static_cast<std::int64_t>(head.triggers));
    write_list(out, "lines", record.lines, write_line);
    write_list(out, "orders", record.orders, write_order);
    write_list(out, "triggers", record.triggers, write_trigger);
}

void write(ipc::JsonWriter& out, const ShareMarketRecord& record) {
    out.integer("at", unix_nanos(record.at));
    out.boolean("open", record.open);
}

void write(ipc::JsonWriter& out, const ShareFactsRecord& record) {
    out.text("symbol", record.symbol);
    out.integer("day", days_of(record.facts.day));
    out.integer("last", record.facts.last.ticks);
    out.integer("low", record.facts.low.ticks);
    out.integer("low_before", record.facts.low_before.ticks);
    out.integer("close_before", record.facts.close_before.ticks);
}

ShareBookRecord read_share_book(const ipc::JsonDocument& document, ipc::Fields* fields) {
    ShareBookRecord record;
    auto& head = record.head;
    auto& in = *fields;
    in.text("account", &record.account, k_name_max, Need::required);
    number(in, "cash", &head.cash.millionths);
    number(in, "unsettled", &head.unsettled.millionths);
    day(in, "day", &head.day);
    in.boolean("open", &head.open, Need::required);
    count(in, "last_order", &head.orders);
    count(in, "last_execution", &head.executions);
    count(in, "last_trigger", &head.triggers);
    read_list(document, in, "lines", &record.lines, read_line);
    read_list(document, in, "orders", &record.orders, read_order);
    read_list(document, in, "triggers", &record.triggers,
              [&](ipc::Fields& one, std::pair<std::string, matching::Trigger>* out) {
                  read_trigger(document, one, out);
              });
    return record;
}

ShareMarketRecord read_share_market(ipc::Fields* fields) {
    ShareMarketRecord record;
    std::int64_t at = 0;
    number(*fields, "at", &at);
    record.at = utc_from_nanos(at);
    fields->boolean("open", &record.open, Need::required);
    return record;
}

ShareFactsRecord read_share_facts(ipc::Fields* fields) {
    ShareFactsRecord record;
    fields->text("symbol", &record.symbol, k_name_max, Need::required);
    day(*fields, "day", &record.facts.day);
    number(*fields, "last", &record.facts.last.ticks);
    number(*fields, "low", &record.facts.low.ticks);
    number(*fields, "low_before", &record.facts.low_before.ticks);
    number(*fields, "close_before", &record.facts.close_before.ticks);
    return record;
}

}  // namespace bullpen::venue
