#include "ipc/share_message.hpp"

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"

namespace bullpen::ipc {

namespace {

using matching::TriggerLeg;
using matching::TriggerStatus;

constexpr std::array<std::string_view, 9> k_commands{"follow",   "account",       "orders",
                                                     "triggers", "quotes",        "submit",
                                                     "cancel",   "place_trigger", "delete_trigger"};
constexpr std::size_t k_size_max = 48UL * 1024;
constexpr int k_depth_max = 5;
constexpr std::size_t k_word_max = 32;
constexpr std::int64_t k_any_max = INT64_MAX;

template <class Enum>
std::optional<Enum> coded(std::string_view word, int count) {
    for (int i = 0; i < count; ++i) {
        if (code(static_cast<Enum>(i)) == word)
            return static_cast<Enum>(i);
    }
    return std::nullopt;
}
std::optional<ShareCommand> command_from(std::string_view word) {
    return coded<ShareCommand>(word, static_cast<int>(k_commands.size()));
}
std::optional<matching::Product> product_from(std::string_view word) {
    return coded<matching::Product>(word, 2);
}
std::optional<TriggerStatus> trigger_status_from(std::string_view word) {
    return coded<TriggerStatus>(word, 4);
}

class Reader {
  public:
    Reader(const JsonDocument& document, std::size_t object, std::string what)
        : document_(&document), fields_(document, object, std::move(what)) {}

    Fields& fields() { return fields_; }
    [[nodiscard]] const JsonDocument& document() const { return *document_; }

    template <class Value, class From>
    void word(std::string_view name, Value* out, From from, Need need = Need::required) {
        std::string text;
        fields_.text(name, &text, k_word_max, need);
        if (!fields_.ok() || text.empty())
            return;
        if (auto value = from(text))
            *out = *value;
        else
            fields_.fail_field(name, "is not one");
    }
    void client(std::string_view name, model::ClientOrderId* out, Need need) {
        word(
            name, out, [](const std::string& text) { return model::ClientOrderId::parse(text); },
            need);
    }
    void symbol(std::string* out) {
        fields_.text("symbol", out, k_share_symbol_size_max, Need::required);
        if (fields_.ok() && !is_share_symbol(*out))
            fields_.fail_field("symbol", "is no symbol of a share");
    }
    void side(model::Side* out) { word("side", out, model::side_from); }
    void product(matching::Product* out) { word("product", out, product_from); }
    void count(std::string_view name, std::uint64_t* out, Need need = Need::optional) {
        fields_.integer(name, out, 0, k_any_max, need);
    }
    void number(std::string_view name, std::int64_t* out, Need need = Need::optional) {
        fields_.whole(name, out, -k_any_max, k_any_max, need);
    }
    void price(std::string_view name, model::Price* out, Need need = Need::optional) {
        fields_.whole(name, &out->ticks, 0, model::k_price_ticks_max, need);
    }
    void day(std::string_view name, std::chrono::sys_days* out) {
        std::int64_t days = 0;
        fields_.whole(name, &days, 0, k_day_max, Need::required);
        *out = std::chrono::sys_days(std::chrono::days(days));
    }
    void leg(std::string_view name, TriggerLeg* out) {
        if (const auto node = fields_.object(name, Need::required))
            read_leg(*node, std::string(name), out);
    }
    void leg(std::string_view name, std::optional<TriggerLeg>* out) {
        if (const auto node = fields_.object(name))
            read_leg(*node, std::string(name), &out->emplace());
    }
    template <class Item, class Read>
    void items(std::string_view name, std::vector<Item>* out, Read read) {
        fields_.each_object(name, Need::optional, k_share_page_max, [&](std::size_t node) {
            Reader inner(*document_, node, std::string(name));
            read(inner, &out->emplace_back());
            return inner.fields_.status();
        });
    }

  private:
    static constexpr std::int64_t k_day_max = 100'000;

    void read_leg(std::size_t node, std::string what, TriggerLeg* out) {
        Reader inner(*document_, node, std::move(what));
        inner.price("trigger", &out->trigger, Need::required);
        inner.price("limit", &out->limit, Need::required);
        inner.number("quantity", &out->quantity, Need::required);
        if (auto status = inner.fields_.status(); !status)
            fields_.fail_with(std::move(status).error());
    }

