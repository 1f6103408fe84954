#include "ipc/control.hpp"

#include <array>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::size_t k_id_max = 64;
constexpr std::size_t k_command_max = 32;
constexpr std::size_t k_code_max = 48;
constexpr std::size_t k_signal_max = 16;
constexpr std::size_t k_amount_max = 32;
constexpr std::size_t k_user_max = 64;
constexpr std::size_t k_message_text_max = std::size_t{64} * 1024;
// The rest of a reply always fits into what this leaves.
constexpr std::size_t k_reply_data_max = k_control_size_max - std::size_t{512} * 1024;
constexpr JsonLimits k_limits{k_control_size_max, k_control_depth_max};

constexpr std::array<std::string_view, 4> k_kind_codes = {"progress", "verdict", "result", "error"};

void read_accounts(const JsonDocument& document, Fields& fields, std::vector<AccountId>* accounts) {
    const auto list = fields.array("accounts");
    if (!list)
        return;
    const std::size_t end = document.node(*list).next;
    for (std::size_t i = *list + 1; i < end; i = document.node(i).next) {
        const JsonNode& node = document.node(i);
        if (node.kind != JsonKind::text || accounts->size() == k_control_accounts_max)
            return fields.fail_field("accounts", "must be a list of at most 4096 account ids");
        auto id = AccountId::parse(node.text);
        if (!id)
            return fields.fail_with(id.error().wrap("request: field 'accounts'"));
        accounts->push_back(std::move(*id));
    }
}

Result<JsonDocument> open_envelope(std::string_view frame, std::string_view type) {
    BULLPEN_TRY(auto document, JsonDocument::parse(frame, k_limits));
    BULLPEN_TRY(const std::string found, read_envelope(document));
    if (found != type) {
        return fail(Errc::invalid,
                    "message type '" + found + "' where '" + std::string(type) + "' was expected");
    }
    return document;
}

}  // namespace

std::string_view code(ReplyKind kind) {
    return k_kind_codes.at(static_cast<std::size_t>(kind));
}

std::string encode(const Request& request) {
    JsonWriter json;
    json.open_object();
    json.integer("v", k_envelope);
    json.text("type", "request");
    json.text("id", request.id);
    json.text("command", request.command);
    json.open_object("args");
    json.open_array("accounts");
    for (const auto& account : request.args.accounts)
        json.element(account.str());
    json.close_array();
    json.boolean("wait", request.args.wait);
    json.boolean("dry_run", request.args.dry_run);
    json.boolean("keep_workers", request.args.keep_workers);
    json.text_if("signal", request.args.signal);
    json.text_if("job", request.args.job);
    json.text_if("amount", request.args.amount);
    json.close_object();
    json.millis("deadline_ms", request.deadline);
    json.text_if("user", request.user, k_user_max);
    json.close_object();
    return json.take();
}

Result<Request> decode_request(std::string_view frame) {
    BULLPEN_TRY(const auto document, open_envelope(frame, "request"));
    Fields fields(document, 0, "request");
    Request request;
    fields.text("id", &request.id, k_id_max, Need::required);
    if (fields.ok() && request.id.empty())
        fields.fail_field("id", "must not be empty");
    fields.code("command", &request.command, k_command_max, Need::required);
    if (const auto index = fields.object("args")) {
        Fields args(document, *index, "request: args");
        read_accounts(document, args, &request.args.accounts);
        args.boolean("wait", &request.args.wait);
        args.boolean("dry_run", &request.args.dry_run);
        args.boolean("keep_workers", &request.args.keep_workers);
        args.text("signal", &request.args.signal, k_signal_max);
        args.code("job", &request.args.job, k_code_max);
        args.text("amount", &request.args.amount, k_amount_max);
        if (auto status = args.status(); !status)
            fields.fail_with(std::move(status).error());
    }
    fields.millis("deadline_ms", &request.deadline, 1,
                  std::chrono::duration_cast<Millis>(k_control_deadline_max).count());
    fields.text("user", &request.user, k_user_max);
    BULLPEN_CHECK(fields.status());
    return request;
}

std::string encode(const Reply& reply) {
    if (reply.data.size() > k_reply_data_max) {
        return encode(Reply{.id = reply.id,
                            .kind = ReplyKind::error,
                            .account = reply.account,
                            .ok = false,
                            .code = "too_large",
                            .message = "the answer is larger than a message may be"});
    }
    BULLPEN_ASSERT(
        JsonDocument::parse(reply.data, {k_reply_data_max, k_control_depth_max - 1}).has_value(),
        "the data of a reply is a JSON object");
    JsonWriter json;
    json.open_object();
    json.integer("v", k_envelope);
    json.text("type", "reply");
    json.text("id", reply.id);
    json.text("kind", code(reply.kind));
    if (reply.account)
        json.text("account", reply.account->str());
    json.boolean("ok", reply.ok);
    json.text("code", reply.code);
    json.text("message", reply.message, k_message_text_max);
    json.raw("data", reply.data);
    if (reply.asked > 0) {
        json.integer("asked", reply.asked);
        json.integer("failed", reply.failed);
    }
    json.close_object();
    return json.take();
}

Result<Reply> decode_reply(std::string_view frame) {
    BULLPEN_TRY(const auto document, open_envelope(frame, "reply"));
    Fields fields(document, 0, "reply");
    Reply reply;
    std::string kind;
    std::string account;
    fields.text("id", &reply.id, k_id_max, Need::required);
    fields.code("kind", &kind, k_code_max, Need::required);
    for (std::size_t i = 0; i < k_kind_codes.size() && fields.ok(); ++i) {
        if (k_kind_codes.at(i) == kind) {
            reply.kind = static_cast<ReplyKind>(i);
            break;
        }
        if (i + 1 == k_kind_codes.size())
            fields.fail_field("kind", "has a value that is not known here");
    }
    fields.text("account", &account, AccountId::k_length_max);
    fields.boolean("ok", &reply.ok, Need::required);
    fields.text("code", &reply.code, k_code_max);
    fields.text("message", &reply.message, k_message_text_max);
    if (const auto data = fields.object("data"))
        reply.data = document.source(document.node(*data));
    fields.integer("asked", &reply.asked, 0, UINT32_MAX);
    fields.integer("failed", &reply.failed, 0, UINT32_MAX);
    BULLPEN_CHECK(fields.status());
    if (!account.empty()) {
        BULLPEN_TRY(reply.account, AccountId::parse(account));
    }
    return reply;
}

}  // namespace bullpen::ipc
