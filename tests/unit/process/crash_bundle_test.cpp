#include "common/process/crash_bundle.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include "common/process/stdio_log.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::process {
namespace {

struct Account {
    test::TemporaryHome home;
    AccountPaths paths = home.home().account(test::account_id("mes01"));
    UtcTime now = utc_from_nanos(1'795'000'000'123'000'000);
    Account() { REQUIRE(make_directories(paths.logs, 0700)); }
};

std::string lines(int from, int to) {
    std::string text;
    for (int i = from; i <= to; ++i)
        text += "line " + std::to_string(i) + "\n";
    return text;
}
std::set<std::string> names(const std::string& directory) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        names.insert(entry.path().filename());
    return names;
}

TEST_CASE("a bundle holds the state, the last lines and the facts as of the death") {
    Account account;
    test::write_text(account.paths.state_file, "state at the death");
    test::write_text(account.paths.worker_log, lines(1, 300));
    test::write_text(account.paths.stdio_log, lines(1, 3));
    auto bundle = CrashBundle::snapshot(account.paths, account.now);

    // The successor starts before the bundle is finished.
    test::write_text(account.paths.state_file + ".new", "state of the successor");
    std::filesystem::rename(account.paths.state_file + ".new", account.paths.state_file);
    std::filesystem::rename(account.paths.worker_log, account.paths.worker_log + ".1");
    test::write_text(account.paths.worker_log, "the successor's\n");
    test::write_text(account.paths.stdio_log, lines(1, 3) + "the successor's\n");

    CHECK(bundle.finish(R"({"exit":"signal 11"})"));
    CHECK(test::read_text(bundle.directory() + "/state.json") == "state at the death");
    CHECK(test::read_text(bundle.directory() + "/worker.log") == lines(101, 300));
    CHECK(test::read_text(bundle.directory() + "/stdio.log") == lines(1, 3));
    CHECK(test::read_text(bundle.directory() + "/facts.json") == "{\"exit\":\"signal 11\"}\n");
    CHECK(bundle.directory() == account.paths.crash + "/20261118T110640.123Z");
    struct stat status {};
    CHECK(::stat(bundle.directory().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("every file of a bundle is scrubbed") {
    Account account;
    for (const auto& path :
         {account.paths.state_file, account.paths.worker_log, account.paths.stdio_log})
        test::write_text(path, "it is hunter2\n");
    auto bundle = CrashBundle::snapshot(account.paths, account.now);
    CHECK(bundle.finish("{\"last_error\":\"hunter2\"}", 5, [](std::string text) {
        for (auto at = text.find("hunter2"); at != std::string::npos; at = text.find("hunter2"))
            text.replace(at, 7, "*");
        return text;
    }));
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(bundle.directory())) {
        CHECK(test::read_text(entry.path()).find("hunter2") == std::string::npos);
        CHECK(test::read_text(entry.path()).find('*') != std::string::npos);
        ++files;
    }
    CHECK(files == 4);
}

TEST_CASE("a bundle of which nothing could be written leaves nothing, and those before it stand") {
    Account account;
    auto before = CrashBundle::snapshot(account.paths, account.now);
    REQUIRE(before.finish("{}", 1));
    const auto kept = names(account.paths.crash);

    // No file of this process may grow, as on a full disk.
    rlimit had{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &had) == 0);
    auto* const handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{0, had.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
    auto bundle = CrashBundle::snapshot(account.paths, account.now + std::chrono::seconds(1));
    const bool finished = bundle.finish("{}", 1).has_value();
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &had) == 0);
    ::signal(SIGXFSZ, handler);

    CHECK_FALSE(finished);
    CHECK(names(account.paths.crash) == kept);
}

TEST_CASE("what cannot be scrubbed is left out, and the daemon's own facts stand") {
    Account account;
    for (const auto& path :
         {account.paths.state_file, account.paths.worker_log, account.paths.stdio_log})
        test::write_text(path, "it is hunter2\n");
    auto bundle = CrashBundle::snapshot(account.paths, account.now);
    CHECK(bundle.finish(R"({"pid":7})", 5, [](const std::string&) { return std::nullopt; }));
    CHECK(names(bundle.directory()) == std::set<std::string>{"facts.json"});
    CHECK(test::read_text(bundle.directory() + "/facts.json") == "{\"pid\":7}\n");
}

