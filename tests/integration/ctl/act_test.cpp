#include <doctest/doctest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "ipc/publisher.hpp"
#include "tests/integration/ctl/fake_daemon.hpp"
#include "tests/integration/ctl/follower.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::test;
using nlohmann::json;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::vector<ipc::BoardSlot> fleet() {
    return {running_slot("mes01", "futures"), running_slot("mes02", "futures"),
            running_slot("nq01", "other")};
}

std::vector<ipc::Reply> all_well(const ipc::Request& request) {
    std::vector<ipc::Reply> replies;
    for (const auto& account : request.args.accounts)
        replies.push_back(verdict(account.str(), true, "started", "running as pid 12"));
    replies.push_back(result(true));
    return replies;
}

}  // namespace

TEST_CASE("start asks for the accounts that the words mean and prints a verdict for each") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), all_well);
    const auto started = bullpenctl(home.home(), {"start", "futures", "nq*", "--timeout", "7s"});
    CHECK(started.code == 0);
    CHECK(started.out ==
          "mes01: started, running as pid 12\n"
          "mes02: started, running as pid 12\n"
          "nq01: started, running as pid 12\n");
    const auto asked = daemon.asked();
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].command == "start");
    CHECK(asked[0].deadline == std::chrono::seconds(7));
    CHECK(asked[0].args.wait);
    CHECK_FALSE(asked[0].user.empty());
    CHECK(asked[0].args.accounts.size() == 3);
}

TEST_CASE("start says of what ran before it was asked that it ran already") {
    const TemporaryHome home;
    auto old = running_slot("old", "");
    old.state = model::WorkerState::late;
    const auto pid = std::to_string(::getpid());
    const FakeDaemon daemon(
        home.home(),
        {old, running_slot("new", ""), slot_in("off", model::WorkerState::stopped, "none")},
        [&](const ipc::Request& request) {
            return std::vector<ipc::Reply>{
                verdict("old", true, request.command + "ed", "running as pid " + pid),
                verdict("new", true, request.command + "ed", "running as pid 12"),
                verdict("off", true, request.command + "ed", "running as pid " + pid),
                result(true)};
        });
    CHECK(bullpenctl(home.home(), {"start", "all"}).out ==
          "old: already running, as pid " + pid + "\nnew: started, running as pid 12\n" +
              "off: started, running as pid " + pid + "\n");
    const auto data = json::parse(bullpenctl(home.home(), {"start", "-j", "all"}).out);
    CHECK(data["accounts"][0]["code"] == "already_running");
    CHECK(data["accounts"][1]["code"] == "started");
    CHECK(contains(bullpenctl(home.home(), {"restart", "all"}).out, "old: restarted, running as"));
}

TEST_CASE("how many failed stands on a line of its own below what is wrong in the files") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request&) {
        auto last = result(false, "one broker account has one account here");
        last.asked = last.failed = 2;
        return std::vector<ipc::Reply>{verdict("mes01", false, "died", "it crashed"),
                                       verdict("mes02", false, "died", "it crashed"), last};
    });
    for (const auto* command : {"update", "reread"}) {
        CHECK(contains(bullpenctl(home.home(), {command}).out,
                       "one broker account has one account here\n2 of 2 failed\n"));
    }
    const auto started = bullpenctl(home.home(), {"start", "all"});
    CHECK(contains(started.err, "one broker account has one account here\n2 of 2 failed\n"));
    const auto data = json::parse(bullpenctl(home.home(), {"start", "-j", "all"}).out);
    CHECK(data["failed"] == 2);
    CHECK(data["message"] == "one broker account has one account here");
}

TEST_CASE("one account that fails makes the exit code 1 and the rest is still told") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request&) {
        return std::vector<ipc::Reply>{verdict("mes01", true, "restarted", "running as pid 12"),
                                       verdict("mes02", false, "timed_out", "still stopping"),
                                       result(false, "1 of them failed")};
    });
    const auto restarted = bullpenctl(home.home(), {"restart", "futures:*"});
    CHECK(restarted.code == 1);
    CHECK(restarted.out ==
          "mes01: restarted, running as pid 12\n"
          "mes02: timed out, still stopping\n");
    CHECK(contains(restarted.err, "1 of them failed"));

    const auto with_json = json::parse(bullpenctl(home.home(), {"restart", "-j", "futures"}).out);
    CHECK(with_json["ok"] == false);
    CHECK(with_json["accounts"][1]["account"] == "mes02");
    CHECK(with_json["accounts"][1]["code"] == "timed_out");
    CHECK(with_json["command"] == "restart");
}

