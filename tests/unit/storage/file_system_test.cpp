#include "common/storage/file_system.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::storage {

TEST_CASE("a file that is opened for appending is made and keeps what it had") {
    const test::TemporaryDirectory directory;
    SystemFileSystem files;
    const auto path = directory.file("a");
    REQUIRE((*files.open_append(path, 0600))->append("one ").value() == 4);
    REQUIRE((*files.open_append(path, 0600))->append("two").value() == 3);
    CHECK(files.read(path, 100).value() == "one two");
    CHECK(files.read_tail(path, 3).value() == "two");
    CHECK(files.read_tail(path, 100).value() == "one two");
    CHECK(files.status(path)->size == 7);
    CHECK(files.status(path)->owner == ::geteuid());
}

TEST_CASE("a file has the mode it was made with and is closed at an exec") {
    const test::TemporaryDirectory directory;
    SystemFileSystem files;
    const auto path = directory.file("a");
    const int before = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(before);
    const auto file = files.create(path, 0600);
    REQUIRE(file);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK((::fcntl(before, F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a symbolic link is not followed when a file is made") {
    const test::TemporaryDirectory directory;
    SystemFileSystem files;
    test::write_text(directory.file("victim"), "precious");
    REQUIRE(::symlink(directory.file("victim").c_str(), directory.file("link").c_str()) == 0);
    CHECK(!files.create(directory.file("link"), 0600));
    CHECK(!files.open_append(directory.file("link"), 0600));
    CHECK(test::read_text(directory.file("victim")) == "precious");
}

TEST_CASE("errors say what is missing and what is full") {
    SystemFileSystem files;
    const auto nothing = files.read("/nonexistent/x", 10);
    REQUIRE(!nothing);
    CHECK(is_missing(nothing.error()));
    CHECK(!is_out_of_space(nothing.error()));
    CHECK(is_out_of_space(Error::from_errno(ENOSPC, "")));
    CHECK(is_out_of_space(Error::from_errno(EDQUOT, "")));
    CHECK(is_out_of_space(Error::from_errno(EFBIG, "")));
    const test::TemporaryDirectory directory;
    test::write_text(directory.file("a"), "12345");
    CHECK(files.read(directory.file("a"), 4).error().code() == make_error_code(Errc::too_large));
}

TEST_CASE("a pipe that lies where a file should be is refused, and nobody waits for it") {
    const test::TemporaryDirectory directory;
    const auto path = directory.file("signals.csv");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    SystemFileSystem files;
    for (const auto& read : {files.read(path, 1000), files.read_tail(path, 1000)}) {
        REQUIRE_FALSE(read);
        CHECK(read.error().message().find("no regular file") != std::string::npos);
    }
}

TEST_CASE("a directory lists its names in order") {
    const test::TemporaryDirectory directory;
    SystemFileSystem files;
    for (const char* name : {"b", "a", "c"})
        test::write_text(directory.file(name), "");
    CHECK(files.list(directory.path()).value() == std::vector<std::string>{"a", "b", "c"});
    REQUIRE(files.remove(directory.file("b")));
    REQUIRE(files.rename(directory.file("c"), directory.file("d")));
    REQUIRE(files.link(directory.file("d"), directory.file("e")));
    REQUIRE(files.sync_directory(directory.path()));
    CHECK(files.list(directory.path()).value() == std::vector<std::string>{"a", "d", "e"});
    CHECK(directory_of("/a/b/c") == "/a/b");
    CHECK(directory_of("/a") == "/");
}

}  // namespace bullpen::storage
