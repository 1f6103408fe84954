#include "common/process/stdio_log.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "tests/integration/process/rig.hpp"

namespace bullpen::process {
namespace {

using test::Rig;
using test::value;

const AccountId k_account = test::account_id("mes01");
constexpr int k_keep_all = 100'000;

// All that was ever written, oldest first, holes left out.
std::string whole_text(const std::string& path) {
    std::string text;
    const auto add = [&](const std::string& file) {
        const auto descriptor = open_file(file, O_RDONLY);
        if (!descriptor)
            return false;
        const std::string content = test::read_text(file);
        text += content.substr(data_start(descriptor->get()));
        return true;
    };
    int oldest = 0;
    while (::access((path + "." + std::to_string(oldest + 1)).c_str(), F_OK) == 0)
        ++oldest;
    for (; oldest > 0; --oldest)
        add(path + "." + std::to_string(oldest));
    add(path);
    return text;
}

// The puppet's lines in order, each once; how many there are, or none.
std::optional<long> count_lines(const std::string& text) {
    long expected = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        char number[32];
        std::snprintf(number, sizeof number, "line %09ld ", ++expected);
        if (end == std::string::npos || !line.starts_with(number) || !line.ends_with(" say")) {
            MESSAGE("line " << expected << " is: " << line.substr(0, 200));
            return std::nullopt;
        }
        at = end + 1;
    }
    return expected;
}

struct Kept {
    StdioKeeper::Cut cut = StdioKeeper::Cut::none;
    int trims = 0;
};

constexpr long k_lines = 300'000;

// A writer at full speed whose log is trimmed whenever it may be.
Kept trim_while_writing(Rig& rig) {
    constexpr std::uint64_t k_size_max = 64UL * 1024;
    const std::string path = rig.paths(k_account).stdio_log;
    const auto worker = rig.start(k_account, {"write-lines", std::to_string(k_lines)});
    StdioKeeper keeper(path, k_size_max, k_keep_all);
    Kept kept;
    while (::waitpid(worker.pid, nullptr, WNOHANG) == 0) {
        if (!test::eventually([&] { return keeper.due(); }, std::chrono::milliseconds(50)))
            continue;
        const auto trimmed = value(keeper.trim());
        kept.cut = trimmed.cut;
        kept.trims += trimmed.bytes > 0 ? 1 : 0;
    }
    value(keeper.trim());
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK(static_cast<std::uint64_t>(status.st_blocks) * 512 <= k_size_max);
    CHECK_FALSE(keeper.due());
    return kept;
}

std::string text(StdioKeeper::Cut cut) {
    return cut == StdioKeeper::Cut::collapsed ? "collapsed"
           : cut == StdioKeeper::Cut::punched ? "punched"
                                              : "none";
}

TEST_CASE("a log is kept small while its worker writes at full speed, and no line is lost") {
    Rig rig;
    const Kept kept = trim_while_writing(rig);
    MESSAGE(text(kept.cut) << " " << kept.trims << " times");
    CHECK(count_lines(whole_text(rig.paths(k_account).stdio_log)) == k_lines);
    CHECK(kept.trims > 0);
    CHECK(kept.cut != StdioKeeper::Cut::none);
}

TEST_CASE(
    "of a log that grew faster than anybody looked the newest is kept, and the rest is counted") {
    Rig rig;
    const std::string path = rig.paths(k_account).stdio_log;
    const auto worker = rig.start(k_account, {"write-lines", std::to_string(k_lines)});
    REQUIRE(test::wait_for_exit(worker.pid));
    constexpr std::uint64_t k_size_max = 64UL * 1024;
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    REQUIRE(static_cast<std::uint64_t>(status.st_size) > 32 * k_size_max);
    StdioKeeper keeper(path, k_size_max, 1, 8 * k_size_max);
    const auto trimmed = value(keeper.trim());
    CHECK(trimmed.dropped > 0);
    CHECK(trimmed.bytes <= 8 * k_size_max);
    const std::string kept = whole_text(path);
    CHECK(trimmed.dropped + kept.size() == static_cast<std::uint64_t>(status.st_size));
    char last[32];
    std::snprintf(last, sizeof last, "line %09ld ", k_lines);
    CHECK(kept.find(last) != std::string::npos);
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK(static_cast<std::uint64_t>(status.st_blocks) * 512 <= k_size_max);
}

TEST_CASE("the same where a file cannot be collapsed, only punched (tmpfs)") {
    struct statfs system {};
    if (::statfs("/dev/shm", &system) != 0 || system.f_type != 0x01021994 ||
        ::access("/dev/shm", W_OK) != 0) {
        test::skip("there is no tmpfs to write to at /dev/shm");
        return;
    }
    const char* before = std::getenv("TMPDIR");
    const std::string old = before != nullptr ? before : "";
    ::setenv("TMPDIR", "/dev/shm", 1);
    Rig rig;
    before != nullptr ? ::setenv("TMPDIR", old.c_str(), 1) : ::unsetenv("TMPDIR");
    const Kept kept = trim_while_writing(rig);
    CHECK(kept.cut == StdioKeeper::Cut::punched);
    const std::string path = rig.paths(k_account).stdio_log;
    CHECK(kept.trims > 0);
    CHECK(count_lines(whole_text(path)) == k_lines);

    // Once nobody writes, the file that starts with a hole goes out of the way whole.
    test::done(StdioKeeper(path, 64UL * 1024, k_keep_all).rotate_idle());
    CHECK(::access(path.c_str(), F_OK) != 0);
    CHECK(count_lines(whole_text(path)) == k_lines);
}

}  // namespace
}  // namespace bullpen::process
