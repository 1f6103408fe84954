#include "common/base/descriptor.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen {
namespace {

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

TEST_CASE("a descriptor is closed when its owner goes, and only then") {
    int number = -1;
    {
        Descriptor first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        number = first.get();
        REQUIRE(first.valid());
        Descriptor second(std::move(first));
        CHECK(second.get() == number);
        Descriptor third;
        third = std::move(second);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
}

TEST_CASE("a released descriptor is the caller's to close") {
    Descriptor owner(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const int number = owner.release();
    CHECK_FALSE(owner.valid());
    owner.reset();
    CHECK(is_open(number));
    ::close(number);
}

TEST_CASE("what is opened is not inherited by a program that is started") {
    const auto file = open_file("/dev/null", O_RDONLY);
    REQUIRE(file.has_value());
    CHECK((::fcntl(file->get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("an error of the system names the path and keeps its number") {
    const auto file = open_file("/nonexistent/file", O_RDONLY);
    REQUIRE_FALSE(file.has_value());
    CHECK(file.error().code() == std::errc::no_such_file_or_directory);
    CHECK(file.error().message().find("/nonexistent/file") != std::string::npos);
}

TEST_CASE("a file is read whole, or refused when it is over the limit") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("data");
    test::write_text(path, std::string(20'000, 'x'));
    CHECK(read_file(path, 20'000).value().size() == 20'000);
    const auto refused = read_file(path, 19'999);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == make_error_code(Errc::too_large));
    CHECK(read_file(directory.path(), 100).error().code() == std::errc::is_a_directory);
}

TEST_CASE("a file without a size, as /proc has them, is read whole") {
    const auto text = read_file("/proc/self/status", 1U << 20U);
    REQUIRE(text.has_value());
    CHECK(text->find("Name:") == 0);
}

TEST_CASE("directories are made with their parents; one that exists is fine") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("a/b/c");
    REQUIRE(make_directories(path, 0700).has_value());
    REQUIRE(make_directories(path, 0700).has_value());
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a directory is not made below a file") {
    const test::TemporaryDirectory directory;
    test::write_text(directory.file("file"), "x");
    CHECK_FALSE(make_directories(directory.file("file/below"), 0700).has_value());
}

TEST_CASE("writing to a full device fails") {
    const auto full = open_file("/dev/full", O_WRONLY);
    REQUIRE(full.has_value());
    const auto written = write_all(full->get(), "x");
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().code() == std::errc::no_space_on_device);
}

}  // namespace
}  // namespace bullpen
