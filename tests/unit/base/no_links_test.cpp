#include "common/base/no_links.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <filesystem>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen {
namespace {

TEST_CASE("a file is opened where neither it nor its directory is a link") {
    const test::TemporaryDirectory place;
    namespace fs = std::filesystem;
    fs::create_directory(place.file("logs"));
    const auto path = place.file("logs") + "/log";
    REQUIRE(open_own_file(path, O_WRONLY | O_CREAT, 0600));
    CHECK(open_own_file(path, O_RDONLY));
    CHECK(open_own_directory(place.file("logs")));
    CHECK(open_own_file(place.file("logs") + "/none", O_RDONLY).error().code() ==
          std::errc::no_such_file_or_directory);

    // Links further up are the operator's.
    fs::create_directory_symlink(place.path(), place.file("up"));
    CHECK(open_own_file(place.file("up") + "/logs/log", O_RDONLY));

    fs::create_symlink(path, place.file("logs") + "/link");
    CHECK_FALSE(open_own_file(place.file("logs") + "/link", O_RDONLY));
    fs::create_directory_symlink(place.file("logs"), place.file("elsewhere"));
    const auto refused = open_own_file(place.file("elsewhere") + "/log", O_RDONLY);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Errc::refused);
    CHECK(refused.error().message().find(place.file("elsewhere") + " is a link") !=
          std::string::npos);
    CHECK_FALSE(check_no_link(place.file("elsewhere")));
    CHECK(check_no_link(place.file("logs")));
    CHECK(check_no_link(place.file("none")));
}

TEST_CASE("a path is divided at its last slash") {
    CHECK(directory_in("/a/b") == "/a");
    CHECK(name_in("/a/b") == "b");
    CHECK(directory_in("/a") == "/");
    CHECK(directory_in("a") == ".");
    CHECK(name_in("a") == "a");
}

}  // namespace
}  // namespace bullpen
