#include "common/storage/atomic_file.hpp"

#include <doctest/doctest.h>

#include "tests/support/simulated_disk.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::storage {

TEST_CASE("a file is replaced and the one before is kept") {
    const test::TemporaryDirectory directory;
    SystemFileSystem files;
    const auto path = directory.file("state.json");
    for (const char* content : {"one", "two", "three"})
        REQUIRE(replace_file(files, path, content, {.keep_previous = true}));
    CHECK(test::read_text(path) == "three");
    CHECK(test::read_text(previous_of(path)) == "two");
    CHECK(files.list(directory.path()).value().size() == 2);
}

TEST_CASE("without a wish to keep it the file before is gone") {
    const test::TemporaryDirectory directory;
    SystemFileSystem files;
    const auto path = directory.file("a");
    REQUIRE(replace_file(files, path, "one"));
    REQUIRE(replace_file(files, path, "two"));
    CHECK(files.list(directory.path()).value() == std::vector<std::string>{"a"});
}

TEST_CASE("a replacement that failed leaves the old file and no rubbish") {
    test::SimulatedDisk disk;
    REQUIRE(replace_file(disk, "/d/a", "old"));
    disk.set_capacity(8);
    const auto replaced = replace_file(disk, "/d/a", "much too long for the disk");
    REQUIRE(!replaced);
    CHECK(is_out_of_space(replaced.error()));
    CHECK(disk.content("/d/a") == "old");
    CHECK(!disk.exists(temporary_of("/d/a")));
    disk.clear_faults();
    REQUIRE(replace_file(disk, "/d/a", "much too long for the disk"));
    CHECK(disk.content("/d/a") == "much too long for the disk");
}

TEST_CASE("a replacement goes on after a short write") {
    test::SimulatedDisk disk;
    REQUIRE(replace_file(disk, "/d/a", "old"));
    // The disk takes the first half; the rest is written by the next call.
    disk.fail_at(disk.steps() + 1, EINTR, 1);
    REQUIRE(replace_file(disk, "/d/a", "0123456789"));
    CHECK(disk.content("/d/a") == "0123456789");
}

TEST_CASE("the previous file is kept after a crash between the two renames") {
    // The link that becomes the previous file and the file itself are then one file, and renaming
    // one over the other does nothing: the link must be made anew.
    test::SimulatedDisk disk;
    const ReplaceOptions keep{.keep_previous = true};
    REQUIRE(replace_file(disk, "/d/a", "one", keep));
    const auto before = disk.steps();
    REQUIRE(replace_file(disk, "/d/a", "two", keep));
    const auto steps = disk.steps() - before;
    for (test::SimulatedDisk::Step i = 0; i < steps; ++i) {
        test::SimulatedDisk other;
        REQUIRE(replace_file(other, "/d/a", "one", keep));
        other.cut_power_at(other.steps() + i);
        CHECK_THROWS_AS((void)replace_file(other, "/d/a", "two", keep), test::PowerCut);
        other.clear_faults();  // only the process died
        const auto shown = other.content("/d/a");
        REQUIRE(replace_file(other, "/d/a", "three", keep));
        CHECK(other.content("/d/a") == "three");
        CHECK(other.content(previous_of("/d/a")) == shown);
    }
}

}  // namespace bullpen::storage
