#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/base/descriptor.hpp"
#include "common/storage/file_system.hpp"
#include "ctl/index.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/identity.hpp"
#include "tests/integration/ctl/fake_daemon.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::test;
using model::WorkerState;
using nlohmann::json;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t from = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
        lines.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return lines;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const auto k_nothing = [](const ipc::Request&) { return std::vector<ipc::Reply>{}; };

}  // namespace

TEST_CASE("output that cannot be written is no success") {
    const TemporaryHome home;
    for (const std::string words : {"--json list", "config show", "version", "status --help"}) {
        const auto full = run({"/bin/sh", "-c", "exec \"$0\" --home \"$1\" $2 > /dev/full",
                               program("bullpenctl"), home.path(), words});
        CHECK_MESSAGE(full.code == 70, words);
        CHECK_MESSAGE(full.err.find("the output could not be written") != std::string::npos,
                      full.err);
    }
}

TEST_CASE("status prints a table and exits 0 when all that is wanted runs") {
    const TemporaryHome home;
    const FakeDaemon daemon(
        home.home(),
        {running_slot("mes01", "futures"), slot_in("old", WorkerState::stopped, "not_autostarted")},
        k_nothing);
    const auto shown = bullpenctl(home.home(), {"status"});
    CHECK(shown.code == 0);
    CHECK(shown.err.empty());
    const auto lines = lines_of(shown.out);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].starts_with("ACCOUNT  GROUP"));
    CHECK(contains(lines[2], "RUNNING"));
    CHECK(contains(lines[2], "idle observing"));
    CHECK(contains(lines[2], "1m3"));
    CHECK(contains(lines[2], "-12.50"));
    CHECK(contains(lines[2], "3.3M"));
    CHECK_FALSE(contains(shown.out, "\x1b"));
}

TEST_CASE("status exits with LSB's codes") {
    const TemporaryHome home;
    const FakeDaemon daemon(
        home.home(),
        {running_slot("up", "a"), slot_in("off", WorkerState::stopped, "operator_stop"),
         slot_in("dead", WorkerState::fatal, "restart_budget_spent"),
         slot_in("gate", WorkerState::waiting, "vault_locked")},
        k_nothing);
    const std::vector<std::pair<std::string, int>> table = {
        {"up", 0}, {"a:*", 0}, {"off", 3}, {"gate", 3}, {"dead", 1}, {"all", 1}, {"nobody", 4}};
    for (const auto& row : table)
        CHECK_MESSAGE(bullpenctl(home.home(), {"status", row.first}).code == row.second, row.first);
    CHECK(bullpenctl(home.home(), {"status", "nobody"}).err ==
          "bullpenctl: no account or group matches 'nobody'\n");
    CHECK(bullpenctl(home.home(), {"status", "gaet"}).err ==
          "bullpenctl: no account or group matches 'gaet'; did you mean 'gate'?\n");
    CHECK(bullpenctl(home.home(), {"status", "--wdie"}).code == 64);
    CHECK(run({program("bullpenctl"), "--home", home.path() + "/nowhere", "status"}).code == 4);
}

TEST_CASE("status --json has the documented keys with their types") {
    const TemporaryHome home;
    const FakeDaemon daemon(
        home.home(),
        {running_slot("mes01", "futures"), slot_in("off", WorkerState::stopped, "operator_stop")},
        k_nothing);
    const auto shown = bullpenctl(home.home(), {"status", "--json"});
    const auto data = json::parse(shown.out);
    CHECK(data["daemon"]["pid"] == ::getpid());
    CHECK(data["daemon"]["version"] == "9.9.9");
    REQUIRE(data["accounts"].size() == 2);
    const auto& up = data["accounts"][1];
    CHECK(up["account"] == "mes01");
    CHECK(up["group"] == "futures");
    CHECK(up["state"] == "RUNNING");
    CHECK(up["reason"] == "none");
    CHECK(up["mode"] == "idle");
    CHECK(up["pid"] == ::getpid());
    CHECK(up["uptime_s"].get<double>() >= 90);
    CHECK(up["restarts"] == 2);
    CHECK(up["beat_age_s"].is_number());
    CHECK(up["bar_age_s"].is_number());
    CHECK(up["fence"] == 7);
    CHECK(up["rss_bytes"] == 3'500'000);
    const auto& off = data["accounts"][0];
    CHECK(off["state"] == "STOPPED");
    CHECK(off["reason"] == "operator_stop");
    for (const auto* key : {"mode", "pid", "uptime_s", "beat_age_s", "bar_age_s", "rss_bytes"})
        CHECK_MESSAGE(off[key].is_null(), key);
}