TEST_CASE("the last lines go back into the log before the last rotation") {
    Account account;
    test::write_text(account.paths.worker_log + ".1", lines(1, 500));
    test::write_text(account.paths.worker_log, lines(501, 510));
    auto bundle = CrashBundle::snapshot(account.paths, account.now);
    CHECK(bundle.finish("{}"));
    CHECK(test::read_text(bundle.directory() + "/worker.log") == lines(311, 510));
}

TEST_CASE("a worker that wrote nothing gets a bundle of its facts") {
    Account account;
    auto bundle = CrashBundle::snapshot(account.paths, account.now);
    CHECK(bundle.finish("{}"));
    CHECK(names(bundle.directory()) == std::set<std::string>{"facts.json"});
}

TEST_CASE("what a worker put in the place of its files is not followed") {
    Account account;
    const std::string secret = account.home.path() + "/secret";
    test::write_text(secret, "of another account\n");
    for (const auto& path :
         {account.paths.state_file, account.paths.worker_log, account.paths.stdio_log})
        std::filesystem::create_symlink(secret, path);
    auto bundle = CrashBundle::snapshot(account.paths, account.now);
    CHECK(bundle.finish("{}"));
    CHECK(names(bundle.directory()) == std::set<std::string>{"facts.json"});
}

TEST_CASE("a link in the place of a directory is not followed, and nothing is removed there") {
    Account account;
    namespace fs = std::filesystem;
    const std::string elsewhere = account.home.path() + "/accounts/other/data";
    REQUIRE(make_directories(elsewhere + "/20250101T000000.000Z", 0700));
    test::write_text(elsewhere + "/ledger", "of another account\n");
    test::write_text(elsewhere + "/worker.log", "of another account\n");
    fs::remove_all(account.paths.logs);
    for (const auto& link : {account.paths.logs, account.paths.crash})
        fs::create_directory_symlink(elsewhere, link);
    const auto before = names(elsewhere);

    auto bundle = CrashBundle::snapshot(account.paths, account.now);
    const auto finished = bundle.finish("{}", 1);
    REQUIRE_FALSE(finished);
    CHECK(finished.error().message().find(account.paths.crash + " is a link") != std::string::npos);
    CHECK(names(elsewhere) == before);
    CHECK(last_line(account.paths.logs + "/worker.log", UtcTime{}).empty());
    StdioKeeper keeper(account.paths.logs + "/worker.log", 0, 1);
    CHECK_FALSE(keeper.trim());
    CHECK_FALSE(keeper.rotate_idle());
    CHECK(names(elsewhere) == before);

    // The logs alone: the rest of the bundle is there.
    fs::remove(account.paths.crash);
    auto without_logs = CrashBundle::snapshot(account.paths, account.now);
    CHECK(without_logs.finish("{}"));
    CHECK(names(without_logs.directory()) == std::set<std::string>{"facts.json"});
}

TEST_CASE("of what is in the crash directory bundles alone are removed") {
    Account account;
    for (const auto* name : {"data", "20250101T000000.000Z", "20250101T000000.000Z-2",
                             "20250101T000000.000Z-old", "20250101T000000.000", "notes"})
        REQUIRE(make_directories(account.paths.crash + "/" + name + "/kept", 0700));
    auto bundle = CrashBundle::snapshot(account.paths, account.now);
    CHECK(bundle.finish("{}", 1));
    CHECK(names(account.paths.crash) ==
          std::set<std::string>{"20250101T000000.000", "20250101T000000.000Z-old",
                                "20261118T110640.123Z", "data", "notes"});
}

TEST_CASE("bundles are bounded in number and size") {
    Account account;
    test::write_text(account.paths.worker_log, std::string(1'000'000, 'x') + "\n");
    std::set<std::string> made;
    for (int i = 0; i < 7; ++i) {
        auto bundle =
            CrashBundle::snapshot(account.paths, account.now + std::chrono::seconds(i / 2));
        CHECK(bundle.finish("{}", 3));
        made.insert(std::filesystem::path(bundle.directory()).filename());
        CHECK(std::filesystem::file_size(bundle.directory() + "/worker.log") <=
              CrashBundle::k_log_bytes_max);
    }
    CHECK(made.size() == 7);
    const auto kept = names(account.paths.crash);
    CHECK(kept.size() == 3);
    CHECK(std::equal(kept.begin(), kept.end(), std::prev(made.end(), 3)));
    CHECK_FALSE(CrashBundle::snapshot(account.paths, account.now)
                    .finish(std::string(CrashBundle::k_facts_bytes_max + 1, 'x')));
}

