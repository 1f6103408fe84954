// The trailing stop and its tranches, as tables that a trader can go through line by line.
#include "worker/equity/exit_rules.hpp"

#include <doctest/doctest.h>

#include "tests/unit/equity/table.hpp"

namespace bullpen::equity {
namespace {

using test_table::price;
using test_table::Row;
using test_table::rows_of;

constexpr model::Ticks k_tick{5};

std::string text_of(const std::optional<DueLeg>& due) {
    return due ? std::string(code(due->leg)) : "-";
}

void play(const std::vector<Row>& rows, const DailyRange& range, bool tranches) {
    TrailingStop trail;
    std::set<Leg> done;
    const auto entry = *price("1000.00");
    std::optional<model::Price> stop;
    for (const auto& row : rows) {
        CAPTURE(row.at("#"));
        const auto last = *price(row.at("last"));
        trail.raise(last, range, k_tick);
        CHECK(trail.stop == price(row.at("stop")));
        CHECK(trail.rest == price(row.at("rest")));
        CHECK(trail.stop >= stop);
        stop = trail.stop;
        const auto due = due_leg(trail, range, entry, last, k_tick, done, tranches);
        CHECK(text_of(due) == row.at("sells"));
        if (due)
            done.insert(due->leg);
    }
}

// Bought at 1000.00.
TEST_CASE("calm: the stop is one range below the highest price, targets two and three above") {
    play(rows_of(R"(
#   last     stop     rest     sells
1   1000.00   979.95   969.95  -
2   1010.00   989.95   979.95  -
3    995.00   989.95   979.95  -
4   1040.05  1020.00  1010.00  -
5   1040.10  1020.05  1010.05  first_target
6   1039.00  1020.05  1010.05  -
7   1060.10  1040.05  1030.05  second_target
8   1050.00  1040.05  1030.05  -
9   1040.05  1040.05  1030.05  stop
10  1035.00  1040.05  1030.05  -
11  1070.00  1049.95  1039.95  -
12  1000.00  1049.95  1039.95  -
)"),
         {2003, 2.0 - 0.01, Volatility::low}, true);
}

TEST_CASE("lively: one and a half ranges, targets at two and a half and four") {
    play(rows_of(R"(
#   last     stop     rest     sells
1   1000.00   970.00   955.00  -
2   1049.95  1019.95  1004.95  -
3   1050.00  1020.00  1005.00  first_target
4   1020.05  1020.00  1005.00  -
5   1020.00  1020.00  1005.00  stop
6    990.00  1020.00  1005.00  -
7   1080.00  1050.00  1035.00  second_target
)"),
         {2000, 3, Volatility::medium}, true);
}

TEST_CASE("wild: two ranges, targets at three and five") {
    play(rows_of(R"(
#   last     stop     rest     sells
1   1000.00   960.00   940.00  -
2   1060.00  1020.00  1000.00  first_target
3   1099.95  1059.95  1039.95  -
4   1100.00  1060.00  1040.00  second_target
5   1060.00  1060.00  1040.00  stop
)"),
         {2000, 5, Volatility::high}, true);
}

TEST_CASE("without tranches there is the stop, for everything") {
    play(rows_of(R"(
#   last     stop     rest     sells
1   1000.00   980.00   970.00  -
2   1100.00  1080.00  1070.00  -
3   1080.00  1080.00  1070.00  stop
)"),
         {2000, 1, Volatility::low}, false);
}

TEST_CASE("a stop rises with the range that becomes smaller, and never falls with a greater one") {
    TrailingStop trail;
    CHECK(trail.raise({100'000}, DailyRange{2000, 1, Volatility::low}, k_tick));
    CHECK(trail.stop->ticks == 98'000);
    CHECK_FALSE(trail.raise({100'000}, DailyRange{9000, 8, Volatility::high}, k_tick));
    CHECK(trail.stop->ticks == 98'000);
    CHECK(trail.raise({99'000}, DailyRange{1000, 1, Volatility::low}, k_tick));
    CHECK(trail.stop->ticks == 99'000);
    // Without a range nothing moves but the highest price.
    CHECK(trail.raise({101'000}, std::nullopt, k_tick));
    CHECK(trail.stop->ticks == 99'000);
    // A stop below nought is none.
    TrailingStop cheap;
    cheap.raise({100}, DailyRange{2000, 20, Volatility::high}, k_tick);
    CHECK_FALSE(cheap.stop);
}

TEST_CASE("the classes of volatility meet at two and at four percent") {
    CHECK(volatility_of(1.999) == Volatility::low);
    CHECK(volatility_of(2.0) == Volatility::medium);
    CHECK(volatility_of(4.0) == Volatility::medium);
    CHECK(volatility_of(4.001) == Volatility::high);
    for (const auto one : {Volatility::low, Volatility::medium, Volatility::high}) {
        const auto& parts = tranches_of(one).percent;
        CHECK(parts[0] + parts[1] + parts[2] == 100);
    }
}

TEST_CASE("how many shares a leg sells: a table") {
    const auto rows = rows_of(R"(
#   volatility  base  left  done                       leg            sells
1   low          100   100  -                          stop              50
2   low          100   100  -                          first_target      30
3   low          100    70  first_target               second_target     20
4   low          100    50  first_target,second_target stop              50
5   medium       100   100  -                          stop              40
6   high          33    33  -                          stop               9
7   high          33    24  stop                       first_target       9
8   high          33    15  stop,first_target          second_target     15
9   low            1     1  -                          stop               1
10  low            2     2  -                          first_target       1
11  low          100    20  -                          stop              20
12  low          100    70  first_target               rest              70
13  low          100   100  -                          hourly           100
)");
    REQUIRE(rows.size() == 13);
    for (const auto& row : rows) {
        CAPTURE(row.at("#"));
        const auto volatility = row.at("volatility") == "low"      ? Volatility::low
                                : row.at("volatility") == "medium" ? Volatility::medium
                                                                   : Volatility::high;
        std::set<Leg> done;
        for (const auto leg : {Leg::stop, Leg::first_target, Leg::second_target}) {
            if (row.at("done").find(code(leg)) != std::string::npos)
                done.insert(leg);
        }
        const auto leg = leg_from(row.at("leg"));
        REQUIRE(leg);
        CHECK(leg_quantity(*leg, volatility, std::stoi(row.at("base")), std::stoi(row.at("left")),
                           done, true) == std::stoi(row.at("sells")));
        CHECK(leg_quantity(*leg, volatility, std::stoi(row.at("base")), std::stoi(row.at("left")),
                           done, false) == std::stoi(row.at("left")));
    }
    CHECK_FALSE(leg_from("all"));
}

TEST_CASE("the limit of a sale: below its level, after a gap below the price, lower each time") {
    const auto rows = rows_of(R"(
#   level    last     attempt  lower   limit
1   1000.00   999.95  0        900.00  995.00
2   1000.00   995.00  0        900.00  995.00
3   1000.00   994.95  0        900.00  989.95
4   1000.00   940.00  0        900.00  935.30
5   1000.00   940.00  1        900.00  930.60
6   1000.00   940.00  5        900.00  911.80
7   1000.00   940.00  9        900.00  911.80
8   1000.00   902.00  1        900.00  900.00
9   1000.00   902.00  1        900.02  900.05
10   990.07   990.05  0        900.00  985.10
)");
    REQUIRE(rows.size() == 10);
    for (const auto& row : rows) {
        CAPTURE(row.at("#"));
        CHECK(exit_limit(*price(row.at("level")), *price(row.at("last")), *price(row.at("lower")),
                         std::stoi(row.at("attempt")), k_tick, {}) == *price(row.at("limit")));
    }
}

}  // namespace
}  // namespace bullpen::equity
