#include "ipc/codec.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::int64_t k_whole_max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t k_pid_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t k_protocol_number_max = 1'000'000;
constexpr std::int64_t k_interval_max_ms = std::int64_t{3600} * 1000;
constexpr std::int64_t k_deadline_max_ms = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t k_due_max_ms = std::int64_t{400} * 24 * 3600 * 1000;
constexpr std::int64_t k_exit_code_max = 255;
constexpr std::size_t k_code_max = 48;
constexpr std::size_t k_name_max = 32;
constexpr std::size_t k_program_max = 64;
constexpr std::size_t k_position_max = 128;
constexpr std::size_t k_hash_max = 64;
constexpr std::size_t k_decimal_whole_max = 15;
constexpr std::size_t k_decimal_fraction_max = 6;

// ---- encode

void write(JsonWriter& json, const Ready&) {
    (void)json;
}

void write(JsonWriter& json, const Hello& hello) {
    json.text("account", hello.account.str());
    json.text("launch", hello.launch.str());
    json.integer("pid", hello.pid);
    json.integer("protocol_min", hello.protocol_min);
    json.integer("protocol_max", hello.protocol_max);
    json.text("session", model::code(hello.session));
    if (hello.fence.value != 0)
        json.integer("fence", static_cast<std::int64_t>(hello.fence.value));
    json.text_if("program", hello.program, k_program_max);
    json.text_if("version", hello.version, k_program_max);
    if (hello.running) {
        json.open_object("running");
        json.utc("started", hello.running->started);
        json.integer("start_time", static_cast<std::int64_t>(hello.running->start_time));
        json.boolean("ready", hello.running->ready);
        json.close_object();
    }
}

void write(JsonWriter& json, const MarketState& market) {
    json.open_object("market");
    json.text("state", market.state);
    json.utc("until", market.until);
    json.close_object();
}

void write(JsonWriter& json, const Welcome& welcome) {
    json.integer("fence", static_cast<std::int64_t>(welcome.fence.value));
    json.integer("protocol", welcome.protocol);
    json.utc("expires", welcome.expires);
    json.utc("utc", welcome.utc);
    write(json, welcome.market);
    json.millis("beat_interval_ms", welcome.beat_interval);
    json.millis("ping_interval_ms", welcome.ping_interval);
    json.millis("clock_skew_max_ms", welcome.clock_skew_max);
}

void write_obligations(JsonWriter& json, const std::vector<Obligation>& obligations) {
    json.open_array("obligations");
    const std::size_t count = std::min(obligations.size(), Obligations::k_count_max);
    for (std::size_t i = 0; i < count; ++i) {
        json.open_object();
        json.text("name", obligations[i].name);
        json.millis("due_in_ms", obligations[i].due_in);
        json.boolean("done", obligations[i].done);
        json.boolean("overdue", obligations[i].overdue);
        json.close_object();
    }
    json.close_array();
}

void write_limits(JsonWriter& json, const std::vector<LimitUse>& limits) {
    if (limits.empty())
        return;
    json.open_array("limits");
    for (std::size_t i = 0; i < std::min(limits.size(), k_limits_max); ++i) {
        json.open_object();
        json.text("name", limits[i].name);
        json.text("unit", limits[i].unit);
        json.integer("used", limits[i].used);
        json.integer("limit", limits[i].limit);
        json.close_object();
    }
    json.close_array();
}

