// The broker's limits of orders: how many a second, a minute and a trading day, and what another
// process sent counts.
#include "worker/broker/share_budget.hpp"

#include <doctest/doctest.h>

namespace bullpen::broker {
namespace {

using Lane = ShareBudget::Lane;
using Limit = ShareBudget::Limit;

constexpr std::chrono::sys_days k_day{std::chrono::days(20'640)};

struct Clocked {
    ShareBudget budget;
    Instant now{*parse_utc("2026-07-06T05:00:00Z"), MonoTime(std::chrono::hours(1))};
    std::chrono::sys_days day = k_day;

    void pass(Nanos time) {
        now.utc += time;
        now.mono += time;
    }
    std::optional<Limit> take(Lane lane) { return budget.take(lane, day, now); }
    // How many of so many find room.
    std::size_t taken(Lane lane, int orders) {
        std::size_t all = 0;
        for (int i = 0; i < orders; ++i)
            all += take(lane) ? 0 : 1;
        return all;
    }
    // Another process, a moment later, with another clock of its own.
    void restart() {
        const auto kept = budget.kept();
        budget = ShareBudget();
        now.mono = MonoTime(std::chrono::seconds(7));
        budget.resume(kept, now);
    }
};

}  // namespace

TEST_CASE("ten orders a second, of which entries leave two to exits") {
    Clocked f;
    CHECK(f.taken(Lane::entry, 20) == 8);
    CHECK(f.take(Lane::entry) == Limit::second);
    CHECK(f.taken(Lane::exit, 20) == 2);
    f.pass(Millis(999));
    CHECK(f.take(Lane::exit) == Limit::second);
    f.pass(Millis(1));
    CHECK(f.taken(Lane::exit, 20) == 10);
}

TEST_CASE("four hundred orders a minute") {
    Clocked f;
    std::size_t sent = 0;
    for (int second = 0; second < 59; ++second) {
        sent += f.taken(Lane::exit, 10);
        f.pass(std::chrono::seconds(1));
    }
    CHECK(sent == 400);
    CHECK(f.take(Lane::exit) == Limit::minute);
    f.pass(std::chrono::seconds(2));
    CHECK(f.taken(Lane::exit, 10) == 10);
}

TEST_CASE("five thousand orders a trading day, a thousand of them for exits, and then none") {
    Clocked f;
    std::size_t entries = 0;
    std::size_t exits = 0;
    const auto fill = [&](Lane lane, std::size_t* sent) {
        for (int i = 0; i < 1000; ++i) {
            *sent += f.taken(lane, 6);
            f.pass(std::chrono::seconds(1));
        }
    };
    fill(Lane::entry, &entries);
    CHECK(entries == 4000);
    CHECK(f.take(Lane::entry) == Limit::day);
    fill(Lane::exit, &exits);
    CHECK(exits == 1000);
    CHECK(f.take(Lane::exit) == Limit::day);
    // The market's day, whatever the clock says.
    f.day += std::chrono::days(1);
    CHECK_FALSE(f.take(Lane::entry));
    CHECK(f.budget.kept().sent == 1);
}

TEST_CASE("a process that begins anew has what is left of the second, the minute and the day") {
    Clocked f;
    CHECK(f.taken(Lane::exit, 7) == 7);
    f.restart();
    CHECK(f.taken(Lane::exit, 20) == 3);
    CHECK(f.budget.kept().sent == 10);
    for (int second = 0; second < 39; ++second) {
        f.pass(std::chrono::seconds(1));
        CHECK(f.taken(Lane::exit, 10) == 10);
        f.restart();
    }
    f.pass(std::chrono::seconds(1));
    CHECK(f.take(Lane::exit) == Limit::minute);
    CHECK(f.budget.kept().sent == 400);
    f.pass(std::chrono::minutes(1));
    f.restart();
    CHECK(f.taken(Lane::exit, 20) == 10);
    CHECK(f.budget.kept().recent.size() == 10);
}

TEST_CASE("a clock that was put back makes no order older") {
    Clocked f;
    CHECK(f.taken(Lane::exit, 10) == 10);
    f.now.utc -= std::chrono::hours(1);
    f.restart();
    CHECK(f.take(Lane::exit) == Limit::second);
}

TEST_CASE("what had no room is counted by its limit, for the day") {
    Clocked f;
    CHECK(f.taken(Lane::entry, 11) == 8);
    f.restart();
    CHECK(f.budget.kept().refused == std::array<std::size_t, 3>{3, 0, 0});
    CHECK(text_of(Limit::second).starts_with("order_rate: 10 orders a second"));
    f.day += std::chrono::days(1);
    f.pass(std::chrono::seconds(1));
    CHECK_FALSE(f.take(Lane::exit));
    CHECK(f.budget.kept().refused == std::array<std::size_t, 3>{});
}

}  // namespace bullpen::broker
