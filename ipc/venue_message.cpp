#include "ipc/venue_message.hpp"

#include <algorithm>
#include <array>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::array<std::string_view, 14> k_requests{
    "hello",   "submit",     "cancel", "replace",   "orders", "fills", "positions",
    "balance", "instrument", "ping",   "step_done", "follow", "admin", "shares"};
constexpr std::array<std::string_view, 14> k_replies{
    "welcome",   "refused", "answer",     "order", "fill", "orders", "fills",
    "positions", "balance", "instrument", "pong",  "step", "admin",  "shares"};
constexpr std::array<std::string_view, 5> k_phases{"open", "paused", "closed", "tick", "ended"};
constexpr std::array<std::string_view, 2> k_outcomes{"accepted", "rejected"};

constexpr std::size_t k_code_max = 32;
constexpr std::size_t k_price_max = 24;  // "-1000000000.015625" and more
constexpr std::int64_t k_count_max = 1'000'000'000'000'000;
constexpr int k_depth_max = 8;
constexpr std::size_t k_arguments_max = 8 * 1024;
constexpr std::size_t k_shares_max = 16 * 1024;  // k_share_symbols_max symbols
constexpr std::size_t k_result_max = 48UL * 1024;

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& codes, std::string_view code) {
    const auto found = std::find(codes.begin(), codes.end(), code);
    if (found == codes.end())
        return std::nullopt;
    return static_cast<Enum>(found - codes.begin());
}

// Fields of our own types, on top of Fields.
class Reader {
  public:
    Reader(const JsonDocument& document, std::size_t object, std::string what)
        : document_(&document), fields_(document, object, std::move(what)) {}

    Fields& fields() { return fields_; }
    [[nodiscard]] const JsonDocument& document() const { return *document_; }

    template <class Parsed, class Parse>
    void parsed(std::string_view name, Parsed* out, std::size_t size_max, Parse parse, Need need) {
        std::string text;
        fields_.text(name, &text, size_max, need);
        if (!fields_.ok() || text.empty())
            return;
        auto value = parse(text);
        if (!value)
            return fields_.fail_field(name, "is not one");
        *out = *value;
    }
    void order_id(std::string_view name, model::ClientOrderId* out, Need need) {
        parsed(name, out, model::ClientOrderId::k_size_max, model::ClientOrderId::parse, need);
    }
    template <class Short>
    void shorted(std::string_view name, Short* out, Need need) {
        parsed(name, out, Short::k_size_max, Short::parse, need);
    }
    template <class Enum, class From>
    void coded(std::string_view name, Enum* out, From from, Need need = Need::required) {
        parsed(name, out, k_code_max, from, need);
    }
    void count(std::string_view name, std::uint64_t* out, Need need) {
        auto value = static_cast<std::int64_t>(*out);
        fields_.whole(name, &value, 0, k_count_max, need);
        *out = static_cast<std::uint64_t>(value);
    }
    void text(std::string_view name, std::string* out, std::size_t size_max = k_venue_text_max,
              Need need = Need::optional) {
        fields_.text(name, out, size_max, need);
    }
    void price(std::string_view name, std::string* out, Need need = Need::optional) {
        text(name, out, k_price_max, need);
    }
    void quantity(std::int64_t* out) {
        fields_.whole("quantity", out, -k_count_max, k_count_max, Need::required);
    }
    // Every object of an array, by `read`.
    template <class Item, class Read>
    void items(std::string_view name, std::vector<Item>* out, Read read) {
        fields_.each_object(name, Need::required, k_venue_page_max, [&](std::size_t node) {
            Reader inner(*document_, node, std::string(name));
            read(inner, &out->emplace_back());
            return inner.fields_.status();
        });
    }
    // A field as the JSON it is.
    void raw(std::string_view name, std::string* out, std::size_t size_max = k_arguments_max,
             Need need = Need::optional) {
        const auto object = fields_.object(name, need);
        if (!object)
            return;
        const auto source = document_->source(document_->node(*object));
        if (source.size() > size_max)
            return fields_.fail_field(name, "is too long");
        *out = source;
    }