void write(JsonWriter& json, const Heartbeat& beat) {
    json.integer("seq", static_cast<std::int64_t>(beat.seq));
    json.text("session", model::code(beat.session));
    json.text("mode", model::code(beat.mode));
    json.text("reason", beat.reason);
    json.text_if("reason_text", beat.reason_text, k_text_max);
    json.utc("since", beat.since);
    json.utc("until", beat.until);
    write_obligations(json, beat.obligations);
    json.text_if("position", beat.position, k_position_max);
    if (beat.quantity)
        json.integer("quantity", *beat.quantity);
    json.boolean("flat", beat.flat);
    json.text_if("day_pnl", beat.day_pnl);
    json.text_if("latched", beat.latched);
    write_limits(json, beat.limits);
    json.text_if("refusal", beat.refusal, k_text_max);
    json.utc("refused_at", beat.refused_at);
    json.utc("refused_until", beat.refused_until);
    json.open_object("counters");
    const std::size_t count = std::min(beat.counters.size(), k_counters_max);
    for (std::size_t i = 0; i < count; ++i)
        json.integer(beat.counters[i].first, beat.counters[i].second);
    json.close_object();
    json.utc("last_bar", beat.last_bar);
    if (beat.bar_age)
        json.millis("bar_age_ms", *beat.bar_age);
    json.integer("bars", static_cast<std::int64_t>(beat.bars));
    json.integer("rss_bytes", static_cast<std::int64_t>(beat.rss_bytes));
    json.integer("log_dropped", static_cast<std::int64_t>(beat.log_dropped));
    json.text_if("last_error", beat.last_error, k_text_max);
    json.text_if("state_hash", beat.state_hash);
}

void write(JsonWriter& json, const Ping& ping) {
    json.integer("seq", static_cast<std::int64_t>(ping.seq));
    json.utc("utc", ping.utc);
    write(json, ping.market);
    if (ping.hello)
        json.boolean("hello", true);
}

void write(JsonWriter& json, const Drain& drain) {
    json.text("reason", drain.reason);
    json.millis("deadline_ms", drain.deadline);
}

void write(JsonWriter& json, const Halt& halt) {
    json.text("reason", halt.reason);
}

void write(JsonWriter& json, const Reduce& reduce) {
    json.text("reason", reduce.reason);
    json.utc("until", reduce.until);
    if (reduce.flatten)
        json.boolean("flatten", true);
}

void write(JsonWriter& json, const Resume&) {
    (void)json;
}

void write(JsonWriter& json, const Grant&) {
    (void)json;
}

void write(JsonWriter& json, const Goodbye& goodbye) {
    json.integer("exit_code", goodbye.exit_code);
    json.text("reason", goodbye.reason);
    json.text_if("sentence", goodbye.sentence, k_text_max);
}

// ---- decode

