#include "venue/record.hpp"

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"

namespace bullpen::venue {

namespace {

constexpr std::array<std::string_view, 9> k_kinds{"account", "event",        "position",
                                                  "place",   "used",         "numbers",
                                                  "shares",  "share_market", "share_facts"};
// A price may change as many orders and triggers as a book of shares holds.
constexpr std::size_t k_record_size_max = 4UL * 1024 * 1024;
constexpr int k_depth_max = 4;
constexpr std::size_t k_name_max = 300;
constexpr std::int64_t k_any_max = INT64_MAX;

void write_execution(ipc::JsonWriter& out, const matching::Execution& fill) {
    out.integer("execution", static_cast<std::int64_t>(fill.number));
    out.integer("fill_quantity", fill.quantity);
    out.integer("fill_price", fill.price.ticks);
    out.integer("fill_time", unix_nanos(fill.time));
    out.integer("fee", fill.fee.millionths);
    out.integer("realised_ticks", fill.realised_ticks);
    out.integer("position", fill.position_after.quantity);
    out.integer("cost_ticks", fill.position_after.cost_ticks);
    out.integer("cash", fill.cash_after.millionths);
}

void write_event(ipc::JsonWriter& out, const EventRecord& record) {
    const auto& order = record.event.order;
    const auto& request = order.request;
    out.text("account", record.account);
    out.text("market", record.market);
    out.text("event", code(record.event.kind));
    out.text("purpose", code(record.purpose));
    out.integer("wall", unix_nanos(record.wall));
    out.integer("number", static_cast<std::int64_t>(order.number));
    out.text_if("client", request.client.view());
    out.text("side", code(request.side));
    out.text("kind", code(request.type));
    out.text("time_in_force", code(request.time_in_force));
    out.integer("quantity", request.quantity);
    out.integer("limit", request.limit.ticks);
    out.integer("stop", request.stop.ticks);
    out.boolean("reduce_only", request.reduce_only);
    out.boolean("held", request.held);
    out.integer("first_part", request.first_part);
    out.integer("filled", order.filled);
    out.text("status", code(order.status));
    out.integer("refusal", static_cast<std::int64_t>(order.refusal));
    out.boolean("triggered", order.triggered);
    out.integer("accepted", unix_nanos(order.accepted));
    out.integer("updated", unix_nanos(order.updated));
    if (record.event.kind == matching::EventKind::filled)
        write_execution(out, record.event.execution);
}

void write(ipc::JsonWriter& out, const AccountRecord& record) {
    out.text("account", record.account);
    out.integer("cash", record.cash.millionths);
}
void write(ipc::JsonWriter& out, const EventRecord& record) {
    write_event(out, record);
}
void write(ipc::JsonWriter& out, const PositionRecord& record) {
    out.text("account", record.account);
    out.text("market", record.market);
    out.integer("position", record.position.quantity);
    out.integer("cost_ticks", record.position.cost_ticks);
}
void write(ipc::JsonWriter& out, const PlaceRecord& record) {
    out.text("market", record.market);
    out.text("instrument", record.instrument);
    out.integer("bar", static_cast<std::int64_t>(record.place.bar));
    out.boolean("open", record.place.open);
}
void write(ipc::JsonWriter& out, const UsedIdRecord& record) {
    out.text("account", record.account);
    out.text("client", record.client.view());
}
void write(ipc::JsonWriter& out, const NumbersRecord& record) {
    out.integer("orders", static_cast<std::int64_t>(record.orders));
    out.integer("executions", static_cast<std::int64_t>(record.executions));
    out.integer("sessions", static_cast<std::int64_t>(record.sessions));
}

class Reader {
  public:
    explicit Reader(ipc::Fields* fields) : fields_(*fields) {}

    void name(std::string_view key, std::string* out) {
        fields_.text(key, out, k_name_max, ipc::Need::required);
    }
    void number(std::string_view key, std::int64_t* out) {
        fields_.whole(key, out, INT64_MIN, k_any_max, ipc::Need::required);
    }
    void number(std::string_view key, std::uint64_t* out) {
        std::int64_t value = 0;
        fields_.whole(key, &value, 0, k_any_max, ipc::Need::required);
        *out = static_cast<std::uint64_t>(value);
    }
    void time(std::string_view key, UtcTime* out) {
        std::int64_t value = 0;
        number(key, &value);
        *out = utc_from_nanos(value);
    }
    void yes(std::string_view key, bool* out) { fields_.boolean(key, out, ipc::Need::required); }
    template <class Value, class From>
    void coded(std::string_view key, Value* out, From from) {
        std::string word;
        fields_.text(key, &word, k_name_max, ipc::Need::required);
        if (!fields_.ok())
            return;
        if (const auto value = from(word))
            *out = *value;
        else
            fields_.fail_field(key, "is not one");
    }
    void client(std::string_view key, model::ClientOrderId* out, ipc::Need need) {
        std::string word;
        fields_.text(key, &word, k_name_max, need);
        if (!fields_.ok() || word.empty())
            return;
        if (const auto value = model::ClientOrderId::parse(word))
            *out = *value;
        else
            fields_.fail_field(key, "is not one");
    }

