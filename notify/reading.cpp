#include "notify/reading.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/alerts/expiry.hpp"
#include "common/alerts/unsold.hpp"
#include "common/base/service.hpp"

namespace bullpen::notify {

namespace {

// An event that is one alert, with what is said of it in front of its fields.
struct Plain {
    std::string_view event;
    Kind kind;
    std::string_view sentence;
    std::string_view subject = {};  // the field that tells one from another; empty: the event
};

constexpr std::array<Plain, 25> k_of_audit = {{
    {"foreign_fill", Kind::order_error, "an order that is not ours was filled"},
    {"trade_voided", Kind::order_error, "the broker took an execution back"},
    {"fill_too_old", Kind::order_error, "a fill came too late to be counted"},
    {"stop_not_moved", Kind::order_error, "the broker refused to move a stop"},
    {"order_unknown", Kind::order_error, "nobody knows whether an order is at the broker"},
    {"order_nowhere", Kind::order_error, "an order never reached the broker"},
    {"order_lost", Kind::order_error, "the broker lost an order of ours"},
    {"order_stray", Kind::order_error, "an order came to light at the broker and is cancelled"},
    {"order_odd", Kind::order_error, "the broker contradicts itself about an order"},
    {"orphan_order", Kind::order_error, "an order at the broker is not ours and is cancelled"},
    {"share_refused", Kind::order_error, "the broker refused an order", "symbol"},
    {"wrong_account", Kind::order_error, "the broker's session is for another account"},
    {"cannot_trade", Kind::order_error, "the broker forbids the account to trade"},
    {"breaker_opened", Kind::order_error, "the broker fails too often; nothing is entered"},
    {"not_recorded", Kind::disk, "the journal takes no record; nothing is entered"},
    {"stop_failed", Kind::unprotected, "no stop could be placed; the position is being closed"},
    {"unprotected", Kind::unprotected, "a position has been without a stop for too long"},
    {"closing_failed", Kind::flatten_failed, "an exit was not filled"},
    {"closing_stuck", Kind::flatten_failed, "the position cannot be closed"},
    {"mismatch", Kind::reconcile_mismatch, "the broker holds what the account does not"},
    {"adopted", Kind::adoption, "the broker's position was taken over"},
    {"slippage_alarm", Kind::slippage, "a fill was worse than expected"},
    {"limit_reached", Kind::limit_reached, "a limit was reached", "limit"},
    {"own_halt", Kind::kill_switch, "the account halted itself: its orders are in trouble"},
    {"disconnected", Kind::connection_error, "the broker ended the session"},
}};

constexpr std::array<Plain, 15> k_of_worker = {{
    {"broker_lost", Kind::connection_error, "the session with the broker is gone"},
    {"feed_mute", Kind::feed_stale, "no market data arrives"},
    {"feed_failed", Kind::feed_stale, "its market data is broken"},
    {"job_missed", Kind::job_failed, "a job was not run at its time", "job"},
    {"calendar_damaged", Kind::calendar, "a file of the calendar cannot be used"},
    {"calendar_override_refused", Kind::calendar, "an operator's words on the calendar are wrong"},
    {"disk_full", Kind::disk, "the disk is full"},
    {"last_checkpoint_failed", Kind::disk, "its state could not be written"},
    {"not_at_rest", Kind::flatten_failed, "it was stopped and is not at rest"},
    {"floor_not_restarted", Kind::alarm, "the loss floor was not restarted"},
    {"rows_refused", Kind::feed_stale, "rows of its market data are no bars"},
    {"state_file_not_used", Kind::alarm, "its state file was damaged; the one before it counts"},
    {"share_records_not_used", Kind::alarm,
     "its records of shares were damaged; those before them count"},
    {"journal_tail_cut", Kind::alarm, "the end of its journal was damaged and is cut off"},
    {"settings_not_used", Kind::settings_problem, "a setting cannot be followed"},
}};

// What the daemon's alarms are, by their reasons; any other is an `alarm`.
struct OfReason {
    std::string_view reason;
    Kind kind;
};
constexpr std::array<OfReason, 16> k_reasons = {{
    {"disk_full", Kind::disk},
    {"disk_limit", Kind::disk},
    {"calendar_unknown", Kind::calendar},
    {"storm_limit", Kind::crash_loop},
    {"restart_budget_spent", Kind::crash_loop},
    {"never_restart", Kind::fatal},
    {"refused_configuration", Kind::fatal},
    {"refused_usage", Kind::fatal},
    {"program_missing", Kind::fatal},
    {"protocol_refused", Kind::fatal},
    {"recovery_launch", Kind::fatal},
    {"hung_silent", Kind::hang},
    {"hung_obligation", Kind::hang},
    {"start_timeout", Kind::hang},
    {"token_missing", Kind::token},
    {"vault_locked", Kind::token},
}};

// Reasons of a mode that belong to a day as it is meant to be.
constexpr std::array<std::string_view, 8> k_usual = {
    "event_blackout", "draining", "session_closed",   "maintenance_break",
    "reconciling",    "warm_up",  "adoption_awaited", "observing"};
// Idle for these is no matter of the market's hours.
constexpr std::array<std::string_view, 7> k_idle_told = {
    "instrument_mismatch", "position_unexpected", "licence_refused", "lease_expired",
    "clock_skew",          "limit_reached",       "token_missing"};

template <std::size_t size>
const Plain* find(const std::array<Plain, size>& all, std::string_view event) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Plain& one) { return one.event == event; });
    return found == all.end() ? nullptr : &*found;
}

