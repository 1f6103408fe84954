#include "notify/reading.hpp"

#include <doctest/doctest.h>

#include <set>

#include "notify/board_watch.hpp"
#include "notify/gate.hpp"
#include "tests/unit/notify/examples.hpp"

namespace bullpen::notify {
namespace {

std::string account_of(Source source) {
    return source == Source::daemon ? "" : "a";
}

std::optional<Alert> read(Reading& reading, Source source, const std::string& fields,
                          const std::string& level = "warn") {
    const auto line = parse_line(test::whole(fields, level));
    REQUIRE_MESSAGE(line.has_value(), fields);
    return reading.read(source, account_of(source), *line);
}

TEST_CASE("each line brings about the alert that it is") {
    for (const auto& example : test::examples()) {
        CAPTURE(example.line);
        Reading reading;
        const auto alert = read(reading, example.source, example.line);
        REQUIRE(alert.has_value());
        CHECK(alerts::code(alert->kind) == alerts::code(example.kind));
        CHECK(format_utc(alert->at) == "2026-11-22T12:00:00.000Z");
        CHECK_FALSE(alert->text.empty());
        if (example.source != Source::daemon)
            CHECK(alert->account == "a");
    }
}

TEST_CASE("the end of a credential is told once, however often the daemon says it") {
    const auto said = [](const std::string& day) {
        return R"("event":"alarm","worker":"a","reason":"token_missing",)"
               R"("sentence":"its token ends at )" +
               day + "\"";
    };
    Reading reading;
    CHECK(read(reading, Source::daemon, said("2026-11-22")));
    CHECK_FALSE(read(reading, Source::daemon, said("2026-11-22")));
    CHECK(read(reading, Source::daemon, said("2026-11-23")));
}

ipc::Board board() {
    ipc::Board made;
    made.daemon_alive = true;
    ipc::BoardSlot slot;
    slot.account = "a";
    slot.quantity_known = 1;
    slot.quantity = 2;
    slot.limits[0] = test::limit("daily_loss", 900, 1000);
    made.slots.push_back(slot);
    return made;
}

TEST_CASE("each name of the catalogue can be brought about") {
    std::set<Kind> seen;
    for (const auto& example : test::examples()) {
        Reading reading;
        if (const auto alert = read(reading, example.source, example.line))
            seen.insert(alert->kind);
    }
    {
        Reading reading;
        (void)read(reading, Source::worker,
                   R"("event":"mode_changed","mode":"halted","reason":"operator_halt")");
        seen.insert(read(reading, Source::worker,
                         R"("event":"mode_changed","mode":"active","reason":"none")")
                        ->kind);
    }
    FakeClock clock;
    BoardRules rules;
    rules.recap = RecapTime{std::chrono::hours(12), time::Zone::utc()};
    BoardWatch watch(rules);
    for (int hour = 0; hour < 100; ++hour) {
        for (const auto& alert : watch.look(board(), clock.now()))
            seen.insert(alert.kind);
        clock.advance(std::chrono::hours(1));
    }
    for (int i = 0; i < 2; ++i) {
        for (const auto& alert : watch.look(std::nullopt, clock.now()))
            seen.insert(alert.kind);
        clock.advance(std::chrono::minutes(1));
    }
    GateRules tight;
    tight.hourly_max = 1;
    Gate gate(tight);
    for (int i = 0; i < 3; ++i)
        (void)gate.offer(make_alert(Kind::entry, clock.utc(), "a", "x"), clock.utc());
    for (const auto& alert : gate.due(clock.utc() + std::chrono::hours(2)))
        seen.insert(alert.kind);
    seen.insert(lost_alert(1, "", clock.utc()).kind);
    seen.insert(test_alert("", clock.utc()).kind);
    for (const auto& known : alerts::catalogue())
        CHECK_MESSAGE(seen.contains(known.kind), known.name);
}

TEST_CASE("a fill is an entry when its order was one; what closes is told when it is closed") {
    Reading reading;
    const auto intend = [&](const char* order, const char* purpose, const char* side) {
        CHECK_FALSE(read(reading, Source::audit,
                         std::string(R"("event":"order_changed","detail":"intended","order":")") +
                             order + R"(","purpose":")" + purpose + R"(","side":")" + side + "\"")
                        .has_value());
    };
    const auto fill = [&](const char* order) {
        return read(reading, Source::audit,
                    std::string(R"("event":"filled","symbol":"MES","quantity":1,"price":"5",)") +
                        R"("order":")" + order + "\"");
    };
    intend("1", "entry", "buy");
    intend("2", "protective_stop", "sell");
    intend("3", "entry", "sell");
    CHECK(fill("1")->text == "bought 1 MES at 5");
    CHECK_FALSE(fill("2").has_value());
    CHECK(fill("3")->text == "sold 1 MES at 5");
    // It was read before this process began, and is further back than was looked.
    CHECK(fill("9")->text == "filled 1 MES at 5");
}

