// What a directory takes up on the disk, however it is made.
#include "common/watch/directory_size.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/support/temporary.hpp"

namespace bullpen::watch {

namespace {

constexpr std::uint64_t k_entry = DirectorySize::k_entry_min;

// In steps of so many entries.
Size size_of(const std::string& directory, std::size_t at_a_time = 1000,
             const std::vector<std::string>& others = {}) {
    DirectorySize walk(directory, others);
    for (int step = 0; step < 10'000; ++step) {
        std::size_t entries = at_a_time;
        const auto ended = walk.step(entries);
        REQUIRE(ended.has_value());
        if (*ended)
            return walk.size();
        CHECK(entries == 0);
    }
    FAIL("the walk does not end");
    return {};
}

void make_directory(const std::string& path, mode_t mode = 0700) {
    REQUIRE(::mkdir(path.c_str(), mode) == 0);
}

}  // namespace

TEST_CASE("all that is below a directory is counted, however few entries at a time") {
    const test::TemporaryDirectory directory;
    CHECK(size_of(directory.path()) == Size{});
    test::write_text(directory.file("whole"), std::string(1 << 20, 'x'));
    test::write_text(directory.file("empty"), "");
    make_directory(directory.file("below"));
    make_directory(directory.file("below/further"));
    test::write_text(directory.file("below/further/file"), "x");
    const auto size = size_of(directory.path());
    CHECK(size.entries == 5);
    CHECK(size.bytes >= (1 << 20) + 4 * k_entry);
    CHECK(size.bytes < (2 << 20) + 100 * k_entry);
    CHECK_FALSE(size.hidden);
    for (const std::size_t at_a_time : {1, 2, 3})
        CHECK(size_of(directory.path(), at_a_time) == size);
}

TEST_CASE("what a file has no blocks for is not counted, and an empty one is") {
    const test::TemporaryDirectory directory;
    test::write_text(directory.file("hole"), "");
    REQUIRE(::truncate(directory.file("hole").c_str(), 1LL << 30) == 0);
    const auto size = size_of(directory.path());
    CHECK(size.entries == 1);
    CHECK(size.bytes >= k_entry);
    CHECK(size.bytes < 1 << 20);
}

TEST_CASE("no link is followed") {
    const test::TemporaryDirectory directory;
    const test::TemporaryDirectory elsewhere;
    test::write_text(elsewhere.file("large"), std::string(4 << 20, 'x'));
    REQUIRE(::symlink(elsewhere.path().c_str(), directory.file("out").c_str()) == 0);
    REQUIRE(::symlink(directory.path().c_str(), directory.file("round").c_str()) == 0);
    const auto size = size_of(directory.path());
    CHECK(size.entries == 2);
    CHECK(size.bytes < 1 << 20);
    CHECK_FALSE(size.hidden);
    // Nor one that stands in the directory's place.
    CHECK(size_of(directory.file("out")) == Size{});
}

TEST_CASE("a directory that is not there is an empty one") {
    CHECK(size_of("/nowhere/at/all") == Size{});
}

TEST_CASE("what is too deep to be looked into is said to be there") {
    const test::TemporaryDirectory directory;
    auto path = directory.path();
    for (std::size_t depth = 1; depth < DirectorySize::k_depth_max; ++depth)
        make_directory(path += "/d");
    CHECK_FALSE(size_of(directory.path()).hidden);
    make_directory(path += "/d");
    CHECK(size_of(directory.path()).hidden);
}

TEST_CASE("of paths elsewhere counts what is there, a file, a directory, a link to one") {
    const test::TemporaryDirectory directory;
    const test::TemporaryDirectory other;
    test::write_text(directory.file("own"), "x");
    const auto alone = size_of(directory.path());
    const auto file = other.file("file");
    const auto link = other.file("link");
    const auto below = other.file("below");
    test::write_text(file, std::string(1 << 20, 'x'));
    make_directory(below);
    test::write_text(below + "/one", "x");
    test::write_text(below + "/two", "x");
    REQUIRE(::symlink(below.c_str(), link.c_str()) == 0);
    const auto with = [&](const std::vector<std::string>& others, std::size_t at_a_time = 1000) {
        return size_of(directory.path(), at_a_time, others);
    };
    CHECK(with({file}).bytes >= alone.bytes + (1 << 20));
    CHECK(with({below}).entries == alone.entries + 2);
    CHECK(with({link}) == with({below}));
    CHECK(with({other.file("none")}) == alone);
    const auto all = with({file, below});
    CHECK(all.entries == alone.entries + 3);
    for (const std::size_t at_a_time : {1, 2, 3})
        CHECK(with({file, below}, at_a_time) == all);
}

TEST_CASE("elsewhere others' files do not count, nor what they keep to themselves") {
    if (::geteuid() != 0)
        return;  // only root makes files that are another's
    const test::TemporaryDirectory directory;
    const test::TemporaryDirectory other;
    const auto alone = size_of(directory.path());
    make_directory(other.file("theirs"));
    test::write_text(other.file("theirs/file"), "x");
    for (const auto& path : {other.file("theirs/file"), other.file("theirs")})
        REQUIRE(::chown(path.c_str(), 4242, 4242) == 0);
    CHECK(size_of(directory.path(), 1000, {other.path()}) == alone);
    // What the account made in a directory of theirs is its own.
    test::write_text(other.file("theirs/ours"), "x");
    CHECK(size_of(directory.path(), 1000, {other.path()}).entries == alone.entries + 1);
    // The directory that is the account's own counts whole.
    CHECK(size_of(other.path()).entries == 3);
}

TEST_CASE("what may not be looked into is said to be there") {
    if (::geteuid() == 0)
        return;  // root may look into anything
    const test::TemporaryDirectory directory;
    make_directory(directory.file("closed"), 0300);
    CHECK(size_of(directory.path()).hidden);
}

}  // namespace bullpen::watch
