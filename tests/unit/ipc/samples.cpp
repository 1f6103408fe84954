#include "tests/unit/ipc/samples.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/temporary.hpp"

namespace bullpen::ipc::samples {

namespace {

UtcTime at(const char* text) {
    return parse_utc(text).value();
}

Hello least_hello() {
    return Hello{.account = test::account_id("mes01"),
                 .launch = LaunchToken::parse("17.00112233445566778899aabbccddeeff").value(),
                 .pid = 4711,
                 .protocol_min = 0,
                 .protocol_max = 1,
                 .session = model::SessionState::locking};
}

Hello full_hello() {
    Hello hello = least_hello();
    hello.session = model::SessionState::trading;
    hello.fence = Fence{1042};
    hello.program = "bullpen-worker";
    hello.version = "0.1.0";
    hello.running = Hello::Running{at("2026-11-20T09:30:00.250Z"), 123456, true};
    return hello;
}

Heartbeat full_heartbeat() {
    Heartbeat beat;
    beat.seq = 86400;
    beat.session = model::SessionState::trading;
    beat.mode = model::TradingMode::reducing;
    beat.reason = "event_blackout";
    beat.reason_text =
        "FOMC, \"projections\" \\ Bl\xC3\xB6"
        "cke\n\t\x01";
    beat.since = at("2026-11-20T18:30:00.000Z");
    beat.until = at("2026-11-20T19:15:00.000Z");
    beat.obligations = {{"bar", Millis(45'000), true, false},
                        {"broker_answer", Millis(-1'500), false, true}};
    beat.position = "long 2 MESZ6 @ 6012.25";
    beat.quantity = 2;
    beat.day_pnl = "-37.5";
    beat.counters = {{"ticks", 120'034}, {"gaps", 0}, {"drift", -3}};
    beat.last_bar = at("2026-11-20T18:44:00.000Z");
    beat.bar_age = Millis(412);
    beat.bars = 1'234;
    beat.rss_bytes = 3'600'000;
    beat.log_dropped = 2;
    beat.last_error = "order 17 refused";
    beat.state_hash = "0123456789abcdef";
    return beat;
}

Heartbeat asking_heartbeat() {
    Heartbeat beat = full_heartbeat();
    beat.floor_reached = true;
    beat.stake = Stake{"ES", -3, 0, 10};
    beat.wish = EntryWish{12, "ES", -2, true};
    return beat;
}

}  // namespace

std::vector<Sample> messages() {
    Welcome welcome;
    welcome.fence = Fence{1042};
    welcome.protocol = 1;
    welcome.utc = at("2026-11-20T14:30:00.123Z");
    Welcome full_welcome = welcome;
    full_welcome.expires = at("2026-11-20T14:31:00.000Z");
    full_welcome.market = {"open", at("2026-11-20T22:00:00.000Z")};
    full_welcome.beat_interval = Millis(500);
    full_welcome.ping_interval = Millis(2'000);
    full_welcome.clock_skew_max = Millis(1'500);
    Heartbeat beat;
    beat.seq = 1;
    beat.since = at("2026-11-20T14:30:00.000Z");
    const Ping ping{.seq = 7, .utc = at("2026-11-20T14:30:02.000Z"), .market = {}, .hello = false};
    const Ping full_ping{.seq = 8,
                         .utc = at("2026-11-20T14:30:04.000Z"),
                         .market = {"break", at("2026-11-20T23:00:00.000Z")},
                         .hello = true};
    return {{"hello_least", least_hello()},
            {"hello", full_hello()},
            {"welcome_least", welcome},
            {"welcome", full_welcome},
            {"ready", Ready{}},
            {"heartbeat_least", beat},
            {"heartbeat", full_heartbeat()},
            {"ping_least", ping},
            {"ping", full_ping},
            {"drain", Drain{"settings_changed", Millis(10'000)}},
            {"halt", Halt{"operator_halt"}},
            {"reduce_least", Reduce{"operator_reduce", std::nullopt}},
            {"reduce", Reduce{"event_blackout", at("2026-11-20T19:15:00.000Z")}},
            {"resume", Resume{}},
            {"resume_floor", Resume{true}},
            {"grant", Grant{}},
            {"grant_refused", Grant{12, false, "mes02 holds 2 ES the other way"}},
            {"grant_given", Grant{13, true, ""}},
            {"run_job_least", RunJob{"daily_summary", "", false}},
            {"run_job", RunJob{"retention", "ctl-4711-1", true}},
            {"payout", Payout{"500.00", "ctl-4711-1"}},
            {"heartbeat_asking", asking_heartbeat()},
            {"goodbye_least", Goodbye{0, "none", "", ""}},
            {"goodbye", Goodbye{77, "lock_held", "held by pid 4710 since this morning", ""}},
            {"goodbye_holding",
             Goodbye{0, "operator_stop", "SIGTERM", "long 2 MES @ 6012.25, behind its stop"}}};
}

std::vector<RequestSample> requests() {
    Request least{.id = "1", .command = "status", .args = {}, .user = ""};
    Request full;
    full.id = "ctl-4711-1";
    full.command = "signal";
    full.args.accounts = {test::account_id("mes01"), test::account_id("es-2_b")};
    full.args.wait = false;
    full.args.dry_run = true;
    full.args.keep_workers = true;
    full.args.signal = "USR1";
    full.deadline = Millis(5'000);
    full.user = "operator";
    return {{"request_least", least}, {"request", full}};
}

std::vector<ReplySample> replies() {
    Reply least;
    least.id = "1";
    Reply verdict{.id = "ctl-4711-1",
                  .kind = ReplyKind::verdict,
                  .account = test::account_id("mes01"),
                  .ok = false,
                  .code = "timed_out",
                  .message = "it did not stop within 10 s",
                  .data = R"({"pid":4711,"next":["killing",1.5,null]})"};
    Reply progress{.id = "2",
                   .kind = ReplyKind::progress,
                   .account = std::nullopt,
                   .ok = true,
                   .code = "waiting",
                   .message = "3 of 5"};
    Reply error{.id = "3",
                .kind = ReplyKind::error,
                .account = std::nullopt,
                .ok = false,
                .code = "unknown_command",
                .message = "there is no command 'dance'"};
    return {{"reply_least", least}, {"reply", verdict}, {"progress", progress}, {"error", error}};
}

std::string without(const std::string& frame, const std::string& field) {
    auto json = nlohmann::ordered_json::parse(frame);
    json.erase(field);
    return json.dump();
}

std::string with(const std::string& frame, const std::string& field, const std::string& value) {
    auto json = nlohmann::ordered_json::parse(frame);
    json[field] = nlohmann::ordered_json::parse(value);
    return json.dump();
}

std::vector<std::string> fields_of(const std::string& frame) {
    std::vector<std::string> names;
    const auto json = nlohmann::ordered_json::parse(frame);
    for (const auto& item : json.items())
        names.push_back(item.key());
    return names;
}

}  // namespace bullpen::ipc::samples
