#include "common/storage/fence_file.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <ostream>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::storage {
namespace {

struct Files {
    test::TemporaryDirectory directory;
    std::string one = directory.file("fences");
    std::string two = directory.file("copy");
};

Result<FenceFile> open(const Files& files, Fence greatest_used = {}) {
    return FenceFile::open(files.one, files.two, greatest_used);
}
Fence reserved(const Files& files, Fence greatest_used = {}) {
    const auto file = open(files, greatest_used);
    REQUIRE(file);
    return file->reserved();
}
void reserve(const Files& files, std::uint64_t up_to) {
    auto file = open(files);
    REQUIRE(file);
    CHECK(file->reserve({up_to}));
    CHECK(file->reserved() == Fence{up_to});
}

TEST_SUITE_BEGIN("critical");

TEST_CASE("a new home has used no fence") {
    const Files files;
    const auto file = open(files);
    REQUIRE(file);
    CHECK(file->reserved() == Fence{0});
    // Nor can it be told from one that lost everything but by looking for used ones.
    CHECK_FALSE(file->intact());
}

TEST_CASE("a reservation is there again, and either copy alone is enough") {
    const Files files;
    reserve(files, 1000);
    reserve(files, 2000);
    CHECK(reserved(files) == Fence{2000});
    for (const std::string& lost : {files.one, files.two}) {
        const std::string text = test::read_text(lost);
        ::unlink(lost.c_str());
        CHECK(reserved(files) == Fence{2000});
        CHECK_FALSE(open(files)->intact());
        test::write_text(lost, text);
        CHECK(open(files)->intact());
    }
}

TEST_CASE("a death between the two copies leaves the old reservation or the new one") {
    const Files files;
    reserve(files, 1000);
    const std::string before = test::read_text(files.two);
    reserve(files, 2000);
    test::write_text(files.two, before);
    CHECK(reserved(files) == Fence{2000});
    for (const std::string& fresh : {files.one + ".tmp", files.two + ".tmp"})
        test::write_text(fresh, "bullpen-fences 1 30");
    CHECK(reserved(files) == Fence{2000});
    reserve(files, 3000);
    CHECK(open(files)->intact());
}

TEST_CASE("no damaged copy is believed") {
    const Files files;
    reserve(files, 1000);
    ::unlink(files.two.c_str());
    const std::string text = test::read_text(files.one);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string damaged = text;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        test::write_text(files.one, damaged);
        CHECK(open(files).error().code() == Errc::corrupt);
    }
    for (std::size_t length = 0; length < text.size(); ++length) {
        test::write_text(files.one, text.substr(0, length));
        CHECK(open(files).error().code() == Errc::corrupt);
    }
}

TEST_CASE("with both copies lost, fences go on far above every one known to be used") {
    const Files files;
    CHECK(reserved(files, {500}) > Fence{100'000});
    reserve(files, 1000);
    test::write_text(files.one, "x");
    test::write_text(files.two, "x");
    CHECK(reserved(files, {900}) > Fence{100'000});
}

TEST_CASE("a used fence above the reservation, as after a restored backup, raises it") {
    const Files files;
    reserve(files, 1000);
    CHECK(reserved(files, {5000}) == Fence{5001});
    CHECK(reserved(files, {999}) == Fence{1000});
}

TEST_SUITE_END();

}  // namespace
}  // namespace bullpen::storage
