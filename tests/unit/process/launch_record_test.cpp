#include "supervisor/process/launch_record.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ostream>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::process {
namespace {

const AccountId k_one = test::account_id("mes01");
const AccountId k_two = test::account_id("mes02");

RecordedLaunch launch(std::uint64_t number) {
    RecordedLaunch launch;
    launch.launch = {number};
    launch.nonce = Nonce({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    launch.fence = {number * 2};
    launch.utc = utc_from_nanos(1'795'000'000'123'456'789);
    launch.boot_id = "boot";
    launch.fingerprint = 0xffff'ffff'ffff'fff1U;
    return launch;
}

LaunchRecord open(const std::string& path) {
    auto record = LaunchRecord::open(path);
    REQUIRE(record);
    return std::move(*record);
}

std::uint64_t size_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

TEST_CASE("what was recorded is there again, once and twice opened") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("launches");
    {
        auto record = open(path);
        CHECK(record.launching(k_one, launch(7)));
        CHECK(record.launched(k_one, {7}, 4711, 99));
        CHECK(record.save(k_one, "a \"quoted\" \\ text\nwith \x01 and \xc3\xa4"));
        CHECK(record.launching(k_two, launch(8)));
        CHECK(record.ended(k_two, {8}, "exit 3"));
    }
    for (int i = 0; i < 2; ++i) {
        const auto record = open(path);
        CHECK(record.dropped() == 0);
        CHECK(record.last_launch() == LaunchNumber{8});
        CHECK(record.last_fence() == Fence{16});
        REQUIRE(record.accounts().size() == 2);
        const RecordedAccount& one = record.accounts().at(k_one);
        CHECK(one.saved == "a \"quoted\" \\ text\nwith \x01 and \xc3\xa4");
        REQUIRE(one.launch);
        CHECK(one.launch->launch == LaunchNumber{7});
        CHECK(one.launch->nonce == launch(7).nonce);
        CHECK(one.launch->fence == Fence{14});
        CHECK(one.launch->utc == launch(7).utc);
        CHECK(one.launch->boot_id == "boot");
        CHECK(one.launch->fingerprint == 0xffff'ffff'ffff'fff1U);
        CHECK(one.launch->pid == 4711);
        CHECK(one.launch->start_time == 99);
        CHECK_FALSE(one.launch->ended);
        const RecordedAccount& two = record.accounts().at(k_two);
        CHECK(two.launch->ended);
        CHECK(two.launch->pid == 0);
    }
}

TEST_CASE("a new launch takes the place of the old one, and late news of the old is ignored") {
    const test::TemporaryDirectory directory;
    auto record = open(directory.file("launches"));
    CHECK(record.launching(k_one, launch(7)));
    CHECK(record.launched(k_one, {7}, 4711, 99));
    CHECK(record.launching(k_one, launch(9)));
    CHECK(record.ended(k_one, {7}, "signal 9"));
    CHECK(record.launched(k_one, {7}, 4711, 99));
    const auto& kept = *record.accounts().at(k_one).launch;
    CHECK(kept.launch == LaunchNumber{9});
    CHECK(kept.pid == 0);
    CHECK_FALSE(kept.ended);
}

TEST_CASE("a line cut off anywhere costs that line alone") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("launches");
    std::uint64_t before = 0;
    {
        auto record = open(path);
        CHECK(record.launching(k_one, launch(7)));
        before = size_of(path);
        CHECK(record.launching(k_two, launch(8)));
    }
    const std::string text = test::read_text(path);
    for (std::size_t length = before + 1; length + 1 < text.size(); ++length) {
        test::write_text(path, text.substr(0, length));
        const auto record = open(path);
        CHECK(record.dropped() == 1);
        CHECK(record.accounts().size() == 1);
        CHECK(record.accounts().contains(k_one));
    }
}

TEST_CASE("lines that are not ours are dropped, the others kept") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("launches");
    {
        auto record = open(path);
        CHECK(record.save(k_one, "1"));
    }
    test::write_text(path, "nonsense\n[]\n{\"event\":\"launching\",\"account\":\"../x\"}\n" +
                               test::read_text(path) +
                               "{\"event\":\"launching\",\"account\":\"mes02\",\"launch\":3}\n" +
                               "{\"event\":\"new in a later version\",\"account\":\"mes02\"}\n" +
                               "{\"event\":\"save\",\"data\":\"7\"}\n");
    const auto record = open(path);
    CHECK(record.dropped() == 6);
    CHECK(record.accounts().size() == 1);
    CHECK(record.accounts().at(k_one).saved == "1");
}

TEST_CASE("what a later line makes meaningless counts again when that line is damaged") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("launches");
    {
        auto record = open(path);
        CHECK(record.launching(k_one, launch(7)));
        CHECK(record.launched(k_one, {7}, 4711, 99));
        CHECK(record.save(k_one, "older"));
        CHECK(record.save(k_one, "newer"));
    }
    const std::string whole = test::read_text(path);
    CHECK(open(path).accounts().at(k_one).saved == "newer");
    CHECK(test::read_text(path) == whole);  // there was nothing to mend
    const auto at = whole.rfind("\"data\"");
    REQUIRE(at != std::string::npos);
    test::write_text(path, whole.substr(0, at) + "\x01" + whole.substr(at + 1));
    const auto record = open(path);
    CHECK(record.dropped() == 1);
    CHECK(record.accounts().at(k_one).saved == "older");
    CHECK(record.accounts().at(k_one).launch->pid == 4711);
}