  private:
    const JsonDocument* document_;
    Fields fields_;
};

void read_order(Reader& in, VenueOrder* out) {
    in.order_id("order", &out->order, Need::optional);
    in.shorted("broker_order", &out->broker_order, Need::required);
    in.shorted("symbol", &out->symbol, Need::required);
    in.coded("side", &out->side, model::side_from);
    in.coded("kind", &out->type, model::order_type_from);
    in.quantity(&out->quantity);
    in.fields().whole("filled", &out->filled, 0, k_count_max, Need::required);
    in.price("price", &out->price);
    in.coded("status", &out->status, matching::status_from);
    in.fields().utc("updated", &out->updated, Need::required);
    in.text("text", &out->text);
}

void read_fill(Reader& in, VenueFill* out) {
    in.shorted("execution", &out->execution, Need::required);
    in.order_id("order", &out->order, Need::optional);
    in.shorted("broker_order", &out->broker_order, Need::required);
    in.shorted("symbol", &out->symbol, Need::required);
    in.coded("side", &out->side, model::side_from);
    in.quantity(&out->quantity);
    in.price("price", &out->price, Need::required);
    in.fields().utc("time", &out->time, Need::required);
    in.price("fee", &out->fee, Need::required);
    in.shorted("voids", &out->voids, Need::optional);
}

void read_position(Reader& in, VenuePosition* out) {
    in.shorted("symbol", &out->symbol, Need::required);
    in.quantity(&out->quantity);
    in.price("average", &out->average);
}

void read_step(Reader& in, VenueStep* out) {
    in.count("step", &out->step, Need::required);
    in.shorted("symbol", &out->symbol, Need::required);
    in.coded("phase", &out->phase,
             [](std::string_view text) { return find<MarketPhase>(k_phases, text); });
    in.count("bar", &out->bar, Need::required);
    in.fields().utc("start", &out->start, Need::required);
    in.price("open", &out->open);
    in.price("high", &out->high);
    in.price("low", &out->low);
    in.price("close", &out->close);
    in.fields().whole("volume", &out->volume, 0, k_count_max);
    std::int64_t ticks = -1;
    in.fields().whole("ticks", &ticks, 0, k_count_max);
    if (ticks >= 0)
        out->ticks = ticks;
    in.price("bid", &out->bid);
    in.price("ask", &out->ask);
}

void write_order(JsonWriter& out, const VenueOrder& order) {
    out.text_if("order", order.order.view());
    out.text("broker_order", order.broker_order.view());
    out.text("symbol", order.symbol.view());
    out.text("side", code(order.side));
    out.text("kind", code(order.type));
    out.integer("quantity", order.quantity);
    out.integer("filled", order.filled);
    out.text_if("price", order.price);
    out.text("status", code(order.status));
    out.text("updated", format_utc_nanos(order.updated));
    out.text_if("text", order.text, k_venue_text_max);
}

void write_fill(JsonWriter& out, const VenueFill& fill) {
    out.text("execution", fill.execution.view());
    out.text_if("order", fill.order.view());
    out.text("broker_order", fill.broker_order.view());
    out.text("symbol", fill.symbol.view());
    out.text("side", code(fill.side));
    out.integer("quantity", fill.quantity);
    out.text("price", fill.price);
    out.text("time", format_utc_nanos(fill.time));
    out.text("fee", fill.fee);
    out.text_if("voids", fill.voids.view());
}

