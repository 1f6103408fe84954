// Every reason for which a running worker enters no trades is brought about in a real worker, with
// its mode, since when and until when.
#include <doctest/doctest.h>

#include <set>

#include "common/events/overrides.hpp"
#include "common/model/reason.hpp"
#include "tests/integration/worker/paper_scene.hpp"
#include "tests/integration/worker/worker_process.hpp"

namespace bullpen {

namespace {

using namespace std::chrono_literals;
using model::Reason;
using model::TradingMode;

void check_beat(const std::optional<ipc::Heartbeat>& beat, UtcTime begin, UtcTime now,
                Reason reason, TradingMode mode, std::optional<UtcTime> expected_until) {
    const std::string code(model::code(reason));
    REQUIRE_MESSAGE(beat, code << " did not come about");
    CHECK(beat->reason == code);
    CHECK(beat->mode == mode);
    CHECK(beat->since >= begin - 1s);
    CHECK(beat->since <= now);
    CHECK(beat->until == expected_until);
    CHECK_FALSE(model::text(reason).next.empty());
}

struct Scene {
    test::TemporaryHome home;
    SystemClock clock;
    UtcTime begin = clock.utc();
    UtcTime until = std::chrono::floor<std::chrono::seconds>(begin) + 1h;
    std::optional<test::PlayedDaemon> daemon;

    explicit Scene(const std::string& feed = "kind = \"synthetic\"\nspeed = 60\n",
                   const std::string& before = {}) {
        home.account(test::account_id("alpha"), before + (feed.empty() ? "" : "[feed]\n" + feed));
        daemon.emplace(home, "alpha");
    }

