#include <doctest/doctest.h>
#include <sys/stat.h>

#include "common/log/sink.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::log {

namespace {

UtcTime at(const char* text) {
    return parse_utc(text).value();
}

const std::string k_path = "/l/worker.log";

std::vector<std::string> rotated(test::SimulatedDisk& disk) {
    auto all = log_files(disk, k_path).value();
    if (!all.empty() && all.back() == k_path)
        all.pop_back();
    return all;
}

}  // namespace

TEST_CASE("a log rotates by size and no line is split or lost") {
    test::SimulatedDisk disk;
    FileSink sink(disk, {.path = k_path, .size_max = 25, .keep = 100});
    std::string all;
    auto now = at("2026-11-20T10:00:00Z");
    for (int i = 0; i < 50; ++i) {
        const auto line = "line " + std::to_string(i) + "\n";
        all += line;
        REQUIRE(sink.write(line, now));
        now += std::chrono::milliseconds(1);
    }
    std::string found;
    const auto paths = log_files(disk, k_path).value();
    for (const auto& path : paths) {
        CHECK(disk.content(path).size() <= 25);
        CHECK(disk.content(path).back() == '\n');
        found += disk.content(path);
    }
    CHECK(found == all);
}

TEST_CASE("files that rotate within one millisecond do not overwrite each other") {
    test::SimulatedDisk disk;
    FileSink sink(disk, {.path = k_path, .size_max = 1, .keep = 100});
    for (int i = 0; i < 5; ++i)
        REQUIRE(sink.write("x\n", at("2026-11-20T10:00:00Z")));
    CHECK(rotated(disk).size() == 4);
}

TEST_CASE("a log rotates with the day, also one that an earlier process left") {
    test::SimulatedDisk disk;
    {
        FileSink sink(disk, {.path = k_path});
        REQUIRE(sink.write("monday\n", at("2026-11-16T23:59:59Z")));
        disk.set_modified(k_path, at("2026-11-16T23:59:59Z"));
    }
    FileSink sink(disk, {.path = k_path});
    REQUIRE(sink.write("tuesday\n", at("2026-11-17T00:00:00Z")));
    CHECK(rotated(disk) == std::vector<std::string>{k_path + ".20261117T000000.000Z"});
    REQUIRE(sink.write("still tuesday\n", at("2026-11-17T23:59:59Z")));
    CHECK(rotated(disk).size() == 1);
    REQUIRE(sink.write("wednesday\n", at("2026-11-18T00:00:00Z")));
    CHECK(rotated(disk).size() == 2);
    CHECK(disk.content(k_path) == "wednesday\n");
}

TEST_CASE("a clock that was set back does not rotate") {
    test::SimulatedDisk disk;
    FileSink sink(disk, {.path = k_path});
    REQUIRE(sink.write("a\n", at("2026-11-17T00:00:00Z")));
    REQUIRE(sink.write("b\n", at("2026-11-16T23:00:00Z")));
    CHECK(rotated(disk).empty());
}

TEST_CASE("rotated files are kept by number") {
    test::SimulatedDisk disk;
    FileSink sink(disk, {.path = k_path, .size_max = 1, .keep = 3});
    auto now = at("2026-11-20T10:00:00Z");
    for (int i = 0; i < 10; ++i, now += std::chrono::seconds(1))
        REQUIRE(sink.write(std::to_string(i) + "\n", now));
    const auto kept = rotated(disk);
    REQUIRE(kept.size() == 3);
    CHECK(disk.content(kept.back()) == "8\n");
    CHECK(sink.rotations() == 9);
}

TEST_CASE("rotated files are kept by age, the youngest for a year") {
    test::SimulatedDisk disk;
    FileSink sink(disk, {.path = k_path,
                         .period = RotationPeriod::month,
                         .keep = 0,
                         .age_max = std::chrono::days(365)});
    auto now = at("2026-01-15T00:00:00Z");
    for (int month = 0; month < 30; ++month, now += std::chrono::days(31))
        REQUIRE(sink.write("entry\n", now));
    const auto kept = rotated(disk);
    CHECK(kept.size() >= 11);
    CHECK(kept.size() <= 13);
}

TEST_CASE("other files beside a log are not taken for its rotated ones") {
    test::SimulatedDisk disk;
    disk.put_file(k_path + ".old", "x");
    disk.put_file(k_path + "x.20261117T000000.000Z", "x");
    disk.put_file("/l/other.log.20261117T000000.000Z", "x");
    FileSink sink(disk, {.path = k_path, .size_max = 1, .keep = 1});
    auto now = at("2026-11-20T10:00:00Z");
    for (int i = 0; i < 5; ++i, now += std::chrono::seconds(1))
        REQUIRE(sink.write("a\n", now));
    CHECK(disk.exists(k_path + ".old"));
    CHECK(disk.exists(k_path + "x.20261117T000000.000Z"));
    CHECK(disk.exists("/l/other.log.20261117T000000.000Z"));
    CHECK(rotated(disk).size() == 1);
}

TEST_CASE("when a log cannot be rotated the line goes on in the long file") {
    test::SimulatedDisk disk;
    FileSink sink(disk, {.path = k_path, .size_max = 10});
    REQUIRE(sink.write("0123456789\n", at("2026-11-20T10:00:00Z")));
    disk.fail_at(disk.steps(), EACCES, 1);
    REQUIRE(sink.write("more\n", at("2026-11-20T10:00:01Z")));
    CHECK(disk.content(k_path) == "0123456789\nmore\n");
}

TEST_CASE("a log file is readable by its owner only") {
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    const auto path = directory.file("worker.log");
    FileSink sink(files, {.path = path});
    REQUIRE(sink.write("a\n", at("2026-11-20T10:00:00Z")));
    REQUIRE(sink.sync());
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

}  // namespace bullpen::log