TEST_CASE("a word that matches nothing does nothing at all") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), all_well);
    const auto stopped = bullpenctl(home.home(), {"stop", "mes01", "mess02"});
    CHECK(stopped.code == 1);
    CHECK(contains(stopped.err, "did you mean 'mes02'?"));
    CHECK(contains(stopped.err, "nothing was done"));
    CHECK(daemon.asked().empty());
    CHECK(bullpenctl(home.home(), {"stop"}).code == 64);
}

TEST_CASE("start of several passes over disabled accounts, but not over one that is named") {
    const TemporaryHome home;
    auto disabled = slot_in("off", model::WorkerState::stopped, "account_disabled");
    disabled.enabled = 0;
    disabled.group = "futures";
    auto slots = fleet();
    slots.push_back(disabled);
    const FakeDaemon daemon(home.home(), slots, all_well);
    CHECK(bullpenctl(home.home(), {"start", "all"}).code == 0);
    CHECK(bullpenctl(home.home(), {"restart", "futures"}).code == 0);
    CHECK(bullpenctl(home.home(), {"start", "off"}).code == 0);
    CHECK(bullpenctl(home.home(), {"stop", "all"}).code == 0);
    const auto asked = daemon.asked();
    REQUIRE(asked.size() == 4);
    CHECK(asked[0].args.accounts.size() == 3);
    CHECK(asked[1].args.accounts.size() == 2);
    CHECK(asked[2].args.accounts.size() == 1);
    CHECK(asked[3].args.accounts.size() == 4);
}

TEST_CASE("signal passes the signal's name on, and --no-wait does not wait") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), all_well);
    CHECK(bullpenctl(home.home(), {"signal", "usr1", "mes01"}).code == 0);
    CHECK(bullpenctl(home.home(), {"stop", "--no-wait", "all"}).code == 0);
    const auto asked = daemon.asked();
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].args.signal == "USR1");
    CHECK_FALSE(asked[1].args.wait);
}

TEST_CASE("update shows the difference that the daemon applied") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request& request) {
        CHECK(request.args.dry_run == (request.command == "update"));
        return std::vector<ipc::Reply>{
            result(true, "+ mes09\n* mes01 (restarts)\n", "{\"diff\":{\"added\":[\"mes09\"]}}")};
    });
    CHECK(bullpenctl(home.home(), {"reread"}).out == "+ mes09\n* mes01 (restarts)\n");
    const auto data = json::parse(bullpenctl(home.home(), {"update", "--dry-run", "--json"}).out);
    CHECK(data["data"]["diff"]["added"][0] == "mes09");
}

TEST_CASE("a difference is printed as it is, also when a settings file has errors") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request&) {
        return std::vector<ipc::Reply>{result(false, "* mes01 (restarts)\na.toml:1:1: bad\n")};
    });
    for (const auto* command : {"reread", "update"}) {
        const auto told = bullpenctl(home.home(), {command});
        CHECK(told.code == 1);
        CHECK(told.out == "* mes01 (restarts)\na.toml:1:1: bad\n");
        CHECK(contains(told.err, "the lines above say what"));
    }
}

TEST_CASE("a word that is no signal is a wrong argument") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request&) {
        ipc::Reply reply;
        reply.kind = ipc::ReplyKind::error;
        reply.ok = false;
        reply.code = "bad_signal";
        reply.message = "'FOO' is no signal to send";
        return std::vector<ipc::Reply>{reply};
    });
    CHECK(bullpenctl(home.home(), {"signal", "FOO", "mes01"}).code == 64);
}