    void check(const std::optional<ipc::Heartbeat>& beat, Reason reason, TradingMode mode,
               std::optional<UtcTime> expected_until = std::nullopt) const {
        check_beat(beat, begin, clock.utc(), reason, mode, expected_until);
    }
};

void warm_up() {
    Scene scene;
    const auto worker = scene.daemon->launch();
    scene.check(scene.daemon->beat_with("warm_up"), Reason::warm_up, TradingMode::idle);
}

void observing() {
    Scene scene("kind = \"synthetic\"\nspeed = 600000\n");
    const auto worker = scene.daemon->launch();
    scene.check(scene.daemon->beat_with("observing"), Reason::observing, TradingMode::idle);
}

void market_is(const char* state, Reason reason) {
    Scene scene;
    scene.daemon->market = {state, scene.until};
    const auto worker = scene.daemon->launch();
    scene.check(scene.daemon->beat_with(model::code(reason)), reason, TradingMode::idle,
                scene.until);
    // It opens by itself when the daemon says so.
    scene.daemon->market = {"open", std::nullopt};
    CHECK(scene.daemon->beat_with("warm_up"));
}

events::Override word_of_operator(events::OverrideKind kind, UtcTime now, Nanos lasts) {
    events::Override word;
    word.kind = kind;
    word.by = "anna";
    word.reason = "a test";
    word.at = std::chrono::floor<std::chrono::seconds>(now) - 1s;
    word.expires = word.at + lasts;
    return word;
}

void say(const Scene& scene, const events::Overrides& overrides) {
    storage::SystemFileSystem files;
    const auto path = scene.home.home().shared() + "/" + std::string(events::k_overrides_name);
    REQUIRE(events::write_overrides(files, path, overrides, scene.clock.utc()));
}

// An account that trades in the shadow, whose market has not begun: the calendar's time is the
// clock's.
std::string shadow(std::string_view on_unknown) {
    return "kind = \"synthetic\"\nspeed = 1\n[events]\non_unknown = \"" + std::string(on_unknown) +
           "\"\n";
}

void calendar_unknown() {
    Scene scene(shadow("block"), "trading = \"shadow\"\n");
    const auto worker = scene.daemon->launch();
    const auto beat = scene.daemon->beat_with("calendar_unknown");
    scene.check(beat, Reason::calendar_unknown, TradingMode::idle);
    CHECK(beat->reason_text == "there is no calendar");
    // It opens by itself when an operator vouches for the day; nobody tells the worker.
    say(scene, {{word_of_operator(events::OverrideKind::acknowledge, scene.begin, 100h)}});
    CHECK(scene.daemon->beat_with("warm_up"));
}

void event_blackout() {
    Scene scene(shadow("trade"), "trading = \"shadow\"\n");
    const auto worker = scene.daemon->launch();
    REQUIRE(scene.daemon->beat_with("warm_up"));
    auto added = word_of_operator(events::OverrideKind::add, scene.begin, 100h);
    added.id = "us.fed.fomc.statement:x:today";
    added.title = "FOMC Statement";
    added.zone = "UTC";
    added.utc = std::chrono::floor<std::chrono::minutes>(scene.begin);
    added.local =
        events::LocalMinute(std::chrono::floor<std::chrono::minutes>(added.utc.time_since_epoch()));
    say(scene, {{added}});
    const auto beat = scene.daemon->beat_with("event_blackout");
    scene.check(beat, Reason::event_blackout, TradingMode::idle, added.utc + 1h);
    CHECK(beat->reason_text.find("FOMC Statement") == 0);
    // The event is called off: it opens at once.
    say(scene, {});
    CHECK(scene.daemon->beat_with("warm_up"));
}

void told_to_reduce(Reason reason) {
    Scene scene;
    const auto worker = scene.daemon->launch();
    REQUIRE(scene.daemon->next<ipc::Heartbeat>());
    scene.daemon->send(ipc::Reduce{std::string(model::code(reason)), scene.until});
    scene.check(scene.daemon->beat_with(model::code(reason)), reason, TradingMode::reducing,
                scene.until);
    scene.daemon->send(ipc::Resume{});
    CHECK(scene.daemon->beat_with("warm_up"));
}

void operator_halt() {
    Scene scene;
    const auto worker = scene.daemon->launch();
    REQUIRE(scene.daemon->next<ipc::Heartbeat>());
    scene.daemon->send(ipc::Halt{});
    scene.check(scene.daemon->beat_with("operator_halt"), Reason::operator_halt,
                TradingMode::halted);
}

// Nobody listens where the paper exchange would.
void broker_unreachable() {
    test::TemporaryHome home;
    home.account(test::account_id("alpha"), "trading = \"on\"\n");
    test::PlayedDaemon daemon(home, "alpha");
    const auto worker = daemon.launch();
    const auto beat = daemon.beat_with("broker_unreachable");
    REQUIRE(beat);
    CHECK(beat->mode == TradingMode::idle);
    CHECK(beat->session == model::SessionState::connecting);
    CHECK(beat->position == "unknown");
    CHECK_FALSE(beat->flat);
}

// The day's one position was opened in the shadow. That market is simulated: its next day is at no
// time of the wall's.
void limit_reached() {
    Scene scene({}, "trading = \"shadow\"\nrisk.trades_max = 1\n" + std::string(test::k_trader));
    const auto worker = scene.daemon->launch();
    const auto beat = scene.daemon->beat_with("limit_reached");
    scene.check(beat, Reason::limit_reached, TradingMode::idle);
    CHECK_FALSE(beat->reason_text.empty());
    CHECK(beat->quantity.value_or(0) != 0);
}

void instrument_mismatch() {
    test::PaperScene scene("false_instrument = \"tick_value\"\n");
    const auto worker = scene.daemon->launch();
    const auto beat = scene.daemon->beat_with("instrument_mismatch");
    check_beat(beat, scene.begin, scene.clock.utc(), Reason::instrument_mismatch, TradingMode::idle,
               std::nullopt);
    CHECK(beat->reason_text.find("tick") != std::string::npos);
}

// Somebody bought by hand, and the account's file says to touch nothing.
void position_unexpected() {
    test::PaperScene scene({},
                           "orders.unexpected = \"alert\"\norders.reconcile_every = \"5 s\"\n"
                           "orders.at_stop = \"flatten\"\n");
    const auto by_hand = [&](const std::string& side) {
        return scene.venue.admin("order", R"({"account":"alpha","market":"mes","kind":"market",)"
                                          R"("quantity":2,"side":")" +
                                              side + "\"}");
    };
    REQUIRE(by_hand("buy").ok);
    const auto worker = scene.daemon->launch();
    const auto beat = scene.daemon->beat_with("position_unexpected");
    check_beat(beat, scene.begin, scene.clock.utc(), Reason::position_unexpected, TradingMode::idle,
               std::nullopt);
    CHECK(beat->reason_text == "the broker holds long 2, its records flat");
    CHECK(beat->quantity == 2);
    CHECK_FALSE(beat->flat);
    CHECK(beat->position == "long 2, unexplained");
    // It ends by itself when what came has gone.
    REQUIRE(by_hand("sell").ok);
    REQUIRE(scene.beat([](const ipc::Heartbeat& said) {
        return said.quantity == 0 && said.reason != "position_unexpected";
    }));
    // A stop that was to leave it flat says that it is not.
    REQUIRE(by_hand("buy").ok);
    REQUIRE(scene.daemon->beat_with("position_unexpected"));
    scene.daemon->send(ipc::Drain{"operator_stop", 30s});
    const auto goodbye = scene.daemon->next<ipc::Goodbye>();
    REQUIRE(goodbye);
    CHECK(goodbye->reason == "position_unexpected");
    CHECK(goodbye->sentence == "not flat: the broker holds long 2, its records flat");
    CHECK(scene.at_exchange().value("position", 0) == 2);
}

// The exchange takes the connection and answers no question.
void reconciling() {
    test::PaperScene scene("lose_query = 1\n");
    const auto worker = scene.daemon->launch();
    const auto beat = scene.daemon->beat_with("reconciling");
    check_beat(beat, scene.begin, scene.clock.utc(), Reason::reconciling, TradingMode::idle,
               std::nullopt);
    CHECK(beat->session == model::SessionState::reconciling);
    CHECK_FALSE(beat->flat);
    // It ends by itself when it gets its answers.
    scene.venue.personality("lose_query = 0\n");
    CHECK(scene.beat([](const ipc::Heartbeat& said) {
        return said.session == model::SessionState::trading && said.reason != "reconciling";
    }));
}

void order_trouble() {
    Scene scene;
    const auto worker = scene.daemon->launch();
    REQUIRE(scene.daemon->next<ipc::Heartbeat>());
    scene.daemon->send(ipc::Halt{"order_trouble"});
    scene.check(scene.daemon->beat_with("order_trouble"), Reason::order_trouble,
                TradingMode::halted);
}

void clock_skew() {
    Scene scene;
    scene.daemon->clock_ahead = 5s;
    const auto worker = scene.daemon->launch();
    scene.check(scene.daemon->beat_with("clock_skew"), Reason::clock_skew, TradingMode::reducing);
}

void daemon_absent() {
    Scene scene;
    const auto worker = scene.daemon->launch();
    REQUIRE(scene.daemon->next<ipc::Heartbeat>());
    // No pings: it is connected to somebody who does not speak.
    const auto beat = scene.daemon->next([](const ipc::Message& message) {
        const auto* said = std::get_if<ipc::Heartbeat>(&message);
        return said != nullptr && said->reason == "daemon_absent";
    });
    REQUIRE(beat);
    scene.check(std::get<ipc::Heartbeat>(*beat), Reason::daemon_absent, TradingMode::reducing);
}

void lease_expired() {
    Scene scene;
    scene.daemon->lease_time = 1500ms;
    const auto worker = scene.daemon->launch();
    scene.check(scene.daemon->beat_with("lease_expired"), Reason::lease_expired,
                TradingMode::fenced);
    scene.daemon->lease_time.reset();
    scene.daemon->send(scene.daemon->welcome());
    CHECK(scene.daemon->beat_with("warm_up"));
}

std::string bars(int count) {
    std::string text = "timestamp,open,high,low,close,volume\n";
    for (int i = 0; i < count; ++i) {
        char line[80];
        std::snprintf(line, sizeof line, "2026-01-%02dT%02d:%02d:00Z,5000,5001,4999,5000.25,%d\n",
                      5 + i / 1440, i / 60 % 24, i % 60, 10 + i % 97);
        text += line;
    }
    return text;
}

void feed_ended() {
    const test::TemporaryDirectory directory;
    test::write_text(directory.file("bars.csv"), bars(5));
    Scene scene("kind = \"replay\"\nfile = \"" + directory.file("bars.csv") +
                "\"\ntime_zone = \"UTC\"\nlabels = \"start\"\nspeed = 600000\n");
    const auto worker = scene.daemon->launch();
    scene.check(scene.daemon->beat_with("feed_ended"), Reason::feed_ended, TradingMode::idle);
}

// The disk fails in the middle of the file; it is tried again.
void feed_stale() {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("bars.csv");
    test::write_text(path, bars(6000));
    Scene scene("kind = \"replay\"\nfile = \"" + path +
                "\"\ntime_zone = \"UTC\"\nlabels = \"start\"\nspeed = 600000\n");
    const auto worker = scene.daemon->launch(
        {{"LD_PRELOAD", test::program("libbullpen-failing-read.so")}, {"FAILING_FILE", path}});
    const auto beat = scene.daemon->beat_with("feed_stale");
    scene.check(beat, Reason::feed_stale, TradingMode::idle);
    CHECK(beat->reason_text.find("bars.csv") != std::string::npos);
}

// A worker that is told to end and has nothing to bring to rest does so within a turn: all that it
// says is its goodbye. One that holds something takes as long as its exchange does to close it.
void draining() {
    test::PaperScene scene({}, "orders.at_stop = \"flatten\"\n");
    const auto worker = scene.daemon->launch();
    REQUIRE(scene.holds());
    scene.venue.personality("latency_ms = 3000\n");
    scene.begin = scene.clock.utc();
    scene.daemon->send(ipc::Drain{"reason_of_a_newer_daemon", 30s});
    // The time is read after the beat has come, whatever the order of arguments is.
    const auto beat = scene.daemon->beat_with("draining");
    check_beat(beat, scene.begin, scene.clock.utc(), Reason::draining, TradingMode::reducing,
               std::nullopt);
    const auto goodbye = scene.daemon->next<ipc::Goodbye>();
    REQUIRE(goodbye);
    CHECK(goodbye->reason == "draining");
    CHECK(scene.at_exchange().value("position", -1) == 0);
}

}  // namespace

