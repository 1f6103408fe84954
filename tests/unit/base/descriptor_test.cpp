#include "common/base/descriptor.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
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

TEST_CASE("a file on which another process has a lease is not waited for") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("leased");
    test::write_text(path, "words");
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Descriptor told(ends[0]);
    Descriptor tells(ends[1]);
    const pid_t other = ::fork();
    REQUIRE(other >= 0);
    if (other == 0) {
        ::signal(SIGIO, SIG_IGN);
        const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        const char done = ::fcntl(file, F_SETLEASE, F_WRLCK) == 0 ? 'y' : 'n';
        if (::write(tells.get(), &done, 1) == 1)
            ::pause();
        ::_exit(0);
    }
    tells.reset();
    char leased = 0;
    REQUIRE(::read(told.get(), &leased, 1) == 1);
    CHECK(leased == 'y');
    for (const int flags : {O_RDONLY, O_WRONLY | O_APPEND, O_RDWR | O_CREAT}) {
        const auto file = open_file(path, flags, 0600);
        REQUIRE_FALSE(file.has_value());
        CHECK(file.error().code() == std::errc::operation_would_block);
        CHECK(file.error().message().find("has a lease") != std::string::npos);
    }
    CHECK_FALSE(read_file(path, 100).has_value());
    REQUIRE(::kill(other, SIGKILL) == 0);
    REQUIRE(::waitpid(other, nullptr, 0) == other);
    CHECK(read_file(path, 100) == "words");
}

TEST_CASE("nobody waits for the other end of a pipe, but for what comes out of it") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("pipe");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const auto file = open_file(path, O_RDONLY);
    REQUIRE(file.has_value());
    CHECK((::fcntl(file->get(), F_GETFL) & O_NONBLOCK) == 0);
    const auto appended = open_file(directory.file("log"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    REQUIRE(appended.has_value());
    CHECK((::fcntl(appended->get(), F_GETFL) & (O_APPEND | O_NONBLOCK)) == O_APPEND);
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