    const JsonDocument* document_;
    Fields fields_;
};

void write_leg(JsonWriter& out, std::string_view name, const TriggerLeg& leg) {
    out.open_object(name);
    out.integer("trigger", leg.trigger.ticks);
    out.integer("limit", leg.limit.ticks);
    out.integer("quantity", leg.quantity);
    out.close_object();
}

std::int64_t days_of(std::chrono::sys_days day) {
    return day.time_since_epoch().count();
}

template <class Item, class Write>
void write_list(JsonWriter& out, std::string_view name, const std::vector<Item>& items,
                Write write) {
    if (items.empty())
        return;
    std::string text = "[";
    for (const auto& item : items) {
        JsonWriter one;
        one.open_object();
        write(one, item);
        one.close_object();
        text += text.size() > 1 ? "," : "";
        text += one.take();
    }
    out.raw(name, text + "]");
}

void write_held(JsonWriter& out, const ShareHeld& held) {
    out.text("symbol", held.symbol);
    out.integer("settled", held.holding.settled);
    out.integer("t1", held.holding.t1);
    out.integer("today", held.holding.today);
    out.integer("sellable", held.sellable);
    out.integer("intraday", held.intraday);
}
void read_held(Reader& in, ShareHeld* out) {
    in.symbol(&out->symbol);
    in.number("settled", &out->holding.settled, Need::required);
    in.number("t1", &out->holding.t1, Need::required);
    in.number("today", &out->holding.today, Need::required);
    in.number("sellable", &out->sellable, Need::required);
    in.number("intraday", &out->intraday, Need::required);
}

void write_order(JsonWriter& out, const ShareOrderTold& order) {
    out.integer("number", static_cast<std::int64_t>(order.number));
    out.text_if("client", order.client.view());
    out.text("symbol", order.symbol);
    out.text("side", code(order.side));
    out.text("product", code(order.product));
    out.integer("limit", order.limit.ticks);
    out.integer("quantity", order.quantity);
    out.integer("filled", order.filled);
    out.integer("value", order.value);
    out.text("status", code(order.status));
    out.text_if("refusal", order.refusal);
    out.integer("trigger", static_cast<std::int64_t>(order.trigger));
    out.integer("day", days_of(order.day));
}
void read_order(Reader& in, ShareOrderTold* out) {
    in.count("number", &out->number, Need::required);
    in.client("client", &out->client, Need::optional);
    in.symbol(&out->symbol);
    in.side(&out->side);
    in.product(&out->product);
    in.price("limit", &out->limit, Need::required);
    in.number("quantity", &out->quantity, Need::required);
    in.number("filled", &out->filled, Need::required);
    in.number("value", &out->value, Need::required);
    in.word("status", &out->status, matching::status_from);
    in.fields().text("refusal", &out->refusal, k_word_max);
    in.count("trigger", &out->trigger);
    in.day("day", &out->day);
}

void write_trigger(JsonWriter& out, const ShareTriggerTold& trigger) {
    out.integer("number", static_cast<std::int64_t>(trigger.number));
    out.text("symbol", trigger.symbol);
    out.text("side", code(trigger.side));
    out.text("status", code(trigger.status));
    write_leg(out, "first", trigger.first);
    if (trigger.second)
        write_leg(out, "second", *trigger.second);
    out.integer("order", static_cast<std::int64_t>(trigger.order));
    out.integer("placed", days_of(trigger.placed));
    if (trigger.last_price.ticks > 0)
        out.integer("last_price", trigger.last_price.ticks);
}
void read_trigger(Reader& in, ShareTriggerTold* out) {
    in.count("number", &out->number, Need::required);
    in.symbol(&out->symbol);
    in.side(&out->side);
    in.word("status", &out->status, trigger_status_from);
    in.leg("first", &out->first);
    in.leg("second", &out->second);
    in.count("order", &out->order);
    in.day("placed", &out->placed);
    in.price("last_price", &out->last_price);
}

void write_quote(JsonWriter& out, const ShareQuoteTold& quote) {
    out.text("symbol", quote.symbol);
    out.integer("last", quote.last.ticks);
    out.integer("lower", quote.lower.ticks);
    out.integer("upper", quote.upper.ticks);
    out.integer("tick", quote.tick.value);
    out.integer("low_before", quote.low_before.ticks);
    out.integer("close_before", quote.close_before.ticks);
}
void read_quote(Reader& in, ShareQuoteTold* out) {
    constexpr std::int64_t k_tick_max = 100'000;
    in.symbol(&out->symbol);
    in.price("last", &out->last, Need::required);
    in.price("lower", &out->lower, Need::required);
    in.price("upper", &out->upper, Need::required);
    in.fields().whole("tick", &out->tick.value, 1, k_tick_max, Need::required);
    in.price("low_before", &out->low_before);
    in.price("close_before", &out->close_before);
}

void write_symbols(JsonWriter& out, const std::vector<std::string>& symbols) {
    out.open_array("symbols");
    for (const auto& symbol : symbols)
        out.element(symbol);
    out.close_array();
}
void read_symbols(Reader& in, std::vector<std::string>* out) {
    const auto list = in.fields().array("symbols", Need::required);
    if (!list)
        return;
    const auto end = in.document().node(*list).next;
    for (auto i = *list + 1; i < end; i = in.document().node(i).next) {
        const auto& node = in.document().node(i);
        if (node.kind != JsonKind::text || !is_share_symbol(node.text) ||
            out->size() >= k_share_symbols_max)
            return in.fields().fail_field("symbols", "is not a list of symbols, or too long");
        out->emplace_back(node.text);
    }
}

void write_body(JsonWriter& out, const ShareRequest& request) {
    using enum ShareCommand;
    switch (request.command) {
        case quotes: write_symbols(out, request.symbols); break;
        case submit:
            out.text_if("client", request.client.view());
            out.text("symbol", request.symbol);
            out.text("side", code(request.side));
            out.text("product", code(request.product));
            out.boolean("market", request.market);
            out.boolean("immediate", request.immediate);
            out.integer("protection_percent", request.protection_percent);
            out.integer("limit", request.limit.ticks);
            out.integer("quantity", request.quantity);
            break;
        case cancel:
        case delete_trigger:
            out.integer("number", static_cast<std::int64_t>(request.number));
            break;
        case place_trigger:
            out.text("symbol", request.symbol);
            out.text("side", code(request.side));
            write_leg(out, "first", request.first);
            if (request.second)
                write_leg(out, "second", *request.second);
            if (request.last_price.ticks > 0)
                out.integer("last_price", request.last_price.ticks);
            break;
        case follow:
        case account:
        case orders:
        case triggers: break;
    }
}

void read_body(Reader& in, ShareRequest* out) {
    using enum ShareCommand;
    constexpr std::int64_t k_percent_max = 100;
    switch (out->command) {
        case quotes: read_symbols(in, &out->symbols); break;
        case submit:
            in.client("client", &out->client, Need::optional);
            in.symbol(&out->symbol);
            in.side(&out->side);
            in.product(&out->product);
            in.fields().boolean("market", &out->market);
            in.fields().boolean("immediate", &out->immediate);
            in.fields().integer("protection_percent", &out->protection_percent, -1, k_percent_max);
            in.price("limit", &out->limit);
            in.number("quantity", &out->quantity, Need::required);
            break;
        case cancel:
        case delete_trigger: in.count("number", &out->number, Need::required); break;
        case place_trigger:
            in.symbol(&out->symbol);
            in.side(&out->side);
            in.leg("first", &out->first);
            in.leg("second", &out->second);
            in.price("last_price", &out->last_price);
            break;
        case follow:
        case account:
        case orders:
        case triggers: break;
    }
}

template <class Message, class Body>
Result<Message> decode(std::string_view text, std::string what, Body body) {
    BULLPEN_TRY(const auto document, JsonDocument::parse(text, {k_size_max, k_depth_max}));
    Message message;
    Reader in(document, 0, std::move(what));
    in.word("command", &message.command, command_from);
    if (in.fields().ok())
        body(in, &message);
    BULLPEN_CHECK(in.fields().status());
    return message;
}

}  // namespace

std::string_view code(ShareCommand command) {
    return k_commands.at(static_cast<std::size_t>(command));
}

bool is_share_symbol(std::string_view text) {
    return !text.empty() && text.size() <= k_share_symbol_size_max &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '&' || c == '-';
           });
}