template <std::size_t size>
bool holds(const std::array<std::string_view, size>& all, std::string_view word) {
    return std::find(all.begin(), all.end(), word) != all.end();
}

Kind kind_of_reason(std::string_view reason) {
    const auto found = std::find_if(k_reasons.begin(), k_reasons.end(),
                                    [&](const OfReason& one) { return one.reason == reason; });
    return found == k_reasons.end() ? Kind::alarm : found->kind;
}

// "symbol=MESZ6, order=..." of what is not empty; not what every line has.
std::string told(const LogLine& line) {
    constexpr std::array<std::string_view, 8> k_of_every_line = {
        "account", "launch", "pid", "cid", "seq", "prev", "worker", "advice"};
    std::string text;
    for (const auto& [key, value] : line.fields) {
        if (value.empty() || value == "0" || holds(k_of_every_line, key))
            continue;
        text.append(text.empty() ? "" : ", ").append(key).append("=").append(value);
    }
    return text;
}

std::string with(std::string_view sentence, const std::string& more) {
    return std::string(sentence) + (more.empty() ? "" : ": " + more);
}

Alert plain(const Plain& known, const std::string& account, const LogLine& line) {
    return make_alert(known.kind, line.at, account, with(known.sentence, told(line)),
                      known.subject.empty() ? line.event : line.text(known.subject));
}

bool is_of_service(const std::string& name) {
    return name.starts_with(k_service_prefix);
}

}  // namespace

std::string_view code(Source source) {
    switch (source) {
        case Source::daemon: return "daemon";
        case Source::worker: return "worker";
        case Source::audit: return "audit";
    }
    return "";
}

void Reading::remember(Source source, const std::string& account, const LogLine& line) {
    (void)read(source, account, line);
}

std::optional<Alert> Reading::read(Source source, const std::string& account, const LogLine& line) {
    switch (source) {
        case Source::daemon: return of_daemon(line);
        case Source::worker: return of_worker(account, line);
        case Source::audit: return of_audit(account, line);
    }
    return std::nullopt;
}