TEST_CASE("without a daemon status says so first and proves each state by its lock") {
    const TemporaryHome home;
    auto gone = running_slot("gone", "a");
    gone.pid = 1;
    write_board(
        home.home(), dead_daemon(),
        {running_slot("alive", "a"), gone, slot_in("off", WorkerState::stopped, "operator_stop")});
    auto facts = ipc::facts_of_this_process(SystemClock());
    facts.account = "alive";
    const auto lock =
        ipc::AccountLock::acquire(home.home().account(account_id("alive")).lock, facts);
    REQUIRE(lock);

    const auto shown = bullpenctl(home.home(), {"status"});
    CHECK(shown.code == 1);
    const auto lines = lines_of(shown.out);
    REQUIRE(lines.size() == 5);
    CHECK(lines[0].starts_with("bullpend is down in " + home.path()));
    CHECK(lines[2].starts_with("off"));

    const auto data = json::parse(bullpenctl(home.home(), {"status", "--json"}).out);
    CHECK(data["daemon"].is_null());
    const auto& rows = data["accounts"];
    CHECK(rows[1]["account"] == "alive");
    CHECK(rows[1]["state"] == "RUNNING");
    CHECK(rows[1]["reason"] == "daemon_absent");
    CHECK(rows[1]["pid"] == ::getpid());
    CHECK(rows[1]["proof"] == "lock");
    CHECK(rows[1]["mode"].is_null());
    CHECK(rows[2]["state"] == "STOPPED");
    CHECK(rows[2]["reason"] == "lost_while_unsupervised");
    CHECK(rows[0]["reason"] == "operator_stop");
    CHECK(bullpenctl(home.home(), {"status", "alive"}).code == 0);
}

TEST_CASE("a lock that no living process of its facts holds leaves the state unknown") {
    const TemporaryHome home;
    write_board(home.home(), dead_daemon(), {running_slot("odd", "a")});
    auto facts = ipc::facts_of_this_process(SystemClock());
    facts.account = "odd";
    facts.start_time += 1;
    const auto lock = ipc::AccountLock::acquire(home.home().account(account_id("odd")).lock, facts);
    REQUIRE(lock);
    const auto shown = bullpenctl(home.home(), {"status", "odd"});
    CHECK(shown.code == 4);
    CHECK(contains(shown.out, "UNKNOWN"));
}

TEST_CASE("a home whose daemon never ran shows its accounts with their groups") {
    const TemporaryHome home;
    home.account(account_id("mes01"), "group = \"futures\"\n");
    home.account(account_id("broken"), "gruop = 1\n");
    const auto shown = bullpenctl(home.home(), {"status", "--json"});
    const auto data = json::parse(shown.out);
    REQUIRE(data["accounts"].size() == 2);
    CHECK(data["accounts"][0]["account"] == "broken");
    CHECK(data["accounts"][1]["group"] == "futures");
    CHECK(data["accounts"][1]["state"] == "STOPPED");
    CHECK(shown.code == 3);
    CHECK(bullpenctl(home.home(), {"list", "futures"}).out == "mes01\n");
}

TEST_CASE("a board that is no board is said to be so, and the locks still tell") {
    const TemporaryHome home;
    home.account(account_id("mes01"), "");
    REQUIRE(make_directories(storage::directory_of(home.home().board()), 0700));
    write_text(home.home().board(),
               "not a board, but long enough to be looked at: 0123456789 "
               "0123456789 0123456789");
    const auto shown = bullpenctl(home.home(), {"status"});
    CHECK(shown.code == 3);
    CHECK(contains(shown.out, "cannot be read"));
    CHECK(contains(shown.out, "mes01"));
}