TEST_CASE("a worker says why it enters no trades, since when and until when, whatever the reason") {
    const std::vector<std::pair<Reason, std::function<void()>>> scenes = {
        {Reason::observing, observing},
        {Reason::warm_up, warm_up},
        {Reason::session_closed, [] { market_is("closed", Reason::session_closed); }},
        {Reason::maintenance_break, [] { market_is("break", Reason::maintenance_break); }},
        {Reason::event_blackout, event_blackout},
        {Reason::calendar_unknown, calendar_unknown},
        {Reason::limit_reached, limit_reached},
        {Reason::operator_reduce, [] { told_to_reduce(Reason::operator_reduce); }},
        {Reason::operator_halt, operator_halt},
        {Reason::reconciling, reconciling},
        {Reason::feed_stale, feed_stale},
        {Reason::feed_ended, feed_ended},
        {Reason::clock_skew, clock_skew},
        {Reason::daemon_absent, daemon_absent},
        {Reason::draining, draining},
        {Reason::lease_expired, lease_expired},
        {Reason::broker_unreachable, broker_unreachable},
        {Reason::order_trouble, order_trouble},
        {Reason::instrument_mismatch, instrument_mismatch},
        {Reason::position_unexpected, position_unexpected},
    };
    std::set<Reason> brought_about;
    for (const auto& scene : scenes) {
        CAPTURE(model::code(scene.first));
        scene.second();
        brought_about.insert(scene.first);
    }
    for (auto reason = Reason::observing; reason != Reason::count_;
         reason = static_cast<Reason>(static_cast<int>(reason) + 1))
        CHECK_MESSAGE(brought_about.contains(reason), model::code(reason));
}

}  // namespace bullpen