TEST_CASE("an error that the daemon answers is told, with exit code 1") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request&) {
        ipc::Reply reply;
        reply.kind = ipc::ReplyKind::error;
        reply.ok = false;
        reply.code = "busy";
        reply.message = "a rolling restart is under way already";
        return std::vector<ipc::Reply>{reply};
    });
    const auto refused = bullpenctl(home.home(), {"rolling-restart", "all"});
    CHECK(refused.code == 1);
    CHECK(contains(refused.err, "under way already"));
}

TEST_CASE("without a daemon a command that needs one exits 75") {
    const TemporaryHome home;
    write_board(home.home(), dead_daemon(), fleet());
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"start", "all"}, {"update"}, {"events"}, {"shutdown"}, {"upgrade"}, {"cleanup"}}) {
        const auto outcome = bullpenctl(home.home(), words);
        CHECK_MESSAGE(outcome.code == 75, words[0]);
        CHECK_MESSAGE(contains(outcome.err, "bullpend does"), words[0]);
    }
    const auto with_json = json::parse(bullpenctl(home.home(), {"start", "--json", "all"}).out);
    CHECK(with_json["error"]["message"].is_string());
}

TEST_CASE("a daemon that says nothing is given up on, never waited for") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(),
                            [](const ipc::Request&) { return std::vector<ipc::Reply>{}; });
    const auto outcome = bullpenctl(home.home(), {"clear", "all", "--timeout", "100ms"});
    CHECK(outcome.code == 75);
    CHECK(contains(outcome.err, "did not answer in time"));
}

TEST_CASE("events prints the recent ones, those of the named accounts only when names are given") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request&) {
        return std::vector<ipc::Reply>{result(
            true, "",
            R"({"events":[{"utc":"2026-11-20T23:14:05.123Z","event":"state","account":"mes01",)"
            R"("shown":"BACKOFF","reason":"crashed","pid":0},)"
            R"({"utc":"2026-11-20T23:14:06.123Z","event":"roster_applied","added":1}]})")};
    });
    const auto all = bullpenctl(home.home(), {"events"});
    CHECK(all.code == 0);
    CHECK(all.out ==
          "2026-11-20 23:14:05.123Z state mes01 shown=BACKOFF reason=crashed\n"
          "2026-11-20 23:14:06.123Z roster_applied added=1\n");
    CHECK(
        bullpenctl(home.home(), {"events", "-n", "1"}).out.starts_with("2026-11-20 23:14:06.123Z"));
    CHECK(bullpenctl(home.home(), {"events", "mes*", "-n1"})
              .out.starts_with("2026-11-20 23:14:05.123Z"));
}

TEST_CASE("events takes groups, quotes what has blanks, and names the account in the advice") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request&) {
        return std::vector<ipc::Reply>{result(
            true, "",
            R"({"events":[{"utc":"2026-11-20T23:14:05.123Z","event":"alarm","account":"mes01",)"
            R"("advice":"bullpenctl start NAME"},)"
            R"({"utc":"2026-11-20T23:14:06.123Z","event":"state","account":"nq01"}]})")};
    });
    const auto group = bullpenctl(home.home(), {"events", "futures"});
    CHECK(group.code == 0);
    CHECK(group.out == "2026-11-20 23:14:05.123Z alarm mes01 advice=\"bullpenctl start mes01\"\n");
    const auto unknown = bullpenctl(home.home(), {"events", "mes0"});
    CHECK(unknown.out.empty());
    CHECK(contains(unknown.err, "did you mean 'mes01'?"));
}

TEST_CASE("events -f goes on with what happens until nobody reads it") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request&) {
        return std::vector<ipc::Reply>{result(true, "", R"({"events":[]})")};
    });
    ipc::Context context;
    auto publisher = ipc::EventPublisher::bind(context, home.home().events_socket(), 1);
    REQUIRE(publisher);
    const auto topic = ipc::account_topic(account_id("mes01"));
    Follower follower(home.home(), {"events", "-f", "mes*"});
    // Published until the listener has joined and prints one.
    CHECK(eventually([&] {
        CHECK(publisher->publish(topic, R"({"utc":"U","event":"alarm","account":"mes01"})"));
        publisher->serve();
        return follower.reads_more(std::chrono::milliseconds(20));
    }));
    CHECK(follower.seen().starts_with("U alarm mes01\n"));
    CHECK(follower.ends_when_unread());
}