  private:
    ipc::Fields& fields_;
};

std::optional<matching::EventKind> event_kind_from(std::string_view word) {
    for (int i = 0; i <= static_cast<int>(matching::EventKind::expired); ++i) {
        if (code(static_cast<matching::EventKind>(i)) == word)
            return static_cast<matching::EventKind>(i);
    }
    return std::nullopt;
}

void read_execution(Reader& in, matching::Event* event) {
    auto& fill = event->execution;
    const auto& order = event->order;
    in.number("execution", &fill.number);
    in.number("fill_quantity", &fill.quantity);
    in.number("fill_price", &fill.price.ticks);
    in.time("fill_time", &fill.time);
    in.number("fee", &fill.fee.millionths);
    in.number("realised_ticks", &fill.realised_ticks);
    in.number("position", &fill.position_after.quantity);
    in.number("cost_ticks", &fill.position_after.cost_ticks);
    in.number("cash", &fill.cash_after.millionths);
    fill.order = order.number;
    fill.client = order.request.client;
    fill.side = order.request.side;
}

Record read_event(Reader& in) {
    EventRecord record;
    auto& order = record.event.order;
    auto& request = order.request;
    in.name("account", &record.account);
    in.name("market", &record.market);
    in.coded("event", &record.event.kind, event_kind_from);
    in.coded("purpose", &record.purpose, model::purpose_from);
    in.time("wall", &record.wall);
    in.number("number", &order.number);
    in.client("client", &request.client, ipc::Need::optional);
    in.coded("side", &request.side, model::side_from);
    in.coded("kind", &request.type, model::order_type_from);
    in.coded("time_in_force", &request.time_in_force, model::time_in_force_from);
    in.number("quantity", &request.quantity);
    in.number("limit", &request.limit.ticks);
    in.number("stop", &request.stop.ticks);
    in.yes("reduce_only", &request.reduce_only);
    in.yes("held", &request.held);
    in.number("first_part", &request.first_part);
    in.number("filled", &order.filled);
    in.coded("status", &order.status, matching::status_from);
    std::int64_t refusal = 0;
    in.number("refusal", &refusal);
    if (refusal >= 0 && refusal <= static_cast<std::int64_t>(matching::Refusal::by_rule))
        order.refusal = static_cast<matching::Refusal>(refusal);
    in.yes("triggered", &order.triggered);
    in.time("accepted", &order.accepted);
    in.time("updated", &order.updated);
    if (record.event.kind == matching::EventKind::filled)
        read_execution(in, &record.event);
    return record;
}

Record read_record(const ipc::JsonDocument& document, ipc::Fields* fields, std::size_t kind) {
    Reader in(fields);
    switch (kind) {
        case 0: {
            AccountRecord record;
            in.name("account", &record.account);
            in.number("cash", &record.cash.millionths);
            return record;
        }
        case 1: return read_event(in);
        case 2: {
            PositionRecord record;
            in.name("account", &record.account);
            in.name("market", &record.market);
            in.number("position", &record.position.quantity);
            in.number("cost_ticks", &record.position.cost_ticks);
            return record;
        }
        case 3: {
            PlaceRecord record;
            in.name("market", &record.market);
            in.name("instrument", &record.instrument);
            in.number("bar", &record.place.bar);
            in.yes("open", &record.place.open);
            return record;
        }
        case 4: {
            UsedIdRecord record;
            in.name("account", &record.account);
            in.client("client", &record.client, ipc::Need::required);
            return record;
        }
        case 6: return read_share_book(document, fields);
        case 7: return read_share_market(fields);
        case 8: return read_share_facts(fields);
        default: {
            NumbersRecord record;
            in.number("orders", &record.orders);
            in.number("executions", &record.executions);
            in.number("sessions", &record.sessions);
            return record;
        }
    }
}

}  // namespace

std::string encode(const Record& record) {
    ipc::JsonWriter out;
    out.open_object();
    out.text("record", k_kinds.at(record.index()));
    std::visit([&](const auto& one) { write(out, one); }, record);
    out.close_object();
    return out.take();
}

Result<Record> decode_record(std::string_view text) {
    const auto corrupt = [](const Error& error) {
        return fail(Errc::corrupt, "a record of the book: " + error.context());
    };
    const auto document = ipc::JsonDocument::parse(text, {k_record_size_max, k_depth_max});
    if (!document)
        return corrupt(document.error());
    ipc::Fields fields(*document, 0, "record");
    std::string kind;
    fields.text("record", &kind, k_name_max, ipc::Need::required);
    const auto found = std::find(k_kinds.begin(), k_kinds.end(), kind);
    if (fields.ok() && found == k_kinds.end())
        fields.fail_field("record", "is of no known kind");
    if (const auto status = fields.status(); !status)
        return corrupt(status.error());
    auto record =
        read_record(*document, &fields, static_cast<std::size_t>(found - k_kinds.begin()));
    if (const auto status = fields.status(); !status)
        return corrupt(status.error());
    return record;
}

}  // namespace bullpen::venue
