#include "ipc/codec.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "common/base/errc.hpp"
#include "ipc/codec_parts.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::int64_t k_pid_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t k_protocol_number_max = 1'000'000;
constexpr std::int64_t k_interval_max_ms = std::int64_t{3600} * 1000;
constexpr std::int64_t k_deadline_max_ms = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t k_exit_code_max = 255;
constexpr std::size_t k_program_max = 64;
constexpr std::size_t k_request_max = 64;
constexpr std::size_t k_amount_max = 32;

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

void write(JsonWriter& json, const Resume& resume) {
    if (resume.restart_floor)
        json.boolean("restart_floor", true);
}

void write(JsonWriter& json, const Grant& grant) {
    if (grant.number != 0)
        json.integer("number", static_cast<std::int64_t>(grant.number));
    if (grant.granted)
        json.boolean("granted", true);
    json.text_if("text", grant.text, k_text_max);
}

void write(JsonWriter& json, const RunJob& run) {
    json.text("job", run.job);
    json.text_if("request", run.request, k_request_max);
    if (run.dry_run)
        json.boolean("dry_run", true);
}

void write(JsonWriter& json, const Payout& payout) {
    json.text("amount", payout.amount);
    json.text("request", payout.request);
}

void write(JsonWriter& json, const Goodbye& goodbye) {
    json.integer("exit_code", goodbye.exit_code);
    json.text("reason", goodbye.reason);
    json.text_if("sentence", goodbye.sentence, k_text_max);
    json.text_if("left", goodbye.left, k_text_max);
}

// ---- decode

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

Result<Message> read_resume(const JsonDocument&, Fields& fields) {
    Resume resume;
    fields.boolean("restart_floor", &resume.restart_floor);
    BULLPEN_CHECK(fields.status());
    return resume;
}

Result<Message> read_grant(const JsonDocument&, Fields& fields) {
    Grant grant;
    fields.integer("number", &grant.number, 0, k_whole_max);
    fields.boolean("granted", &grant.granted);
    fields.text("text", &grant.text, k_text_max);
    BULLPEN_CHECK(fields.status());
    return grant;
}

Result<Message> read_run_job(const JsonDocument&, Fields& fields) {
    RunJob run;
    fields.code("job", &run.job, k_code_max, Need::required);
    fields.text("request", &run.request, k_request_max);
    fields.boolean("dry_run", &run.dry_run);
    BULLPEN_CHECK(fields.status());
    return run;
}

Result<Message> read_payout(const JsonDocument&, Fields& fields) {
    Payout payout;
    fields.text("amount", &payout.amount, k_amount_max, Need::required);
    fields.text("request", &payout.request, k_request_max, Need::required);
    BULLPEN_CHECK(fields.status());
    return payout;
}

Result<Message> read_goodbye(const JsonDocument&, Fields& fields) {
    Goodbye goodbye;
    fields.integer("exit_code", &goodbye.exit_code, 0, k_exit_code_max, Need::required);
    fields.code("reason", &goodbye.reason, k_code_max, Need::required);
    fields.text("sentence", &goodbye.sentence, k_text_max);
    fields.text("left", &goodbye.left, k_text_max);
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
    {"resume", &read_resume},
    {"grant", &read_grant},
    {"run_job", &read_run_job},
    {"payout", &read_payout},
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
