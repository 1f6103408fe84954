#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "tests/integration/ctl/fake_daemon.hpp"
#include "tests/integration/ctl/follower.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

// An account with a logs directory.
class LoggedHome {
  public:
    LoggedHome() : paths_(home_.home().account(account_id("mes01"))) {
        REQUIRE(make_directories(paths_.logs, 0700));
    }
    [[nodiscard]] const Home& home() const { return home_.home(); }
    [[nodiscard]] const AccountPaths& paths() const { return paths_; }

  private:
    TemporaryHome home_;
    AccountPaths paths_;
};

void append(const std::string& path, const std::string& text) {
    const auto file = open_file(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    REQUIRE(file);
    REQUIRE(write_all(file->get(), text));
}

std::string numbered(int from, int to) {
    std::string text;
    for (int i = from; i <= to; ++i)
        text += "line " + std::to_string(i) + "\n";
    return text;
}

}  // namespace

TEST_CASE("tail prints the last lines, of older files too") {
    const LoggedHome home;
    const auto& log = home.paths().stdio_log;
    append(log + ".2", numbered(1, 20));
    append(log + ".1", numbered(21, 30));
    append(log, numbered(31, 33));
    const std::array old = {timespec{1000, 0}, timespec{1000, 0}};
    const std::array newer = {timespec{2000, 0}, timespec{2000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, (log + ".2").c_str(), old.data(), 0) == 0);
    REQUIRE(::utimensat(AT_FDCWD, (log + ".1").c_str(), newer.data(), 0) == 0);
    CHECK(bullpenctl(home.home(), {"tail", "mes01", "stdio", "-n", "2"}).out == numbered(32, 33));
    CHECK(bullpenctl(home.home(), {"tail", "mes01", "stdio"}).out == numbered(24, 33));
    CHECK(bullpenctl(home.home(), {"tail", "mes01", "stdio", "-n25"}).out == numbered(9, 33));
    CHECK(bullpenctl(home.home(), {"tail", "mes01", "stdio", "-n1000"}).out == numbered(1, 33));
    CHECK(bullpenctl(home.home(), {"tail", "mes01", "stdio", "-n0"}).out.empty());
}

TEST_CASE("a last line without its end is shown") {
    const LoggedHome home;
    append(home.paths().stdio_log, "one\ntwo\nthr");
    // Not followed: what is there is all there is.
    const auto shown = bullpenctl(home.home(), {"tail", "mes01", "stdio", "-n2"});
    CHECK(shown.out == "two\nthr\n");
}

TEST_CASE("tail reads JSON lines to people and keeps them with --raw") {
    const LoggedHome home;
    const std::string line = R"({"ts":"2026-11-20T23:14:05.123Z","level":"warn",)"
                             R"("event":"beats_missed","account":"mes01"})";
    append(home.paths().worker_log, line + "\n");
    CHECK(bullpenctl(home.home(), {"tail", "mes01"}).out ==
          "2026-11-20 23:14:05.123Z WARN  beats_missed\n");
    CHECK(bullpenctl(home.home(), {"tail", "--raw", "mes01"}).out == line + "\n");
}

TEST_CASE("a program without a worker log is tailed by its stdio") {
    const LoggedHome home;
    append(home.paths().stdio_log, "hello\n");
    CHECK(bullpenctl(home.home(), {"tail", "mes01"}).out == "hello\n");
    CHECK(bullpenctl(home.home(), {"tail", "mes01", "log"}).out == "hello\n");
}

TEST_CASE("an account that is not there is an error with a hint") {
    const LoggedHome home;
    write_board(home.home(), dead_daemon(), {running_slot("mes01", "")});
    const auto shown = bullpenctl(home.home(), {"tail", "mes02"});
    CHECK(shown.code == 1);
    CHECK(shown.err.find("did you mean 'mes01'?") != std::string::npos);
    CHECK(bullpenctl(home.home(), {"tail", "../../etc"}).code == 64);
    CHECK(bullpenctl(home.home(), {"tail", "mes01", "nonsense"}).code == 64);
}

