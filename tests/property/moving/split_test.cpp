// A division of the shared state makes nothing and loses nothing, whatever was in it and whoever
// claims what.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "moving/digest.hpp"
#include "moving/split_files.hpp"

using namespace bullpen;
using namespace bullpen::moving;

namespace {

const std::vector<std::string> k_tickers{"INFY", "TCS", "WIPRO", "SBIN"};
const std::vector<std::string> k_users{"asha", "ravi", "mina"};

std::map<std::string, std::int64_t> any_quantities() {
    std::map<std::string, std::int64_t> quantities;
    for (const auto& ticker : k_tickers) {
        if (*rc::gen::inRange(0, 3) == 0)
            quantities[ticker] = *rc::gen::inRange<std::int64_t>(-20, 40);
    }
    return quantities;
}

std::vector<Claimant> any_users() {
    std::vector<Claimant> users;
    for (const auto& name : k_users) {
        Claimant user{name, {}, any_quantities()};
        if (*rc::gen::arbitrary<bool>())
            user.holdings = any_quantities();
        users.push_back(std::move(user));
    }
    return users;
}

std::string any_state() {
    std::string positions;
    for (const auto& ticker : k_tickers) {
        if (*rc::gen::inRange(0, 4) == 0)
            continue;
        const auto quantity = *rc::gen::inRange<std::int64_t>(0, 60);
        const bool is_short = *rc::gen::inRange(0, 4) == 0;
        const bool closed = *rc::gen::inRange(0, 5) == 0;
        positions += (positions.empty() ? "" : ",") + ("\"" + ticker) + "\":{\"type\":\"" +
                     (is_short ? "SHORT" : "LONG") + "\",\"quantity\":" + std::to_string(quantity) +
                     ",\"pnl\":12.5" + (closed ? ",\"exit_price\":9.5" : "") +
                     ",\"gtt\":{\"trigger_id\":7},\"entry_price\":101.25}";
    }
    return R"({"meta":{"date":"2025-05-02"},"positions":{)" + positions +
           R"(},"daily_tickers":{"long":["INFY","SBIN"],"short":[]},)"
           R"("gtt_orders":{"TCS":{"id":1}}})";
}

SplitSource source_of(const std::string& text) {
    return {"trading_state.json", text, sha256(text)};
}

}  // namespace

TEST_CASE("what users get and what stays unassigned is what there was, ticker by ticker") {
    CHECK(rc::check([] {
        const auto state = parse_equity_state(any_state());
        RC_ASSERT(state.has_value());
        const auto users = any_users();
        const auto split = divide(*state, users);
        RC_ASSERT(split.divisions.size() == state->positions.size());
        for (const auto& division : split.divisions) {
            const auto& position = state->positions.at(division.ticker);
            std::int64_t sum = division.unassigned;
            RC_ASSERT(division.unassigned >= 0);
            for (const auto& part : division.parts) {
                RC_ASSERT(part.quantity > 0 || division.match == Match::record);
                sum += part.quantity;
            }
            RC_ASSERT(sum == (position.closed ? 0 : position.quantity));
        }
    }));
}

TEST_CASE("nobody gets more than their claim, and who claims nothing gets nothing") {
    CHECK(rc::check([] {
        const auto state = parse_equity_state(any_state());
        const auto users = any_users();
        for (const auto& division : divide(*state, users).divisions) {
            for (const auto& part : division.parts) {
                for (const auto& user : users) {
                    if (user.user == part.user)
                        RC_ASSERT(part.quantity <= std::abs(user.claim(division.ticker)));
                }
            }
        }
    }));
}

TEST_CASE("the files of a division are whole, also when a part of them was written before") {
    CHECK(rc::check([] {
        const auto text = any_state();
        const auto source = source_of(text);
        const auto state = parse_equity_state(text);
        const auto users = any_users();
        const auto split = divide(*state, users);
        const auto first = split_files(source, split, users, {});
        RC_ASSERT(first.has_value());
        RC_ASSERT(check_split(source, first->users, first->unassigned).empty());
        // Cut short after any user, and begun again: nothing is given twice.
        auto on_disk = first->users;
        for (const auto& user : k_users) {
            if (*rc::gen::arbitrary<bool>())
                on_disk.erase(user);
        }
        const auto second = split_files(source, split, users, on_disk);
        RC_ASSERT(second.has_value());
        for (const auto& [user, written] : second->users)
            on_disk[user] = written;
        RC_ASSERT(on_disk == first->users);
        RC_ASSERT(second->unassigned == first->unassigned);
        RC_ASSERT(second->collisions.empty());
    }));
}

TEST_CASE("what a user's own file had stays in it, and nothing is put over it") {
    CHECK(rc::check([] {
        const auto text = any_state();
        const auto source = source_of(text);
        const auto users = any_users();
        const auto split = divide(*parse_equity_state(text), users);
        const std::string own =
            R"({"meta":{"user_name":"asha"},"positions":{"TCS":{"quantity":3,"type":"LONG"},)"
            R"("OWN":{"quantity":9,"type":"LONG"}},"daily_tickers":{"long":["OWN"],"short":[]}})";
        const auto files = split_files(source, split, users, {{"asha", own}});
        RC_ASSERT(files.has_value());
        const auto found = files->users.find("asha");
        if (found == files->users.end())
            return;
        const auto after = parse_equity_state(found->second);
        RC_ASSERT(after.has_value());
        RC_ASSERT(after->positions.at("OWN").quantity == 9);
        RC_ASSERT(after->positions.at("TCS").quantity == 3);
    }));
}
