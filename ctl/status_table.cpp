#include "ctl/status_table.hpp"

#include <algorithm>
#include <cstdlib>

#include "common/model/reason.hpp"
#include "ctl/isolation_text.hpp"
#include "ctl/text.hpp"
#include "ipc/error_text.hpp"

namespace bullpen::ctl {

namespace {

using model::WorkerState;

Colour colour_of(const AccountRow& row) {
    if (!row.state)
        return Colour::magenta;
    switch (*row.state) {
        case WorkerState::running: return Colour::green;
        case WorkerState::late:
        case WorkerState::waiting:
        case WorkerState::backoff: return Colour::yellow;
        case WorkerState::fatal: return Colour::red;
        case WorkerState::starting:
        case WorkerState::stopping:
        case WorkerState::killing: return Colour::cyan;
        case WorkerState::stopped: return Colour::dim;
    }
    return Colour::none;
}

bool says_something(std::string_view reason) {
    return !reason.empty() && reason != model::code(model::Reason::none);
}

std::string mode_text(const AccountRow& row) {
    if (!row.mode_known)
        return {};
    std::string text(model::code(row.slot->mode));
    if (says_something(row.slot->mode_reason.view()))
        text.append(" ").append(row.slot->mode_reason.view());
    return text;
}

std::string age_or_dash(const std::optional<Nanos>& age) {
    return age ? age_text(*age) : std::string();
}

std::string number_or_dash(std::uint64_t number, bool known) {
    return known ? std::to_string(number) : std::string();
}

// "11-20 23:14".
std::string minute_text(UtcTime time) {
    constexpr std::size_t k_from = 5;   // "2026-11-20T23:14:05.000Z" without the year,
    constexpr std::size_t k_size = 11;  // and to the minute
    std::string text = format_utc(time).substr(k_from, k_size);
    text[text.find('T')] = ' ';
    return text;
}

// "11-20 23:14 the market is mute": an error may be older than what it was about.
std::string error_text(const ipc::BoardSlot& slot) {
    const auto error = ipc::unstamped(ipc::error_of(slot));
    if (!error.at)
        return std::string(error.text);
    return minute_text(*error.at).append(" ").append(error.text);
}

// Of one that does not say it now, what it said last is marked as such, where it is open.
std::string position_text(const AccountRow& row) {
    const auto& slot = *row.slot;
    const bool old = !row.mode_known && slot.flat == 0 && slot.position_at != UtcTime{};
    if (!old || slot.position.empty())
        return slot.position.str();
    return "was " + slot.position.str() + " (" + minute_text(slot.position_at) + ")";
}

void append_error_json(JsonWriter& json, const ipc::BoardSlot& slot) {
    const auto error = ipc::unstamped(ipc::error_of(slot));
    json.key("last_error").text_or_null(error.text);
    json.key("last_error_at").utc_or_null(error.at);
}

void add_row(Table& table, const AccountRow& row) {
    const auto& slot = *row.slot;
    const bool late = is_late(row);
    const auto pnl = slot.day_pnl.view();
    const bool memory_known = row.pid != 0 && slot.rss_bytes != 0;
    table.add({{slot.account.view()},
               {slot.group.view()},
               {late ? "RUNNING late" : shown_state(row), colour_of(row)},
               {says_something(row.reason) ? row.reason : ""},
               {mode_text(row)},
               {number_or_dash(static_cast<std::uint64_t>(row.pid), row.pid != 0)},
               {row.uptime ? duration_text(*row.uptime) : std::string()},
               {number_or_dash(slot.restarts, row.on_board)},
               {age_or_dash(row.beat_age), late ? Colour::yellow : Colour::none},
               {age_or_dash(row.bar_age)},
               {position_text(row)},
               {pnl, pnl.starts_with('-') ? Colour::red : Colour::none},
               {memory_known ? bytes_text(slot.rss_bytes) : std::string()},
               {error_text(slot)}});
}

// Money comes in millionths; people read cents.
std::string amount_text(const ipc::BoardLimit& limit, std::int64_t amount) {
    if (limit.unit.view() == k_unit_seconds)
        return duration_text(std::chrono::seconds(amount));
    if (limit.unit.view() != "money")
        return std::to_string(amount);
    constexpr std::int64_t k_cent = 10'000;
    const auto cents = amount / k_cent;
    const auto part = std::to_string(std::abs(cents % 100));
    return std::string(cents < 0 ? "-" : "") + std::to_string(std::abs(cents / 100)) + "." +
           (part.size() < 2 ? "0" : "") + part;
}

void append_limits_json(JsonWriter& json, const ipc::BoardSlot& slot) {
    json.key("limits").begin_array();
    for (const auto& limit : slot.all_limits()) {
        if (limit.name.empty())
            break;
        json.begin_object();
        json.key("name").string(limit.name.view());
        json.key("unit").string(limit.unit.view());
        json.key("used").number(limit.used);
        json.key("limit").number(limit.limit);
        json.key("left").number(std::max<std::int64_t>(0, limit.limit - limit.used));
        json.end_object();
    }
    json.end_array();
}

void append_use_json(JsonWriter& json, const AccountRow& row) {
    const auto& slot = *row.slot;
    json.key("rss_bytes");
    row.pid != 0 && slot.rss_bytes != 0 ? json.unsigned_number(slot.rss_bytes) : json.null();
    json.key("disk_bytes");
    slot.disk_bytes != 0 ? json.unsigned_number(slot.disk_bytes) : json.null();
}

void append_account_json(JsonWriter& json, const AccountRow& row, const JobBriefs& jobs,
                         UtcTime now, DaemonState daemon) {
    const auto& slot = *row.slot;
    const bool board = row.on_board;
    const auto utc = [](UtcTime time) {
        return time == UtcTime{} ? std::optional<UtcTime>() : std::optional(time);
    };
    json.begin_object();
    json.key("account").string(slot.account.view());
    json.key("group").string(slot.group.view());
    json.key("label").string(slot.label.view());
    json.key("owner").string(slot.owner.view());
    json.key("state").string(shown_state(row));
    json.key("state_code").text_or_null(row.state ? model::code(*row.state) : "");
    json.key("late").boolean(is_late(row));
    json.key("reason").string(row.reason);
    json.key("reason_text").text_or_null(row.reason_text);
    json.key("since").utc_or_null(row.since);
    json.key("until").utc_or_null(row.proven_by_lock ? std::nullopt : utc(slot.until));
    json.key("next").text_or_null(row.proven_by_lock ? next_alone(row, daemon) : slot.next.str());
    json.key("proof").string(row.proven_by_lock ? "lock" : row.state ? "board" : "none");
    json.key("mode").text_or_null(row.mode_known ? model::code(slot.mode) : "");
    json.key("mode_reason").text_or_null(row.mode_known ? slot.mode_reason.view() : "");
    json.key("mode_since").utc_or_null(row.mode_known ? utc(slot.mode_since) : std::nullopt);
    json.key("mode_until").utc_or_null(row.mode_known ? utc(slot.mode_until) : std::nullopt);
    json.key("session").text_or_null(row.mode_known ? model::code(slot.session) : "");
    json.key("pid");
    row.pid != 0 ? json.number(row.pid) : json.null();
    json.key("uptime_s").seconds_or_null(row.uptime);
    const auto count = [&](std::string_view key, std::uint64_t value, bool known) {
        json.key(key);
        known ? json.unsigned_number(value) : json.null();
    };
    count("restarts", slot.restarts, board);
    json.key("beat_age_s").seconds_or_null(row.beat_age);
    json.key("bar_age_s").seconds_or_null(row.bar_age);
    json.key("last_bar").utc_or_null(utc(slot.last_bar));
    count("bars", slot.bars, row.mode_known);
    count("fence", slot.fence, board && slot.fence != 0);
    count("launch", slot.launch, board && slot.launch != 0);
    append_use_json(json, row);
    json.key("position").text_or_null(slot.position.view());
    json.key("quantity");
    slot.quantity_known != 0 ? json.number(slot.quantity) : json.null();
    json.key("position_at").utc_or_null(utc(slot.position_at));
    json.key("flat").boolean(slot.flat != 0);
    json.key("day_pnl").text_or_null(slot.day_pnl.view());
    append_limits_json(json, slot);
    json.key("refusal").text_or_null(slot.refusal.view());
    json.key("refused_at").utc_or_null(utc(slot.refused_at));
    json.key("refused_until").utc_or_null(utc(slot.refused_until));
    append_error_json(json, slot);
    const auto known = jobs.find(slot.account.view());
    append_jobs_json(json, known != jobs.end() ? &known->second : nullptr, now);
    count("log_dropped", slot.log_dropped, row.mode_known);
    json.key("heartbeat").text_or_null(!board ? "" : slot.beats != 0 ? "zmq" : "none");
    json.key("worker_version").text_or_null(slot.worker_version.view());
    json.key("enabled").boolean(slot.enabled != 0).key("wanted").boolean(slot.wanted != 0);
    json.key("priority").number(slot.priority);
    append_isolation(json, slot);
    json.end_object();
}

void append_service_json(JsonWriter& json, const AccountRow& row) {
    const auto& slot = *row.slot;
    json.begin_object();
    json.key("name").string(slot.account.view());
    json.key("state").string(shown_state(row));
    json.key("state_code").text_or_null(row.state ? model::code(*row.state) : "");
    json.key("late").boolean(is_late(row));
    json.key("reason").string(row.reason);
    json.key("reason_text").text_or_null(row.reason_text);
    json.key("proof").string(row.proven_by_lock ? "lock" : row.state ? "board" : "none");
    json.key("pid");
    row.pid != 0 ? json.number(row.pid) : json.null();
    json.key("uptime_s").seconds_or_null(row.uptime);
    json.key("restarts");
    row.on_board ? json.unsigned_number(slot.restarts) : json.null();
    json.key("beat_age_s").seconds_or_null(row.beat_age);
    json.key("rss_bytes");
    row.pid != 0 && slot.rss_bytes != 0 ? json.unsigned_number(slot.rss_bytes) : json.null();
    json.key("launch");
    slot.launch != 0 ? json.unsigned_number(slot.launch) : json.null();
    append_error_json(json, slot);
    append_service_isolation(json, slot);
    json.end_object();
}

}  // namespace

Table status_table(std::span<const ChosenRow> rows) {
    Table table({{"ACCOUNT", false, 0, 0},
                 {"GROUP", false, 9, 0},
                 {"STATE", false, 0, 0},
                 {"REASON", false, 1, 12},
                 {"MODE", false, 4, 0},
                 {"PID", true, 5, 0},
                 {"UPTIME", true, 2, 0},
                 {"RESTARTS", true, 10, 0},
                 {"BEAT", true, 3, 0},
                 {"BAR", true, 6, 0},
                 {"POSITION", false, 7, 10},
                 {"DAY P&L", true, 8, 0},
                 {"MEMORY", true, 11, 0},
                 {"LAST ERROR", false, 12, 12}});
    table.reserve(rows.size());
    for (const auto& chosen : rows)
        add_row(table, *chosen.row);
    return table;
}

Table risk_table(std::span<const ChosenRow> rows) {
    Table table({{"ACCOUNT", false, 0, 0},
                 {"POSITION", false, 2, 10},
                 {"DAY P&L", true, 1, 0},
                 {"LIMIT", false, 0, 0},
                 {"USED", true, 0, 0},
                 {"OF", true, 0, 0},
                 {"LEFT", true, 0, 0},
                 {"USED %", true, 3, 0}});
    for (const auto& chosen : rows) {
        const auto& slot = *chosen.row->slot;
        bool first = true;
        for (const auto& limit : slot.all_limits()) {
            if (limit.name.empty() && !first)
                break;
            const bool none = limit.name.empty();
            const auto left = std::max<std::int64_t>(0, limit.limit - limit.used);
            const auto percent = limit.limit > 0 ? 100 * limit.used / limit.limit : 0;
            const auto colour = none             ? Colour::dim
                                : percent >= 100 ? Colour::red
                                : percent >= 80  ? Colour::yellow
                                                 : Colour::none;
            table.add({{slot.account.view()},
                       {position_text(*chosen.row)},
                       {slot.day_pnl.view()},
                       {none ? "none" : limit.name.view(), colour},
                       {none ? "" : amount_text(limit, limit.used)},
                       {none ? "" : amount_text(limit, limit.limit)},
                       {none ? "" : amount_text(limit, left), colour},
                       {none ? "" : std::to_string(percent)}});
            first = false;
        }
    }
    return table;
}

Table services_table(std::span<const ChosenRow> rows) {
    Table table({{"SERVICE", false, 0, 0},
                 {"STATE", false, 0, 0},
                 {"REASON", false, 1, 12},
                 {"PID", true, 3, 0},
                 {"UPTIME", true, 2, 0},
                 {"RESTARTS", true, 4, 0},
                 {"BEAT", true, 5, 0},
                 {"MEMORY", true, 6, 0},
                 {"LAST ERROR", false, 7, 12}});
    table.reserve(rows.size());
    for (const auto& chosen : rows) {
        const auto& row = *chosen.row;
        const auto& slot = *row.slot;
        const bool memory_known = row.pid != 0 && slot.rss_bytes != 0;
        table.add({{slot.account.view()},
                   {is_late(row) ? "RUNNING late" : shown_state(row), colour_of(row)},
                   {says_something(row.reason) ? row.reason : ""},
                   {number_or_dash(static_cast<std::uint64_t>(row.pid), row.pid != 0)},
                   {row.uptime ? duration_text(*row.uptime) : std::string()},
                   {number_or_dash(slot.restarts, row.on_board)},
                   {age_or_dash(row.beat_age)},
                   {memory_known ? bytes_text(slot.rss_bytes) : std::string()},
                   {error_text(slot)}});
    }
    return table;
}

std::string token_text(const AccountRow& row) {
    constexpr std::int64_t k_hour = 60 * 60;
    for (const auto& limit : row.slot->all_limits()) {
        const auto left = limit.limit - limit.used;
        if (has_process(row) && limit.unit.view() == k_unit_seconds && left <= k_hour)
            return row.slot->account.str() + ": its " + printable(limit.name.view()) + " ends in " +
                   duration_text(std::chrono::seconds(std::max<std::int64_t>(0, left)));
    }
    return {};
}

void append_daemon_json(JsonWriter& json, const DaemonView& daemon, Instant now) {
    if (daemon.state == DaemonState::down) {
        json.null();
        return;
    }
    json.begin_object();
    json.key("pid");
    daemon.pid != 0 ? json.number(daemon.pid) : json.null();
    json.key("version").text_or_null(daemon.version);
    json.key("state").string(daemon.state == DaemonState::up         ? "up"
                             : daemon.state == DaemonState::starting ? "starting"
                                                                     : "silent");
    const auto* board = daemon.state == DaemonState::starting ? nullptr : daemon.board;
    json.key("name").text_or_null(board != nullptr ? board->name.view() : "");
    json.key("uptime_s");
    board != nullptr ? json.seconds(now.utc - board->started) : json.null();
    json.key("board_age_s").seconds_or_null(board != nullptr ? daemon.board_age : std::nullopt);
    if (board != nullptr) {
        json.key("protocol").number(board->protocol);
        json.key("loop_p50_us").unsigned_number(board->loop_p50_us);
        json.key("loop_p99_us").unsigned_number(board->loop_p99_us);
        json.key("loop_max_us").unsigned_number(board->loop_max_us);
        json.key("log_dropped").unsigned_number(board->log_dropped);
        json.key("roster_problems").unsigned_number(board->roster_problems);
        json.key("alarms").unsigned_number(board->alarms);
        json.key("stopping").boolean(board->stopping != 0);
        json.key("disk_full").boolean(board->disk_full != 0);
        append_isolation(json, *board);
    }
    json.end_object();
}

void append_status_json(std::string& out, const FleetView& view, std::span<const ChosenRow> rows,
                        std::span<const ChosenRow> services, std::span<const Unmatched> unmatched,
                        const JobBriefs& jobs, const Home& home, Instant now) {
    constexpr std::size_t account_size_guess = 1024;  // bytes
    out.reserve(out.size() + (rows.size() + 1) * account_size_guess);
    JsonWriter json(out);
    json.begin_object().key("daemon");
    append_daemon_json(json, view.daemon(), now);
    json.key("home").string(view.place(home));
    json.key("utc").string(format_utc(now.utc));
    json.key("notice").text_or_null(view.notice(home));
    json.key("accounts").begin_array();
    for (const auto& chosen : rows)
        append_account_json(json, *chosen.row, jobs, now.utc, view.daemon().state);
    json.end_array();
    json.key("services").begin_array();
    for (const auto& chosen : services)
        append_service_json(json, *chosen.row);
    json.end_array();
    json.key("unmatched").begin_array();
    for (const auto& word : unmatched)
        json.string(word.pattern);
    json.end_array().end_object();
    out += '\n';
}

}  // namespace bullpen::ctl
