// Which user each account was given.
#include "common/users/numbers.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "common/base/descriptor.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::users {

namespace {

AccountId id(const std::string& name) {
    return AccountId::parse(name).value();
}

constexpr NumberRange k_range{700'000, 10};

struct NumberedHome {
    test::TemporaryHome temporary;
    const Home& home = temporary.home();

    NumberedHome() {
        REQUIRE(make_directories(home.locks(), 0700));
        REQUIRE(make_directories(home.accounts(), 0700));
    }
    uid_t user(const std::string& name) const { return user_of(home, id(name), k_range).value(); }
};

}  // namespace

TEST_CASE("numbers go through their text and back") {
    Numbers numbers;
    CHECK(numbers.give(id("alpha"), 0) == 1);
    CHECK(numbers.give(id("beta"), 0) == 2);
    CHECK(numbers.text() == "next 3\nalpha 1\nbeta 2\n");
    CHECK(Numbers::parse(numbers.text()).value() == numbers);
    CHECK(Numbers::parse("").value() == Numbers());
}

TEST_CASE("a number is never given again") {
    Numbers numbers;
    numbers.give(id("alpha"), 0);
    numbers.drop(id("alpha"));
    CHECK_FALSE(numbers.of(id("alpha")).has_value());
    auto again = Numbers::parse(numbers.text()).value();
    CHECK(again.give(id("alpha"), 0) == 2);
    CHECK(again.give(id("beta"), 6) == 7);
    CHECK(again.give(id("gamma"), 0) == 8);
}

TEST_CASE("a number goes with its account's name") {
    Numbers numbers;
    numbers.give(id("alpha"), 0);
    numbers.move(id("alpha"), id("beta"));
    CHECK_FALSE(numbers.of(id("alpha")).has_value());
    CHECK(numbers.of(id("beta")) == 1U);
    numbers.move(id("none"), id("beta"));
    CHECK(numbers.of(id("beta")) == 1U);
}

TEST_CASE("a damaged text is refused, and a number that two have is damage") {
    for (const char* const text : {"alpha\n", "alpha x\n", "alpha 0\n", "alpha 1 \n", "alpha -1\n",
                                   "AL 1\n", "alpha 1\nalpha 2\n", "alpha 1\nbeta 1\n", "\n"}) {
        CAPTURE(text);
        CHECK_FALSE(Numbers::parse(text).has_value());
    }
}

TEST_CASE("an account of a home has the same user each time, and no two the same") {
    const NumberedHome home;
    CHECK_FALSE(has_numbers(home.home));
    CHECK(home.user("alpha") == 700'001);
    CHECK(home.user("beta") == 700'002);
    CHECK(home.user("alpha") == 700'001);
    CHECK(has_numbers(home.home));
    REQUIRE(move_number(home.home, id("alpha"), id("gamma")));
    CHECK(home.user("gamma") == 700'001);
    CHECK(home.user("alpha") == 700'003);
    REQUIRE(drop_number(home.home, id("beta")));
    CHECK(home.user("beta") == 700'004);
    struct stat facts {};
    REQUIRE(::stat(home.home.numbers().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600);
}

TEST_CASE("a home without numbers gets none by a move or a removal") {
    const NumberedHome home;
    CHECK(move_number(home.home, id("alpha"), id("beta")));
    CHECK(drop_number(home.home, id("alpha")));
    CHECK_FALSE(has_numbers(home.home));
}

TEST_CASE("a spent range and a damaged file are errors that say so") {
    const NumberedHome home;
    test::write_text(home.home.numbers(), "next 10\nalpha 9\n");
    CHECK(home.user("alpha") == 700'009);
    const auto spent = user_of(home.home, id("beta"), k_range);
    REQUIRE_FALSE(spent.has_value());
    CHECK(spent.error().message().find("user number 10 is not among the 10") != std::string::npos);
    test::write_text(home.home.numbers(), "torn");
    const auto damaged = user_of(home.home, id("alpha"), k_range);
    REQUIRE_FALSE(damaged.has_value());
    CHECK(damaged.error().message().find("numbers is damaged") != std::string::npos);
}

TEST_CASE("where the file was lost, what accounts' directories have is given to nobody else") {
    if (::geteuid() != 0)
        return;
    const NumberedHome home;
    const auto directory = home.home.account(id("alpha")).directory;
    REQUIRE(make_directories(directory, 0700));
    REQUIRE(::chown(directory.c_str(), 700'004, 0) == 0);
    CHECK(home.user("beta") == 700'005);
}

}  // namespace bullpen::users