void write_step(JsonWriter& out, const VenueStep& step) {
    out.integer("step", static_cast<std::int64_t>(step.step));
    out.text("symbol", step.symbol.view());
    out.text("phase", code(step.phase));
    out.integer("bar", static_cast<std::int64_t>(step.bar));
    out.text("start", format_utc_nanos(step.start));
    out.text_if("open", step.open);
    out.text_if("high", step.high);
    out.text_if("low", step.low);
    out.text_if("close", step.close);
    out.integer("volume", step.volume);
    if (step.ticks)
        out.integer("ticks", *step.ticks);
    out.text_if("bid", step.bid);
    out.text_if("ask", step.ask);
}

// A list of objects, each in braces of its own.
template <class Item, class Write>
std::string list_of(const std::vector<Item>& items, Write write) {
    std::string text = "[";
    for (const auto& item : items) {
        JsonWriter one;
        one.open_object();
        write(one, item);
        one.close_object();
        if (text.size() > 1)
            text += ",";
        text += one.take();
    }
    return text + "]";
}

void write_page(JsonWriter& out, const VenueReply& reply) {
    out.boolean("more", reply.more);
    out.integer("total", static_cast<std::int64_t>(reply.total));
}

std::string as_line(JsonWriter& out) {
    out.close_object();
    auto line = out.take() + "\n";
    BULLPEN_ASSERT(line.size() <= k_venue_line_max, "a message fits into its line");
    return line;
}

void begin(JsonWriter& out, std::string_view type, std::uint64_t id, std::string_view account) {
    out.open_object();
    out.integer("v", k_envelope);
    out.text("type", type);
    out.integer("id", static_cast<std::int64_t>(id));
    out.text_if("account", account, k_venue_account_max);
}

void write_body(JsonWriter& out, const VenueRequest& request) {
    using Kind = VenueRequestKind;
    switch (request.kind) {
        case Kind::hello:
            out.text("client", request.client, k_venue_text_max);
            out.text_if("session", request.session, k_venue_text_max);
            out.boolean("follows_market", request.follows_market);
            out.boolean("lockstep", request.lockstep);
            if (request.ticks)
                out.boolean("ticks", request.ticks);
            out.text_if("watch", request.watch, k_venue_text_max);
            out.text_if("cookie", request.cookie, k_venue_text_max);
            break;
        case Kind::submit:
            out.text("order", request.order.view());
            out.text_if("intent", request.intent, k_venue_text_max);
            out.text("symbol", request.symbol.view());
            out.text("side", code(request.side));
            out.text("kind", code(request.type));
            out.text("time_in_force", code(request.time_in_force));
            out.text("purpose", code(request.purpose));
            out.integer("quantity", request.quantity);
            out.text_if("price", request.price);
            break;
        case Kind::cancel: out.text("order", request.order.view()); break;
        case Kind::replace:
            out.text("order", request.order.view());
            out.integer("quantity", request.quantity);
            out.text("price", request.price);
            break;
        case Kind::orders:
        case Kind::fills: out.text("since", format_utc_nanos(request.since)); break;
        case Kind::instrument: out.text("symbol", request.symbol.view()); break;
        case Kind::step_done: out.integer("step", static_cast<std::int64_t>(request.step)); break;
        case Kind::admin:
            out.text("command", request.command);
            if (!request.arguments.empty())
                out.raw("arguments", request.arguments);
            break;
        case Kind::shares: out.raw("arguments", request.arguments); break;
        case Kind::positions:
        case Kind::balance:
        case Kind::follow:
        case Kind::ping: break;
    }
}

