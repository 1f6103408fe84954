// Which user an account's file names.
#include "common/launch/unix_user.hpp"

#include <doctest/doctest.h>

#include "tests/support/temporary.hpp"

namespace bullpen::launch {

TEST_CASE("a user is found by name or number, and a number needs no entry") {
    const test::TemporaryDirectory directory;
    const auto passwd = directory.file("passwd");
    test::write_text(passwd,
                     "root:x:0:0:root:/root:/bin/sh\nbroken\nbot7:x:2007:2000::/:/bin/false\n"
                     "later:x:2008:2008");
    using process::UnixUser;
    CHECK(find_unix_user("bot7", passwd).value() == UnixUser{2007, 2000});
    CHECK(find_unix_user("later", passwd).value() == UnixUser{2008, 2008});
    CHECK(find_unix_user("2007", passwd).value() == UnixUser{2007, 2000});
    CHECK(find_unix_user("2007:5", passwd).value() == UnixUser{2007, 5});
    CHECK(find_unix_user("3000", passwd).value() == UnixUser{3000, 3000});
    const auto none = find_unix_user("bot", passwd);
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().message().find("there is no user bot in ") != std::string::npos);
    CHECK_FALSE(find_unix_user("2007x", passwd).has_value());
    CHECK_FALSE(find_unix_user("bot7", directory.file("none")).has_value());
}

}  // namespace bullpen::launch
