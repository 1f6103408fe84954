#include "common/storage/line_file.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/support/simulated_disk.hpp"

namespace bullpen::storage {
namespace {

const std::string k_path = "/home/lines";

LineFile opened(test::SimulatedDisk& disk, const LineFileSettings& settings = {}) {
    LineFile file(disk, k_path, settings);
    REQUIRE(file.open());
    return file;
}

TEST_CASE("lines that were appended are there in their order, also for the next writer") {
    test::SimulatedDisk disk;
    LineFile first(disk, k_path);
    CHECK(first.open().value().empty());
    CHECK_FALSE(first.is_open());
    REQUIRE(first.replace("head\n"));
    CHECK(first.append("one\n"));
    LineFile second(disk, k_path);
    CHECK(second.open().value() == "head\none\n");
    CHECK_FALSE(second.torn());
    CHECK(second.append("two\n"));
    CHECK(disk.content(k_path) == "head\none\ntwo\n");
}

TEST_CASE("a line that a death cut off stays alone on its line") {
    test::SimulatedDisk disk;
    disk.put_file(k_path, "one\nhal");
    auto file = opened(disk);
    CHECK(file.torn());
    CHECK(file.append("two\n"));
    CHECK_FALSE(file.torn());
    CHECK(file.append("three\n"));
    CHECK(lines_of(disk.content(k_path)) ==
          std::vector<std::string_view>{"one", "hal", "two", "three"});
}

TEST_CASE("on a full disk an append leaves the lines that were there, and the next one works") {
    test::SimulatedDisk disk;
    disk.put_file(k_path, "one\n");
    auto file = opened(disk);
    disk.set_capacity(6);
    const auto refused = file.append("two\n");
    REQUIRE_FALSE(refused);
    CHECK(is_out_of_space(refused.error()));
    CHECK(disk.content(k_path) == "one\n");
    disk.clear_faults();
    CHECK(file.append("three\n"));
    CHECK(disk.content(k_path) == "one\nthree\n");
}

TEST_CASE("what a failed append left and nobody could cut off costs no later line") {
    test::SimulatedDisk disk;
    disk.put_file(k_path, "one\n");
    auto file = opened(disk);
    // The write, and the cutting after it.
    disk.fail_at(disk.steps(), EIO, 2);
    CHECK_FALSE(file.append("two\n"));
    CHECK(file.torn());
    disk.clear_faults();
    CHECK(file.append("three\n"));
    CHECK(lines_of(disk.content(k_path)) == std::vector<std::string_view>{"one", "tw", "three"});
}

TEST_CASE("a replacement that fails at any step leaves the old lines, or the new ones") {
    for (test::SimulatedDisk::Step at = 0;; ++at) {
        test::SimulatedDisk disk;
        disk.put_file(k_path, "one\ntwo\n");
        auto file = opened(disk);
        const auto begun = disk.steps();
        disk.fail_at(begun + at, EIO);
        const bool done = file.replace("both\n").has_value();
        CHECK(disk.content(k_path) == (done ? "both\n" : "one\ntwo\n"));
        const bool reached = disk.steps() > begun + at;
        disk.clear_faults();
        CHECK(file.append("more\n"));
        CHECK(disk.content(k_path) == (done ? "both\nmore\n" : "one\ntwo\nmore\n"));
        if (!reached)
            break;
    }
}

TEST_CASE("it is overgrown at a size and a growth, and after a failed replacement later again") {
    test::SimulatedDisk disk;
    LineFileSettings settings;
    settings.overgrown_at = 10;
    settings.growth_max = 3;
    LineFile file(disk, k_path, settings);
    REQUIRE(file.replace("12345\n"));
    while (!file.overgrown())
        REQUIRE(file.append("123\n"));
    CHECK(disk.content(k_path).size() > 18);
    disk.fail_at(disk.steps(), EIO);
    CHECK_FALSE(file.replace("12345\n"));
    CHECK_FALSE(file.overgrown());
    while (!file.overgrown())
        REQUIRE(file.append("123\n"));
    CHECK(disk.content(k_path).size() > 54);
}

TEST_CASE("one that is larger than may be read is not opened") {
    test::SimulatedDisk disk;
    disk.put_file(k_path, "one\ntwo\n");
    LineFileSettings settings;
    settings.read_max = 4;
    LineFile file(disk, k_path, settings);
    CHECK_FALSE(file.open());
    CHECK_FALSE(file.is_open());
}

TEST_CASE("a text is cut behind its lines, and within one only where it is too long") {
    using Parts = std::vector<std::string>;
    CHECK(parts_of("", 4).empty());
    CHECK(parts_of("a\nb\nc\n", 4) == Parts{"a\nb\n", "c\n"});
    CHECK(parts_of("a\nb\nc", 4) == Parts{"a\nb\n", "c"});
    CHECK(parts_of("abcdefg\nh", 4) == Parts{"abcd", "efg\n", "h"});
}

}  // namespace
}  // namespace bullpen::storage