std::string encode(const ShareRequest& request) {
    JsonWriter out;
    out.open_object();
    out.text("command", code(request.command));
    write_body(out, request);
    out.close_object();
    return out.take();
}

std::string encode(const ShareReply& reply) {
    JsonWriter out;
    out.open_object();
    out.text("command", code(reply.command));
    out.text_if("refusal", reply.refusal);
    out.integer("number", static_cast<std::int64_t>(reply.number));
    out.integer("available", reply.available);
    out.integer("cash", reply.cash);
    out.integer("unsettled", reply.unsettled);
    write_list(out, "held", reply.held, write_held);
    write_list(out, "orders", reply.orders, write_order);
    write_list(out, "triggers", reply.triggers, write_trigger);
    write_list(out, "quotes", reply.quotes, write_quote);
    out.text("market_time", format_utc_nanos(reply.market_time));
    out.boolean("open", reply.open);
    out.boolean("more", reply.more);
    out.close_object();
    return out.take();
}

Result<ShareRequest> decode_share_request(std::string_view text) {
    return decode<ShareRequest>(text, "shares", read_body);
}

Result<ShareReply> decode_share_reply(std::string_view text) {
    return decode<ShareReply>(text, "shares", [](Reader& in, ShareReply* out) {
        in.fields().text("refusal", &out->refusal, k_word_max);
        in.count("number", &out->number);
        in.number("available", &out->available);
        in.number("cash", &out->cash);
        in.number("unsettled", &out->unsettled);
        in.items("held", &out->held, read_held);
        in.items("orders", &out->orders, read_order);
        in.items("triggers", &out->triggers, read_trigger);
        in.items("quotes", &out->quotes, read_quote);
        in.fields().utc("market_time", &out->market_time);
        in.fields().boolean("open", &out->open);
        in.fields().boolean("more", &out->more);
    });
}

}  // namespace bullpen::ipc