TEST_CASE("explain tells state, reason, budget, deaths and what to do") {
    const TemporaryHome home;
    auto slot = slot_in("mes01", model::WorkerState::backoff, "crashed");
    slot.label = "Joan";
    slot.reason_text = "exit code 70";
    slot.until = SystemClock().utc() + std::chrono::seconds(8);
    slot.next = "it is restarted after the back-off";
    slot.last_error = "cannot parse \x1b[2J bars";
    const FakeDaemon daemon(home.home(), {slot}, [](const ipc::Request&) {
        return std::vector<ipc::Reply>{result(
            true, "",
            R"({"budget":10,"budget_used":4,"kept_settings":true,"worker":{"obligations":[)"
            R"({"name":"bar","done":false,"overdue":true}]},"deaths":[{"utc":"U","reason":"crashed",)"
            R"("status":"exit code 70","launch":12}]})")};
    });
    const auto told = bullpenctl(home.home(), {"explain", "mes01"});
    CHECK(told.code == 0);
    CHECK(told.out.starts_with("mes01 (Joan) is BACKOFF since "));
    for (const auto* part :
         {"it ended with an error code (exit code 70).", "it is restarted after the back-off",
          "4 of the 10 that its budget allows are used", "launch 12", "bar",
          "its last good version is in force", "cannot parse ?[2J bars", "tail mes01"})
        CHECK_MESSAGE(contains(told.out, part), part);
    const auto data = json::parse(bullpenctl(home.home(), {"explain", "-j", "mes01"}).out);
    CHECK(data["state"] == "BACKOFF");
    CHECK(data["detail"]["budget"] == 10);
}

TEST_CASE("without a daemon a program of one's own is said to go on by its own rules") {
    const TemporaryHome home;
    write_board(home.home(), dead_daemon(), {running_slot("own", ""), running_slot("plain", "")});
    const auto lock_of = [&](const char* name, const char* program) {
        auto facts = ipc::facts_of_this_process(SystemClock());
        facts.account = name;
        facts.program = program;
        facts.launch = "1.0";  // a daemon started it
        auto lock = ipc::AccountLock::acquire(home.home().account(account_id(name)).lock, facts);
        REQUIRE(lock);
        return std::move(*lock);
    };
    const auto own = lock_of("own", "/opt/bot/run.py");
    const auto plain = lock_of("plain", "bullpen-worker");
    const auto told = bullpenctl(home.home(), {"explain", "own"}).out;
    CHECK(contains(told, "own is RUNNING: no daemon answers; it goes on by its own rules"));
    CHECK_FALSE(contains(told, "without new entries"));
    CHECK(contains(bullpenctl(home.home(), {"explain", "plain"}).out,
                   "plain is RUNNING: no daemon answers; it goes on without new entries"));
}

TEST_CASE("explain without a daemon says what the lock proves") {
    const TemporaryHome home;
    write_board(home.home(), dead_daemon(), {gone_slot("mes01", "")});
    const auto crash = home.home().account(account_id("mes01")).crash;
    REQUIRE(make_directories(crash + "/2026-11-20T23:14:05Z", 0700));
    const auto told = bullpenctl(home.home(), {"explain", "mes01"});
    CHECK(told.code == 0);
    for (const auto* part :
         {"bullpend is down", "mes01 is STOPPED: it died while no daemon watched it",
          "start bullpend", "free: no worker acts", "2026-11-20T23:14:05Z"})
        CHECK_MESSAGE(contains(told.out, part), part);
}

TEST_CASE("explain without a daemon calls no process dead that runs without its lock") {
    const TemporaryHome home;
    write_board(home.home(), dead_daemon(), {running_slot("mes01", "")});
    const auto told = bullpenctl(home.home(), {"explain", "mes01"}).out;
    CHECK(contains(told, "mes01 is RUNNING"));
    CHECK(contains(told, "its lock is held by nobody, and its process runs"));
    CHECK_FALSE(contains(told, "died"));
}
