// Whose is how much: the rules by which a shared state is divided.
#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "moving/digest.hpp"
#include "moving/split_files.hpp"

using namespace bullpen;
using namespace bullpen::moving;

namespace {

constexpr const char* k_state = R"({"meta":{"date":"2025-05-02"},"positions":{
    "INFY":{"type":"LONG","quantity":10,"entry_price":1500.5,"gtt":{"trigger_id":5},"pnl":3},
    "TCS":{"type":"SHORT","quantity":4},
    "SOLD":{"type":"LONG","quantity":3,"exit_price":250.5}},
    "daily_tickers":{"long":["INFY","NOBODY"],"short":[]},"gtt_orders":{"INFY":{"id":5}},
    "session_data":{"x":1}})";

using Quantities = std::map<std::string, std::int64_t>;

Claimant holds(std::string user, Quantities holdings, Quantities orders = {}) {
    return {std::move(user), std::move(holdings), std::move(orders)};
}
Claimant ordered(std::string user, Quantities orders) {
    return {std::move(user), std::nullopt, std::move(orders)};
}

const Division& of(const Split& split, std::string_view ticker) {
    for (const auto& division : split.divisions) {
        if (division.ticker == ticker)
            return division;
    }
    FAIL("no such ticker");
    return split.divisions.front();
}

Split divided(const std::vector<Claimant>& users) {
    return divide(parse_equity_state(k_state).value(), users);
}

SplitSource source() {
    return {"trading_state.json", k_state, sha256(k_state)};
}

}  // namespace

TEST_CASE("the same ticker of two users is divided by what each holds, not copied") {
    const auto split = divided({holds("ravi", {{"INFY", 4}}), holds("asha", {{"INFY", 6}})});
    CHECK(of(split, "INFY").match == Match::exact);
    CHECK(of(split, "INFY").parts == std::vector<Part>{{"asha", 6}, {"ravi", 4}});
    CHECK(of(split, "INFY").unassigned == 0);
}

TEST_CASE("what the broker says of a user counts, order files only where it was not asked") {
    const auto split =
        divided({holds("asha", {}, {{"INFY", 10}}), ordered("ravi", {{"INFY", 10}})});
    CHECK(of(split, "INFY").parts == std::vector<Part>{{"ravi", 10}});
    CHECK(matches(of(split, "INFY")));
}

TEST_CASE("a sum that does not match is told, and what it leaves is nobody's") {
    const auto less = divided({holds("asha", {{"INFY", 6}})});
    CHECK_FALSE(less.matches());
    CHECK(of(less, "INFY").match == Match::short_of);
    CHECK(of(less, "INFY").unassigned == 4);
    const auto more = divided({ordered("asha", {{"INFY", 10}}), ordered("ravi", {{"INFY", 10}})});
    CHECK_FALSE(more.matches());
    CHECK(of(more, "INFY").match == Match::beyond);
    CHECK(of(more, "INFY").parts.empty());
    CHECK(of(more, "INFY").unassigned == 10);
    const auto none = divided({holds("asha", {})});
    CHECK_FALSE(none.matches());
    CHECK(divided({holds("asha", {{"INFY", 10}, {"TCS", -4}})}).matches());
    CHECK(of(none, "INFY").match == Match::unclaimed);
    CHECK(of(none, "INFY").unassigned == 10);
}

TEST_CASE("a short position is claimed by who is short, not by who holds the shares") {
    const auto split = divided({holds("asha", {{"TCS", 4}}), holds("ravi", {{"TCS", -4}})});
    CHECK(of(split, "TCS").parts == std::vector<Part>{{"ravi", 4}});
}

TEST_CASE("a record of what was sold goes to the one user who knows it, and is never copied") {
    CHECK(of(divided({ordered("asha", {{"SOLD", 0}})}), "SOLD").parts ==
          std::vector<Part>{{"asha", 0}});
    const auto two = divided({ordered("asha", {{"SOLD", 0}}), ordered("ravi", {{"SOLD", 3}})});
    CHECK(of(two, "SOLD").parts.empty());
    REQUIRE(two.unknown.size() == 1);
    CHECK(two.unknown[0].user == "ravi");
}

TEST_CASE("a trigger at the broker belongs to one login: it is in no part of a divided position") {
    const std::vector<Claimant> one{holds("asha", {{"INFY", 10}, {"TCS", -4}})};
    const auto whole = split_files(source(), divided(one), one, {});
    REQUIRE(whole);
    CHECK(whole->users.at("asha").find("trigger_id") != std::string::npos);
    const std::vector<Claimant> two{holds("asha", {{"INFY", 6}}), holds("ravi", {{"INFY", 4}})};
    const auto parts = split_files(source(), divided(two), two, {});
    REQUIRE(parts);
    for (const auto& [user, text] : parts->users) {
        CHECK(text.find("trigger_id") == std::string::npos);
        CHECK(text.find("\"pnl\"") == std::string::npos);
        CHECK(text.find("1500.5") != std::string::npos);
    }
    CHECK(parts->unassigned.find("trigger_id") != std::string::npos);
    CHECK(parts->unassigned.find("NOBODY") != std::string::npos);
    CHECK(parts->unassigned.find("session_data") != std::string::npos);
}

TEST_CASE("a file of another user takes no part") {
    const std::vector<Claimant> users{holds("asha", {{"INFY", 10}})};
    const auto files = split_files(source(), divided(users), users,
                                   {{"asha", R"({"meta":{"user_name":"ravi"},"positions":{}})"}});
    REQUIRE_FALSE(files);
    CHECK(files.error().code() == Errc::wrong_account);
}

TEST_CASE("a ticker that the user's file has already is told and left unassigned") {
    const std::vector<Claimant> users{holds("asha", {{"INFY", 10}})};
    const auto files = split_files(
        source(), divided(users), users,
        {{"asha",
          R"({"meta":{"user_name":"asha"},"positions":{"INFY":{"quantity":1,"type":"LONG"}}})"}});
    REQUIRE(files);
    REQUIRE(files->collisions.size() == 1);
    CHECK(files->collisions[0].ticker == "INFY");
    CHECK(files->unassigned.find("\"quantity\": 10") != std::string::npos);
}

TEST_CASE("a division that was changed since is seen") {
    const std::vector<Claimant> users{holds("asha", {{"INFY", 6}}), holds("ravi", {{"INFY", 4}})};
    auto files = split_files(source(), divided(users), users, {}).value();
    CHECK(check_split(source(), files.users, files.unassigned).empty());
    auto& text = files.users.at("asha");
    text.replace(text.find("\"quantity\": 6"), 13, "\"quantity\": 7");
    const auto wrong = check_split(source(), files.users, files.unassigned);
    REQUIRE(wrong.size() == 1);
    CHECK(wrong[0] == "INFY: there were 10, there are 11");
    CHECK(check_split(source(), files.users, "{}").size() >= 2);
}

TEST_CASE("holdings are read as the broker's lists have them") {
    const auto held = parse_holdings(
        R"({"asha":[{"tradingsymbol":"INFY","quantity":5,"t1_quantity":2},
                    {"tradingsymbol":"INFY","quantity":1}],"ravi":{"TCS":-4}})");
    REQUIRE(held);
    CHECK(held->at("asha").at("INFY") == 8);
    CHECK(held->at("ravi").at("TCS") == -4);
    CHECK_FALSE(parse_holdings(R"({"asha":[{"quantity":5}]})"));
    CHECK_FALSE(parse_holdings(R"({"asha":{"INFY":"many"}})"));
    CHECK_FALSE(parse_holdings("[]"));
}