void read_body(Reader& in, VenueRequest* out) {
    using Kind = VenueRequestKind;
    auto& fields = in.fields();
    switch (out->kind) {
        case Kind::hello:
            in.text("client", &out->client, k_venue_text_max, Need::required);
            in.text("session", &out->session);
            fields.boolean("follows_market", &out->follows_market);
            fields.boolean("lockstep", &out->lockstep);
            fields.boolean("ticks", &out->ticks);
            in.text("watch", &out->watch);
            in.text("cookie", &out->cookie);
            break;
        case Kind::submit:
            in.order_id("order", &out->order, Need::required);
            in.text("intent", &out->intent);
            in.shorted("symbol", &out->symbol, Need::required);
            in.coded("side", &out->side, model::side_from);
            in.coded("kind", &out->type, model::order_type_from);
            in.coded("time_in_force", &out->time_in_force, model::time_in_force_from);
            in.coded("purpose", &out->purpose, model::purpose_from);
            in.quantity(&out->quantity);
            in.price("price", &out->price);
            break;
        case Kind::cancel: in.order_id("order", &out->order, Need::required); break;
        case Kind::replace:
            in.order_id("order", &out->order, Need::required);
            in.quantity(&out->quantity);
            in.price("price", &out->price, Need::required);
            break;
        case Kind::orders:
        case Kind::fills: fields.utc("since", &out->since, Need::required); break;
        case Kind::instrument: in.shorted("symbol", &out->symbol, Need::required); break;
        case Kind::step_done: in.count("step", &out->step, Need::required); break;
        case Kind::admin:
            fields.code("command", &out->command, k_code_max, Need::required);
            in.raw("arguments", &out->arguments);
            break;
        case Kind::shares:
            in.raw("arguments", &out->arguments, k_shares_max, Need::required);
            break;
        case Kind::positions:
        case Kind::balance:
        case Kind::follow:
        case Kind::ping: break;
    }
}

void write_body(JsonWriter& out, const VenueReply& reply) {
    using Kind = VenueReplyKind;
    switch (reply.kind) {
        case Kind::welcome:
            out.integer("session", static_cast<std::int64_t>(reply.session));
            out.boolean("can_replace", reply.can_replace);
            out.text_if("text", reply.text, k_venue_text_max);
            break;
        case Kind::refused:
            out.boolean("final", reply.final);
            out.text("text", reply.text, k_venue_text_max);
            break;
        case Kind::answer:
            out.text("command", code(reply.command));
            out.text("outcome", code(reply.outcome));
            out.text("order", reply.order.view());
            out.text_if("broker_order", reply.broker_order.view());
            out.text_if("text", reply.text, k_venue_text_max);
            break;
        case Kind::order:
            if (!reply.orders.empty())
                write_order(out, reply.orders.front());
            break;
        case Kind::fill:
            if (!reply.fills.empty())
                write_fill(out, reply.fills.front());
            break;
        case Kind::orders:
            out.raw("orders", list_of(reply.orders, write_order));
            write_page(out, reply);
            break;
        case Kind::fills:
            out.raw("fills", list_of(reply.fills, write_fill));
            write_page(out, reply);
            break;
        case Kind::positions:
            out.raw("positions",
                    list_of(reply.positions, [](JsonWriter& one, const VenuePosition& position) {
                        one.text("symbol", position.symbol.view());
                        one.integer("quantity", position.quantity);
                        one.text_if("average", position.average);
                    }));
            break;
        case Kind::balance:
            out.text("balance", reply.balance);
            out.boolean("may_trade", reply.may_trade);
            break;
        case Kind::instrument:
            out.text("symbol", reply.symbol.view());
            out.text_if("tick", reply.tick);
            out.text_if("tick_value", reply.tick_value);
            out.text_if("point_value", reply.point_value);
            break;
        case Kind::step: write_step(out, reply.step); break;
        case Kind::admin:
            out.boolean("ok", reply.ok);
            out.text_if("text", reply.text, k_venue_text_max);
            if (!reply.result.empty())
                out.raw("result", reply.result);
            break;
        case Kind::shares: out.raw("result", reply.result); break;
        case Kind::pong: break;
    }
}

void read_page(Reader& in, VenueReply* out) {
    in.fields().boolean("more", &out->more, Need::required);
    in.count("total", &out->total, Need::required);
}