TEST_CASE("the last lines of a log") {
    const test::TemporaryDirectory directory;
    const auto tail = [&](const std::string& text, std::size_t lines_max, std::size_t bytes_max) {
        test::write_text(directory.file("log"), text);
        const auto file = open_file(directory.file("log"), O_RDONLY);
        return *tail_lines(file->get(), 1'000'000, lines_max, bytes_max);
    };
    CHECK(tail("", 3, 100).empty());
    CHECK(tail("a\nb\nc\n", 2, 100) == "b\nc\n");
    CHECK(tail("a\nb\nc\n", 3, 100) == "a\nb\nc\n");
    CHECK(tail("a\nb\nc\n", 9, 100) == "a\nb\nc\n");
    CHECK(tail("a\nb\ncut off", 2, 100) == "b\ncut off");
    CHECK(tail("\n\n\n", 2, 100) == "\n\n");
    CHECK(tail("aaaa\nbbbb\ncccc\n", 9, 12) == "bbbb\ncccc\n");
    CHECK(tail("one very long line\n", 9, 8) == "ng line\n");
    test::write_text(directory.file("log"), "a\nb\nc\n");
    const auto file = open_file(directory.file("log"), O_RDONLY);
    CHECK(*tail_lines(file->get(), 4, 1, 100) == "b\n");
}

TEST_CASE("an idle log is rotated when it is too large, and what a killed rotation left is kept") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("stdio.log");
    StdioKeeper keeper(path, 10'000, 2);
    CHECK(keeper.rotate_idle());
    test::write_text(path, "small");
    CHECK(keeper.rotate_idle());
    CHECK(test::read_text(path) == "small");
    test::write_text(path, std::string(20'000, 'a'));
    CHECK(keeper.rotate_idle());
    CHECK_FALSE(std::filesystem::exists(path));
    test::write_text(path, std::string(20'000, 'b'));
    test::write_text(path + ".cut", "left behind");
    CHECK(keeper.rotate_idle());
    CHECK(test::read_text(path + ".1") == std::string(20'000, 'b'));
    CHECK(test::read_text(path + ".2") == "left behind");
    CHECK_FALSE(std::filesystem::exists(path + ".3"));
}

TEST_CASE("the last line that a program printed is found, blank ones aside") {
    Account account;
    const auto& path = account.paths.stdio_log;
    CHECK(last_line(path, UtcTime{}).empty());
    test::write_text(path, "\n \r\n");
    CHECK(last_line(path, UtcTime{}).empty());
    test::write_text(path, "Traceback:\nValueError: no token\r\n\n  \n");
    CHECK(last_line(path, UtcTime{}) == "ValueError: no token");
    test::write_text(path, "cut short");
    CHECK(last_line(path, UtcTime{}) == "cut short");
    CHECK(quote_last_line(path, UtcTime{}) == "it printed last: cut short");
    test::write_text(path, "bullpen-worker: no such instrument\n");
    CHECK(quote_last_line(path, UtcTime{}) == "no such instrument");
    test::write_text(path, "\n");
    CHECK(quote_last_line(path, UtcTime{}).empty());
    test::write_text(path, "before\n" + std::string(100'000, 'x') + "\n");
    CHECK(last_line(path, UtcTime{}) == std::string(k_last_line_max, 'x'));
}

TEST_CASE("what a program printed before a time is not what it printed last after it") {
    Account account;
    const auto& path = account.paths.stdio_log;
    test::write_text(path, "of the launch before\n");
    const timespec times[2] = {{1'000'000, 0}, {1'000'000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    const UtcTime written{std::chrono::seconds(1'000'000)};
    CHECK(last_line(path, written) == "of the launch before");
    CHECK(last_line(path, written + std::chrono::seconds(1)).empty());
}

}  // namespace
}  // namespace bullpen::process