TEST_CASE("tail -f follows across a rotation and loses no line") {
    const LoggedHome home;
    const auto& log = home.paths().worker_log;
    append(log, numbered(1, 3));
    Follower follower(home.home(), {"tail", "-f", "-n1", "mes01"});
    REQUIRE(follower.reads_until("line 3\n"));
    for (int round = 0; round < 5; ++round) {
        const int base = 4 + 4 * round;
        append(log, numbered(base, base + 1));
        std::filesystem::rename(log, log + "." + std::to_string(round));
        // What the writer still had open gets its last line after the name is taken.
        append(log + "." + std::to_string(round), numbered(base + 2, base + 2));
        append(log, numbered(base + 3, base + 3));
        REQUIRE(follower.reads_until(numbered(base + 3, base + 3)));
    }
    CHECK(follower.seen() == numbered(3, 23));
    CHECK(follower.ends_when_unread());
}

TEST_CASE("tail -f loses no line when its log is rotated twice before it looks") {
    const LoggedHome home;
    const auto& log = home.paths().worker_log;
    append(log, numbered(1, 2));
    Follower follower(home.home(), {"tail", "-f", "-n1", "mes01"});
    REQUIRE(follower.reads_until("line 2\n"));
    follower.stop();
    append(log, numbered(3, 3));
    std::filesystem::rename(log, log + ".0001");
    append(log, numbered(4, 5));
    std::filesystem::rename(log, log + ".0002");
    append(log, numbered(6, 6));
    follower.go_on();
    REQUIRE(follower.reads_until("line 6\n"));
    CHECK(follower.seen() == numbered(2, 6));
}

TEST_CASE("tail -f finds a log again whose head was cut away under it") {
    const LoggedHome home;
    const auto& log = home.paths().stdio_log;
    append(log, numbered(1, 200));
    Follower follower(home.home(), {"tail", "-f", "-n1", "mes01", "stdio"});
    REQUIRE(follower.reads_until("line 200\n"));
    // The same file, shorter: its second half stands at its beginning now.
    const auto file = open_file(log, O_RDWR);
    REQUIRE(file);
    const auto kept = numbered(101, 200);
    REQUIRE(::pwrite(file->get(), kept.data(), kept.size(), 0) ==
            static_cast<ssize_t>(kept.size()));
    REQUIRE(::ftruncate(file->get(), static_cast<off_t>(kept.size())) == 0);
    append(log, numbered(201, 202));
    REQUIRE(follower.reads_until("line 202\n"));
    CHECK(follower.seen() == numbered(200, 202));
}

TEST_CASE("tail -f waits for a log that is not there yet") {
    const LoggedHome home;
    Follower follower(home.home(), {"tail", "-f", "mes01", "log"});
    append(home.paths().worker_log, numbered(1, 2));
    CHECK(follower.reads_until("line 2\n"));
    CHECK(follower.seen() == numbered(1, 2));
}

TEST_CASE("maintail reads the daemon's log, and logs lists what there is") {
    const LoggedHome home;
    REQUIRE(make_directories(home.home().logs(), 0700));
    append(home.home().daemon_log(), "{\"ts\":\"T\",\"level\":\"info\",\"event\":\"started\"}\n");
    CHECK(bullpenctl(home.home(), {"maintail"}).out == "T INFO  started\n");
    write_board(home.home(), dead_daemon(), {running_slot("mes01", "")});
    append(home.paths().worker_log, "x\n");
    REQUIRE(make_directories(home.paths().crash + "/2026", 0700));
    const auto listed = bullpenctl(home.home(), {"logs"}).out;
    for (const auto& path :
         {home.home().daemon_log(), home.paths().worker_log, home.paths().crash + "/2026"})
        CHECK(listed.find(path) != std::string::npos);
}