void read_body(Reader& in, VenueReply* out) {
    using Kind = VenueReplyKind;
    auto& fields = in.fields();
    switch (out->kind) {
        case Kind::welcome:
            in.count("session", &out->session, Need::required);
            fields.boolean("can_replace", &out->can_replace);
            in.text("text", &out->text);
            break;
        case Kind::refused:
            fields.boolean("final", &out->final, Need::required);
            in.text("text", &out->text);
            break;
        case Kind::answer:
            in.coded("command", &out->command, [](std::string_view text) {
                return find<VenueRequestKind>(k_requests, text);
            });
            in.coded("outcome", &out->outcome,
                     [](std::string_view text) { return find<VenueOutcome>(k_outcomes, text); });
            in.order_id("order", &out->order, Need::required);
            in.shorted("broker_order", &out->broker_order, Need::optional);
            in.text("text", &out->text);
            break;
        case Kind::order: read_order(in, &out->orders.emplace_back()); break;
        case Kind::fill: read_fill(in, &out->fills.emplace_back()); break;
        case Kind::orders:
            in.items("orders", &out->orders, read_order);
            read_page(in, out);
            break;
        case Kind::fills:
            in.items("fills", &out->fills, read_fill);
            read_page(in, out);
            break;
        case Kind::positions: in.items("positions", &out->positions, read_position); break;
        case Kind::balance:
            in.price("balance", &out->balance, Need::required);
            fields.boolean("may_trade", &out->may_trade, Need::required);
            break;
        case Kind::instrument:
            in.shorted("symbol", &out->symbol, Need::required);
            in.price("tick", &out->tick);
            in.price("tick_value", &out->tick_value);
            in.price("point_value", &out->point_value);
            break;
        case Kind::step: read_step(in, &out->step); break;
        case Kind::admin:
            fields.boolean("ok", &out->ok, Need::required);
            in.text("text", &out->text);
            in.raw("result", &out->result);
            break;
        case Kind::shares: in.raw("result", &out->result, k_result_max, Need::required); break;
        case Kind::pong: break;
    }
}

// What requests and replies share: the kind by its name, the number, the account.
template <class Message, class Kind, std::size_t N>
Result<Message> decode_line(std::string_view line, const std::array<std::string_view, N>& kinds) {
    BULLPEN_TRY(const auto document, JsonDocument::parse(line, {k_venue_line_max, k_depth_max}));
    BULLPEN_TRY(const auto type, read_envelope(document));
    const auto kind = find<Kind>(kinds, type);
    if (!kind)
        return fail(Errc::invalid, "there is no message '" + excerpt(type) + "'");
    Message message;
    message.kind = *kind;
    Reader in(document, 0, type);
    in.count("id", &message.id, Need::optional);
    in.text("account", &message.account, k_venue_account_max);
    read_body(in, &message);
    BULLPEN_CHECK(in.fields().status());
    return message;
}

}  // namespace

std::string_view code(VenueRequestKind kind) {
    return k_requests.at(static_cast<std::size_t>(kind));
}
std::string_view code(VenueReplyKind kind) {
    return k_replies.at(static_cast<std::size_t>(kind));
}
std::string_view code(MarketPhase phase) {
    return k_phases.at(static_cast<std::size_t>(phase));
}
std::string_view code(VenueOutcome outcome) {
    return k_outcomes.at(static_cast<std::size_t>(outcome));
}

std::string encode(const VenueRequest& request) {
    JsonWriter out;
    begin(out, code(request.kind), request.id, request.account);
    write_body(out, request);
    return as_line(out);
}

std::string encode(const VenueReply& reply) {
    JsonWriter out;
    begin(out, code(reply.kind), reply.id, reply.account);
    write_body(out, reply);
    return as_line(out);
}

Result<VenueRequest> decode_venue_request(std::string_view line) {
    return decode_line<VenueRequest, VenueRequestKind>(line, k_requests);
}

Result<VenueReply> decode_venue_reply(std::string_view line) {
    return decode_line<VenueReply, VenueReplyKind>(line, k_replies);
}

}  // namespace bullpen::ipc