TEST_CASE("a daemon that was killed and has its lock for another moment is not said to start") {
    const TemporaryHome home;
    write_board(home.home(), dead_daemon(),
                {slot_in("off", WorkerState::stopped, "operator_stop")});
    REQUIRE(make_directories(home.home().run(), 0700));
    auto facts = ipc::facts_of_this_process(SystemClock());
    const auto state = [&] {
        const auto lock = ipc::AccountLock::acquire(home.home().daemon_lock(), facts);
        REQUIRE(lock);
        return json::parse(bullpenctl(home.home(), {"status", "--json"}).out)["daemon"];
    };
    CHECK(state()["state"] == "starting");
    facts.start_time += 1;  // of a process that is gone
    CHECK(state().is_null());
}

TEST_CASE("without a daemon status says since when, and what becomes of it, as explain does") {
    const TemporaryHome home;
    auto slot = slot_in("off", WorkerState::stopped, "operator_stop");
    slot.since = SystemClock().utc() - std::chrono::minutes(5);
    write_board(home.home(), dead_daemon(), {slot});
    const auto told = json::parse(bullpenctl(home.home(), {"status", "--json"}).out);
    CHECK(told["accounts"][0]["since"] == format_utc(slot.since));
    CHECK(told["accounts"][0]["next"] == "it stays stopped");
    const auto words = bullpenctl(home.home(), {"explain", "off"}).out;
    CHECK(contains(words, "it stays stopped"));
    CHECK(contains(words, "start bullpend, then: bullpenctl start off"));
}

TEST_CASE("a daemon that no longer turns is told apart from one that is down") {
    const TemporaryHome home;
    auto header = daemon_of_this_process();
    header.written_mono = SystemClock().mono() - std::chrono::seconds(9);
    write_board(home.home(), header, {running_slot("mes01", "a")});
    const auto shown = bullpenctl(home.home(), {"status"});
    CHECK(contains(shown.out, "has not moved for"));
    CHECK(contains(shown.out, "the states below are what locks prove"));
    CHECK(bullpenctl(home.home(), {"health"}).code == 2);
    CHECK(json::parse(bullpenctl(home.home(), {"status", "-j"}).out)["daemon"]["state"] ==
          "silent");
}

TEST_CASE("what a daemon that no longer turns wrote last keeps no dead worker alive") {
    const TemporaryHome home;
    auto header = daemon_of_this_process();
    header.written_mono = SystemClock().mono() - std::chrono::seconds(9);
    write_board(
        home.home(), header,
        {running_slot("alive", "a"), gone_slot("gone", "b"), running_slot("zombie", "c"),
         running_slot("unlocked", "d"), slot_in("off", WorkerState::stopped, "operator_stop")});
    const auto lock_of = [&](const char* name, pid_t pid) {
        auto facts = ipc::facts_of_this_process(SystemClock());
        facts.account = name;
        facts.pid = pid;
        const auto started = ipc::start_time_of(pid);
        REQUIRE(started);
        facts.start_time = *started;
        auto lock = ipc::AccountLock::acquire(home.home().account(account_id(name)).lock, facts);
        REQUIRE(lock);
        return std::move(*lock);
    };
    const auto alive = lock_of("alive", ::getpid());
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    // Its lock is still held, as by a descendant; the process itself is not reaped.
    const auto zombie = lock_of("zombie", child);
    REQUIRE(::kill(child, SIGKILL) == 0);
    siginfo_t facts{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &facts, WEXITED | WNOWAIT) == 0);

    struct Row {
        std::string account;
        int status;
        std::string state;
        std::string reason;
        int pid_code;
        std::string pid;
    };
    const std::vector<Row> table = {
        {"alive", 0, "RUNNING", "daemon_absent", 0, std::to_string(::getpid()) + "\n"},
        {"gone", 1, "STOPPED", "lost_while_unsupervised", 3, ""},
        {"zombie", 4, "UNKNOWN", "none", 3, ""},
        {"unlocked", 0, "RUNNING", "daemon_absent", 0, std::to_string(::getpid()) + "\n"},
        {"off", 3, "STOPPED", "operator_stop", 3, ""}};
    for (const auto& row : table) {
        INFO(row.account);
        const auto status = bullpenctl(home.home(), {"status", "--json", row.account});
        CHECK(status.code == row.status);
        const auto shown = json::parse(status.out)["accounts"][0];
        CHECK(shown["state"] == row.state);
        CHECK(shown["reason"] == row.reason);
        CHECK(shown["mode"].is_null());
        CHECK(shown["pid"].is_null() == row.pid.empty());
        const auto pid = bullpenctl(home.home(), {"pid", row.account});
        CHECK(pid.code == row.pid_code);
        CHECK(pid.out == row.pid);
        CHECK(contains(bullpenctl(home.home(), {"explain", row.account}).out,
                       row.account + " is " + row.state));
    }
    CHECK(bullpenctl(home.home(), {"status"}).code == 4);
    CHECK(
        contains(bullpenctl(home.home(), {"health"}).out, "bullpend hangs; 5 accounts, 2 running"));
    ::waitpid(child, nullptr, 0);
}

