// What of an account's directory is given to its user, and what is left alone.
#include "common/users/giving.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "common/base/descriptor.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::users {

namespace {

constexpr NumberRange k_range{700'000, 10};
constexpr Giving k_giving{700'003, k_range};

uid_t owner(const std::string& path) {
    struct stat facts {};
    REQUIRE(::lstat(path.c_str(), &facts) == 0);
    return facts.st_uid;
}

// Only root can give files away; nothing is told where a test is run by somebody else.
bool may_give() {
    return ::geteuid() == 0;
}

struct Account {
    test::TemporaryDirectory temporary;
    std::string directory = temporary.file("account");
    std::string inner = directory + "/logs/older";

    Account() {
        REQUIRE(make_directories(inner, 0700));
        test::write_text(inner + "/log", "x");
    }
    [[nodiscard]] std::string refusal() const {
        const auto given = give_all(directory, k_giving);
        REQUIRE_FALSE(given.has_value());
        return given.error().message();
    }
};

}  // namespace

TEST_CASE("all that is in the directory is given, of the home's user and of an older one") {
    if (!may_give())
        return;
    const Account account;
    REQUIRE(::chown(account.inner.c_str(), 700'001, 0) == 0);
    REQUIRE(give_all(account.directory, k_giving));
    for (const auto& path : {account.directory, account.inner, account.inner + "/log"})
        CHECK(owner(path) == 700'003);
    REQUIRE(give_all(account.directory, {::geteuid(), k_range}));
    CHECK(owner(account.inner + "/log") == ::geteuid());
}

TEST_CASE("a link is given and what it names is not") {
    if (!may_give())
        return;
    const Account account;
    const auto outside = account.temporary.file("outside");
    test::write_text(outside, "x");
    REQUIRE(::symlink(outside.c_str(), (account.inner + "/link").c_str()) == 0);
    REQUIRE(::symlink(account.temporary.path().c_str(), (account.inner + "/folder").c_str()) == 0);
    REQUIRE(give_all(account.directory, k_giving));
    CHECK(owner(account.inner + "/link") == 700'003);
    CHECK(owner(outside) == ::geteuid());
}

TEST_CASE("a file with another name elsewhere may be somebody else's, and is not given") {
    if (!may_give())
        return;
    const Account account;
    const auto settings = account.temporary.file("bullpen.toml");
    test::write_text(settings, "x");
    REQUIRE(::link(settings.c_str(), (account.inner + "/mine").c_str()) == 0);
    CHECK(account.refusal().find("/logs/older/mine has another name elsewhere") !=
          std::string::npos);
    CHECK(owner(settings) == ::geteuid());
}

TEST_CASE("what is a stranger's is not given, and named") {
    if (!may_give())
        return;
    const Account account;
    REQUIRE(::chown((account.inner + "/log").c_str(), 4242, 0) == 0);
    CHECK(account.refusal().find("/logs/older/log belongs to user 4242") != std::string::npos);
}

TEST_CASE("what is deeper than anybody looks is refused") {
    const Account account;
    auto deep = account.directory;
    for (int i = 0; i < 40; ++i)
        deep += "/d";
    REQUIRE(make_directories(deep, 0700));
    const auto given = give_all(account.directory, {::geteuid(), k_range});
    REQUIRE_FALSE(given.has_value());
    CHECK(given.error().message().find("is deeper") != std::string::npos);
}

TEST_CASE("a file that is not there is nobody's to give") {
    const Account account;
    CHECK(give_file(account.temporary.file("none"), k_giving));
}

}  // namespace bullpen::users
