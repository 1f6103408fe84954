// Which numbers a home's user has for its accounts, and how a namespace maps them.
#include "common/users/number_range.hpp"

#include <doctest/doctest.h>

namespace bullpen::users {

TEST_CASE("a range is found by the user's name or number, and a useless one is passed over") {
    const std::string text =
        "# nothing\n"
        "other:100000:65536\n"
        "bullpen:5\n"
        "bullpen:165536:1\n"
        "bullpen:4294967290:100\n"
        "bullpen:900:200\n"
        "bullpen:231072:100000\n"
        "998:300000:10\n";
    CHECK(range_in_subuid(text, "bullpen", 998) == NumberRange{231'072, k_numbers_max});
    CHECK(range_in_subuid(text, "", 998) == NumberRange{300'000, 10});
    CHECK(range_in_subuid(text, "other", 7) == NumberRange{100'000, 65'536});
    CHECK_FALSE(range_in_subuid(text, "nobody", 65'534).has_value());
    CHECK_FALSE(range_in_subuid("", "bullpen", 998).has_value());
    CHECK_FALSE(range_in_subuid(":1:2:3\n::::\n", "", 998).has_value());
}

TEST_CASE("a range has its numbers and no others") {
    const NumberRange range{100, 3};
    CHECK_FALSE(range.has(99));
    CHECK(range.has(100));
    CHECK(range.has(102));
    CHECK_FALSE(range.has(103));
    CHECK_FALSE(NumberRange{}.has(0));
}

TEST_CASE("a user's name is that of its number") {
    const std::string text = "root:x:0:0::/:/bin/sh\nbullpen:x:998:997::/:/bin/false\nbad\n";
    CHECK(name_in_passwd(text, 998) == "bullpen");
    CHECK(name_in_passwd(text, 0) == "root");
    CHECK(name_in_passwd(text, 997).empty());
}

TEST_CASE("the map that is written is the map that is found again, as the kernel shows it") {
    const NumberRange range{100'000, 65'536};
    CHECK(map_of(998, range) == "998 998 1\n0 100000 1\n100001 100001 65535\n");
    CHECK(range_in_map(map_of(998, range), 998) == range);
    CHECK(range_in_map("       998        998          1\n"
                       "         0     100000          1\n"
                       "    100001     100001      65535\n",
                       998) == range);
}

TEST_CASE("other namespaces are nobody's own") {
    CHECK_FALSE(range_in_map("0 0 4294967295\n", 0).has_value());
    CHECK_FALSE(range_in_map("0 0 4294967295\n", 998).has_value());
    CHECK_FALSE(range_in_map("0 998 1\n1 100000 65536\n", 0).has_value());
    CHECK_FALSE(range_in_map("998 998 1\n0 100000 1\n100001 100001 65535\n", 999).has_value());
    CHECK_FALSE(range_in_map("998 998 1\n0 100000 1\n200001 200001 65535\n", 998).has_value());
    CHECK_FALSE(range_in_map("998 998 1\n", 998).has_value());
    CHECK_FALSE(range_in_map("", 998).has_value());
    CHECK_FALSE(range_in_map("what is this\n", 998).has_value());
}

}  // namespace bullpen::users
