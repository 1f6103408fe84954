#include "supervisor/daemon/saved_account.hpp"

#include <cstdint>
#include <limits>
#include <optional>

#include "common/base/errc.hpp"
#include "common/base/utf8.hpp"
#include "ipc/error_text.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"
#include "ipc/status_board.hpp"
#include "supervisor/process/launch_record.hpp"

namespace bullpen::daemon {
namespace {

using Kind = fleet::ExitStatus::Kind;
using ipc::Fields;
using ipc::JsonDocument;

constexpr std::string_view k_what = "saved account";
constexpr ipc::JsonLimits k_limits{process::LaunchRecord::k_saved_max, 3};
constexpr std::size_t k_reason_max = 64;  // characters of a reason's code
// Bytes: as much of each as a board has room for.
constexpr std::size_t k_detail_max = decltype(ipc::BoardSlot::reason_text)::k_bytes_max;
constexpr std::size_t k_position_max = decltype(ipc::BoardSlot::position)::k_bytes_max;
constexpr std::size_t k_error_max = decltype(ipc::BoardSlot::whole_error)::k_bytes_max;
constexpr std::int64_t k_any_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t k_any_max = std::numeric_limits<std::int64_t>::max();

void write(ipc::JsonWriter& json, const fleet::Death& death) {
    json.open_object();
    json.integer("utc", unix_nanos(death.utc));
    json.text("reason", model::code(death.reason));
    json.integer("launch", static_cast<std::int64_t>(death.launch.value));
    json.integer("ran_for", death.ran_for.count());
    if (death.status.kind != Kind::unknown)
        json.integer(death.status.kind == Kind::code ? "code" : "signal", death.status.value);
    json.close_object();
}

// A reason of another version is none.
model::Reason read_reason(Fields& fields) {
    std::string code;
    fields.text("reason", &code, k_reason_max);
    return model::reason_from(code).value_or(model::Reason::none);
}

Result<fleet::Death> death_from(const JsonDocument& document, std::size_t node) {
    Fields fields(document, node, std::string(k_what));
    fleet::Death death;
    std::int64_t utc = 0;
    std::int64_t ran_for = 0;
    std::optional<std::int64_t> code;
    std::optional<std::int64_t> signal;
    fields.whole("utc", &utc, k_any_min, k_any_max, ipc::Need::required);
    death.reason = read_reason(fields);
    fields.integer("launch", &death.launch.value, 0, k_any_max);
    fields.whole("ran_for", &ran_for, 0, k_any_max);
    fields.whole("code", &code, INT32_MIN, INT32_MAX);
    fields.whole("signal", &signal, 0, INT32_MAX);
    BULLPEN_CHECK(fields.status());
    death.utc = utc_from_nanos(utc);
    death.ran_for = Nanos(ran_for);
    if (code)
        death.status = fleet::ExitStatus::exited(static_cast<int>(*code));
    else if (signal)
        death.status = fleet::ExitStatus::signaled(static_cast<int>(*signal));
    return death;
}

void read_plain(Fields& fields, fleet::SavedAccount& saved) {
    fields.boolean("wanted", &saved.wanted);
    fields.boolean("exited", &saved.exited);
    fields.boolean("killed", &saved.killed);
    fields.boolean("fatal", &saved.fatal);
    fields.boolean("recovery_done", &saved.recovery_done);
    fields.integer("settled", &saved.settled.value, 0, k_any_max);
    saved.reason = read_reason(fields);
    fields.integer("restarts", &saved.restarts, 0, k_any_max);
    fields.integer("failures", &saved.failures, 0, UINT32_MAX);
    fields.boolean("restart_due", &saved.restart_due);
    saved.fingerprint = fields.number_of("fingerprint");
    fields.integer("launch", &saved.launch.value, 0, k_any_max);
    fields.text("detail", &saved.detail, k_detail_max);
    fields.text("last_error", &saved.last_error, k_error_max);
    fields.text("position", &saved.holding.position, k_position_max);
    fields.whole("quantity", &saved.holding.quantity, k_any_min, k_any_max);
    std::int64_t told = 0;
    fields.whole("position_at", &told, k_any_min, k_any_max);
    saved.holding.at = utc_from_nanos(told);
    std::string state;
    fields.text("state", &state, k_reason_max);
    std::optional<std::int64_t> since;
    fields.whole("since", &since, k_any_min, k_any_max);
    // A time without its state, or a state of another version, says nothing.
    if (const auto known = model::worker_state_from(state); known && since) {
        saved.state = *known;
        saved.since = utc_from_nanos(*since);
    }
}

}  // namespace

std::string to_text(const fleet::SavedAccount& saved) {
    ipc::JsonWriter json;
    json.open_object();
    json.boolean("wanted", saved.wanted);
    json.boolean("exited", saved.exited);
    json.boolean("killed", saved.killed);
    json.boolean("fatal", saved.fatal);
    json.boolean("recovery_done", saved.recovery_done);
    json.integer("settled", static_cast<std::int64_t>(saved.settled.value));
    json.text("reason", model::code(saved.reason));
    json.integer("restarts", static_cast<std::int64_t>(saved.restarts));
    json.integer("failures", saved.failures);
    json.boolean("restart_due", saved.restart_due);
    json.number("fingerprint", saved.fingerprint);
    json.integer("launch", static_cast<std::int64_t>(saved.launch.value));
    if (saved.since) {
        json.text("state", model::code(saved.state));
        json.integer("since", unix_nanos(*saved.since));
    }
    json.text("detail", cut_utf8(saved.detail, k_detail_max));
    json.text("last_error", ipc::cut_error(saved.last_error, k_error_max));
    json.text("position", cut_utf8(saved.holding.position, k_position_max));
    if (saved.holding.quantity)
        json.integer("quantity", *saved.holding.quantity);
    json.integer("position_at", unix_nanos(saved.holding.at));
    json.open_array("recent");
    for (const auto& death : saved.recent)
        write(json, death);
    json.close_array();
    json.open_array("deaths");
    for (const auto& death : saved.deaths)
        json.element(unix_nanos(death));
    json.close_array();
    if (saved.retry_at)
        json.integer("retry_at", unix_nanos(*saved.retry_at));
    if (saved.flat)
        json.boolean("flat", *saved.flat);
    json.close_object();
    return json.take();
}

Result<fleet::SavedAccount> saved_account_from(std::string_view text) {
    BULLPEN_TRY(const auto document, JsonDocument::parse(text, k_limits));
    Fields fields(document, 0, std::string(k_what));
    fleet::SavedAccount saved;
    read_plain(fields, saved);
    fields.each_object("recent", ipc::Need::optional, process::LaunchRecord::k_saved_max,
                       [&](std::size_t node) -> Result<void> {
                           BULLPEN_TRY(saved.recent.emplace_back(), death_from(document, node));
                           return {};
                       });
    for (const auto death : fields.wholes("deaths"))
        saved.deaths.push_back(utc_from_nanos(death));
    std::optional<std::int64_t> retry_at;
    fields.whole("retry_at", &retry_at, k_any_min, k_any_max);
    if (retry_at)
        saved.retry_at = utc_from_nanos(*retry_at);
    fields.boolean("flat", &saved.flat);
    BULLPEN_CHECK(fields.status());
    return saved;
}

}  // namespace bullpen::daemon