TEST_CASE("no more orders are remembered than there is room for") {
    Reading reading;
    for (std::size_t i = 0; i < 3 * Reading::k_orders_max; ++i)
        (void)read(reading, Source::audit,
                   R"("event":"order_changed","detail":"intended","purpose":"exit","order":")" +
                       std::to_string(i) + "\"");
    CHECK(read(reading, Source::audit, R"("event":"filled","order":"0")").has_value());
    CHECK_FALSE(
        read(reading, Source::audit,
             R"("event":"filled","order":")" + std::to_string(3 * Reading::k_orders_max - 1) + "\"")
            .has_value());
}

TEST_CASE("the usual hours of a market are no alert, and entering again is one only after a hold") {
    Reading reading;
    const auto mode = [&](const std::string& name, const std::string& reason) {
        return read(
            reading, Source::worker,
            R"("event":"mode_changed","mode":")" + name + R"(","reason":")" + reason + "\"");
    };
    for (const auto* reason : {"session_closed", "maintenance_break", "warm_up", "observing",
                               "feed_stale", "event_blackout"})
        CHECK_FALSE(mode("idle", reason).has_value());
    CHECK_FALSE(mode("reducing", "event_blackout").has_value());
    CHECK_FALSE(mode("active", "none").has_value());
    // The order and the limit have alerts of their own.
    CHECK_FALSE(mode("halted", "operator_halt").has_value());
    CHECK(mode("active", "none")->kind == Kind::trading_resumed);
    CHECK_FALSE(mode("idle", "limit_reached").has_value());
    CHECK_FALSE(mode("idle", "session_closed").has_value());
    const auto again = mode("active", "none");
    REQUIRE(again.has_value());
    CHECK(again->text.find("limit_reached") != std::string::npos);
    CHECK_FALSE(mode("active", "none").has_value());
}

TEST_CASE(
    "how a worker ended stands in what is said of its crash; services are none of the accounts") {
    Reading reading;
    CHECK_FALSE(
        read(reading, Source::daemon, R"("event":"worker_ended","worker":"a","how":"signal 9")")
            .has_value());
    const auto crash = read(reading, Source::daemon,
                            R"("event":"crash_bundle","worker":"a","reason":"killed_by_signal",)"
                            R"("path":"/h/c")");
    CHECK(crash->text == "a died: killed_by_signal, signal 9; crash bundle: /h/c");
    CHECK(crash->account == "a");
    CHECK_FALSE(
        read(reading, Source::daemon, R"("event":"worker_started","worker":"bullpen-venue")")
            .has_value());
    CHECK_FALSE(read(reading, Source::daemon,
                     R"("event":"worker_ended","worker":"bullpen-venue","how":"exit code 0")")
                    .has_value());
}