std::optional<Alert> Reading::of_daemon(const LogLine& line) {
    const auto worker = line.text("worker");
    const auto make = [&](Kind kind, std::string_view text, std::string_view subject = {}) {
        return make_alert(kind, line.at, worker, text, subject);
    };
    if (line.event == "daemon_started")
        return make(Kind::started, "the daemon " + line.text("version") + " started; it found " +
                                       line.text("adopted") + " workers running, and " +
                                       line.text("lost") + " that had died");
    if (line.event == "shutdown")
        return make(Kind::shut_down, line.text("keep_workers") == "true"
                                         ? "the daemon is shut down and leaves its workers"
                                         : "the daemon is shut down with every account");
    if (line.event == "worker_started" && !is_of_service(worker))
        return make(Kind::started, worker + " started, launch " + line.text("launch_number"));
    if (line.event == "worker_ended") {
        accounts_[worker].how = line.text("how");
        if (line.text("how") == "exit code 0" && !is_of_service(worker))
            return make(Kind::shut_down, worker + " ended in order");
        return std::nullopt;
    }
    if (line.event == "crash_bundle" || line.event == "crash_bundle_failed") {
        const auto reason = line.text("reason");
        const bool hung = kind_of_reason(reason) == Kind::hang;
        return make(hung ? Kind::hang : Kind::crashed,
                    worker + " died: " + (reason.empty() ? "" : reason + ", ") +
                        accounts_[worker].how + "; " +
                        with(line.event == "crash_bundle" ? "crash bundle" : "no crash bundle",
                             line.text("path")));
    }
    if (line.event == "kill_needed")
        return make(Kind::hang, worker + " does not end and is killed: " + line.text("reason"));
    if (line.event == "alarm") {
        const auto reason = line.text("reason");
        const auto sentence = line.text("sentence");
        auto kind = kind_of_reason(reason);
        // Not yet a token that is missing, which would hide it when it is. The daemon says it again
        // after a restart.
        const bool ends = kind == Kind::token && alerts::is_expiry_sentence(sentence);
        if (ends && std::exchange(accounts_[worker].ends, sentence) == sentence)
            return std::nullopt;
        if (ends)
            kind = Kind::alarm;
        const bool by_sentence = kind == Kind::calendar || ends;
        auto alert = make(kind, sentence, by_sentence ? sentence : reason);
        alert.advice = line.text("advice");
        return alert;
    }
    if (line.event == "opposite_positions")
        return make(Kind::opposite_positions, "it stands against " + line.text("against"));
    if (line.event == "settings_problem")
        return make(Kind::settings_problem, line.text("problem"), line.text("problem"));
    if (line.event == "update_failed")
        return make(Kind::settings_problem, "settings could not be applied: " + line.text("error"),
                    line.event);
    return std::nullopt;
}

std::optional<Alert> Reading::of_mode(const std::string& account, const LogLine& line) {
    auto& held = accounts_[account].held;
    const auto mode = line.text("mode");
    const auto reason = line.text("reason");
    if (mode == "active") {
        if (held.empty())
            return std::nullopt;
        return make_alert(
            Kind::trading_resumed, line.at, account,
            "it enters again; what kept it from it was " + std::exchange(held, std::string()));
    }
    const bool told_of = mode == "idle" ? holds(k_idle_told, reason) : !holds(k_usual, reason);
    if (!told_of)
        return std::nullopt;
    held = reason;
    // Told by the order itself, and by the limit.
    if (reason == "operator_halt" || reason == "order_trouble" || reason == "limit_reached")
        return std::nullopt;
    return make_alert(Kind::mode_changed, line.at, account,
                      "it is " + mode + ": " + with(line.text("sentence"), line.text("text")),
                      reason);
}

namespace {

// A share that a job had to sell and could not is a position that nobody closes; any other trouble
// of a job can wait for the day.
Alert of_failed_job(const std::string& account, const LogLine& line, const std::string& said,
                    std::string_view subject) {
    const auto text = "job " + line.text("job") + said + ": " + line.text("text");
    if (const auto symbol = alerts::unsold_symbol(line.text("text")); !symbol.empty())
        return make_alert(Kind::flatten_failed, line.at, account, text, symbol);
    return make_alert(Kind::job_failed, line.at, account, text, subject);
}

// Whoever tries a job out, or is refused one, sees it; whoever stops an account knows what it was
// at.
bool is_told_already(const LogLine& line) {
    return line.text("dry_run") == "true" || line.text("ordered") == "true" ||
           line.text("outcome") == "refused";
}

std::optional<Alert> of_job(const std::string& account, const LogLine& line) {
    const auto job = line.text("job");
    const auto outcome = line.text("outcome");
    if (outcome == "succeeded") {
        return job == "daily_summary" ? std::optional(make_alert(Kind::daily_summary, line.at,
                                                                 account, line.text("text")))
                                      : std::nullopt;
    }
    if (is_told_already(line))
        return std::nullopt;
    // Each trouble by itself: one is not hidden by another.
    if (line.event == "job_trouble")
        return of_failed_job(account, line, "", line.text("text"));
    // Likewise each reason: that it found no signals does not hide that it is killed each time.
    const auto reason = line.text("reason");
    return of_failed_job(account, line, " " + outcome,
                         job + " " + (reason.empty() ? outcome : reason));
}

}  // namespace