TEST_CASE("colour is written when asked for, and never into a pipe by itself") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), {running_slot("mes01", "")}, k_nothing);
    CHECK(contains(bullpenctl(home.home(), {"status", "--color=always"}).out,
                   "\x1b[32mRUNNING\x1b[0m"));
    CHECK_FALSE(contains(bullpenctl(home.home(), {"status"}).out, "\x1b"));
}

TEST_CASE("list, pid, health and version answer from the board") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(),
                            {running_slot("mes02", "futures"), running_slot("mes01", "futures"),
                             slot_in("off", WorkerState::stopped, "operator_stop")},
                            k_nothing);
    const auto pid = std::to_string(::getpid());
    CHECK(bullpenctl(home.home(), {"list"}).out == "mes01\nmes02\noff\n");
    CHECK(bullpenctl(home.home(), {"list", "--groups"}).out == "futures\n");
    CHECK(bullpenctl(home.home(), {"pid"}).out == pid + "\n");
    const auto pids = bullpenctl(home.home(), {"pid", "mes01", "off"});
    CHECK(pids.out == pid + "\n");
    CHECK(pids.code == 3);
    const auto health = bullpenctl(home.home(), {"health"});
    CHECK(health.code == 0);
    CHECK(health.out == "BULLPEN OK: 3 accounts, 2 running\n");
    CHECK(contains(bullpenctl(home.home(), {"version"}).out, "bullpend 9.9.9 (pid " + pid + ")"));
}

TEST_CASE("without a home every command says so, and makes none") {
    const TemporaryDirectory directory;
    const auto nowhere = directory.file("nowhere");
    struct Row {
        std::vector<std::string> words;
        int code;
    };
    const std::vector<Row> rows = {{{"status"}, 4},
                                   {{"pid"}, 4},
                                   {{"health"}, 3},
                                   {{"check"}, 78},
                                   {{"list"}, 1},
                                   {{"top"}, 1},
                                   {{"explain", "all"}, 1},
                                   {{"events"}, 1},
                                   {{"tail", "a"}, 1},
                                   {{"maintail"}, 1},
                                   {{"logs"}, 1},
                                   {{"start", "a"}, 1},
                                   {{"reread"}, 1},
                                   {{"update"}, 1},
                                   {{"add", "a"}, 1},
                                   {{"remove", "a"}, 1},
                                   {{"rename", "a", "b"}, 1},
                                   {{"enable", "a"}, 1},
                                   {{"config", "show"}, 1},
                                   {{"upgrade"}, 1},
                                   {{"shutdown"}, 1},
                                   {{"cleanup"}, 1},
                                   {{"version"}, 0}};
    for (const auto& row : rows) {
        auto words = row.words;
        words.insert(words.begin(), {program("bullpenctl"), "--home", nowhere});
        const auto said = run(words);
        CHECK_MESSAGE(said.code == row.code, row.words[0]);
        CHECK_MESSAGE(contains(said.out + said.err, "there is no home at " + nowhere),
                      row.words[0]);
    }
    CHECK(::access(nowhere.c_str(), F_OK) != 0);
    // Any other directory is no home either.
    const auto other = run({program("bullpenctl"), "--home", directory.path(), "status"});
    CHECK(other.code == 4);
    CHECK(contains(other.err, "is no home"));
}