TEST_CASE("a line that is none, or says nothing new, is no alert") {
    for (const auto* text :
         {"", "{", "[]", "1", "null", "{\"event\":\"alarm\"}",
          "{\"ts\":\"yesterday\",\"event\":\"alarm\"}", "{\"ts\":\"2026-11-22T12:00:00Z\"}"})
        CHECK_FALSE(parse_line(text).has_value());
    Reading reading;
    for (const auto* event : {"status", "turns", "no_such_event", ""}) {
        const auto line = parse_line(test::whole("\"event\":\"" + std::string(event) + "\""));
        if (!line)
            continue;
        for (const auto source : {Source::daemon, Source::worker, Source::audit})
            CHECK_FALSE(reading.read(source, account_of(source), *line).has_value());
    }
    CHECK_FALSE(read(reading, Source::worker,
                     R"("event":"job_ended","job":"retention","outcome":"succeeded")")
                    .has_value());
    CHECK_FALSE(read(reading, Source::audit, R"("event":"denied","detail":"risk_gate: margin")")
                    .has_value());
}

TEST_CASE("of a job's bad end nobody is told who knows of it") {
    struct Row {
        const char* outcome;
        const char* dry_run;
        const char* ordered;
        bool told;
    };
    for (const auto& row : {Row{"failed", "false", "false", true},
                            {"failed", "true", "false", false},
                            {"timed_out", "false", "false", true},
                            {"timed_out", "true", "false", false},
                            {"interrupted", "false", "false", true},
                            {"interrupted", "false", "true", false},
                            {"refused", "false", "false", false},
                            {"succeeded", "false", "false", false}}) {
        CAPTURE(row.outcome);
        CAPTURE(row.dry_run);
        CAPTURE(row.ordered);
        Reading reading;
        const auto line = std::string(R"("event":"job_ended","job":"sync","outcome":")") +
                          row.outcome + R"(","dry_run":)" + row.dry_run + R"(,"ordered":)" +
                          row.ordered + R"(,"text":"x")";
        CHECK(read(reading, Source::worker, line).has_value() == row.told);
    }
    Reading reading;
    CHECK_FALSE(read(reading, Source::worker,
                     R"("event":"job_trouble","job":"sync","dry_run":true,"text":"x")")
                    .has_value());
    // A line of an older worker says neither.
    CHECK(read(reading, Source::worker,
               R"("event":"job_ended","job":"sync","outcome":"interrupted","text":"x")")
              .has_value());
}

TEST_CASE("a job that ends badly for another reason is another alert") {
    Reading reading;
    const auto subject = [&](const std::string& rest) {
        return read(reading, Source::worker,
                    R"("event":"job_ended","job":"place_orders_daily","text":"x",)" + rest)
            ->subject;
    };
    CHECK(subject(R"("outcome":"failed","reason":"no_signals")") ==
          "place_orders_daily no_signals");
    CHECK(subject(R"("outcome":"interrupted","reason":"process_ended")") ==
          "place_orders_daily process_ended");
    CHECK(subject(R"("outcome":"interrupted")") == "place_orders_daily interrupted");
}

TEST_CASE("a share that could not be sold is critical, each by itself, whatever else is said") {
    Reading reading;
    for (const auto* text : {"NOT SOLD: INFY: nobody bought",
                             "no range of TCS: gone; NOT SOLD: INFY: nobody bought"}) {
        const auto alert =
            read(reading, Source::worker,
                 std::string(R"("event":"job_trouble","job":"hourly_candle_watchdog","text":")") +
                     text + "\"");
        REQUIRE(alert.has_value());
        CHECK(alert->kind == Kind::flatten_failed);
        CHECK(alert->severity() == Severity::critical);
        CHECK(alert->subject == "INFY");
        CHECK(alert->text.ends_with(text));
    }
}

TEST_CASE("an alarm that the daemon gives an advice for keeps it") {
    Reading reading;
    const auto alert = read(reading, Source::daemon,
                            R"("event":"alarm","worker":"a","reason":"lock_held",)"
                            R"("sentence":"a second worker","advice":"find it")");
    CHECK(alert->advice == "find it");
    CHECK(alert->subject == "lock_held");
}

}  // namespace
}  // namespace bullpen::notify