std::optional<Alert> Reading::of_worker(const std::string& account, const LogLine& line) {
    if (line.event == "mode_changed")
        return of_mode(account, line);
    if (line.event == "day_ended") {
        const auto held = line.text("quantity");
        return make_alert(Kind::daily_summary, line.at, account,
                          line.text("trading_day") + ": " +
                              (line.text("shadow") == "true" ? "in the shadow, " : "") +
                              (held == "0" ? "flat" : "holds " + held) + ", day P&L " +
                              line.text("day_pnl") + " " + line.text("currency") + ", trades " +
                              line.text("trades"));
    }
    if (line.event == "trade_closed")
        return make_alert(Kind::exit, line.at, account,
                          line.text("side") + " " + line.text("quantity") + " closed, net " +
                              line.text("net") + " (trade " + line.text("number") + ", " +
                              line.text("why") + ")",
                          line.text("number"));
    if (line.event == "job_trouble" || line.event == "job_ended")
        return of_job(account, line);
    if (const auto* known = find(k_of_worker, line.event))
        return plain(*known, account, line);
    return std::nullopt;
}

std::optional<Alert> Reading::of_fill(const std::string& account, const LogLine& line) {
    const auto& orders = accounts_[account].orders;
    const auto id = line.text("order");
    const auto found = std::find_if(orders.rbegin(), orders.rend(),
                                    [&](const Order& order) { return order.id == id; });
    // What closes a position is told when it is closed.
    if (found != orders.rend() && found->purpose != "entry")
        return std::nullopt;
    const auto what =
        line.text("quantity") + " " + line.text("symbol") + " at " + line.text("price");
    const auto how = found == orders.rend() ? "filled "
                     : found->side == "buy" ? "bought "
                                            : "sold ";
    return make_alert(Kind::entry, line.at, account, how + what, id);
}

namespace {

Alert of_share_fill(const std::string& account, const LogLine& line) {
    const bool buys = line.text("side") == "buy";
    return make_alert(buys ? Kind::entry : Kind::exit, line.at, account,
                      (buys ? "bought " : "sold ") + line.text("quantity") + " " +
                          line.text("symbol") + " at " + line.text("price") +
                          (line.text("by") == "stop" ? ", by its stop" : ""),
                      line.text("symbol"));
}

}  // namespace

std::optional<Alert> Reading::of_audit(const std::string& account, const LogLine& line) {
    if (line.event == "order_changed") {
        const auto detail = line.text("detail");
        if (detail == "intended") {
            auto& orders = accounts_[account].orders;
            if (orders.size() >= k_orders_max)
                orders.erase(orders.begin());
            orders.push_back({line.text("order"), line.text("purpose"), line.text("side")});
        }
        if (detail == "rejected")
            return make_alert(Kind::order_error, line.at, account,
                              with("the broker rejected an order", told(line)), detail);
        return std::nullopt;
    }
    if (line.event == "filled")
        return of_fill(account, line);
    if (line.event == "share_filled")
        return of_share_fill(account, line);
    if (line.event == "denied") {
        if (line.text("detail").find("trades_reached") == std::string::npos)
            return std::nullopt;
        return make_alert(Kind::max_trades, line.at, account, line.text("detail"));
    }
    if (line.event == "operator_order") {
        if (line.text("mode") != "halted" && line.text("flatten") != "true")
            return std::nullopt;
        return make_alert(Kind::kill_switch, line.at, account,
                          "an operator ordered it: " + told(line));
    }
    if (const auto* known = find(k_of_audit, line.event))
        return plain(*known, account, line);
    return std::nullopt;
}

}  // namespace bullpen::notify