TEST_CASE("a forgotten account leaves its numbers behind") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("launches");
    {
        auto record = open(path);
        CHECK(record.launching(k_one, launch(70)));
        CHECK(record.forget(k_one));
    }
    CHECK(open(path).accounts().empty());
    CHECK(open(path).last_launch() == LaunchNumber{70});
    CHECK(open(path).last_fence() == Fence{140});
}

TEST_CASE("a long-running daemon's record stays small") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("launches");
    auto record = open(path);
    const std::string data(1000, 'x');
    for (int i = 0; i < 5000; ++i)
        REQUIRE(record.save(k_one, data));
    CHECK(size_of(path) < 1'200'000);
    CHECK(open(path).accounts().at(k_one).saved == data);
    CHECK(record.save(k_one, std::string(LaunchRecord::k_saved_max + 1, 'x')).error().code() ==
          Errc::too_large);
}

TEST_CASE("on a full disk an append fails whole, and the next one works again") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("launches");
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        // The limit on the size of files stands in for the disk.
        auto record = LaunchRecord::open(path);
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = size_of(path) + 100;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const std::uint64_t before = size_of(path);
        if (record->launching(k_one, launch(7)) || record->accounts().contains(k_one) ||
            size_of(path) != before)
            ::_exit(1);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        ::_exit(record->launching(k_one, launch(8)) ? 0 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 0);
    const auto record = open(path);
    CHECK(record.dropped() == 0);
    CHECK(record.accounts().at(k_one).launch->launch == LaunchNumber{8});
}

TEST_CASE("the record opens where it cannot be rewritten, and goes on after a cut-off line") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("launches");
    {
        auto record = open(path);
        CHECK(record.save(k_one, "1"));
    }
    test::write_text(path, test::read_text(path) + R"({"event":"save","acc)");
    // A directory in the place of the new file: it cannot be made.
    CHECK(make_directories(path + ".new", 0700));
    {
        auto record = open(path);
        CHECK(record.dropped() == 1);
        CHECK(record.save(k_two, "2"));
    }
    CHECK(open(path).accounts().size() == 2);
}

TEST_CASE("an append takes microseconds") {
    const test::TemporaryDirectory directory;
    auto record = open(directory.file("launches"));
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 1; i <= 200; ++i)
            REQUIRE(record.launching(k_one, launch(static_cast<std::uint64_t>(i))));
        const auto took = std::chrono::steady_clock::now() - start;
        best = std::min(best, std::chrono::duration<double, std::micro>(took).count() / 200);
    }
    MESSAGE("an append: " << best << " us");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr double k_us_max = 5000;  // a sanitizer slows every step down
#else
    constexpr double k_us_max = 200;
#endif
    CHECK(best < k_us_max);
}

}  // namespace
}  // namespace bullpen::process