TEST_CASE("a user who may not look into a home is told so, not that its daemon is down") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), {running_slot("mes01", "futures")}, k_nothing);
    // Root may look into everything: it asks as nobody, with a copy that nobody may run.
    const TemporaryDirectory open;
    const auto copy = open.file("bullpenctl");
    std::filesystem::copy_file(program("bullpenctl"), copy);
    REQUIRE(::chmod(open.path().c_str(), 0755) == 0);
    REQUIRE(::chmod(home.path().c_str(), ::geteuid() == 0 ? 0750 : 0) == 0);
    const auto asked = [&](const std::string& command) {
        std::vector<std::string> words = {copy, "--home", home.path(), command};
        if (::geteuid() == 0)
            words.insert(words.begin(), {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534",
                                         "--clear-groups", "--"});
        return run(words);
    };
    for (const auto& row :
         {std::pair{"status", 4}, {"pid", 4}, {"health", 3}, {"list", 1}, {"logs", 1}}) {
        const char* const command = row.first;
        const auto said = asked(command);
        CHECK_MESSAGE(said.code == row.second, command);
        CHECK_MESSAGE(contains(said.out + said.err, "may not look into the home"), command);
        CHECK_MESSAGE(!contains(said.out + said.err, "is down"), command);
    }
    REQUIRE(::chmod(home.path().c_str(), 0700) == 0);
}

TEST_CASE("every command of either program has help with an example") {
    const TemporaryHome home;
    const auto overview = bullpenctl(home.home(), {"help"});
    CHECK(overview.code == 0);
    std::size_t seen = 0;
    for (const auto& line : lines_of(overview.out)) {
        if (!line.starts_with("  ") || line[2] == ' ')
            continue;
        const auto name = line.substr(2, line.find(' ', 2) - 2);
        const auto help = bullpenctl(home.home(), {"help", name});
        CHECK_MESSAGE(help.code == 0, name);
        CHECK_MESSAGE(contains(help.out, "Usage: bullpenctl " + name), name);
        CHECK_MESSAGE(contains(help.out, "\nExamples:\n  bullpenctl "), name);
        CHECK_MESSAGE(contains(help.out, "\nExit codes:\n"), name);
        CHECK_MESSAGE(bullpenctl(home.home(), {name, "--help"}).out == help.out, name);
        ++seen;
    }
    CHECK(seen == ctl::index().size());
}

TEST_CASE("completion in bash offers commands, options, accounts and groups") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), {running_slot("mes01", "futures")}, k_nothing);
    const auto completed = [&](const std::string& words) {
        const auto done =
            run({"/bin/bash", "-c",
                 "PATH=" + bin_directory() + ":$PATH; . " + source_directory() +
                     "/etc/completions/bullpenctl.bash; COMP_WORDS=(bullpenctl --home " +
                     home.path() + " " + words +
                     "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _bullpenctl; "
                     "echo ${COMPREPLY[*]}"});
        CHECK(done.err.empty());
        return done.out;
    };
    CHECK(completed("rer") == "reread\n");
    CHECK(completed("explain ''") == "mes01 futures:\n");
    CHECK(completed("events f") == "futures:\n");
    CHECK(completed("start a") == "all\n");
    CHECK(completed("tail mes01 s") == "stdio\n");
    CHECK(completed("signal US") == "USR1 USR2\n");
    CHECK(completed("remove --p") == "--purge\n");
    // What a word means that follows an option, and options that were given before.
    CHECK(completed("backtest --measure s") == "sharpe sortino\n");
    CHECK(completed("backtest --measure net --wal") == "--walk-forward\n");
    CHECK(completed("--color n") == "never\n");
}

TEST_CASE("a wrong command names the one that was meant") {
    const TemporaryHome home;
    const auto wrong = bullpenctl(home.home(), {"statsu"});
    CHECK(wrong.code == 64);
    CHECK(contains(wrong.err, "did you mean 'status'?"));
    CHECK(run({program("bullpenctl")}).code == 64);
}

TEST_CASE("a part of Bullpen that is missing is named, with every place it was looked for in") {
    const TemporaryHome home;
    const auto alone = home.path() + "/bin";
    std::filesystem::create_directory(alone);
    std::filesystem::copy(program("bullpenctl"), alone + "/bullpenctl");
    const auto asked = run({alone + "/bullpenctl", "--home", home.path(), "stop", "all"});
    CHECK(asked.code == 70);
    CHECK(asked.err.find("bullpenctl-control is missing") != std::string::npos);
    CHECK(asked.err.find(alone + "/bullpenctl-control") != std::string::npos);
    CHECK(asked.err.find(alone + "/../libexec/bullpen/bullpenctl-control") != std::string::npos);
    CHECK(asked.err.find("install Bullpen whole") != std::string::npos);
}