// -12.5: at most 15 digits and 6 more behind the point.
bool is_decimal(std::string_view text) {
    if (!text.empty() && text.front() == '-')
        text.remove_prefix(1);
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto digits = [](std::string_view part, std::size_t max) {
        return !part.empty() && part.size() <= max &&
               std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    return digits(whole, k_decimal_whole_max) &&
           (point == std::string_view::npos ||
            digits(text.substr(point + 1), k_decimal_fraction_max));
}

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// A name in a list or a map: as a code, but a digit may come first.
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= k_name_max &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

template <class Enum>
void read_word(Fields& fields, std::string_view name, std::optional<Enum> (*from)(std::string_view),
               Enum* out) {
    std::string word;
    fields.code(name, &word, k_code_max, Need::required);
    if (!fields.ok())
        return;
    const auto value = from(word);
    if (!value)
        return fields.fail_field(name, "has a value that is not known here");
    *out = *value;
}

void read_fence(Fields& fields, Fence* fence, Need need) {
    fields.integer("fence", &fence->value, 0, k_whole_max, need);
}

void read_market(const JsonDocument& document, Fields& fields, MarketState* market) {
    const auto index = fields.object("market");
    if (!index)
        return;
    Fields inner(document, *index, fields.what() + ": market");
    inner.code("state", &market->state, k_code_max, Need::required);
    inner.utc("until", &market->until);
    if (auto status = inner.status(); !status)
        fields.fail_with(std::move(status).error());
}

Result<Message> read_hello(const JsonDocument& document, Fields& fields) {
    std::string account_text;
    std::string launch_text;
    fields.text("account", &account_text, AccountId::k_length_max, Need::required);
    fields.text("launch", &launch_text, k_text_max, Need::required);
    BULLPEN_CHECK(fields.status());
    auto account = AccountId::parse(account_text);
    if (!account)
        return fail(account.error().wrap("hello: field 'account'"));
    auto launch = LaunchToken::parse(launch_text);
    if (!launch)
        return fail(launch.error().wrap("hello: field 'launch'"));
    Hello hello{.account = std::move(*account), .launch = *launch};
    fields.integer("pid", &hello.pid, 1, k_pid_max, Need::required);
    fields.integer("protocol_min", &hello.protocol_min, 0, k_protocol_number_max, Need::required);
    fields.integer("protocol_max", &hello.protocol_max, 0, k_protocol_number_max, Need::required);
    read_word(fields, "session", &model::session_state_from, &hello.session);
    read_fence(fields, &hello.fence, Need::optional);
    fields.text("program", &hello.program, k_program_max);
    fields.text("version", &hello.version, k_program_max);
    if (fields.ok() && hello.protocol_min > hello.protocol_max)
        fields.fail_field("protocol_min", "must not be above protocol_max");
    if (const auto index = fields.object("running")) {
        Fields inner(document, *index, "hello: running");
        Hello::Running running;
        inner.utc("started", &running.started, Need::required);
        inner.integer("start_time", &running.start_time, 0, k_whole_max);
        inner.boolean("ready", &running.ready, Need::required);
        if (auto status = inner.status(); !status)
            fields.fail_with(std::move(status).error());
        hello.running = running;
    }
    BULLPEN_CHECK(fields.status());
    return hello;
}

Result<Message> read_welcome(const JsonDocument& document, Fields& fields) {
    Welcome welcome;
    read_fence(fields, &welcome.fence, Need::required);
    fields.integer("protocol", &welcome.protocol, 0, k_protocol_number_max, Need::required);
    fields.utc("expires", &welcome.expires);
    fields.utc("utc", &welcome.utc, Need::required);
    read_market(document, fields, &welcome.market);
    fields.millis("beat_interval_ms", &welcome.beat_interval, 1, k_interval_max_ms, Need::required);
    fields.millis("ping_interval_ms", &welcome.ping_interval, 1, k_interval_max_ms, Need::required);
    fields.millis("clock_skew_max_ms", &welcome.clock_skew_max, 1, k_interval_max_ms,
                  Need::required);
    BULLPEN_CHECK(fields.status());
    return welcome;
}

void read_obligations(const JsonDocument& document, Fields& fields,
                      std::vector<Obligation>* obligations) {
    const auto list = fields.array("obligations");
    if (!list)
        return;
    const std::size_t end = document.node(*list).next;
    for (std::size_t i = *list + 1; i < end; i = document.node(i).next) {
        if (document.node(i).kind != JsonKind::object)
            return fields.fail_field("obligations", "must be a list of objects");
        if (obligations->size() == Obligations::k_count_max)
            return fields.fail_field("obligations", "must have at most 16 entries");
        Fields inner(document, i, "heartbeat: obligations");
        Obligation& obligation = obligations->emplace_back();
        inner.text("name", &obligation.name, k_name_max, Need::required);
        if (inner.ok() && !is_name(obligation.name))
            inner.fail_field("name", "must be of a-z, 0-9 and '_'");
        inner.millis("due_in_ms", &obligation.due_in, -k_due_max_ms, k_due_max_ms, Need::required);
        inner.boolean("done", &obligation.done, Need::required);
        inner.boolean("overdue", &obligation.overdue);
        if (auto status = inner.status(); !status)
            return fields.fail_with(std::move(status).error());
    }
}

void read_counters(const JsonDocument& document, Fields& fields,
                   std::vector<std::pair<std::string, std::int64_t>>* counters) {
    const auto object = fields.object("counters");
    if (!object)
        return;
    const std::size_t end = document.node(*object).next;
    for (std::size_t i = *object + 1; i < end; i = document.node(i + 1).next) {
        const JsonNode& value = document.node(i + 1);
        if (!is_name(document.node(i).text) || value.kind != JsonKind::whole ||
            counters->size() == k_counters_max) {
            return fields.fail_field("counters",
                                     "must be at most 64 names of a-z, 0-9 and '_', each with a "
                                     "whole number");
        }
        counters->emplace_back(document.node(i).text, value.whole);
    }
}

void read_limits(const JsonDocument& document, Fields& fields, std::vector<LimitUse>* limits) {
    const auto array = fields.array("limits");
    if (!array)
        return;
    const std::size_t end = document.node(*array).next;
    for (std::size_t i = *array + 1; i < end; i = document.node(i).next) {
        if (document.node(i).kind != JsonKind::object)
            return fields.fail_field("limits", "must be a list of objects");
        if (limits->size() == k_limits_max)
            return fields.fail_field("limits", "must have at most 16 entries");
        Fields inner(document, i, "heartbeat: limits");
        LimitUse& limit = limits->emplace_back();
        inner.text("name", &limit.name, k_name_max, Need::required);
        inner.text("unit", &limit.unit, k_name_max, Need::required);
        if (inner.ok() && (!is_name(limit.name) || !is_name(limit.unit)))
            inner.fail_field("name", "must be of a-z, 0-9 and '_', as unit");
        std::optional<std::int64_t> used;
        std::optional<std::int64_t> most;
        inner.whole("used", &used, std::numeric_limits<std::int64_t>::min(), k_whole_max);
        inner.whole("limit", &most, std::numeric_limits<std::int64_t>::min(), k_whole_max);
        limit.used = used.value_or(0);
        limit.limit = most.value_or(0);
        if (auto status = inner.status(); !status)
            return fields.fail_with(std::move(status).error());
    }
}

Result<Message> read_heartbeat(const JsonDocument& document, Fields& fields) {
    Heartbeat beat;
    fields.integer("seq", &beat.seq, 0, k_whole_max, Need::required);
    read_word(fields, "session", &model::session_state_from, &beat.session);
    read_word(fields, "mode", &model::trading_mode_from, &beat.mode);
    fields.code("reason", &beat.reason, k_code_max, Need::required);
    fields.text("reason_text", &beat.reason_text, k_text_max);
    fields.utc("since", &beat.since, Need::required);
    fields.utc("until", &beat.until);
    read_obligations(document, fields, &beat.obligations);
    fields.text("position", &beat.position, k_position_max);
    fields.whole("quantity", &beat.quantity, std::numeric_limits<std::int64_t>::min(), k_whole_max);
    fields.boolean("flat", &beat.flat);
    fields.text("day_pnl", &beat.day_pnl, k_name_max);
    if (fields.ok() && !beat.day_pnl.empty() && !is_decimal(beat.day_pnl))
        fields.fail_field("day_pnl", "must be a decimal number in quotes, like \"-12.5\"");
    fields.text("latched", &beat.latched, k_name_max);
    if (fields.ok() && !beat.latched.empty() && !model::trading_mode_from(beat.latched))
        fields.fail_field("latched", "must be a trading mode");
    read_limits(document, fields, &beat.limits);
    fields.text("refusal", &beat.refusal, k_text_max);
    fields.utc("refused_at", &beat.refused_at);
    fields.utc("refused_until", &beat.refused_until);
    read_counters(document, fields, &beat.counters);
    fields.utc("last_bar", &beat.last_bar);
    std::optional<std::int64_t> age_ms;
    fields.whole("bar_age_ms", &age_ms, 0, k_due_max_ms);
    if (age_ms)
        beat.bar_age = Millis(*age_ms);
    fields.integer("bars", &beat.bars, 0, k_whole_max);
    fields.integer("rss_bytes", &beat.rss_bytes, 0, k_whole_max);
    fields.integer("log_dropped", &beat.log_dropped, 0, k_whole_max);
    fields.text("last_error", &beat.last_error, k_text_max);
    fields.text("state_hash", &beat.state_hash, k_hash_max);
    if (fields.ok() && !is_hex(beat.state_hash))
        fields.fail_field("state_hash", "must be lower-case hex digits");
    BULLPEN_CHECK(fields.status());
    return beat;
}

Result<Message> read_ping(const JsonDocument& document, Fields& fields) {
    Ping ping;
    fields.integer("seq", &ping.seq, 0, k_whole_max, Need::required);
    fields.utc("utc", &ping.utc, Need::required);
    read_market(document, fields, &ping.market);
    fields.boolean("hello", &ping.hello);
    BULLPEN_CHECK(fields.status());
    return ping;
}

Result<Message> read_drain(const JsonDocument&, Fields& fields) {
    Drain drain;
    fields.code("reason", &drain.reason, k_code_max, Need::required);
    fields.millis("deadline_ms", &drain.deadline, 0, k_deadline_max_ms, Need::required);
    BULLPEN_CHECK(fields.status());
    return drain;
}

Result<Message> read_halt(const JsonDocument&, Fields& fields) {
    Halt halt;
    fields.code("reason", &halt.reason, k_code_max, Need::required);
    BULLPEN_CHECK(fields.status());
    return halt;
}

Result<Message> read_reduce(const JsonDocument&, Fields& fields) {
    Reduce reduce;
    fields.code("reason", &reduce.reason, k_code_max, Need::required);
    fields.utc("until", &reduce.until);
    fields.boolean("flatten", &reduce.flatten);
    BULLPEN_CHECK(fields.status());
    return reduce;
}

Result<Message> read_goodbye(const JsonDocument&, Fields& fields) {
    Goodbye goodbye;
    fields.integer("exit_code", &goodbye.exit_code, 0, k_exit_code_max, Need::required);
    fields.code("reason", &goodbye.reason, k_code_max, Need::required);
    fields.text("sentence", &goodbye.sentence, k_text_max);
    BULLPEN_CHECK(fields.status());
    return goodbye;
}

template <class Empty>
Result<Message> read_empty(const JsonDocument&, Fields&) {
    return Empty{};
}

struct Reader {
    std::string_view type;
    Result<Message> (*read)(const JsonDocument&, Fields&);
};

// The most frequent first.
constexpr std::array<Reader, std::variant_size_v<Message>> k_readers = {{
    {"heartbeat", &read_heartbeat},
    {"ping", &read_ping},
    {"hello", &read_hello},
    {"welcome", &read_welcome},
    {"ready", &read_empty<Ready>},
    {"drain", &read_drain},
    {"halt", &read_halt},
    {"reduce", &read_reduce},
    {"resume", &read_empty<Resume>},
    {"grant", &read_empty<Grant>},
    {"goodbye", &read_goodbye},
}};

}  // namespace

std::string encode(const Message& message) {
    JsonWriter json;
    json.open_object();
    json.integer("v", k_envelope);
    json.text("type", type_name(message));
    std::visit([&](const auto& body) { write(json, body); }, message);
    json.close_object();
    return json.take();
}

Result<Message> decode(std::string_view frame) {
    BULLPEN_TRY(const auto document,
                JsonDocument::parse(frame, {k_message_size_max, k_message_depth_max}));
    BULLPEN_TRY(const std::string type, read_envelope(document));
    for (const Reader& reader : k_readers) {
        if (reader.type == type) {
            Fields fields(document, 0, type);
            return reader.read(document, fields);
        }
    }
    return fail(Errc::invalid, "message type '" + type + "' is not known");
}

}  // namespace bullpen::ipc
