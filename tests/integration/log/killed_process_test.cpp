#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "common/log/logger.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::log {

namespace {

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("no line is lost when the process is killed right after it") {
    const test::TemporaryDirectory directory;
    const auto path = directory.file("worker.log");
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        storage::SystemFileSystem files;
        const SystemClock clock;
        const auto logger = Logger::to_file(files, {.path = path}, clock, {"alpha", "1"});
        for (int i = 0; i < 1000; ++i)
            logger->info("tick", {{"i", i}});
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(lines_in(test::read_text(path)) == 1000);
}

TEST_CASE("a file that reached the size its process may write loses whole lines only") {
    const test::TemporaryDirectory directory;
    const auto path = directory.file("worker.log");
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1000, 1000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        storage::SystemFileSystem files;
        const SystemClock clock;
        const auto logger = Logger::to_file(files, {.path = path}, clock);
        for (int i = 0; i < 100; ++i)
            logger->info("tick", {{"i", i}});
        ::_exit(logger->dropped() > 0 ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    const auto text = test::read_text(path);
    CHECK(lines_in(text) > 3);
    CHECK(text.back() == '\n');
}

TEST_CASE("five processes with ten thousand lines each keep their logs apart") {
    const test::TemporaryDirectory directory;
    constexpr int k_processes = 5;
    constexpr int k_lines = 10'000;
    std::vector<pid_t> children;
    for (int p = 0; p < k_processes; ++p) {
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            const auto account = "account" + std::to_string(p);
            storage::SystemFileSystem files;
            const SystemClock clock;
            const auto logger = Logger::to_file(
                files, {.path = directory.file(account + ".log"), .size_max = 500'000, .keep = 100},
                clock, {account, "1"});
            for (int i = 0; i < k_lines; ++i)
                logger->info("tick", {{"i", i}});
            ::_exit(logger->dropped() == 0 ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const auto child : children) {
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    storage::SystemFileSystem files;
    for (int p = 0; p < k_processes; ++p) {
        const auto account = "account" + std::to_string(p);
        std::size_t lines = 0;
        std::size_t own = 0;
        const auto paths = log_files(files, directory.file(account + ".log")).value();
        for (const auto& path : paths) {
            const auto text = test::read_text(path);
            lines += lines_in(text);
            const auto mark = "\"account\":\"" + account + "\"";
            for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
                ++own;
        }
        CHECK(lines == k_lines);
        CHECK(own == k_lines);
    }
}

}  // namespace bullpen::log
